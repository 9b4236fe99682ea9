"""DPT320."""

from diptych.checks.renamed import Renamed


class TfPrivateKeras(Renamed):
    """``tensorflow.python.keras`` is an old copy of Keras that nobody maintains: its layers do not work in the models of ``tf.keras``.

    Import from ``tensorflow.keras``, or ``keras``.
    """

    code = "DPT320"
    name = "tf-private-keras"
    severity = "warning"
    message = "tensorflow.python.keras is an old, private copy of Keras: use tensorflow.keras"
    because = "is an old, private copy of Keras"
    url = "https://www.tensorflow.org/api_docs/python/tf/keras"
    tags = ("deprecated",)
    fix = "none"
    at_import = True
    renames = {"tf.python.keras": None}
    advice = {"tf.python.keras": "use tensorflow.keras"}
    setup = "import tensorflow as tf\n"
    bad = (
        "from tensorflow.python.keras.layers import Dense\nlayer = Dense(3)",
        "layer = tf.python.keras.layers.Dense(3)",
    )
    fixed = (None, None)
    good = ("from tensorflow.keras.layers import Dense",)
