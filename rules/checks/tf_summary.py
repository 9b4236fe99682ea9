"""DPT318."""

from diptych_checks._tensorflow_names import family

from diptych.checks.renamed import Renamed


class TfSummary(Renamed):
    """``tf.summary`` of TensorFlow 1 was removed: make a writer with ``tf.summary.create_file_writer`` and write within it.

    There is nothing to merge or to run: ``tf.summary.scalar("loss", loss, step=step)`` writes at once.
    """

    code = "DPT318"
    name = "tf-summary"
    severity = "error"
    message = "removed in TensorFlow 2: write with tf.summary.create_file_writer"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = dict.fromkeys(family("tf.summary."))
    advice = dict.fromkeys(renames, "write with tf.summary.create_file_writer(...).as_default() and step=")
    setup = "import tensorflow as tf\n"
    bad = ("writer = tf.summary.FileWriter(folder)", "merged = tf.summary.merge_all()")
    fixed = (None, None)
    good = ("writer = tf.summary.create_file_writer(folder)",)
