"""DPT344."""

from diptych.checks.renamed import Renamed


class KerasLegacyOptimizers(Renamed):
    """``keras.optimizers.legacy`` raises ``ImportError`` in Keras 3: use the optimizers themselves.

    The fix is unsafe: arguments (``decay=``) and the names in old checkpoints differ.
    """

    code = "DPT344"
    name = "keras-legacy-optimizers"
    severity = "error"
    message = "keras.optimizers.legacy does not work in Keras 3: use keras.optimizers"
    because = "does not work in Keras 3"
    url = "https://keras.io/guides/migrating_to_keras_3/"
    tags = ("deprecated",)
    fix = "unsafe"
    at_import = True
    renames = {"keras.optimizers.legacy": "keras.optimizers"}
    setup = "import keras\n"
    bad = (
        "opt = keras.optimizers.legacy.Adam(1e-3)",
        "from tensorflow.keras.optimizers.legacy import SGD\nopt = SGD(0.1)",
        "from tensorflow.keras.optimizers import legacy\nopt = legacy.SGD(0.1)",
    )
    fixed = (
        "opt = keras.optimizers.Adam(1e-3)",
        "from tensorflow.keras.optimizers import SGD\nopt = SGD(0.1)",
        "from tensorflow.keras import optimizers as legacy\nopt = legacy.SGD(0.1)",
    )
    good = ("opt = keras.optimizers.Adam(1e-3)",)
