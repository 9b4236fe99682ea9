"""DPT325."""

from diptych_checks._tensorflow_names import family, is_recurrent

from diptych.checks.renamed import Renamed


class TfRecurrentCells(Renamed):
    """``tf.nn.rnn_cell`` and ``tf.nn.dynamic_rnn`` were removed: use ``tf.keras.layers.RNN``, ``LSTM`` and ``GRU``.

    The cells are gone from ``tf.compat.v1`` too with Keras 3. ``BasicLSTMCell`` added 1 to the forget gate;
    ``unit_forget_bias=True`` of ``tf.keras.layers.LSTM`` starts its bias there.
    """

    code = "DPT325"
    name = "tf-recurrent-cells"
    severity = "error"
    message = "removed in TensorFlow 2: use the recurrent layers of Keras"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/api_docs/python/tf/keras/layers/RNN"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {"tf.nn.rnn_cell": None, **{name: None for name in family("tf.nn.") if is_recurrent(name)}}
    advice = dict.fromkeys(renames, "use tf.keras.layers.LSTM, GRU or RNN")
    setup = "import tensorflow as tf\n"
    bad = ("cell = tf.nn.rnn_cell.LSTMCell(8)", "y, state = tf.nn.dynamic_rnn(cell, x)")
    fixed = (None, None)
    good = ("y = tf.keras.layers.LSTM(8)(x)",)
