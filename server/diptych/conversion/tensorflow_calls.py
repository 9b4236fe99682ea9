"""TensorFlow and Keras calls that are not patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import (
    activations,
    computed_sizes,
    control_flow,
    datasets,
    environment,
    files,
    gradient_lists,
    held_layers,
    keras_backend,
    keras_initialisers,
    keras_models,
    keras_sequences,
    legacy,
    merging,
    metrics,
    penalties,
    read_helpers,
    tensorflow_functions,
    variables,
    wrappers,
)
from diptych.inference.values import Value
from diptych.syntax.canonical import canonical
from diptych.syntax.keywords import TIGHT
from diptych.syntax.literals import value_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

# What a layer's constructor says that PyTorch has no use for: names, shapes of inputs, how to compute.
UNUSED = {
    "name", "input_shape", "input_dim", "batch_input_shape", "batch_shape", "batch_size", "input_length", "autocast",
    "seed", "implementation", "use_cudnn", "unroll", "unit_forget_bias",
}  # fmt: skip
FRAMEWORK = ("keras.layers.", "tf.", "keras.ops.", "keras.optimizers.", "keras.losses.", "keras.random.")
# Arguments whose names Keras has changed.
RENAMED = {("keras.layers.LeakyReLU", "alpha"): "negative_slope"}
RECURRENT = (
    "keras.layers.LSTM", "keras.layers.GRU", "keras.layers.SimpleRNN", "keras.layers.LSTMCell", "keras.layers.GRUCell",
    "keras.layers.SimpleRNNCell",
)  # fmt: skip


def stripped(c: Converter, node: cst.Call) -> tuple[cst.Call, bool]:
    """The call without ``activation=``, names and initialisers, which PyTorch writes elsewhere or not at all."""
    qualified = c.qualified(node.func) or ""
    if not qualified.startswith(FRAMEWORK):
        return node, False
    if qualified.startswith("keras.layers."):
        kept = _of_layer(c, node, qualified)
    else:
        kept = [a for a in node.args if not (a.keyword and a.keyword.value in ("name", "seed"))]
    if len(kept) == len(node.args) and all(a is b for a, b in zip(kept, node.args, strict=True)):
        return node, False
    if kept:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    new = node.with_changes(args=kept)
    c.stands_for(new, node)
    return new, False


def _of_layer(c: Converter, node: cst.Call, qualified: str) -> list[cst.Arg]:
    kept: list[cst.Arg] = []
    moved = False
    for name, argument in _named(c, node, qualified):
        if name is not None and _goes(c, node, qualified, name, argument.value):
            moved = True
        elif (qualified, name) in RENAMED and argument.keyword is not None:
            kept.append(argument.with_changes(keyword=cst.Name(RENAMED[qualified, str(name)])))
        elif moved and name is not None and not argument.keyword and not argument.star:
            kept.append(argument.with_changes(keyword=cst.Name(name), equal=TIGHT))
        else:
            kept.append(argument)
    return kept


def _named(c: Converter, node: cst.Call, qualified: str) -> list[tuple[str | None, cst.Arg]]:
    """Arguments with their names, those by position too where the signature tells them."""
    names = [entry[0] for overload in c.index.overloads(qualified)[:1] for entry in overload if entry[1] in "ap"]
    found: list[tuple[str | None, cst.Arg]] = []
    for position, argument in enumerate(node.args):
        if argument.keyword is not None:
            found.append((argument.keyword.value, argument))
        else:
            found.append((names[position] if position < len(names) and not argument.star else None, argument))
    return found


def _goes(c: Converter, node: cst.Call, qualified: str, name: str, value: cst.BaseExpression) -> bool:
    """Whether an argument of a layer has nothing to say to PyTorch's."""
    literal = c.literal(value)
    if name == "activation":
        return activation_of(c, node) is not MISSING
    if name in UNUSED and not (name == "input_dim" and "Embedding" in qualified):
        return name != "seed" or "Dropout" in qualified or "Random" in qualified or "Noise" in qualified
    if name.endswith("_initializer") and qualified != "keras.layers.PReLU":
        c.journal.note(keras_initialisers.DROPPED)
        return True
    if name.endswith("_regularizer"):
        if literal is not None and name not in penalties.WEIGHTS:
            layer = qualified.rpartition(".")[2]
            text = f"assumes that the penalty of {name} is added to the loss elsewhere: PyTorch's layers have none"
            c.journal.assume(node, qualified, text, ("penalty", c.scope.name, layer, name))
        return True
    if name.endswith("_constraint") or name == "trainable":
        return literal is (True if name == "trainable" else None)
    if name == "data_format":
        return literal in (None, "channels_last", "channels_first")
    if name == "dtype":
        return literal == "float32" or c.qualified(value) == "tf.float32"
    return False


