"""DPT313."""

from diptych_checks._tensorflow_names import TABLES

from diptych.checks.finding import Safety
from diptych.checks.keywords import Keywords

_KEYWORDS = TABLES["keywords"]
# What these do with the argument has not changed: the tests run them in both versions.
_SAME = {
    *(f"tf.{module}reduce_{name}" for module in ("", "math.") for name in ["all", "any", "logsumexp", "max", "mean", "min", "prod", "sum"]),
    *("tf.argmax", "tf.argmin", "tf.math.argmax", "tf.math.argmin", "tf.expand_dims", "tf.squeeze", "tf.norm", "tf.linalg.norm"),
    *("tf.nn.softmax", "tf.nn.log_softmax", "tf.zeros_like", "tf.ones_like", "tf.nn.moments"),
}  # fmt: skip


class TfKeywords(Keywords):
    """Keyword arguments that TensorFlow 2 renamed, such as ``keep_dims=``, ``dim=`` and ``reduction_indices=``.

    They are read from TensorFlow's own upgrade table: 77 functions. The fix writes the new keyword. Where there is none,
    as for ``align_corners=`` of ``tf.image.resize``, the function does something else now, and no fix is offered.
    """

    code = "DPT313"
    name = "tf-keywords"
    severity = "error"
    message = "TensorFlow 2 has no such keyword argument"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "safe"
    because = "has other arguments in TensorFlow 2"
    keywords = _KEYWORDS
    setup = "import tensorflow as tf\n"
    bad = (
        "y = tf.reduce_sum(x, 1, keep_dims=True)",
        "y = tf.reduce_mean(x, reduction_indices=[0], keep_dims=True)",
        "y = tf.argmax(x, dimension=1)",
        "y = tf.expand_dims(x, dim=0)",
        "y = tf.nn.softmax(x, dim=0)",
        "y = tf.nn.conv2d(x, filter=w, strides=1, padding='SAME')",
        "y = tf.image.resize(x, [8, 8], align_corners=True)",
    )
    fixed = (
        "y = tf.reduce_sum(x, 1, keepdims=True)",
        "y = tf.reduce_mean(x, axis=[0], keepdims=True)",
        "y = tf.argmax(x, axis=1)",
        "y = tf.expand_dims(x, axis=0)",
        "y = tf.nn.softmax(x, axis=0)",
        "y = tf.nn.conv2d(x, filters=w, strides=1, padding='SAME')",
        None,
    )
    good = ("y = tf.reduce_sum(x, 1, keepdims=True)", "y = tf.compat.v1.argmax(x, dimension=1)")

    def safety(self, name: str) -> Safety:
        return "safe" if name in _SAME else "unsafe"
