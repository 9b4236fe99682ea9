"""DPT303."""

from diptych_checks._tensorflow_names import others

from diptych.checks.renamed import Renamed


class TfV1Names(Renamed):
    """What TensorFlow 2 has only in ``tf.compat.v1``, and no other check looks for: some 250 names of TensorFlow's upgrade table.

    The fix keeps the old function; most of them need graphs and sessions, which ``tf.compat.v1.disable_v2_behavior``
    brings back.
    """

    code = "DPT303"
    name = "tf-v1-names"
    severity = "error"
    message = "removed in TensorFlow 2; tf.compat.v1 still has it"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = others()
    setup = "import tensorflow as tf\n"
    bad = (
        "mask = tf.Print(x, [x])",
        "saver = tf.train.get_or_create_global_step()",
        "with tf.colocate_with(x):\n    pass",
        "tf.Summary.Value(tag='loss')",
    )
    fixed = (
        "mask = tf.compat.v1.Print(x, [x])",
        "saver = tf.compat.v1.train.get_or_create_global_step()",
        "with tf.compat.v1.colocate_with(x):\n    pass",
        "tf.compat.v1.Summary.Value(tag='loss')",
    )
    good = ("mask = tf.compat.v1.Print(x, [x])", "tf.print(x)")
