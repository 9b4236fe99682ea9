"""DPT321."""

from diptych.checks.renamed import Renamed


class TfExamples(Renamed):
    """``tensorflow.examples`` is not part of TensorFlow any more: load MNIST with ``tf.keras.datasets.mnist.load_data()``."""

    code = "DPT321"
    name = "tf-examples"
    severity = "error"
    message = "tensorflow.examples was removed"
    because = "was removed"
    url = "https://www.tensorflow.org/api_docs/python/tf/keras/datasets/mnist"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {"tf.examples": None}
    advice = {"tf.examples": "load MNIST with tf.keras.datasets.mnist.load_data()"}
    setup = "import tensorflow as tf\n"
    bad = ("from tensorflow.examples.tutorials.mnist import input_data\nmnist = input_data.read_data_sets('MNIST')",)
    fixed = (None,)
    good = ("mnist = tf.keras.datasets.mnist.load_data()",)
