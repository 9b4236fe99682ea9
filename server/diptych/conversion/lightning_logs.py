"""What a Lightning step logs: what Keras' step returns, a metric's mean over the epoch or the step's own value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import libcst as cst

from diptych.conversion import lightning
from diptych.conversion.metrics import helper, named
from diptych.matching.emit import call
from diptych.syntax.keywords import by_name
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter
    from diptych.conversion.lightning import Steps

OPTIONS = (
    "prog_bar", "logger", "on_step", "on_epoch", "reduce_fx", "enable_graph", "sync_dist", "sync_dist_group",
    "add_dataloader_idx", "batch_size", "metric_attribute", "rank_zero_only",
)  # fmt: skip
NAMES = {"log": ("name", "value", *OPTIONS), "log_dict": ("dictionary", *OPTIONS)}
# Where it is shown and how many processes take part, not what it is.
IGNORED = {"prog_bar", "logger", "sync_dist", "sync_dist_group", "add_dataloader_idx", "rank_zero_only", "enable_graph"}
PREFIX = "val_"


class Logged(NamedTuple):
    """One value: whether it is shown for the step and for the epoch, and how many samples it counts for."""

    key: str
    value: cst.BaseExpression
    on_step: bool
    on_epoch: bool
    size: cst.BaseExpression | None


class Logs:
    """The calls of ``self.log`` of one step.

    ``shown`` is what the step returns by key: a name of the step, or the attribute of a mean.
    """

    def __init__(
        self, c: Converter, steps: Steps, function: cst.FunctionDef, batch: cst.Name, *, training: bool
    ) -> None:
        self.c = c
        self.steps = steps
        self.function = function
        self.batch = batch
        self.training = training
        self.own = function.params.params[0].name.value
        self.taken = {part.value for part in walk(function) if isinstance(part, cst.Name)}
        self.shown: dict[str, cst.BaseExpression] = {}

    def taken_from(self, lines: Sequence[Any]) -> list[Any]:
        """The statements without what is logged in a way that Keras knows; the rest of the calls stays."""
        kept: list[Any] = []
        for place, line in enumerate(lines):
            found = self._call(line)
            values = self._values(found) if found is not None else None
            if found is None or values is None:
                kept.append(line)
                continue
            new = self._written(values, lines[place + 1 :])
            if new:
                new[0] = new[0].with_changes(leading_lines=line.leading_lines)
            for each in new:
                self.c.stands_for(each, line)
            kept += new or _bare(line)
        return kept

    def returned(self) -> cst.Dict:
        """What the step returns."""
        return cst.Dict([cst.DictElement(node_of(key), value) for key, value in self.shown.items()])

    def fresh(self, wanted: str) -> str:
        """A name that the step does not use."""
        name = wanted
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def _call(self, line: Any) -> cst.Call | None:
        """``self.log(...)`` where it is a statement of the step itself."""
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        found = small.value if isinstance(small, cst.Expr) else None
        if not isinstance(found, cst.Call) or not isinstance(found.func, cst.Attribute):
            return None
        owner = found.func.value
        own = isinstance(owner, cst.Name) and owner.value == self.own
        return found if own and found.func.attr.value in NAMES else None

    def _values(self, node: cst.Call) -> list[Logged] | None:
        """What a call logs; ``None`` where it is not known."""
        assert isinstance(node.func, cst.Attribute)
        names = NAMES[node.func.attr.value]
        given = by_name(node, names)
        if given is None or set(given) - set(names[:2]) - IGNORED - {"on_step", "on_epoch", "batch_size", "reduce_fx"}:
            return None
        on_step = self._flag(given.get("on_step"), self.training)
        on_epoch = self._flag(given.get("on_epoch"), not self.training)
        if on_step is None or on_epoch is None or not (on_step or on_epoch) or (on_step and not self.training):
            return None
        if "reduce_fx" in given and self.c.literal(given["reduce_fx"]) not in ("mean", "avg"):
            return None
        pairs = self._pairs(given, names)
        if pairs is None or any(not self._is_value(value) for _, value in pairs):
            return None
        if any(self._key(key) in self.shown for key, _ in pairs):
            return None
        return [Logged(key, value, on_step, on_epoch, given.get("batch_size")) for key, value in pairs]

    def _pairs(
        self, given: dict[str, cst.BaseExpression], names: tuple[str, ...]
    ) -> list[tuple[str, cst.BaseExpression]] | None:
        if "name" in names:
            key = self.c.literal(given["name"]) if "name" in given else MISSING
            return [(key, given["value"])] if isinstance(key, str) and key and "value" in given else None
        found = given.get("dictionary")
        if not isinstance(found, cst.Dict):
            return None
        pairs: list[tuple[str, cst.BaseExpression]] = []
        for element in found.elements:
            key = self.c.literal(element.key) if isinstance(element, cst.DictElement) else None
            if not isinstance(key, str) or not key:
                return None
            pairs.append((key, element.value))
        return pairs

    def _flag(self, node: cst.BaseExpression | None, otherwise: bool) -> bool | None:
        known = otherwise if node is None else self.c.literal(node)
        known = otherwise if known is None else known
        return known if isinstance(known, bool) else None

    def _is_value(self, node: cst.BaseExpression) -> bool:
        """Whether this can be a number; an attribute may be a metric, which is told apart at run time."""
        return not isinstance(node, cst.Attribute) and not any(isinstance(part, cst.NamedExpr) for part in walk(node))

    def _key(self, key: str) -> str:
        """The key in Keras, whose ``fit`` puts ``val_`` before those of the validation."""
        return key if self.training else key.removeprefix(PREFIX) or key

    def _written(self, values: list[Logged], after: Sequence[Any]) -> list[Any]:
        lines: list[Any] = []
        for key, value, on_step, on_epoch, size in values:
            name = snake(key)
            if on_step and (not isinstance(value, cst.Name) or _rebound(value.value, after)):
                fresh = self.fresh(name)
                lines.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(fresh))], value)]))
                value = cst.Name(fresh)
            if on_epoch:
                attribute = self._mean(key)
                update = cst.Attribute(cst.Name(self.own), cst.Name("log"))
                made = call(update, [cst.Arg(node_of(key)), cst.Arg(argument(value))])
                self.steps.logged[id(made)] = (attribute, value, size, self.batch)
                self.c.alive.append(made)
                lines.append(cst.SimpleStatementLine([cst.Expr(made)]))
                mean = cst.Attribute(cst.Attribute(cst.Name(self.own), cst.Name(attribute)), cst.Name("result"))
                self.shown[self._key(key)] = call(mean, [])
            if on_step:
                self.shown[f"{key}_step" if on_epoch else self._key(key)] = value
        return lines

    def _mean(self, key: str) -> str:
        """The attribute that holds the mean of what is logged under a key, by this step."""
        wanted = name = f"{snake(key)}_mean"
        number = 2
        while name in self.steps.means or name in self.taken or name in self.steps.names:
            name, number = f"{wanted}_{number}", number + 1
        self.steps.means.append(name)
        return name


def snake(key: str) -> str:
    """A key of what is logged as a name."""
    name = re.sub(r"\W+", "_", key).strip("_") or "value"
    return f"value_{name}" if name[0].isdigit() else name


def _rebound(name: str, lines: Sequence[Any]) -> bool:
    """Whether a name is given another value, or changed in place, in statements that follow."""
    for line in lines:
        for node in walk(line):
            target = getattr(node, "target", None)
            binds = isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.NamedExpr, cst.For))
            if binds and target is not None and lightning.uses(target, name):
                return True
            in_place = isinstance(node, cst.Attribute) and node.attr.value.endswith("_")
            if in_place and isinstance(node.value, cst.Name) and node.value.value == name:
                return True
    return False


def _bare(line: Any) -> list[Any]:
    """The comments of a statement that is gone."""
    return [] if not any(each.comment for each in line.leading_lines) else [line.with_changes(body=[cst.Pass()])]


# --- Conversion -------------------------------------------------------------------------------------------------------


def statement(c: Converter, node: cst.Call) -> cst.BaseExpression | None:
    """What stands for a call of ``self.log`` that a metric takes; ``None`` for other calls."""
    owner = c.scope.owner
    known = owner.lightning.logged.get(id(node)) if owner is not None and owner.lightning is not None else None
    if known is None:
        return None
    attribute, value, size, batch = known
    assert isinstance(node.func, cst.Attribute)
    if size is None:
        counted: cst.BaseExpression = call(helper(c, "batch_size"), [cst.Arg(batch)])
    else:
        counted = argument(c.code(size))
    update = cst.Attribute(cst.Attribute(node.func.value, cst.Name(attribute)), cst.Name("update_state"))
    return call(update, [cst.Arg(argument(c.code(value))), named(counted, "sample_weight")])


def made(c: Converter, steps: Steps, own: cst.BaseExpression) -> list[cst.SimpleStatementLine]:
    """The statements of a constructor that make the metrics."""
    lines = []
    for attribute in steps.means:
        mean = call(c.name("keras.metrics.Mean"), [named(node_of(attribute), "name")])
        target = cst.AssignTarget(cst.Attribute(own, cst.Name(attribute)))
        lines.append(cst.SimpleStatementLine([cst.Assign([target], mean)]))
    return lines
