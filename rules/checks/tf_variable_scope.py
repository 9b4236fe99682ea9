"""DPT305."""

from diptych_checks._tensorflow_names import VARIABLES

from diptych.checks.renamed import Renamed


class TfVariableScope(Renamed):
    """``tf.get_variable`` and ``tf.variable_scope`` were removed: variables are not shared by name any more.

    Make a ``tf.Variable`` once, in the ``__init__`` of a ``tf.Module`` or the ``build`` of a layer, and keep it.
    """

    code = "DPT305"
    name = "tf-variable-scope"
    severity = "error"
    message = "removed in TensorFlow 2: make a tf.Variable once and keep it"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {f"tf.{name}": None for name in VARIABLES.split()}
    advice = {
        f"tf.{name}": "make a tf.Variable once, in a tf.Module or a layer, and keep it" for name in VARIABLES.split()
    }
    setup = "import tensorflow as tf\n"
    bad = ('w = tf.get_variable("w", [3, 3])', 'with tf.variable_scope("layer", reuse=True):\n    pass')
    fixed = (None, None)
    good = ("w = tf.Variable(tf.zeros([3, 3]))",)
