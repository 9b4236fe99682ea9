"""``compile``, ``fit``, ``evaluate`` and ``predict`` of Keras' models: short functions with loops over batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import metrics, train_steps
from diptych.conversion.datasets import ANY_ORDER, given
from diptych.conversion.metrics import helper, named
from diptych.inference.layers import ClassInfo
from diptych.inference.permutations import Permutation
from diptych.inference.values import FOREIGN, Value
from diptych.matching.emit import call
from diptych.syntax.keywords import TIGHT
from diptych.syntax.literals import node_of, value_of
from diptych.syntax.precedence import argument
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

NAMES = {
    "compile": (
        "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly", "steps_per_execution",
        "jit_compile", "auto_scale_loss",
    ),
    "fit": (
        "x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split", "validation_data", "shuffle",
        "class_weight", "sample_weight", "initial_epoch", "steps_per_epoch", "validation_steps",
        "validation_batch_size", "validation_freq",
    ),
    "evaluate": ("x", "y", "batch_size", "verbose", "sample_weight", "steps", "callbacks", "return_dict"),
    "predict": ("x", "batch_size", "verbose", "steps", "callbacks"),
}  # fmt: skip
# Of ``compile``: how it is run, not what.
IGNORED = {"run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"}
OPTIMIZERS = ("SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Nadam", "Ftrl")
LOSSES = {
    "mse": "MeanSquaredError", "mae": "MeanAbsoluteError", "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError", "bce": "BinaryCrossentropy", "kld": "KLDivergence",
    "kl_divergence": "KLDivergence", "logcosh": "LogCosh",
} | {
    metrics.snake(name): name
    for name in (
        "MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError",
        "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "Hinge", "SquaredHinge",
        "CategoricalHinge", "Huber", "LogCosh", "Poisson", "CosineSimilarity",
    )
}  # fmt: skip
# Rules for losses of scores on the last axis: what they are called on besides.
OF_SCORES = {
    "CrossEntropyLoss": "of_classes", "CrossEntropyLossOfAnyRank": "of_classes",
    "SparseCategoricalCrossentropyObject": "of_classes", "CategoricalCrossentropyLogitsObject": "of_rows",
    "CategoricalCrossentropyObject": "of_rows",
}  # fmt: skip
# Keywords that tell a model's method from one of the same name of something else.
TELLING = {
    "compile": {"optimizer", "loss", "metrics"},
    "fit": {"epochs", "validation_data", "validation_split", "steps_per_epoch", "callbacks", "batch_size", "shuffle"},
    "evaluate": {"batch_size", "verbose", "steps", "return_dict"},
    "predict": {"batch_size", "verbose", "steps"},
}
# What a model of its own may settle otherwise.
OWN = {
    "predict_step", "compute_loss", "compute_metrics", "make_train_function",
    "make_test_function", "make_predict_function",
}  # fmt: skip


def is_model(node: cst.Call, name: str) -> bool:
    """Whether a call shows that it is a model's, whatever the object is."""
    return name == "compile" or any(
        each.keyword is not None and each.keyword.value in TELLING.get(name, ()) for each in node.args
    )


def method(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value) -> Code:
    """One of the four, of a model."""
    name = function.attr.value
    key = f"Model.{name}"
    found = given(node, NAMES[name])
    if found is None:
        return c.leave(node, key, "starred arguments, or some that Keras does not know, are not converted")
    info = train_steps.info_of(value)
    own = sorted(OWN & set(info.attributes)) if info is not None else []
    if own:
        return c.leave(node, key, f"the class has a {own[0]} of its own: write the loop over batches")
    if name == "compile":
        if value.layer is None and train_steps.FACT in c.facts:
            return c.leave(node, key, train_steps.UNKNOWN)
        return _compile(c, node, function, code, found, info)
    return _loop(c, node, function, code, value, found)


# --- compile ------------------------------------------------------------------------------------------------------


