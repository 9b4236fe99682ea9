"""DPT363."""

from diptych.checks.renamed import Renamed

_NAMES = {
    "mean_squared_error": "mse MSE",
    "mean_absolute_error": "mae MAE",
    "mean_absolute_percentage_error": "mape MAPE",
    "mean_squared_logarithmic_error": "msle MSLE",
    "kl_divergence": "kld KLD kullback_leibler_divergence",
    "log_cosh": "logcosh",
}


class KerasShortLosses(Renamed):
    """Short names of losses as functions, such as ``keras.losses.mse``, were removed from Keras 3; as strings they still work.

    ``tf.keras.losses`` has them still.
    """

    code = "DPT363"
    name = "keras-short-losses"
    severity = "error"
    message = "removed from Keras 3: use the long name"
    because = "was removed from Keras 3"
    url = "https://keras.io/guides/migrating_to_keras_3/"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {
        f"keras.{module}.{short}": f"keras.losses.{long}"
        for module in ("losses", "metrics")
        for long, names in _NAMES.items()
        for short in names.split()
    }
    setup = "import keras\n"
    bad = (
        "y = keras.losses.mse(a, b)",
        "from keras.losses import MSE\ny = MSE(a, b)",
        "y = keras.metrics.kullback_leibler_divergence(a, b)",
    )
    fixed = (
        "y = keras.losses.mean_squared_error(a, b)",
        "from keras.losses import mean_squared_error as MSE\ny = MSE(a, b)",
        "y = keras.losses.kl_divergence(a, b)",
    )
    good = (
        "y = keras.losses.mean_squared_error(a, b)",
        "import tensorflow as tf\ny = tf.keras.losses.mse(a, b)",
        "model.compile(loss='mse')",
    )

    def applies(self, old, package):
        return package == "keras"
