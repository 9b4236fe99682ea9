"""Models of Keras with a ``train_step`` or a ``test_step`` of their own: the steps stay methods, and loops call them.

What ``compile`` gives a model is kept with it, as ``self.optimizer`` too; ``fit`` and ``evaluate`` call the steps for
each batch. Which variables an optimizer updates is read in the class, where its gradients are applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import gradient_lists, metrics
from diptych.conversion.names import dotted
from diptych.inference.layers import ClassInfo
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

TRAIN, TEST = "train_step", "test_step"
STEPS = {TRAIN, TEST}
# Said of a file by ``facts_of``: some model of it has a step of its own.
FACT = "own steps"
DEFINED = re.compile(r"^[ \t]+def (?:train|test)_step\b", re.MULTILINE)
OPTIMIZER = "optimizer"
APPLIES = ("apply_gradients", "apply", "minimize")
HIDDEN = "?"
# What ``Model`` gives steps: names of helpers, which take the model first.
METHODS = {
    "compute_loss": ("x", "y", "y_pred", "sample_weight", "training"),
    "compute_metrics": ("x", "y", "y_pred", "sample_weight"),
}
SEVERAL = "its steps apply it to several sets of variables: make an optimizer for each"
UNSEEN = "it is not seen which variables its steps apply it to"
UNKNOWN = "the file has a model with steps of its own, and it is not known here whether this is it"
MEASURED = "Keras' own step would tell the metrics of this model, too, which it does not update: write a {} as well"


def facts_of(text: str) -> set[str]:
    """``FACT``, where a class of the file has a step."""
    return {FACT} if DEFINED.search(text) else set()


def info_of(value: Value) -> ClassInfo | None:
    """The class of the file that a model is an instance of."""
    info = value.layer.definition if value.layer is not None else None
    return info if isinstance(info, ClassInfo) else None


def own(info: ClassInfo | None) -> bool:
    """Whether a class has steps of its own."""
    return info is not None and info.is_module and not STEPS.isdisjoint(info.attributes)


def method(info: ClassInfo, name: str) -> cst.FunctionDef | None:
    """The definition of a method, of the class or the nearest base that has it."""
    return next((each for each in info.methods if each.name.value == name), None)


# --- Optimizers ---------------------------------------------------------------------------------------------------


def updated(info: ClassInfo) -> dict[str, set[str]]:
    """By the attribute that holds an optimizer, the variables that methods apply its gradients to, as code of them;
    ``HIDDEN`` where that is not seen. What is applied by another name counts for the optimizer of ``compile``.
    """
    found: dict[str, set[str]] = {}
    for each in (method for method in info.methods if method.params.params):
        own_name = each.params.params[0].name.value
        local = {n.value for t in walk(each.body) if isinstance(t, cst.AssignTarget) for n in walk(t.target)
                 if isinstance(n, cst.Name)} | {p.name.value for p in each.params.params[1:]}  # fmt: skip
        for node in walk(each.body):
            function = node.func if isinstance(node, cst.Call) else None
            if not isinstance(function, cst.Attribute) or function.attr.value not in APPLIES:
                continue
            assert isinstance(node, cst.Call)
            place = dotted(function.value) or ""
            first, _, name = place.rpartition(".")
            pairs = gradient_lists.pairs_of(node)
            if first != own_name:
                if place.partition(".")[0] in local and (pairs is not None or function.attr.value != "apply"):
                    found.setdefault(OPTIMIZER, set()).add(HIDDEN)
                continue
            text = HIDDEN if pairs is None else code_of(pairs[1])
            text = re.sub(rf"\b{own_name}\b", "self", text.replace(".trainable_weights", ".trainable_variables"))
            found.setdefault(name, set()).add(text)
    return found


def variables(info: ClassInfo, attribute: str, model: str) -> str | None:
    """The code of the variables that an optimizer updates, of a model of a name; ``None`` where that is not one set.

    What no step of the class applies is applied by Keras, to all variables.
    """
    found = updated(info).get(attribute)
    if found is None:
        return f"{model}.trainable_variables" if attribute == OPTIMIZER else None
    if len(found) > 1:
        return None
    (text,) = found
    if not all(part.strip().startswith("self.") for part in text.split("+")):
        return None
    return re.sub(r"\bself\b", model, text)


def why_not(info: ClassInfo, attribute: str) -> str:
    """Why it is not known what an optimizer updates."""
    return SEVERAL if len(updated(info).get(attribute, ())) > 1 else UNSEEN


def optimizer(c: Converter, node: cst.BaseExpression, text: str) -> tuple[cst.BaseExpression, Value]:
    """The code of an optimizer that is made where it is handed over, of variables of a code."""
    known, assigning = c.optimizers, c.assigning
    c.optimizers, c.assigning = {text: "compile", **known}, "compile"
    try:
        return c.expr(node)
    finally:
        c.optimizers, c.assigning = known, assigning


# --- What Keras gives a model's steps -------------------------------------------------------------------------------


def attribute(c: Converter, node: cst.Attribute, owner: ClassInfo) -> Code | None:
    """``self.optimizer`` and ``self.metrics`` of a model with steps of its own; ``None`` for other attributes."""
    if not own(owner):
        return None
    if node.attr.value == OPTIMIZER:
        return node, Value("optimizer")
    if node.attr.value in ("compiled_loss", "compiled_metrics"):
        key = f"Model.{node.attr.value}"
        return c.leave(node, key, c.why(key, "it is not converted"))
    if node.attr.value == "metrics":
        return call(metrics.helper(c, "metrics_of"), [cst.Arg(node.value)]), Value("list", item=Value("metric"))
    return None


def called(c: Converter, node: cst.Call, code: cst.BaseExpression, name: str) -> Code:
    """``self.compute_loss(y=y, y_pred=y_pred)`` and the like: functions of the model."""
    from diptych.conversion import calls

    if any(each.star or (each.keyword and each.keyword.value not in METHODS[name]) for each in node.args):
        return c.leave(node, f"Model.{name}", "starred arguments, or some that Keras does not know, are not converted")
    args, _ = calls.arguments(c, node)
    kind = Value("dict") if name == "compute_metrics" else c.fresh(Value("tensor", dtype="float32", rank=0))
    return call(metrics.helper(c, name), [cst.Arg(argument(code)), *args]), kind


# --- Loops ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Passes:
    """How a loop passes over the batches: by steps of the model's ``own``, and by nothing else (``alone``)."""

    own: bool = False
    alone: bool = False


