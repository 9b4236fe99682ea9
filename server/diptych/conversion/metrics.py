"""Keras' metrics: objects that add up over batches, which short classes stand for in PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.keywords import keyword
from diptych.syntax.literals import node_of, value_of
from diptych.syntax.precedence import argument, atom
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

PREFIX = "keras.metrics."
# Metrics that are the mean of a function of targets and predictions, by the function's helper.
OF_FUNCTION = {
    "Accuracy": "equal_values", "BinaryAccuracy": "binary_accuracy", "CategoricalAccuracy": "categorical_accuracy",
    "SparseCategoricalAccuracy": "sparse_categorical_accuracy",
}  # fmt: skip
# Those that are the mean of a loss, by the name of its function, with what it takes besides.
OF_LOSS = {
    "MeanSquaredError": ("mean_squared_error", ()),
    "MeanAbsoluteError": ("mean_absolute_error", ()),
    "MeanAbsolutePercentageError": ("mean_absolute_percentage_error", ()),
    "MeanSquaredLogarithmicError": ("mean_squared_logarithmic_error", ()),
    "BinaryCrossentropy": ("binary_crossentropy", ("from_logits",)),
    "CategoricalCrossentropy": ("categorical_crossentropy", ("from_logits",)),
    "SparseCategoricalCrossentropy": ("sparse_categorical_crossentropy", ("from_logits",)),
    "KLDivergence": ("kl_divergence", ()),
    "Poisson": ("poisson", ()),
    "Hinge": ("hinge", ()),
    "SquaredHinge": ("squared_hinge", ()),
    "CategoricalHinge": ("categorical_hinge", ()),
    "LogCoshError": ("log_cosh", ()),
}
ITSELF = {"Mean": "mean", "Sum": "sum", "RootMeanSquaredError": "root_mean_squared_error"}
SHORT = {
    "mse": "MeanSquaredError", "mae": "MeanAbsoluteError", "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
}  # fmt: skip
NAMES = {"Accuracy": "accuracy", "LogCoshError": "logcosh", "KLDivergence": "kl_divergence"}
RENAMED = {"y_true": "target", "y_pred": "prediction"}
OLD_NAME = "assumes Keras 2, which has this name for reset_state(): Keras 3 has removed it"
METHODS = {"update_state", "result", "reset_state", "reset_states"}


def snake(name: str) -> str:
    """``MeanSquaredError`` as ``mean_squared_error``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def helper(c: Converter, name: str) -> cst.BaseExpression:
    """Code that names a helper."""
    c.helpers.add(name)
    return c.name(f"helper.{name}")


def named(value: cst.BaseExpression, name: str) -> cst.Arg:
    """A keyword argument."""
    return keyword(name, argument(value))


def made(c: Converter, node: cst.Call) -> Code | None:
    """``keras.metrics.Mean(name="loss")`` and its like."""
    qualified = c.qualified(node.func) or PREFIX
    found = {a.keyword.value: a for a in node.args if a.keyword is not None and not a.star}
    kind = qualified.removeprefix(PREFIX)
    if len(found) == len(node.args) - 1 and kind not in ("MeanMetricWrapper",) and not node.args[0].star:
        found["name"] = node.args[0]  # the only one by position
    if len(found) != len(node.args) or value_of(found["dtype"].value if "dtype" in found else cst.Name("None")):
        return c.leave(node, qualified, "its arguments are not known here")
    found.pop("dtype", None)
    name = found.pop("name", None)
    code = written(c, kind, None if name is None else c.code(name.value), found)
    if code is None:
        return c.leave(node, qualified, c.why(qualified, "no rule knows this combination of arguments"))
    return code, Value("metric", api=qualified)


def written(
    c: Converter, kind: str, name: cst.BaseExpression | None, options: dict[str, cst.Arg]
) -> cst.BaseExpression | None:
    """The twin's code of a metric of a class and name; ``None`` where it cannot be."""
    if kind in ITSELF:
        title = name or node_of(ITSELF[kind])
        plain = value_of(title) == "mean" and kind == "Mean"
        return None if options else call(helper(c, kind), [] if plain else [cst.Arg(title)])
    title = name or node_of(NAMES.get(kind, snake(kind)))
    if kind in OF_FUNCTION:
        function = _thresholded(c, options) if options else helper(c, OF_FUNCTION[kind])
        if options and (kind != "BinaryAccuracy" or set(options) != {"threshold"}):
            return None
        return call(helper(c, "MeanMetric"), [cst.Arg(function), cst.Arg(title)])
    if kind not in OF_LOSS or set(options) - set(OF_LOSS[kind][1]):
        return None
    function = of_loss(c, OF_LOSS[kind][0], [named(each.value, key) for key, each in options.items()])
    return None if function is None else call(helper(c, "MeanMetric"), [cst.Arg(function), cst.Arg(title)])


