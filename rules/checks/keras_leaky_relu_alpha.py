"""DPT351."""

from diptych.checks.keywords import Keywords


class KerasLeakyReluAlpha(Keywords):
    """``alpha=`` of ``LeakyReLU`` is deprecated: it is ``negative_slope=`` in Keras 3."""

    code = "DPT351"
    name = "keras-leaky-relu-alpha"
    severity = "warning"
    message = "alpha= of LeakyReLU is deprecated: use negative_slope="
    because = "has another argument in Keras 3"
    url = "https://keras.io/api/layers/activation_layers/leaky_relu/"
    tags = ("deprecated",)
    fix = "safe"
    keywords = {"keras.layers.LeakyReLU": {"alpha": "negative_slope"}}
    setup = "import keras\n"
    bad = ("y = keras.layers.LeakyReLU(alpha=0.2)",)
    fixed = ("y = keras.layers.LeakyReLU(negative_slope=0.2)",)
    good = ("y = keras.layers.LeakyReLU(0.2)", "y = keras.layers.ELU(alpha=0.2)")

    def safety(self, name):
        return "safe"
