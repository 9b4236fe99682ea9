"""One name for each thing of a framework."""

from __future__ import annotations

from functools import cache

DTYPES = {
    "float16", "float32", "float64", "bfloat16", "half", "double", "int8", "int16", "int32", "int64", "uint8", "uint16",
    "uint32", "uint64", "bool", "complex64", "complex128", "string",
}  # fmt: skip


@cache
def canonical(name: str) -> str:
    """One name for each thing: ``tensorflow.keras.layers`` -> ``keras.layers``, ``tensorflow.reduce_sum`` ->
    ``tf.reduce_sum``.
    """
    for prefix in ("tensorflow.compat.v2", "tensorflow", "tf"):
        if name == prefix or name.startswith(prefix + "."):
            rest = name[len(prefix) :]
            if rest == ".keras" or rest.startswith(".keras."):
                return canonical(rest[1:])
            name = "tf" + rest
            break
    for old, new in (("keras.api.", "keras."), ("keras.src.", "keras."), ("torch.nn.modules.", "torch.nn.")):
        if name.startswith(old):
            name = new + name[len(old) :]
    aliases = {
        "keras.Layer": "keras.layers.Layer", "keras.models.Model": "keras.Model",
        "keras.models.Sequential": "keras.Sequential",
        "keras.layers.Input": "keras.Input", "keras.layers.InputLayer": "keras.InputLayer",
        "keras.backend": "keras.ops",
        "torch.nn.Module": "torch.nn.Module", "tf.concat": "tf.concat", "tf.nn.sigmoid": "tf.sigmoid",
        "tf.math.sigmoid": "tf.sigmoid",
        "tf.nn.tanh": "tf.tanh", "tf.math.tanh": "tf.tanh", "tf.math.reduce_sum": "tf.reduce_sum",
        "keras.layers.MaxPool2D": "keras.layers.MaxPooling2D", "keras.layers.MaxPool1D": "keras.layers.MaxPooling1D",
        "keras.layers.MaxPool3D": "keras.layers.MaxPooling3D",
        "keras.layers.AvgPool2D": "keras.layers.AveragePooling2D",
        "keras.layers.AvgPool1D": "keras.layers.AveragePooling1D",
        "keras.layers.GlobalAvgPool2D": "keras.layers.GlobalAveragePooling2D",
        "keras.layers.GlobalMaxPool2D": "keras.layers.GlobalMaxPooling2D",
        "keras.layers.Convolution2D": "keras.layers.Conv2D",
        "keras.layers.Convolution1D": "keras.layers.Conv1D",
    }  # fmt: skip
    if name == "tf.dtypes.cast" or name.removeprefix("tf.dtypes.") in DTYPES:
        return name.replace("tf.dtypes.", "tf.")
    if name in aliases:
        return aliases[name]
    if name.startswith("tf.math.") and name[8:] in {
        "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_any", "reduce_all", "abs", "add",
        "subtract", "multiply",
        "divide", "square", "sqrt", "exp", "pow", "minimum", "maximum", "equal", "not_equal", "greater",
        "greater_equal", "less",
        "less_equal", "logical_and", "logical_or", "logical_not", "argmax", "argmin", "round", "sign", "sin", "cos",
        "tan", "floor",
        "negative", "cumsum", "add_n", "reduce_logsumexp",
    }:  # fmt: skip
        return "tf." + name[8:] if name[8:] != "reduce_logsumexp" else "tf.reduce_logsumexp"
    return name