def _thresholded(c: Converter, options: dict[str, cst.Arg]) -> cst.BaseExpression:
    names = [cst.Param(cst.Name(name)) for name in ("target", "prediction")]
    inner = [cst.Arg(cst.Name("target")), cst.Arg(cst.Name("prediction"))]
    more = [cst.Arg(c.code(each.value)) for each in options.values()]
    return cst.Lambda(cst.Parameters(names), call(helper(c, "binary_accuracy"), [*inner, *more]))


def of_loss(c: Converter, loss: str, options: list[cst.Arg]) -> cst.BaseExpression | None:
    """A function of target and prediction that gives each sample's loss; ``None`` where no rule has it."""
    from diptych.conversion import expressions

    parts = [cst.Arg(cst.Name("target")), cst.Arg(cst.Name("prediction"))]
    body = c.source_call(f"keras.losses.{loss}", [*parts, *options])
    names = [cst.Param(part.value) for part in parts if isinstance(part.value, cst.Name)]
    function = cst.Lambda(cst.Parameters(names), body)
    c.alive.append(function)
    mark = c.journal.mark()
    tensor = Value("tensor", dtype="float32")
    code, _ = expressions.function_of(c, function, [tensor, tensor])
    failed = bool(c.journal.errors_since(mark))
    c.journal.back_to(mark)
    return None if failed or code is function else code


def method(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value) -> Code:
    """``metric.update_state(y, p)``, ``metric.result()`` and ``metric.reset_state()``."""
    name = function.attr.value
    if name not in METHODS:
        return c.leave(node, f"Metric.{name}", f"the twin of this metric has no method .{name}()")
    attribute = function if code is function.value else function.with_changes(value=atom(code))
    if name == "reset_states":
        c.journal.assume(node, "Metric.reset_states", OLD_NAME, ("reset_states", c.scope.name))
        attribute = attribute.with_changes(attr=cst.Name("reset_state"))
    result = Value("none") if name != "result" else c.fresh(Value("tensor", dtype="float32", rank=0))
    return _called(c, node, attribute), result


def called(c: Converter, node: cst.Call, code: cst.BaseExpression) -> Code:
    """``metric(y, p)``: it is updated, and tells what it is now."""
    return _called(c, node, code), c.fresh(Value("tensor", dtype="float32", rank=0))


def _called(c: Converter, node: cst.Call, function: cst.BaseExpression) -> cst.BaseExpression:
    from diptych.conversion import calls

    args, _ = calls.arguments(c, node)
    args = [
        arg.with_changes(keyword=cst.Name(RENAMED[arg.keyword.value]))
        if arg.keyword is not None and arg.keyword.value in RENAMED
        else arg
        for arg in args
    ]
    if function is node.func and all(a is b for a, b in zip(args, node.args, strict=True)):
        return node
    return node.with_changes(func=function, args=args)


def in_list(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """A metric as ``compile`` is given it: a name, an object or a function; ``None`` where it is not known."""
    literal = value_of(node)
    if literal is not MISSING:
        if not isinstance(literal, str):
            return None
        if literal.lower() in ("accuracy", "acc"):
            return call(helper(c, "MeanMetric"), [cst.Arg(helper(c, "accuracy")), cst.Arg(node)])
        kinds = {snake(kind): kind for kind in (*OF_LOSS, *OF_FUNCTION, "RootMeanSquaredError")} | SHORT
        kind = kinds.get(literal, literal)
        return written(c, kind, node, {})
    qualified = c.qualified(node)
    if qualified is not None:
        kinds = {loss: kind for kind, (loss, _) in OF_LOSS.items()} | {name: kind for kind, name in OF_FUNCTION.items()}
        last = qualified.rpartition(".")[2]
        if not qualified.startswith((PREFIX, "keras.losses.")) or last not in kinds:
            return None
        return written(c, kinds[last], node_of(last), {})
    code, value = c.expr(node)
    if value.kind == "metric":
        return code
    if value.kind == "function" and value.definition is not None and isinstance(node, cst.Name):
        signature = value.definition.signature(c)
        if signature is None or any(order is not None for order in signature.orders.values()):
            return None
        args = [cst.Arg(code), cst.Arg(node_of(node.value)), named(cst.Name("True"), "as_given")]
        return call(helper(c, "MeanMetric"), args)
    return None


MADE = dict.fromkeys([PREFIX + kind for kind in (*ITSELF, *OF_FUNCTION, *OF_LOSS)], made)
