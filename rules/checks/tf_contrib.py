"""DPT309."""

from diptych_checks._tensorflow_names import TABLES

from diptych.checks.renamed import Renamed


class TfContrib(Renamed):
    """``tf.contrib`` was removed; some of it lives on elsewhere, in TensorFlow or in packages of its own.

    A fix is offered for what TensorFlow's own upgrade table knows to live on.
    """

    code = "DPT309"
    name = "tf-contrib"
    severity = "error"
    message = "tf.contrib was removed in TensorFlow 2"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {"tf.contrib": None, "tf.contrib.slim": None, "tf.contrib.rnn": None, **TABLES["contrib"]}
    advice = {
        "tf.contrib": "what lives on is elsewhere in TensorFlow or in packages of its own",
        "tf.contrib.slim": "install the package tf_slim",
        "tf.contrib.rnn": "use the cells of tf.keras.layers",
    }
    setup = "import tensorflow as tf\n"
    bad = (
        "from tensorflow.contrib import slim\ny = slim.conv2d(x, 8, 3)",
        "w = tf.contrib.layers.xavier_initializer()",
        "flat = tf.contrib.framework.nest.flatten(x)",
        "from tensorflow.contrib.framework import is_tensor\nis_tensor(x)",
    )
    fixed = (None, None, "flat = tf.nest.flatten(x)", "from tensorflow import is_tensor\nis_tensor(x)")
    good = ("flat = tf.nest.flatten(x)",)
