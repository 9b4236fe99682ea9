"""DPT347."""

from diptych.checks.keywords import Keywords


class KerasEmbeddingInputLength(Keywords):
    """``input_length=`` of ``Embedding`` is deprecated and ignored by Keras 3."""

    code = "DPT347"
    name = "keras-embedding-input-length"
    severity = "warning"
    message = "input_length= of Embedding is ignored by Keras 3"
    because = "ignores an argument in Keras 3"
    url = "https://keras.io/api/layers/core_layers/embedding/"
    tags = ("deprecated",)
    fix = "safe"
    keywords = {"keras.layers.Embedding": {"input_length": None}}
    ignored = frozenset({"input_length"})
    advice = {"input_length": "remove it"}
    setup = "import keras\n"
    bad = (
        "y = keras.layers.Embedding(10, 4, input_length=3)",
        "y = keras.layers.Embedding(10, input_length=n, output_dim=4)",
    )
    fixed = ("y = keras.layers.Embedding(10, 4)", "y = keras.layers.Embedding(10, output_dim=4)")
    good = ("y = keras.layers.Embedding(10, 4)",)

    def safety(self, name):
        return "safe"
