"""DPT316."""

from diptych.checks.renamed import Renamed


class TfEstimator(Renamed):
    """``tf.estimator`` was removed with TensorFlow 2.16; nothing takes its place but Keras."""

    code = "DPT316"
    name = "tf-estimator"
    severity = "error"
    message = "tf.estimator was removed in TensorFlow 2.16"
    because = "was removed in TensorFlow 2.16"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {"tf.estimator": None, "keras.estimator": None}
    advice = dict.fromkeys(("tf.estimator", "keras.estimator"), "use keras.Model and fit")
    setup = "import tensorflow as tf\n"
    bad = ("e = tf.estimator.DNNClassifier([8], columns)", "e = tf.keras.estimator.model_to_estimator(model)")
    fixed = (None, None)
    good = ("tf.keras.Model",)
