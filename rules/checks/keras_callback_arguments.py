"""DPT361."""

from diptych.checks.keywords import Keywords


class KerasCallbackArguments(Keywords):
    """Arguments of callbacks that Keras 3 does not take, such as ``period=`` of ``ModelCheckpoint``."""

    code = "DPT361"
    name = "keras-callback-arguments"
    severity = "error"
    message = "Keras 3 has no such argument"
    because = "has no such argument in Keras 3"
    url = "https://keras.io/api/callbacks/"
    tags = ("deprecated",)
    fix = "unsafe"
    keywords = {
        "keras.callbacks.ModelCheckpoint": {"period": None, "load_weights_on_restart": None, "options": None},
        "keras.callbacks.TensorBoard": {
            "batch_size": None, "write_grads": None, "embeddings_layer_names": None, "embeddings_data": None
        },
    }  # fmt: skip
    ignored = frozenset({"batch_size", "write_grads"})
    advice = {
        "period": 'use save_freq="epoch", or a number of batches',
        "write_grads": "remove it",
        "batch_size": "remove it",
        "load_weights_on_restart": "use keras.callbacks.BackupAndRestore",
    }
    setup = "import keras\n"
    bad = (
        "c = keras.callbacks.ModelCheckpoint('m.keras', period=5)",
        "c = keras.callbacks.TensorBoard('logs', write_grads=True)",
    )
    fixed = (None, "c = keras.callbacks.TensorBoard('logs')")
    good = ("c = keras.callbacks.ModelCheckpoint('m.keras', save_freq=500)",)
