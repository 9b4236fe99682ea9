"""DPT310."""

from diptych.checks.renamed import Renamed


class TfAppFlagsLogging(Renamed):
    """``tf.app``, ``tf.flags`` and ``tf.logging`` were removed: use ``absl.app``, ``absl.flags`` and ``absl.logging`` or ``logging``.

    They were absl's already, so ``pip install absl-py`` and another import do. The fix keeps to TensorFlow, where
    ``tf.compat.v1`` still has them.
    """

    code = "DPT310"
    name = "tf-app-flags-logging"
    severity = "error"
    message = "removed in TensorFlow 2: use absl, or tf.compat.v1"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {f"tf.{name}": f"tf.compat.v1.{name}" for name in ("app", "flags", "logging")}
    advice = {
        "tf.app": "use absl.app, or tf.compat.v1.app",
        "tf.flags": "use absl.flags, or tf.compat.v1.flags",
        "tf.logging": "use absl.logging or logging, or tf.compat.v1.logging",
    }
    setup = "import tensorflow as tf\n"
    bad = (
        "tf.logging.info('start')",
        "tf.app.run()",
        "flags = tf.app.flags",
        "tf.flags.DEFINE_integer('n', 3, 'how many')",
        "from tensorflow import flags\nflags.DEFINE_integer('n', 3, '')",
    )
    fixed = (
        "tf.compat.v1.logging.info('start')",
        "tf.compat.v1.app.run()",
        "flags = tf.compat.v1.app.flags",
        "tf.compat.v1.flags.DEFINE_integer('n', 3, 'how many')",
        "from tensorflow.compat.v1 import flags\nflags.DEFINE_integer('n', 3, '')",
    )
    good = ("from absl import flags\nflags.DEFINE_integer('n', 3, '')",)
