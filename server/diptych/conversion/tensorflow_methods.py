"""Methods of what TensorFlow and Keras make: models, tapes, variables, pipelines, metrics, generators, strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import (
    datasets,
    environment,
    fitting,
    keras_classes,
    keras_models,
    metrics,
    step_modes,
    tensorflow_functions,
    train_steps,
    variables,
)
from diptych.inference.values import FOREIGN, Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def convert(
    c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value
) -> Code | None:
    """A call of a method of one of them; ``None`` where it is something else."""
    name = function.attr.value
    if name == "_flatten_layers" and value.kind in ("self", "module"):
        return keras_classes.walked(c, node, function, code)
    if value.kind == "self":
        own = c.scope.owner is not None and name in c.scope.owner.attributes
        if name == "add_weight" and not own:
            return variables.weight(c, node)
        if name in train_steps.METHODS and not own:
            return train_steps.called(c, node, code, name)
        if c.scope.in_module and not own:
            return _of_model(c, node, function, code, Value("module"))
        return None
    if value.kind == "unknown" and fitting.is_model(node, name):
        text = code_of(function.value)
        c.journal.assume(node, f"Model.{name}", f"assumes that `{text}` is a model", ("model", c.scope.name, text))
        value = Value("module")
    if value.kind == "module":
        return _of_model(c, node, function, code, value)
    if value.kind == "bytes":
        if name == "numpy" and not node.args:
            return call(cst.Name("bytes"), [cst.Arg(argument(code))]), FOREIGN
        return c.leave(node, f"Tensor.{name}", "PyTorch has no tensors of strings: in the twin it is bytes")
    if value.kind == "tape":
        return _of_tape(c, node, name)
    if value.is_tensor and name in ("read_value", "value") and not node.args:
        return variables.read(c, code, value)
    if value.is_tensor and name in variables.ASSIGNMENTS:
        return variables.assigned(c, node, function, code, value)
    if value.kind == "dataset":
        return datasets.method(c, node, function, code, value)
    if value.kind == "metric":
        return metrics.method(c, node, function, code, value)
    if value.kind == "generator":
        return environment.drawn(c, node, function, code)
    if value.kind == "tensors":
        return tensorflow_functions.of_tensor_array(c, node, function, code)
    if value.kind == "strategy":
        return environment.of_strategy(c, node, function)
    return None


def _of_model(
    c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value
) -> Code | None:
    """A method that Keras gives every model, unless its class has one of that name."""
    name = function.attr.value
    info = train_steps.info_of(value)
    if info is not None and name in info.attributes:
        if name in train_steps.STEPS:
            step_modes.forget(c, code_of(function.value))
        own = name == "compile" and train_steps.own(info)
        return train_steps.called_compile(c, node, function, code, info) if own else None
    if name in keras_models.METHODS:
        return keras_models.method(c, node, function, code, value)
    return fitting.method(c, node, function, code, value) if name in fitting.NAMES else None


def _of_tape(c: Converter, node: cst.Call, name: str) -> Code:
    if name == "watch":
        return variables.watched(c, node)
    reason = "only gradients with respect to tensors with names, or to a model's variables, are converted"
    taken = {"gradient": variables.gradient, "jacobian": variables.jacobian}.get(name)
    found = None if taken is None else taken(c, node)
    return found or c.leave(node, f"GradientTape.{name}", reason)
