"""DPT324."""

from diptych.checks.renamed import Renamed


class TfDiv(Renamed):
    """``tf.div`` was removed: it rounded down for integers and divided floats, as Python 2 did.

    Use ``tf.math.divide`` for one and ``tf.math.floordiv`` for the other; the fix keeps ``tf.compat.v1.div``.
    """

    code = "DPT324"
    name = "tf-div"
    severity = "error"
    message = "tf.div was removed in TensorFlow 2: use tf.math.divide or tf.math.floordiv"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/api_docs/python/tf/math/divide"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {"tf.div": "tf.compat.v1.div"}
    advice = {"tf.div": "use tf.math.divide, or tf.math.floordiv for integers, which it rounded down"}
    setup = "import tensorflow as tf\n"
    bad = ("y = tf.div(a, b)",)
    fixed = ("y = tf.compat.v1.div(a, b)",)
    good = ("y = tf.math.divide(a, b)",)
