"""DPT322."""

from diptych.checks.renamed import Renamed


class TfRandomSeed(Renamed):
    """``tf.set_random_seed`` was removed: use ``tf.random.set_seed``.

    From the same seed the two draw other numbers, as the seeds of operations are counted differently: the fix is unsafe.
    """

    code = "DPT322"
    name = "tf-random-seed"
    severity = "error"
    message = "tf.set_random_seed was removed in TensorFlow 2: use tf.random.set_seed"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/api_docs/python/tf/random/set_seed"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {"tf.set_random_seed": "tf.random.set_seed", "tf.random.set_random_seed": "tf.random.set_seed"}
    setup = "import tensorflow as tf\n"
    bad = ("tf.set_random_seed(1)", "tf.random.set_random_seed(1)")
    fixed = ("tf.random.set_seed(1)", "tf.random.set_seed(1)")
    good = ("tf.random.set_seed(1)",)
