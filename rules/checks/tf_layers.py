"""DPT306."""

from diptych.checks.renamed import Renamed


class TfLayers(Renamed):
    """``tf.layers`` was removed: use the layers of ``tf.keras.layers``, made once and called often.

    Arguments and defaults differ here and there (``tf.layers.dropout`` does nothing unless ``training=True``;
    ``tf.layers.batch_normalization`` has ``momentum=0.99`` and ``epsilon=0.001`` in both), and each call of a function of
    ``tf.layers`` made variables: in a loop, the layer has to be made before it.
    """

    code = "DPT306"
    name = "tf-layers"
    severity = "error"
    message = "tf.layers was removed in TensorFlow 2: use tf.keras.layers"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {"tf.layers": None}
    advice = {"tf.layers": "make a layer of tf.keras.layers once and call it"}
    setup = "import tensorflow as tf\n"
    bad = ("y = tf.layers.dense(x, 10)", "y = tf.layers.conv2d(x, 8, 3)", "from tensorflow.layers import dense")
    fixed = (None, None, None)
    good = ("y = tf.keras.layers.Dense(10)(x)", "y = model.layers[0]")
