"""DPT343."""

from diptych.checks.keywords import Keywords


class KerasOptimizerDecay(Keywords):
    """``decay=`` of optimizers is ignored by Keras 3, with a warning: the learning rate stays what it is.

    It divided the learning rate by ``1 + decay * step``: that is ``keras.optimizers.schedules.InverseTimeDecay(rate, 1, decay)``.
    """

    code = "DPT343"
    name = "keras-optimizer-decay"
    severity = "warning"
    message = "decay= is ignored by Keras 3: use a schedule for the learning rate"
    because = "ignores an argument in Keras 3"
    url = "https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/"
    tags = ("deprecated",)
    fix = "none"
    keywords = {
        f"keras.optimizers.{name}": {"decay": None}
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
    advice = {"decay": "use keras.optimizers.schedules.InverseTimeDecay as learning_rate"}
    setup = "import keras\n"
    bad = ("opt = keras.optimizers.Adam(1e-3, decay=1e-6)",)
    fixed = (None,)
    good = ("opt = keras.optimizers.Adam(1e-3, weight_decay=1e-6)",)
