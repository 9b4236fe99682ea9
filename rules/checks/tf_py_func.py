"""DPT323."""

from diptych.checks.renamed import Renamed


class TfPyFunc(Renamed):
    """``tf.py_func`` was removed: ``tf.numpy_function`` takes the same arguments and does the same."""

    code = "DPT323"
    name = "tf-py-func"
    severity = "error"
    message = "tf.py_func was removed in TensorFlow 2: use tf.numpy_function"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/api_docs/python/tf/numpy_function"
    tags = ("deprecated",)
    fix = "safe"
    safety = "safe"
    gone = True
    renames = {"tf.py_func": "tf.numpy_function"}
    setup = "import tensorflow as tf\n"
    bad = ("y = tf.py_func(f, [x], tf.float32)", "y = tf.py_func(f, [x], Tout=tf.float32, stateful=False)")
    fixed = (
        "y = tf.numpy_function(f, [x], tf.float32)",
        "y = tf.numpy_function(f, [x], Tout=tf.float32, stateful=False)",
    )
    good = ("y = tf.numpy_function(f, [x], tf.float32)",)