def is_channels_first(c: Converter, node: cst.Call) -> bool:
    """Whether a layer is told that channels stand before the space, as in PyTorch."""
    return any(
        a.keyword and a.keyword.value == "data_format" and c.literal(a.value) == "channels_first" for a in node.args
    )


def without_layout(value: Value) -> Value:
    """A layer that takes its axes as PyTorch does: nothing is known of the size of its last axis."""
    if value.kind != "module" or value.layer is None:
        return value
    return replace(value, layer=replace(value.layer, takes=None, gives=None, width=None, keeps_width=False))


def activation_of(c: Converter, node: cst.Call) -> Any:
    """The layer's activation, a name or an expression, ``None`` for none; ``MISSING`` where it cannot be applied."""
    qualified = c.qualified(node.func) or ""
    if not qualified.startswith("keras.layers.") or qualified in RECURRENT or qualified == "keras.layers.Activation":
        return MISSING
    for name, argument in _named(c, node, qualified):
        if name != "activation":
            continue
        literal = value_of(argument.value)
        if literal in (None, "linear"):
            return None
        if isinstance(literal, str):
            return literal if c.index.candidates(c.source, canonical(f"keras.activations.{literal}")) else MISSING
        api = c.qualified(argument.value)
        if api is not None and api.rpartition(".")[2].islower():
            return argument.value if c.index.candidates(c.source, api) else MISSING
        known = c.expr(argument.value)[1] if isinstance(argument.value, cst.Name) else Value()
        of_file = known.kind == "function" and known.definition is not None
        return argument.value if of_file or activations.is_looked_up(c, argument.value) else MISSING
    return None


def with_activation(c: Converter, node: cst.Call, code: cst.BaseExpression, value: Value) -> Code:
    """Note the activation that the twin must apply after the layer."""
    if value.kind != "module" or value.layer is None:
        return code, value
    code = penalties.added(c, node, code)
    activation = activation_of(c, node)
    if activation is MISSING or activation is None:
        return code, value
    value = replace(value, layer=replace(value.layer, activation=activation))
    if activations.is_looked_up(c, activation):  # where the layer is made: its calls may not see the name
        return held_layers.in_source_order(c, code, value)
    return code, value


def _input(c: Converter, node: cst.Call) -> Code:
    return c.leave(
        node,
        "keras.Input",
        "a functional model is converted only where inputs, layers and keras.Model stand in one block",
    )


def _model(c: Converter, node: cst.Call) -> Code:
    return c.leave(
        node,
        "keras.Model",
        "a functional model is converted only where inputs, layers and keras.Model stand in one block",
    )


SPECIAL: dict[str, Callable[[Converter, cst.Call], Code | None]] = (
    {
        "keras.Sequential": keras_sequences.of_keras,
        "tf.Variable": variables.made,
        "tf.shape": computed_sizes.taken_apart,
        "keras.Variable": variables.made,
        "keras.Input": _input,
        "keras.Model": _model,
        "keras.InputLayer": wrappers.input_layer,
        "keras.layers.Normalization": keras_models.normalization,
        "tf.compat.v1.get_variable": variables.got,
        "tf.compat.v1.losses.mean_squared_error": tensorflow_functions.mean_squares,
        "tf.experimental.numpy.asarray": tensorflow_functions.array,
        "tf.experimental.numpy.array": tensorflow_functions.array,
        "tf.experimental.numpy.random.randn": tensorflow_functions.normal_array,
        "tf.SparseTensor": tensorflow_functions.sparse,
        "tf.sparse.SparseTensor": tensorflow_functions.sparse,
        "tf.sparse.to_dense": tensorflow_functions.dense,
        "tf.nest.map_structure": tensorflow_functions.map_structure,
        "tf.nest.flatten": tensorflow_functions.flatten,
        "tf.TensorArray": tensorflow_functions.tensor_array,
        "tf.slice": tensorflow_functions.sliced,
        "keras.activations.get": activations.looked_up,
        "keras.layers.Activation": activations.named_layer,
        "tf.cond": control_flow.chosen,
        "tf.while_loop": control_flow.repeated,
        "tf.map_fn": tensorflow_functions.mapped,
        "tf.print": tensorflow_functions.printed,
        "tf.device": tensorflow_functions.device,
        "keras.layers.TimeDistributed": wrappers.time_distributed,
        "keras.layers.RNN": wrappers.rnn,
        "keras.layers.StackedRNNCells": wrappers.stacked_cells,
        "keras.layers.Lambda": wrappers.function_layer,
        "keras.layers.Pipeline": keras_sequences.of_keras,
    }
    | datasets.MADE
    | metrics.MADE
    | environment.MADE
    | keras_backend.CALLS
    | files.MADE
    | legacy.MADE
    | gradient_lists.MADE
    | read_helpers.SPECIAL
    | dict.fromkeys(merging.LAYERS, merging.layer)
    | dict.fromkeys(merging.OF_FUNCTION, merging.function)
)