def _compile(
    c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, found: dict[str, cst.Arg],
    info: ClassInfo | None,
) -> Code:  # fmt: skip
    def left(reason: str) -> Code:
        return c.leave(node, "Model.compile", reason)

    for name in ("loss_weights", "weighted_metrics"):
        if name in found and c.literal(found[name].value) is not None:
            return left(f"{name} is not converted: write the loop over batches")
    for name in IGNORED & set(found):
        if name == "steps_per_execution" and c.literal(found[name].value) not in (None, 1):
            return left("several steps at once are not converted")
    own = train_steps.own(info)
    text = code_of(function.value)
    updated: str | None = f"{text}.trainable_variables"
    mark = c.journal.mark()
    given = found["optimizer"].value if "optimizer" in found else node_of("rmsprop")
    if own and info is not None:
        updated = train_steps.variables(info, train_steps.OPTIMIZER, text)
        if updated is None:
            return left(train_steps.why_not(info, train_steps.OPTIMIZER))
        handed_on = isinstance(given, (cst.Name, cst.Attribute))
        if updated != f"{text}.trainable_variables" and handed_on and not train_steps.surely(c, given, updated):
            return left(f"write the optimizer here: it is not seen that it updates `{updated}` alone")
    optimizer, known = train_steps.optimizer(c, spelled(c, given), updated)
    if known.kind != "optimizer":
        errors = [error.reason for error in c.journal.errors_since(mark)]
        return left(errors[0] if errors else "the optimizer is not known here")
    args = [cst.Arg(argument(code)), cst.Arg(argument(optimizer))]
    if "loss" in found and not (own and c.literal(found["loss"].value) is None):
        loss = loss_of(c, found["loss"].value)
        if loss is None:
            return left("the loss is not known here: one loss for one output is converted")
        args.append(cst.Arg(argument(loss)))
    elif not own:
        return left("without a loss there is nothing to train on")
    if "metrics" in found and c.literal(found["metrics"].value) not in (None, [], ()):
        listed = metrics_of(c, found["metrics"].value)
        if isinstance(listed, str):
            return left(listed)
        args.append(cst.Arg(listed) if len(args) == 3 else named(listed, "metrics"))
    return call(helper(c, "compile_steps" if own else "compile_model"), args), Value("none")


def metrics_of(c: Converter, listed: cst.BaseExpression) -> cst.List | str:
    """The metrics that ``compile`` is given, or why they are not known."""
    if not isinstance(listed, (cst.List, cst.Tuple)):
        return "the metrics must be written as a list"
    parts = [metrics.in_list(c, element.value) for element in listed.elements]
    if any(part is None for part in parts):
        return "one of the metrics is not known here"
    return cst.List([e.with_changes(value=part) for e, part in zip(listed.elements, parts, strict=True)])


