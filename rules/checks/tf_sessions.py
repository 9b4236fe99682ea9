"""DPT304."""

from diptych_checks._tensorflow_names import GRAPH

from diptych.checks.renamed import Renamed


class TfSessions(Renamed):
    """``tf.Session``, ``tf.placeholder`` and the rest of what runs graphs were removed: TensorFlow 2 computes at once.

    A placeholder becomes the argument of a function, ``session.run`` a call of it (with ``@tf.function`` for speed), an
    initializer goes away. ``tf.compat.v1`` with ``disable_v2_behavior()`` still runs the old way; no fix is offered as
    neither is a matter of one line.
    """

    code = "DPT304"
    name = "tf-sessions"
    severity = "error"
    message = "graphs and sessions were removed in TensorFlow 2"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {f"tf.{name}": None for name in GRAPH.split()}
    advice = {
        **{f"tf.{name}": "there are no graphs to run; tf.compat.v1 still has it" for name in GRAPH.split()},
        "tf.Session": "call the function itself; sessions are in tf.compat.v1",
        "tf.placeholder": "take an argument of a function, or keras.Input; placeholders are in tf.compat.v1",
        "tf.global_variables_initializer": "delete it; variables are initialized when they are made",
        "tf.initialize_all_variables": "delete it; variables are initialized when they are made",
        "tf.trainable_variables": "ask the model or module: model.trainable_variables",
        "tf.ConfigProto": "use tf.config, such as tf.config.set_soft_device_placement",
        "tf.GPUOptions": "use tf.config.experimental.set_memory_growth",
    }
    setup = "import tensorflow as tf\n"
    bad = (
        "session = tf.Session()",
        "x = tf.placeholder(tf.float32, [None, 3])",
        "start = tf.global_variables_initializer()",
        "tf.get_collection(tf_keys)",
        "from tensorflow import Session",
    )
    fixed = (None, None, None, None, None)
    good = ("x = keras.Input((3,))", "tf.compat.v1.Session()")
