"""DPT342."""

from diptych.checks.keywords import Keywords


class KerasOptimizerLr(Keywords):
    """``lr=`` of optimizers was removed: it is ``learning_rate=``; Keras 3 raises ``ValueError``."""

    code = "DPT342"
    name = "keras-optimizer-lr"
    severity = "error"
    message = "lr= was removed: use learning_rate="
    because = "has no such argument in Keras 3"
    url = "https://keras.io/guides/migrating_to_keras_3/"
    tags = ("deprecated",)
    fix = "unsafe"
    keywords = {
        f"keras.optimizers.{name}": {"lr": "learning_rate"}
        for name in [
            "Adam",
            "SGD",
            "RMSprop",
            "Adagrad",
            "Adamax",
            "Nadam",
            "Adadelta",
            "Ftrl",
            "AdamW",
            "Lion",
            "Adafactor",
        ]
    }
    setup = "import keras\n"
    bad = (
        "opt = keras.optimizers.Adam(lr=1e-3)",
        "from tensorflow.keras.optimizers import SGD\nopt = SGD(lr=0.1, momentum=0.9)",
    )
    fixed = (
        "opt = keras.optimizers.Adam(learning_rate=1e-3)",
        "from tensorflow.keras.optimizers import SGD\nopt = SGD(learning_rate=0.1, momentum=0.9)",
    )
    good = ("opt = keras.optimizers.Adam(1e-3)", "opt = torch_adam(lr=1e-3)")
