"""One name for each thing of a framework."""

from __future__ import annotations

import re
from functools import cache

DTYPES = {
    "float16", "float32", "float64", "bfloat16", "half", "double", "int8", "int16", "int32", "int64", "uint8", "uint16",
    "uint32", "uint64", "bool", "complex64", "complex128", "string",
}  # fmt: skip
PREFIXES = (
    ("keras.api.", "keras."), ("keras.src.", "keras."), ("torch.nn.modules.", "torch.nn."),
    ("keras.ops.numpy.", "keras.ops."), ("keras.ops.nn.", "keras.ops."), ("keras.ops.linalg.", "keras.ops."),
    ("tf.losses.", "keras.losses."), ("tf.metrics.", "keras.metrics."), ("tf.optimizers.", "keras.optimizers."),
    ("tf.initializers.", "keras.initializers."), ("tf.keras.", "keras."), ("tf.compat.v1.data.", "tf.data."),
)  # fmt: skip
ALIASES = {
    "keras.Layer": "keras.layers.Layer", "keras.models.Model": "keras.Model", "keras.Loss": "keras.losses.Loss",
    "keras.models.Sequential": "keras.Sequential", "keras.layers.Input": "keras.Input",
    "keras.layers.InputLayer": "keras.InputLayer",
    "keras.layers.SeparableConvolution1D": "keras.layers.SeparableConv1D",
    "keras.layers.SeparableConvolution2D": "keras.layers.SeparableConv2D",
    "keras.activations.swish": "keras.activations.silu", "keras.activations.hard_swish": "keras.activations.hard_silu",
    "keras.ops.swish": "keras.ops.silu", "keras.ops.hard_swish": "keras.ops.hard_silu",
    "keras.regularizers.l1": "keras.regularizers.L1", "keras.regularizers.l2": "keras.regularizers.L2",
    "keras.regularizers.l1_l2": "keras.regularizers.L1L2",
    "tf.nn.sigmoid": "tf.sigmoid", "tf.nn.tanh": "tf.tanh", "tf.nn.swish": "tf.nn.silu",
    "tf.math.mod": "tf.math.floormod",
    "tf.math.l2_normalize": "tf.nn.l2_normalize", "tf.linalg.l2_normalize": "tf.nn.l2_normalize",
    "tf.math.in_top_k": "tf.nn.in_top_k", "tf.nn.lrn": "tf.nn.local_response_normalization",
    "tf.nn.zero_fraction": "tf.math.zero_fraction", "tf.matrix_square_root": "tf.linalg.sqrtm",
    **{f"tf.experimental.numpy.{name}": f"tf.{name}" for name in ("float32", "float64", "int32", "int64")},
    "tf.eig": "tf.linalg.eig", "tf.eigvals": "tf.linalg.eigvals", "tf.dtypes.complex": "tf.complex",
}  # fmt: skip
# Names that stand in two places: tf.math.abs is tf.abs, tf.math.softmax tf.nn.softmax, tf.linalg.eye tf.eye.
IN_TF = {
    "abs", "acos", "acosh", "add", "add_n", "argmax", "argmin", "asin", "asinh", "atan", "atan2", "atanh", "cos",
    "cosh", "cumsum", "divide", "equal", "exp", "floor", "greater", "greater_equal", "less", "less_equal",
    "logical_and", "logical_not", "logical_or", "maximum", "minimum", "multiply", "negative", "not_equal", "pow",
    "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod",
    "reduce_sum", "round", "scalar_mul", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan",
    "tanh", "truediv",
}  # fmt: skip
IN_NN = {"log_softmax", "softmax", "softplus", "softsign", "top_k"}
IN_LINALG = {"einsum", "eye", "matmul", "norm", "tensordot"}
LOSS_FUNCTIONS = {
    "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy",
    "categorical_hinge", "hinge", "huber", "kl_divergence", "log_cosh", "mean_absolute_error",
    "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error", "poisson",
    "sparse_categorical_crossentropy", "squared_hinge",
}  # fmt: skip
POOLING = re.compile(r"keras\.layers\.(Global)?(Max|Avg)Pool(\dD)")
CONVOLUTION = re.compile(r"keras\.layers\.Convolution(\dD(?:Transpose)?)")


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
    for old, new in PREFIXES:
        if name.startswith(old):
            name = new + name[len(old) :]
    if name in ALIASES:
        return ALIASES[name]
    module, _, last = name.rpartition(".")
    if module == "tf.math":
        return f"tf.{last}" if last in IN_TF else f"tf.nn.{last}" if last in IN_NN else name
    if (module == "tf.linalg" and last in IN_LINALG) or (module == "tf.dtypes" and last in DTYPES | {"cast"}):
        return f"tf.{last}"
    if module == "keras.metrics" and last in LOSS_FUNCTIONS:
        return f"keras.losses.{last}"
    if module == "keras.initializers" and last.islower() and last not in ("get", "serialize", "deserialize", "stft"):
        return f"{module}.{''.join(part.capitalize() for part in last.split('_'))}"
    if module == "keras.layers":
        if pooling := POOLING.fullmatch(name):
            kind = {"Max": "Max", "Avg": "Average"}[pooling[2]]
            return f"keras.layers.{pooling[1] or ''}{kind}Pooling{pooling[3]}"
        if convolution := CONVOLUTION.fullmatch(name):
            return f"keras.layers.Conv{convolution[1]}"
    return name
