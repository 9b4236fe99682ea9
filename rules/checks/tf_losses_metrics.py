"""DPT308."""

from diptych_checks._tensorflow_names import family

from diptych.checks.renamed import Renamed


class TfLossesMetrics(Renamed):
    """``tf.losses`` and ``tf.metrics`` of TensorFlow 1 were removed: use ``tf.keras.losses`` and ``tf.keras.metrics``.

    The old losses took labels first and added themselves to a collection that ``tf.losses.get_total_loss`` summed up; the
    softmax and sigmoid ones took scores, which is ``from_logits=True``.
    """

    code = "DPT308"
    name = "tf-losses-metrics"
    severity = "error"
    message = "removed in TensorFlow 2: use tf.keras.losses and tf.keras.metrics"
    because = "was removed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {
        name: None
        for name in [*family("tf.losses."), *family("tf.metrics.")]
        if not name.startswith("tf.losses.Reduction")
    }
    advice = {
        **dict.fromkeys(renames, "use the class or function of tf.keras.losses or tf.keras.metrics"),
        "tf.losses.softmax_cross_entropy": "use tf.keras.losses.CategoricalCrossentropy(from_logits=True)",
        "tf.losses.sparse_softmax_cross_entropy": "use tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        "tf.losses.sigmoid_cross_entropy": "use tf.keras.losses.BinaryCrossentropy(from_logits=True)",
    }
    setup = "import tensorflow as tf\n"
    bad = (
        "loss = tf.losses.softmax_cross_entropy(labels, logits)",
        "loss = tf.losses.mean_squared_error(a, b)",
        "acc, update = tf.metrics.accuracy(labels, predictions)",
    )
    fixed = (None, None, None)
    good = (
        "loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True)(labels, logits)",
        "loss = tf.losses.MeanSquaredError()",
    )
