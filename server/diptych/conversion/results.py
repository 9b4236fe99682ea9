"""What is known of the result of a call that a rule converts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diptych.conversion import layer_values
from diptych.conversion.layouts import broadcast_rank
from diptych.inference.values import SINGLE, Value, category, join_all, of_literal, perhaps, promote, replace
from diptych.matching.fold import UndecidedError
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.application import Attempt
    from diptych.conversion.converter import Converter


# Dtypes of which only the category is known.
GENERAL = ("float", "int", "complex")


def of_call(c: Converter, attempt: Attempt) -> Value:
    """What is known of the result."""
    rule, facts = attempt.rule, attempt.facts
    if rule.base == "LayerEquivalence":
        return layer_values.of_rule(c, attempt)
    if rule.base == "OptimizerEquivalence":
        parameters_of = [value for value in facts.values.values() if value.kind == "parameters"]
        return Value("optimizer", api=parameters_of[0].api if parameters_of else None, keys=SINGLE)
    if rule.base == "SchedulerEquivalence":
        return Value("scheduler")
    if rule.base == "RateEquivalence":
        return Value("schedule")
    kind = rule.attributes.get("result")
    if isinstance(kind, str):
        if kind == "any":
            return Value()
        if kind == "tensors":
            return _tensors(c, attempt)
        if kind == "shape tensor":
            return Value("shape", dtype="int32")
        if kind == "foreign":
            return Value(kind, memory=_shared(attempt))
        return Value(kind) if kind != "none" else of_literal(None)
    tensors = [
        facts.values[n] for n in rule.tensors if n in facts.values and facts.values[n].kind in ("tensor", "unknown")
    ]
    if isinstance(kind, tuple):
        names = {"indices": "int64"}
        first = tensors[0] if tensors else Value()
        rank = _rank(attempt, tensors)
        parts = [
            c.fresh(Value("tensor", dtype=names.get(n, first.dtype), rank=rank, permutation=attempt.permutation))
            for n in kind
        ]
        return Value("tuple", items=tuple(parts))
    value = Value(
        "tensor", dtype=_dtype(attempt, tensors), rank=_rank(attempt, tensors), permutation=attempt.permutation
    )
    operands = [facts.values[n] for n in rule.kinds if n in facts.values and rule.kinds[n] in ("Tensor", "Operand")]
    if rule.attributes.get("elementwise") and operands:
        widths = {v.width for v in operands if v.is_tensor}
        sizes = operands[0].sizes if len(operands) == 1 else None
        value = replace(value, width=widths.pop() if len(widths) == 1 else None, sizes=sizes)
    elif operands and _keeps_last(attempt, operands[0]):
        value = replace(value, width=operands[0].width)
    memory = _shared(attempt)
    if memory:
        return replace(value, memory=memory)
    handed_back = facts.values.get(rule.attributes.get("hands_back", ""))
    value = c.fresh(value)
    if handed_back is None or _converted(handed_back, value):
        return value
    if handed_back.dtype == value.dtype and value.dtype not in (None, *GENERAL) and not rule.attributes.get("random"):
        return replace(value, memory=handed_back.memory)
    return replace(value, memory=value.memory | perhaps(handed_back.memory))


def _converted(before: Value, after: Value) -> bool:
    """Whether two dtypes are known to differ."""
    if None in (before.dtype, after.dtype):
        return False
    if before.dtype in GENERAL or after.dtype in GENERAL:
        return category(before.dtype) != category(after.dtype)
    return before.dtype != after.dtype


def _shared(attempt: Attempt) -> frozenset[int]:
    """The storages of the parameters whose memory PyTorch's result shares."""
    rule, values = attempt.rule, attempt.facts.values
    names = rule.attributes.get("views") or (rule.tensors[:1] if rule.base == "View" else ())
    given = [values[name] for name in ((names,) if isinstance(names, str) else names) if name in values]
    return frozenset().union(*(each.memory for value in given for each in (value, *(value.items or ()))))


