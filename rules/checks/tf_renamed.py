"""DPT301."""

from diptych_checks._tensorflow_names import TABLES

from diptych.checks.renamed import Renamed


class TfRenamed(Renamed):
    """What TensorFlow 2 only renamed, such as ``tf.log`` to ``tf.math.log``: 240 names of TensorFlow's own upgrade table.

    The new name stands for the same function or class that ``tf.compat.v1`` still has by the old one.
    """

    code = "DPT301"
    name = "tf-renamed"
    severity = "error"
    message = "renamed in TensorFlow 2"
    because = "was renamed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "safe"
    safety = "safe"
    gone = True
    renames = TABLES["same"]
    setup = "import tensorflow as tf\n"
    bad = (
        "y = tf.log(x)",
        "y = tf.matrix_inverse(m)",
        "y = tf.is_nan(x)",
        "with tf.gfile.GFile(path) as file:\n    text = file.read()",
        "from tensorflow import log\ny = log(x)",
        "y = tf.sparse_tensor_to_dense(s)",
    )
    fixed = (
        "y = tf.math.log(x)",
        "y = tf.linalg.inv(m)",
        "y = tf.math.is_nan(x)",
        "with tf.io.gfile.GFile(path) as file:\n    text = file.read()",
        "from tensorflow.math import log\ny = log(x)",
        "y = tf.sparse.to_dense(s)",
    )
    good = ("y = tf.math.log(x)", "import tensorflow.compat.v1 as tf1\ny = tf1.log(x)")