def spelled(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression:
    """An optimizer that is given by its name as a call; anything else as it is."""
    literal = value_of(node)
    names = {name.lower(): name for name in OPTIMIZERS}
    if isinstance(literal, str) and literal.lower() in names:
        return c.source_call(f"keras.optimizers.{names[literal.lower()]}", [])
    return node


def loss_of(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The loss as a function of prediction and target that gives one number; ``None`` where it is not known."""
    literal, qualified = value_of(node), c.qualified(node)
    named_loss = None
    if isinstance(literal, str):
        named_loss = LOSSES.get(literal, literal if literal in LOSSES.values() else None)
    elif qualified is not None and qualified.startswith("keras.losses."):
        named_loss = LOSSES.get(qualified.rpartition(".")[2])
    if named_loss is None and (literal is not MISSING or qualified is not None):
        return None
    source = node if named_loss is None else c.source_call(f"keras.losses.{named_loss}", [])
    mark = c.journal.mark()
    code, value = c.expr(source)
    if c.journal.errors_since(mark):
        return None
    prediction, target = cst.Name("prediction"), cst.Name("target")
    if value.kind == "module" and value.layer is not None:
        if value.layer.name in OF_SCORES:
            return call(helper(c, OF_SCORES[value.layer.name]), [cst.Arg(argument(code))])
        if value.layer.call_order == (1, 0):
            return code
        body: cst.BaseExpression = call(code, [cst.Arg(target), cst.Arg(prediction)])
    elif isinstance(node, cst.Lambda):
        inner = node if code is node else code
        body = call(inner.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]), _pair(target, prediction))
        body = call(cst.Attribute(body, cst.Name("mean")), [])
    elif value.kind == "function" and value.definition is not None:
        signature = value.definition.signature(c)
        if signature is None or any(order is not None for order in signature.orders.values()):
            return None
        body = call(cst.Attribute(call(code, _pair(target, prediction)), cst.Name("mean")), [])
    else:
        return None
    return cst.Lambda(cst.Parameters([cst.Param(prediction), cst.Param(target)]), body)


def _pair(first: cst.Name, second: cst.Name) -> list[cst.Arg]:
    return [cst.Arg(first), cst.Arg(second)]


# --- fit, evaluate, predict ---------------------------------------------------------------------------------------


def _loop(
    c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value,
    found: dict[str, cst.Arg],
) -> Code:  # fmt: skip
    name = function.attr.value
    key = f"Model.{name}"
    text = code_of(function.value)
    if "x" not in found:
        return c.leave(node, key, "it is not known what the model is called on")
    if name != "fit" and "callbacks" in found and c.literal(found["callbacks"].value) is not None:
        return c.leave(node, key, "callbacks are converted in fit only")
    over = train_steps.passes(c, name, value, found)
    if isinstance(over, str):
        return c.leave(node, key, over)
    axes = _axes(c, node, text, value)
    if isinstance(axes, str):
        if not over.alone:
            return c.leave(node, key, axes)
        axes = None
    for each in ("y", "sample_weight"):
        if each in found and isinstance(found[each].value, (cst.List, cst.Tuple, cst.Dict)):
            return c.leave(node, key, "models with several outputs are not converted: write the loop over batches")
    inputs = found["x"].value
    listed = isinstance(inputs, (cst.List, cst.Tuple))
    if isinstance(inputs, cst.Dict) or (listed and (axes is not None or not _takes_several(value))):
        return c.leave(node, key, "inputs are converted where the model's call takes each by position")
    mark = c.journal.mark()
    args = [cst.Arg(argument(code))]
    for place, each in enumerate(node.args):
        parameter = each.keyword.value if each.keyword else NAMES[name][place]
        if parameter == "callbacks" and name != "fit":
            continue
        if parameter == "verbose" and c.literal(each.value) in ("auto", 1):
            continue
        new = c.code(each.value)
        if parameter == "x" and isinstance(new, cst.List):
            new = cst.Tuple(new.elements, lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        keyword = each.keyword or (cst.Name(parameter) if place > 3 else None)
        equal = TIGHT if each.keyword is None and keyword is not None else each.equal
        args.append(each.with_changes(value=argument(new), keyword=keyword, equal=equal))
    if c.journal.errors_since(mark):
        return node, Value()
    if name == "fit":
        data = c.expr(found["x"].value)[1]
        shuffled = c.literal(found["shuffle"].value) if "shuffle" in found else True
        if data.kind != "dataset" and shuffled is not False:
            c.journal.assume(node, key, ANY_ORDER, ("order", c.scope.name))
    if axes is not None:
        args.append(named(node_of(axes), "axes"))
    if over.own:
        args.append(named(helper(c, "pass_of_steps"), "over"))
    args = [arg.with_changes(comma=cst.MaybeSentinel.DEFAULT) if arg is args[-1] else arg for arg in args]
    c.scope.modes[text] = False
    helper(c, "on_leaves")
    written = call(helper(c, name), args)
    if node.args and len(args) > 1:
        written = written.with_changes(whitespace_before_args=node.whitespace_before_args)
    return written, FOREIGN if name == "predict" else Value()


def _takes_several(value: Value) -> bool:
    layer = value.layer
    signature = layer.definition.signature if layer is not None and layer.definition is not None else None
    return signature is not None and len(signature.parameters) > 1


def _axes(c: Converter, node: cst.Call, text: str, value: Value) -> Permutation | str | None:
    """The order of axes that the model's twin takes, ``None`` for the source's, or why it cannot be."""
    layer = value.layer
    if layer is None:
        if c.moves_axes:
            reason = f"assumes that `{text}` takes and gives its axes in the source's order"
            c.journal.assume(node, text, reason, ("axes", c.scope.name, text))
        return None
    takes, gives = layer.takes, layer.gives
    signature = layer.definition.signature if layer.definition is not None else None
    if signature is not None:
        orders = [order for order in signature.orders.values() if order is not None]
        if orders and len(signature.parameters) > 1:
            return "of several inputs, some have their axes in another order"
        takes = orders[0] if orders else None
        if signature.result != signature.result.plain():
            gives = signature.result.permutation or (0,)
    if gives is not None:
        return "the twin gives its result with the axes in another order: call it on batches"
    return takes