def passes(c: Converter, name: str, model: Value, found: dict[str, cst.Arg]) -> Passes | str:
    """How ``fit`` or ``evaluate`` passes over the batches, or why that is not known."""
    info = info_of(model)
    if name == "predict":
        return Passes()
    if model.layer is None:
        return Passes(FACT in c.facts)
    if info is None or not own(info):
        return Passes()
    wanted = {TRAIN} if name == "fit" else {TEST}
    if name == "fit" and any(each in found for each in ("validation_data", "validation_split")):
        wanted.add(TEST)
    lacking = sorted(wanted - set(info.attributes))
    measures = "metrics" in info.attributes or any(value.kind == "metric" for value in info.attributes.values())
    if lacking and measures:
        return MEASURED.format(lacking[0])
    for layer, value in info.attributes.items():
        inside = info_of(value) if value.kind == "module" else None
        if inside is not None and any(held.kind == "metric" for held in inside.attributes.values()):
            return f"`{layer}` has metrics, which Keras would list"
    return Passes(own=True, alone=not lacking)


# --- A compile of the class's own -----------------------------------------------------------------------------------


def held_by(info: ClassInfo) -> dict[str, str]:
    """By each argument of the class's own ``compile``, the attribute that it is put into."""
    own_compile = method(info, "compile")
    if own_compile is None:
        return {}
    names = [p.name.value for p in (*own_compile.params.params, *own_compile.params.kwonly_params)]
    found: dict[str, str] = {}
    for node in walk(own_compile.body):
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Name) and node.value.value in names[1:]:
            first, _, name = (dotted(node.targets[0].target) or "").rpartition(".")
            if first == names[0]:
                found[node.value.value] = name
        if isinstance(node, cst.Call) and is_compile_of_base(node):
            for place, each in enumerate(node.args):
                key = each.keyword.value if each.keyword else ("optimizer", "loss")[place] if place < 2 else ""
                if isinstance(each.value, cst.Name) and key and not each.star:
                    found.setdefault(each.value.value, key)
    return found


def is_compile_of_base(node: cst.Call) -> bool:
    """Whether this is ``super().compile(...)``."""
    function = node.func
    if not isinstance(function, cst.Attribute) or function.attr.value != "compile":
        return False
    made = function.value
    return isinstance(made, cst.Call) and isinstance(made.func, cst.Name) and made.func.value == "super"


def base_compiled(c: Converter, node: cst.Call) -> cst.BaseExpression | None:
    """``super().compile(...)`` in a model with steps of its own; ``None`` for other calls."""
    if c.source != "tensorflow" or not is_compile_of_base(node) or not own(c.scope.owner):
        return None
    if c.scope.name.rpartition(".")[2] != "compile" or c.scope.function is None:
        return c.leave(node, "Model.compile", "it is converted in the class's own compile")[0]
    given = [p.name.value for p in (*c.scope.function.params.params, *c.scope.function.params.kwonly_params)]
    args = [cst.Arg(c.scope.function.params.params[0].name)]
    for place, each in enumerate(node.args):
        key = each.keyword.value if each.keyword else ("optimizer", "loss")[place] if place < 2 else ""
        if each.star == "**":
            reason = "assumes that compile is given nothing by these arguments but how the model is run"
            c.journal.assume(node, "Model.compile", reason, ("compiled", c.scope.name))
            continue
        if key in IGNORED or c.literal(each.value) is None:
            continue
        if key not in (OPTIMIZER, "loss", "metrics") or not isinstance(each.value, cst.Name) or each.star:
            reason = "only an optimizer, a loss and metrics that the class's own compile is given are converted"
            return c.leave(node, "Model.compile", reason)[0]
        if each.value.value not in given:
            return c.leave(node, "Model.compile", "it is not seen what this is")[0]
        args.append(metrics.named(each.value, key))
    return call(metrics.helper(c, "compile_steps"), args)