def _keeps_last(attempt: Attempt, first: Value) -> bool:
    """Whether the last axis of the result is that of the first argument, as far as that is known."""
    rule, dim = attempt.rule, attempt.facts.literals.get("dim")
    if rule.base == "Reduction" and first.rank is not None and dim is not ... and isinstance(dim, (int, tuple, list)):
        axes = [dim] if isinstance(dim, int) else dim
        return all(isinstance(axis, int) and axis % first.rank != first.rank - 1 for axis in axes)
    return rule.family.endswith("/pooling") and bool(rule.attributes.get("layout"))


def _tensors(c: Converter, attempt: Attempt) -> Value:
    """A list of tensors of one dtype and rank, views of the first argument where the rule is a View."""
    values = attempt.facts.values
    tensors = [values[n] for n in attempt.rule.tensors if n in values and values[n].kind in ("tensor", "unknown")]
    item = Value(
        "tensor", dtype=_dtype(attempt, tensors), rank=_rank(attempt, tensors), permutation=attempt.permutation
    )
    memory = _shared(attempt)
    item = replace(item, memory=memory) if memory else c.fresh(item)
    return Value("list", item=item, memory=item.memory)


def _dtype(attempt: Attempt, tensors: list[Value]) -> str | None:
    declared = attempt.rule.attributes.get("dtype")
    values, literals = attempt.facts.values, attempt.facts.literals
    if declared is not None:
        if declared in attempt.rule.kinds:
            if declared in values:
                value = values[declared]
                if value.kind == "str" and isinstance(value.literal, str):
                    return value.literal
                dtype = value.dtype if value.kind in ("tensor", "dtype") else category_of_number(value)
                unknown = dtype is None and attempt.rule.kinds[declared] == "Number"
                return attempt.rule.attributes.get("default_dtype") if unknown else dtype
            if literals.get(declared, ...) is ...:
                return attempt.rule.attributes.get("default_dtype")
            return None
        return declared
    if attempt.rule.attributes.get("elementwise"):
        operands = [
            values[n] for n in attempt.rule.kinds if n in values and attempt.rule.kinds[n] in ("Tensor", "Operand")
        ]
        dtype = None
        for position, value in enumerate(v for v in operands if v.is_tensor):
            dtype = value.dtype if position == 0 else promote(dtype, value.dtype)
        if category(dtype) in ("int", "bool") and any(v.kind == "float" for v in operands):
            return "float32"
        if dtype is None and any(v.kind == "float" for v in operands):
            return "float"
        return dtype
    sequences = [values[n] for n in attempt.rule.kinds if attempt.rule.kinds[n] == "Tensors" and n in values]
    if sequences and not tensors:
        return join_all(sequences[0].items or ()).dtype if sequences[0].items else (sequences[0].item or Value()).dtype
    return tensors[0].dtype if tensors else None


def category_of_number(value: Value) -> str | None:
    """The dtype of a tensor made of a Python number."""
    return {"float": "float32", "int": "int64", "bool": "bool"}.get(value.kind)


def _rank(attempt: Attempt, tensors: list[Value]) -> int | None:
    rule, facts = attempt.rule, attempt.facts
    if rule.rank:
        for branch in rule.rank:
            if (
                all(facts.decide(t) for t in branch.conditions)
                and not any(facts.decide(t) for t in branch.excluded)
                and branch.spellings
            ):
                try:
                    rank = facts.compute(branch.spellings[0])
                except UndecidedError:
                    return None
                return rank if isinstance(rank, int) else None
        return None
    if rule.attributes.get("elementwise"):
        return broadcast_rank(
            [facts.values[n] for n in rule.kinds if n in facts.values and rule.kinds[n] in ("Tensor", "Operand")]
        )
    first = tensors[0].rank if tensors else None
    if rule.base == "Reduction":
        dim = facts.literals.get("dim", MISSING)
        if facts.literals.get("keepdim", False) is True:
            return first
        if dim is ... or dim is None:
            return 0
        if dim is MISSING or first is None:
            return None
        return first - (len(dim) if isinstance(dim, (tuple, list)) else 1)
    if rule.attributes.get("axes"):
        if tensors:
            return first
        sequences = [facts.values[n] for n in rule.kinds if rule.kinds[n] == "Tensors" and n in facts.values]
        if sequences:
            return join_all(sequences[0].items).rank if sequences[0].items else (sequences[0].item or Value()).rank
    return None
