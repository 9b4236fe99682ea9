"""DPT307."""

from diptych_checks._tensorflow_names import family, is_optimizer

from diptych.checks.renamed import Renamed

_ADVICE = {
    "tf.train.AdamOptimizer": "use tf.keras.optimizers.Adam with epsilon=1e-8, which was the default",
    "tf.train.RMSPropOptimizer": "use tf.keras.optimizers.RMSprop with epsilon=1e-10, which was the default",
    "tf.train.GradientDescentOptimizer": "use tf.keras.optimizers.SGD",
    "tf.train.MomentumOptimizer": "use tf.keras.optimizers.SGD with momentum=",
}


class TfOptimizers(Renamed):
    """The optimizers of ``tf.train`` were removed: use those of ``tf.keras.optimizers``, with their own defaults.

    ``tf.train.AdamOptimizer`` has ``epsilon=1e-8`` where ``keras.optimizers.Adam`` has ``1e-7``, ``RMSPropOptimizer``
    ``epsilon=1e-10`` where ``RMSprop`` has ``1e-7``; and ``minimize`` takes a loss and a tape, or the variables.
    """

    code = "DPT307"
    name = "tf-optimizers"
    severity = "error"
    message = "removed in TensorFlow 2: use tf.keras.optimizers, whose defaults differ"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {name: None for name in family("tf.train.") if is_optimizer(name)}
    advice = {**dict.fromkeys(renames, "use tf.keras.optimizers, whose defaults differ"), **_ADVICE}
    setup = "import tensorflow as tf\n"
    bad = ("opt = tf.train.AdamOptimizer(1e-3)", "opt = tf.train.GradientDescentOptimizer(learning_rate=0.1)")
    fixed = (None, None)
    good = ("opt = tf.keras.optimizers.Adam(1e-3)", "saver = tf.train.Checkpoint()")