IGNORED = {"run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"}


def called_compile(
    c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, info: ClassInfo
) -> Code:
    """``model.compile(...)`` where the class has a ``compile`` of its own, which is given what PyTorch has instead."""
    from diptych.conversion import calls, fitting

    key, own_compile = "Model.compile", method(info, "compile")
    assert own_compile is not None
    text = dotted(function.value)
    if text is None:
        return c.leave(node, key, "the model must have a name: it is not known otherwise what its optimizers update")
    names = [p.name.value for p in own_compile.params.params[1:]]
    more = {p.name.value for p in own_compile.params.kwonly_params}
    held, args = held_by(info), list[cst.Arg]()
    mark = c.journal.mark()
    for place, each in enumerate(node.args):
        name = each.keyword.value if each.keyword else names[place] if place < len(names) else ""
        if each.star or (not each.keyword and not name):
            return c.leave(node, key, "starred arguments hide what is passed")
        if name not in names and name not in more:
            if name in IGNORED:
                continue
            return c.leave(node, key, f"the class's own compile has no `{name}`, and hands it on unseen")
        kept_as = held.get(name)
        if kept_as in (*updated(info), OPTIMIZER):
            assert kept_as is not None
            told = variables(info, kept_as, text)
            if told is None:
                return c.leave(node, key, why_not(info, kept_as))
            if isinstance(each.value, (cst.Name, cst.Attribute)) and not surely(c, each.value, told):
                return c.leave(node, key, f"write the optimizer here: it is not seen that it updates `{told}` alone")
            made, known = optimizer(c, fitting.spelled(c, each.value), told)
            if known.kind != "optimizer":
                errors = [error.reason for error in c.journal.errors_since(mark)]
                return c.leave(node, key, errors[0] if errors else "the optimizer is not known here")
        elif kept_as == "loss" and _goes_to_base(own_compile, name):
            loss = fitting.loss_of(c, each.value)
            if loss is None:
                return c.leave(node, key, "the loss is not known here: one loss for one output is converted")
            made = loss
        elif kept_as == "metrics" and _goes_to_base(own_compile, name):
            listed = fitting.metrics_of(c, each.value)
            if isinstance(listed, str):
                return c.leave(node, key, listed)
            made = listed
        else:
            (new,), _ = calls.arguments(c, node.with_changes(args=[each]))
            made = new.value
        args.append(each.with_changes(value=argument(made)))
    if c.journal.errors_since(mark):
        return node, Value()
    if args and len(args) < len(node.args):
        args[-1] = args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    twin = function if code is function.value else function.with_changes(value=code)
    return node.with_changes(func=twin, args=args), Value("none")


def _goes_to_base(own_compile: cst.FunctionDef, name: str) -> bool:
    calls = [n for n in walk(own_compile.body) if isinstance(n, cst.Call) and is_compile_of_base(n)]
    return any(isinstance(each.value, cst.Name) and each.value.value == name for n in calls for each in n.args)


def surely(c: Converter, name: cst.BaseExpression, text: str) -> bool:
    """Whether an optimizer that was bound to a name before updates these variables, and no others."""
    updates = [variables for variables, used in c.optimizers.items() if used == code_of(name)]
    return set(resolved(c, updates)) == {text}


def compiled_with(node: cst.Call, function: cst.Attribute) -> dict[str, str]:
    """The optimizers with names that ``model.compile(...)`` may be given, by what ``resolved`` reads."""
    text, found = code_of(function.value), dict[str, str]()
    for place, each in enumerate(node.args):
        if isinstance(each.value, (cst.Name, cst.Attribute)) and not each.star:
            name = each.keyword.value if each.keyword else str(place)
            found[f"{text}.compile({name})"] = code_of(each.value)
    return found


_COMPILED = re.compile(r"([\w.]+)\.compile\((\w+)\)")


def resolved(c: Converter, updates: list[str]) -> list[str]:
    """The variables that an optimizer updates, with those told that a model's own steps apply it to."""
    found, others = list[str](), set[str]()
    for each in updates:
        told = _COMPILED.fullmatch(each)
        if told is None:
            continue
        info = info_of(c.expr(cst.parse_expression(told[1]))[1])
        if info is None or not own(info):
            continue
        others.add(f"{told[1]}.trainable_variables")
        own_compile, name = method(info, "compile"), told[2]
        if own_compile is not None:
            names = [p.name.value for p in own_compile.params.params[1:]]
            place = int(name) if name.isdigit() else -1
            name = held_by(info).get(names[place] if 0 <= place < len(names) else name, "")
        elif name == "0":
            name = OPTIMIZER
        updated_by_it = variables(info, name, told[1])
        found += [updated_by_it] if updated_by_it is not None else []
    return [each for each in updates if each not in others and not _COMPILED.fullmatch(each)] + found
