"""DPT319."""

from diptych_checks._tensorflow_names import family

from diptych.checks.renamed import Renamed


class TfResize(Renamed):
    """The old functions that resize images were removed: ``tf.image.resize`` puts the centres of pixels elsewhere.

    ``tf.image.resize_bilinear`` and the like line up the corners of images with ``align_corners=True``, and else their first
    pixels; ``tf.image.resize`` lines up the centres of pixels and cannot do otherwise, so results differ. The fix keeps the
    old function, which ``tf.compat.v1.image`` still has.
    """

    code = "DPT319"
    name = "tf-resize"
    severity = "error"
    message = "removed in TensorFlow 2: tf.image.resize gives other values"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {
        **family("tf.image.resize_"),
        "tf.image.resize_images": "tf.compat.v1.image.resize_images",
    }
    advice = dict.fromkeys(renames, "tf.image.resize gives other values; tf.compat.v1.image has the old ones")
    setup = "import tensorflow as tf\n"
    bad = ("y = tf.image.resize_bilinear(x, [8, 8])", "y = tf.image.resize_images(x, [8, 8])")
    fixed = ("y = tf.compat.v1.image.resize_bilinear(x, [8, 8])", "y = tf.compat.v1.image.resize_images(x, [8, 8])")
    good = ("y = tf.image.resize(x, [8, 8])",)
