"""DPT317."""

from diptych_checks._tensorflow_names import EAGER

from diptych.checks.renamed import Renamed


class TfEagerSwitches(Renamed):
    """``tf.enable_eager_execution()`` and the like were removed: what they switch on is on in TensorFlow 2.

    Delete them. The fix keeps the call, as ``tf.compat.v1`` still has it; where it is the default already, it does nothing.
    """

    code = "DPT317"
    name = "tf-eager-switches"
    severity = "error"
    message = "removed in TensorFlow 2, where it is the default"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/effective_tf2"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {f"tf.{name}": f"tf.compat.v1.{name}" for name in EAGER.split()}
    advice = dict.fromkeys(renames, "delete it; it is the default")
    setup = "import tensorflow as tf\n"
    bad = ("tf.enable_eager_execution()", "tf.enable_v2_behavior()")
    fixed = ("tf.compat.v1.enable_eager_execution()", "tf.compat.v1.enable_v2_behavior()")
    good = ("tf.config.run_functions_eagerly(True)",)
