"""Lightning's modules, written as a plain module with ``train_step`` and ``test_step`` before they are converted.

``training_step`` says how the loss is computed, Lightning what is done with it: in the rewritten class ``backward()``
and ``step()`` stand where Lightning runs them, so that the conversion of training steps does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import hyperparameters, lightning, lightning_logs
from diptych.conversion.journal import Remark
from diptych.conversion.lightning import Steps
from diptych.inference.values import Value, is_grouped
from diptych.matching.emit import call
from diptych.syntax.walk import methods_of, walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter
    from diptych.conversion.definitions import LocalFunction
    from diptych.inference.layers import ClassInfo, Signature

TRAINING, VALIDATION, TEST, PREDICTION = "training_step", "validation_step", "test_step", "predict_step"
OPTIMIZERS = "configure_optimizers"
TWINS = {TRAINING: "train_step", VALIDATION: "test_step", TEST: "test_step", PREDICTION: PREDICTION}
LOADERS = {"train_dataloader", "val_dataloader", "test_dataloader", "predict_dataloader"}
# Methods that Keras' loops call, or that a module of its own would hide.
KERAS = {
    "train_step", "compile", "fit", "evaluate", "predict", "call", "make_train_function", "make_test_function",
    "compute_loss", "metrics", "optimizer",
}  # fmt: skip
# Of the dict with a scheduler: what else may stand there.
SCHEDULER = {"scheduler", "interval", "frequency", "name"}
NUMBERED = "Keras does not tell a step the number of its batch"
NOT_LAST = "it is converted where its last statement, and no other, returns the loss"
MANUAL = "automatic_optimization"


def rewritten(c: Converter, node: cst.ClassDef) -> tuple[cst.ClassDef, Steps] | None:
    """The class with Keras' steps, and what is known of them; ``None`` for other classes.

    What cannot be said so stays as it is, and is left over with its reason.
    """
    if not any(lightning.name_of(c, base.value) == lightning.MODULE for base in node.bases):
        return None
    if not isinstance(node.body, cst.IndentedBlock):
        return node, Steps(unknown="its steps are not known")
    node = hyperparameters.as_attributes(c, node)
    steps = Steps(names=lightning.names_in(node))
    methods = {item.name.value for item in methods_of(node)}
    by_hand = MANUAL in steps.names
    steps.loaders = frozenset(LOADERS & methods)
    steps.evaluates = VALIDATION if VALIDATION in methods else TEST if TEST in methods else None
    for name in (TRAINING, OPTIMIZERS):
        if name not in methods:
            steps.unknown = f"the class has no {name} of its own"
    changed: dict[int, cst.FunctionDef] = {}
    for item in sorted(methods_of(node), key=lambda method: method.name.value != OPTIMIZERS):
        changed[id(item)] = new = _Method(c, steps, item).method(by_hand=by_hand)
        if new is not item:
            c.stands_for(new, item)
    body = [changed.get(id(item), item) for item in node.body.body]
    new_class = node.with_changes(body=node.body.with_changes(body=body))
    c.stands_for(new_class, node)
    return new_class, steps


class _Method:
    """One method of a Lightning module."""

    def __init__(self, c: Converter, steps: Steps, node: cst.FunctionDef) -> None:
        self.c = c
        self.steps = steps
        self.node = node
        self.name = node.name.value

    def method(self, *, by_hand: bool) -> cst.FunctionDef:
        """The method as it is to be converted."""
        reason = self.c.index.reason("torch", f"LightningModule.{self.name}")
        if reason is not None:
            return self._left(reason.text)
        if self.name in KERAS:
            self.steps.unknown = f"keras.Model has a {self.name} of its own"
            return self._left(f"{self.steps.unknown}, which its loops call: give it another name")
        if self.name == OPTIMIZERS:
            return self._optimizers()
        if self.name not in TWINS:
            return self.node
        if self.name == TEST and self.steps.evaluates == VALIDATION:
            return self._left("keras.Model.evaluate runs one step, which validation_step became", "test_step_")
        if self.name == TRAINING and by_hand:
            return self._refused("optimising by hand is not converted: write the loop over batches")
        if self.name == TRAINING and OPTIMIZERS in self.steps.left:
            return self._left(f"its {OPTIMIZERS} is not converted")
        return self._step()

    def _left(self, reason: str, name: str | None = None) -> cst.FunctionDef:
        """The method as it is, left over, under a ``name`` that does not hide another one."""
        node = self.node if name is None else self.node.with_changes(name=self.node.name.with_changes(value=name))
        remark = Remark(self.node.name, f"LightningModule.{self.name}", reason, "error", None, node)
        self.c.journal.remarks.append(remark)
        self.steps.left.add(name or self.name)
        return node

    def _refused(self, reason: str) -> cst.FunctionDef:
        self.steps.unknown = f"its {self.name} is not converted"
        return self._left(reason)

    # --- Steps -----------------------------------------------------------------------------------------------------

    def _step(self) -> cst.FunctionDef:
        refusal = self._parameters_refused() or self._returns_refused()
        if refusal is not None:
            return self._refused(refusal) if self.name == TRAINING else self._left(refusal)
        name = TWINS[self.name]
        self.steps.modes[name] = self.name == TRAINING
        params = self.node.params
        first = [parameter.with_changes(comma=cst.MaybeSentinel.DEFAULT) for parameter in params.params[1:2]]
        changes: dict[str, Any] = {"params": params.with_changes(params=[params.params[0], *first])}
        if self.name != PREDICTION:
            changes["body"] = self._body()
        return self.node.with_changes(name=self.node.name.with_changes(value=name), **changes)

    def _parameters_refused(self) -> str | None:
        params = self.node.params
        names = [parameter.name.value for parameter in params.params]
        if self.node.decorators or self.node.asynchronous or params.posonly_params or params.kwonly_params:
            return "it is converted as a plain method"
        if params.star_kwarg is not None or isinstance(params.star_arg, cst.Param) or not 2 <= len(names) <= 4:
            return "it is converted where it takes a batch and the batch's number"
        if any(lightning.uses(self.node.body, name) for name in names[2:]):
            return NUMBERED
        if not isinstance(self.node.body, cst.IndentedBlock):
            return NOT_LAST
        return None

    def _returns_refused(self) -> str | None:
        found = _returns(self.node.body)
        if self.name == PREDICTION:
            return None
        last = _last_return(self.node.body.body)
        if self.name == TRAINING:
            if last is None or found != [last]:
                return NOT_LAST
            return None if _loss_of(self.c, last.value) is not None else "what it returns is not known as a loss"
        return None if not found or found == [last] else "it is converted where only its last statement returns"

    def _body(self) -> cst.IndentedBlock:
        block = self.node.body
        assert isinstance(block, cst.IndentedBlock)
        lines = list(block.body)
        batch = self.node.params.params[1].name
        logs = lightning_logs.Logs(self.c, self.steps, self.node, batch, training=self.name == TRAINING)
        last = _last_return(lines)
        returned: Any = lines.pop() if last is not None else None
        taken = logs.taken_from(lines)
        added: list[Any] = []
        if self.name == TRAINING:
            assert last is not None
            loss = _loss_of(self.c, last.value)
            assert loss is not None
            name = loss.value if isinstance(loss, cst.Name) else logs.fresh("loss")
            if not isinstance(loss, cst.Name):
                added.append(_assigned(name, loss))
            optimizer = cst.Attribute(self.node.params.params[0].name, cst.Name("optimizer"))
            added.append(_called(cst.Attribute(optimizer, cst.Name("zero_grad"))))
            added.append(_called(cst.Attribute(cst.Name(name), cst.Name("backward"))))
            added.append(_called(cst.Attribute(optimizer, cst.Name("step"))))
            logs.shown = logs.shown or {"loss": cst.Name(name)}
        elif last is not None and last.value is not None and _does_something(last.value):
            added.append(cst.SimpleStatementLine([cst.Expr(last.value)]))
        added.append(cst.SimpleStatementLine([cst.Return(logs.returned())]))
        self.steps.shown[self.name] = set(logs.shown)
        if returned is not None:
            added[0] = added[0].with_changes(leading_lines=returned.leading_lines)
            added[-1] = added[-1].with_changes(trailing_whitespace=returned.trailing_whitespace)
        for line in added:
            self.c.stands_for(line, returned or self.node)
        return block.with_changes(body=[*taken, *added])

    # --- Optimizers ------------------------------------------------------------------------------------------------

    def _optimizers(self) -> cst.FunctionDef:
        """``configure_optimizers`` that returns the optimizer, or the optimizer and the scheduler."""
        found, last = _returns(self.node.body), None
        if isinstance(self.node.body, cst.IndentedBlock):
            last = _last_return(self.node.body.body)
        if last is None or found != [last] or last.value is None:
            return self._refused("it is converted where its last statement, and no other, returns the optimizer")
        parts = _optimizer_and_scheduler(self.c, last.value)
        if isinstance(parts, str):
            return self._refused(parts)
        optimizer, scheduler, self.steps.schedule = parts
        value = optimizer
        if scheduler is not None:
            value = cst.Tuple([cst.Element(optimizer), cst.Element(scheduler)], lpar=[], rpar=[])
        if value is last.value:
            return self.node
        new = last.with_changes(value=value, whitespace_after_return=cst.SimpleWhitespace(" "))
        self.c.stands_for(new, last)
        block = self.node.body
        line = block.body[-1]
        assert isinstance(line, cst.SimpleStatementLine)
        changed = line.with_changes(body=[new])
        self.c.stands_for(changed, line)
        return self.node.with_changes(body=block.with_changes(body=[*block.body[:-1], changed]))


def _optimizer_and_scheduler(
    c: Converter, node: cst.BaseExpression
) -> tuple[cst.BaseExpression, cst.BaseExpression | None, str | None] | str:
    """What ``configure_optimizers`` returns: the optimizer, a scheduler and when it steps; or why it is not known."""
    several = "several optimizers, each with steps of its own, are not converted: write the loop over batches"
    optimizers: cst.BaseExpression = node
    schedulers: cst.BaseExpression | None = None
    if isinstance(node, cst.Tuple):
        if len(node.elements) != 2 or not all(isinstance(e.value, (cst.List, cst.Tuple)) for e in node.elements):
            return "what it returns is not known here as one optimizer, alone or with its scheduler"
        optimizers, schedulers = node.elements[0].value, node.elements[1].value
    elif isinstance(node, cst.Dict):
        given = _entries(c, node)
        if given is None or "optimizer" not in given or not set(given) <= {"optimizer", "lr_scheduler"}:
            return "the dict that it returns is not known here"
        optimizers, schedulers = given["optimizer"], given.get("lr_scheduler")
    elif isinstance(node, cst.Name) and node.value == "None":
        return "without an optimizer there is nothing to compile"
    if isinstance(optimizers, (cst.List, cst.Tuple)):
        if len(optimizers.elements) != 1:
            return several
        optimizers = optimizers.elements[0].value
    if isinstance(schedulers, (cst.List, cst.Tuple)):
        if len(schedulers.elements) > 1:
            return "several schedulers are not converted: join them in a SequentialLR"
        schedulers = schedulers.elements[0].value if schedulers.elements else None
    if schedulers is None:
        return optimizers, None, None
    interval = "epoch"
    if isinstance(schedulers, cst.Dict):
        given = _entries(c, schedulers)
        if given is None or "scheduler" not in given or not set(given) <= SCHEDULER:
            return "a scheduler that waits for a metric, or with other settings, is not converted"
        if "frequency" in given and c.literal(given["frequency"]) != 1:
            return "a scheduler that steps every so many times is not converted"
        known = c.literal(given["interval"]) if "interval" in given else "epoch"
        if known not in ("epoch", "step"):
            return "it is not known when the scheduler steps"
        interval, schedulers = known, given["scheduler"]
    return optimizers, schedulers, interval


def _entries(c: Converter, node: cst.Dict) -> dict[str, cst.BaseExpression] | None:
    found: dict[str, cst.BaseExpression] = {}
    for element in node.elements:
        key = c.literal(element.key) if isinstance(element, cst.DictElement) else None
        if not isinstance(key, str) or key in found:
            return None
        found[key] = element.value
    return found


def _returns(body: Any) -> list[cst.Return]:
    inner = (cst.FunctionDef, cst.Lambda, cst.ClassDef)
    return [part for part in walk(body, not_into=inner) if isinstance(part, cst.Return)]


def _last_return(lines: Sequence[Any]) -> cst.Return | None:
    line = lines[-1] if lines else None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    return line.body[0] if isinstance(line.body[0], cst.Return) else None


def _loss_of(c: Converter, node: cst.BaseExpression | None) -> cst.BaseExpression | None:
    """The loss in what ``training_step`` returns; ``None`` where it is not seen to be one."""
    if isinstance(node, cst.Dict):
        given = _entries(c, node)
        if given is None or "loss" not in given:
            return None
        rest = [value for key, value in given.items() if key != "loss"]
        return None if any(map(_does_something, rest)) else given["loss"]
    if node is None or isinstance(node, (cst.List, cst.Tuple, cst.IfExp)) or c.literal(node) is None:
        return None
    return node


def _does_something(node: cst.BaseExpression) -> bool:
    """Whether an expression may do more than give a value."""
    return any(isinstance(part, (cst.Call, cst.NamedExpr, cst.Await, cst.Yield)) for part in walk(node))


def _assigned(name: str, value: cst.BaseExpression) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], value)])


def _called(function: cst.BaseExpression) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Expr(call(function, []))])


# --- Conversion -------------------------------------------------------------------------------------------------------


def mode_of(function: LocalFunction) -> str | None:
    """The mode in which a method of a Lightning module runs the model, as code; ``None`` where Keras hands it on."""
    owner, name = function.owner, function.node.name.value
    steps: Steps | None = owner.lightning if owner is not None else None
    if steps is None or function.is_forward or name in ("__init__", OPTIMIZERS):
        return None
    return str(steps.modes[name]) if name in steps.modes else "training"


def derived(c: Converter, node: cst.ClassDef, steps: Steps) -> Steps:
    """What is known of a class that derives from a Lightning module of the file; what it says anew is left over."""
    own = methods_of(node)
    known = (*TWINS, OPTIMIZERS, *KERAS)
    anew = [m for m in own if m.name.value in known or c.index.reason("torch", f"LightningModule.{m.name.value}")]
    if not anew:
        return steps
    for method in anew:
        reason = "steps are converted in the class that derives from LightningModule itself"
        remark = Remark(method.name, f"LightningModule.{method.name.value}", reason, "error", None, method)
        c.journal.remarks.append(remark)
    left = steps.left | {method.name.value for method in anew}
    return replace(steps, left=left, unknown="its class has steps of its own that are not converted")


def settle(info: ClassInfo, signature: Signature | None) -> None:
    """Note what ``configure_optimizers`` gives: the optimizer, alone or first, and a scheduler."""
    steps: Steps = info.lightning
    result = signature.result if signature is not None else Value()
    given = result.items or (result,)
    info.attributes["optimizer"] = given[0] if given[0].kind == "optimizer" else Value()
    wanted = ["optimizer", "scheduler"] if steps.schedule is not None else ["optimizer"]
    if steps.unknown is None and [value.kind for value in given] != wanted:
        steps.unknown = f"it is not known here what its {OPTIMIZERS} returns"
    if steps.unknown is None and is_grouped(given[0]):
        steps.unknown = "its optimizer has groups of parameters, and Keras compiles a model with one of its own"


def finished(c: Converter, twin: cst.ClassDef, steps: Steps) -> cst.ClassDef:
    """The class with the metrics that its steps update."""
    steps.logged.clear()
    body: list[Any] = list(twin.body.body)
    place = next((p for p, m in enumerate(body) if isinstance(m, cst.FunctionDef) and m.name.value == "__init__"), None)
    if steps.means and place is None:
        first = next((p for p, m in enumerate(body) if isinstance(m, cst.FunctionDef)), len(body))
        made = cst.parse_statement("def __init__(self):\n    super().__init__()\n")
        body.insert(first, made)
        place = first
    if steps.means and place is not None:
        function = body[place]
        own = function.params.params[0].name
        lines = [*function.body.body, *lightning_logs.made(c, steps, own)]
        body[place] = function.with_changes(body=function.body.with_changes(body=lines))
        c.origin[body[place]] = c.origin.get(function, twin)
    if steps.hides_tracker:
        listed = ", ".join(f"self.{name}" for name in steps.means)
        text = f"@property\ndef metrics(self):\n    return [{listed}]  # without Keras' own mean of a compiled loss\n"
        shown = cst.parse_statement(text)
        body.append(shown.with_changes(leading_lines=[cst.EmptyLine(indent=False)]))
    return twin.with_changes(body=twin.body.with_changes(body=body))
