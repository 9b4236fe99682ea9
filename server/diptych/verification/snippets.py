"""Samples of rules as code that a user could have written, with the arrays to run it on."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import libcst as cst
import numpy as np

from diptych.catalog import samples
from diptych.catalog.compiler import key_of, used_parameters
from diptych.catalog.language import Array, Case, Expression, Variable
from diptych.catalog.rendering import short_name
from diptych.catalog.rule import SIDES, Branch, Rule, other
from diptych.catalog.samples import Named
from diptych.catalog.template import Template, walk
from diptych.conversion.promotion import casts
from diptych.inference.values import Value, of_literal
from diptych.matching.emit import Emitted, Emitter, sequence
from diptych.matching.fold import Facts, UndecidedError
from diptych.syntax.source import code_of
from diptych.verification import steps

if TYPE_CHECKING:
    from diptych.catalog.index import Index
    from diptych.conversion.result import Framework, Layout

DTYPES = {
    "float": "float32",
    "unit": "float32",
    "positive": "float32",
    "int": "int64",
    "int32": "int32",
    "bool": "bool",
}
IMPORTS = {
    "torch": ("import torch", "from torch import nn", "from torch.nn import functional as F", "import math"),
    "tensorflow": ("import keras", "import tensorflow as tf", "import math"),
}
PREFIXES = {"torch": "torch", "tensorflow": "tf"}
DEFAULT_IMPORTS = {"torch": "import torch", "tensorflow": "import tensorflow as tf"}
ENTRIES = {"function": "sample", "class": "Sample", "step": "step"}
COMMENT = re.compile(r"^# diptych: .*\n", re.MULTILINE)
CALLED = ("x", "y", "z", "u", "v", "w")


@dataclass(frozen=True)
class Snippet:
    """A sample written in one framework.

    ``entry`` is the name of the function or class in ``text``; ``arrays`` are its arguments in the source's axes (and
    values that are no arrays), ``constructor`` those of the class. ``refusal`` is the reason for which the other side
    has no equivalent, ``None`` where it has one; ``one_way`` says that this spelling cannot be read back, so that a
    leftover is no failure. ``typed`` is false where no comment states the types, ``traced`` says that the twin is to
    run under ``tf.function`` too.
    """

    rule: str
    sample: str
    side: Framework
    branch: int
    target: int | None
    text: str
    kind: str
    entry: str
    arrays: tuple[Any, ...]
    constructor: tuple[Any, ...] = ()
    differs: str | None = None
    refusal: str | None = None
    one_way: bool = False
    layout: Layout = "channels-last"
    typed: bool = True
    traced: bool = False

    @property
    def floating(self) -> bool:
        """Whether every array is floating."""
        return all(array.dtype.kind == "f" for array in self.arrays if isinstance(array, np.ndarray))


@dataclass
class Written:
    """The expression of one spelling, with the names and arrays that it uses."""

    code: str
    names: list[str]
    arrays: list[Any]
    helpers: set[str] = field(default_factory=set)
    unranked: set[str] = field(default_factory=set)
    call: str = ""  # of a class


@dataclass
class Sample:
    """One case of a rule with its arrays made."""

    rule: Rule
    case: Case
    differs: bool
    arrays: dict[str, list[np.ndarray]] = field(default_factory=dict)
    called: list[np.ndarray] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The case as it stands in the rule, shortened."""
        parts = [f"{name}={_short(value)}" for name, value in self.case.values.items()]
        if self.case.call:
            parts.append(f"call={_short(self.case.call[0] if len(self.case.call) == 1 else self.case.call)}")
        return ", ".join(parts) or "no arguments"


def of_rule(rule: Rule) -> Iterator[Sample]:
    """Every case of a rule, with random arrays that depend on the rule alone."""
    for differs, cases in ((False, samples.agreeing(rule)), (True, samples.differing(rule))):
        for number, case in enumerate(cases):
            rng = np.random.default_rng(zlib.crc32(f"{rule.name}:{differs}:{number}".encode()))
            sample = Sample(rule, case, differs)
            for name, value in case.values.items():
                arrays = _arrays(value)
                if arrays:
                    sample.arrays[name] = [_made(array, rng) for array in arrays]
            sample.called = [_made(array, rng) for array in case.call]
            yield sample


def _arrays(value: Any) -> list[Array]:
    if isinstance(value, Array):
        return [value]
    if isinstance(value, (list, tuple)) and any(isinstance(item, Array) for item in value):
        return list(value)
    return []


def _made(array: Array, rng: np.random.Generator) -> np.ndarray:
    if array.kind == "float":
        return rng.standard_normal(array.shape).astype("float32")
    if array.kind in ("unit", "positive"):
        return rng.uniform(0.05, 0.95, array.shape).astype("float32")
    if array.kind == "bool":
        return rng.integers(0, 2, array.shape).astype(bool)
    return rng.integers(array.low, array.high, array.shape).astype(DTYPES[array.kind])


def _short(value: Any) -> str:
    if isinstance(value, Array):
        return f"{DTYPES[value.kind]}[{','.join(map(str, value.shape))}]" + ("" if value.ranked else " of unknown rank")
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Variable):
        return f"variable({value.value!r})"
    if isinstance(value, tuple) and any(isinstance(item, Array) for item in value):
        return f"({', '.join(map(_short, value))})"
    return repr(value)


# --- Choosing branches ---------------------------------------------------------------------------------------------


def facts_of(sample: Sample, sides: tuple[str, ...], floating: bool = False) -> Facts:
    """What is known of a sample's parameters, with the defaults of ``sides``; ``floating`` hides the dtypes."""
    literals: dict[str, Any] = {}
    for side in reversed(sides):
        literals |= sample.rule.side(side).defaults
    values: dict[str, Value] = {}
    for name, value in sample.case.values.items():
        literals.pop(name, None)
        if name in sample.arrays:
            tensors = tuple(_tensor(array, floating) for array in sample.arrays[name])
            values[name] = tensors[0] if isinstance(value, Array) else Value("list", items=tensors)
            if isinstance(value, Array) and not value.ranked:
                values[name] = replace(tensors[0], rank=None, sizes=None)
        elif isinstance(value, Named):
            values[name] = Value("dtype", dtype=value.name.rpartition(".")[2])
        elif isinstance(value, Variable):
            values[name] = Value(type(value.value).__name__)
        elif isinstance(value, Expression):
            values[name] = Value("schedule" if ".schedules." in value.text else "unknown")
        else:
            literals[name] = value
            values[name] = of_literal(value)
    return Facts(literals, values)


def _tensor(array: np.ndarray, floating: bool) -> Value:
    return Value("tensor", dtype="float32" if floating else str(array.dtype), rank=array.ndim, sizes=array.shape)


def branch_of(facts: Facts, branches: tuple[Branch, ...]) -> int | None:
    """The branch that a body takes; ``None`` if none is known to apply."""
    for place, branch in enumerate(branches):
        held = [facts.decide(condition) for condition in branch.conditions]
        excluded = [facts.decide(condition) for condition in branch.excluded]
        if all(h is True for h in held) and not any(e is True for e in excluded):
            return place
    return next((place for place, branch in enumerate(branches) if branch.general), None)


def readable(rule: Rule, branch: Branch, spelling: Template, sample: Sample) -> bool:
    """Whether code like this spelling tells every parameter of the sample."""
    if any(part[0] in ("fn", "if", "for", "lambda") for part in walk(spelling)):
        return False
    told = used_parameters(spelling)
    for condition in branch.conditions:
        told |= {
            part[1][1] for part in walk(condition) if part[0] == "cmp" and part[1][0] == "p" and part[2][0][0] == "=="
        }
    only = {*(rule.attributes.get("torch_only") or ()), *rule.attributes.get("context", ())}
    return all(name in told or name in only for name in sample.case.values)


# --- Writing -------------------------------------------------------------------------------------------------------


def written(
    index: Index, sample: Sample, side: str, spelling: Template, facts: Facts, given: Mapping[str, str] = {}
) -> Written:
    """One spelling with the sample's values. Raises ``UndecidedError`` where a part cannot be computed."""
    names: list[str] = []
    arrays: list[Any] = []
    arguments: dict[str, Emitted] = {}
    for name, value in sample.case.values.items():
        if isinstance(value, Named):
            arguments[name] = _name(value.name.replace("torch.", f"{PREFIXES[side]}."))
        elif isinstance(value, Expression):
            arguments[name] = cst.parse_expression(value.text)
    used = used_parameters(spelling)
    for name, value in sample.case.values.items():
        if isinstance(value, Variable):
            arguments[name] = cst.Name(name)
            if name in used:
                names.append(name)
                arrays.append(value.value)
    for name, made in sample.arrays.items():
        single = isinstance(sample.case.values[name], Array)
        each = [name] if single else [f"{name}_{place}" for place in range(len(made))]
        nodes = [cst.Name(item) for item in each]
        arguments[name] = nodes[0] if single else sequence([cst.Element(node) for node in nodes], as_list=True)
        if name in used:
            names += each
            arrays += made
    arguments |= {name: cst.parse_expression(code) for name, code in given.items()}
    emitter = Emitter(index, arguments, facts, _name)
    templates = [part for _, part in spelling[1]] if spelling[0] == "parts" else [spelling]
    code = ", ".join(code_of(emitter.emit(template)) for template in templates)
    unranked = {name for name, value in sample.case.values.items() if isinstance(value, Array) and not value.ranked}
    made = sample.case.values.get("made")
    call = made.text if isinstance(made, Expression) else ""
    return Written(code, names, arrays, emitter.helpers, unranked, call)


def _name(qualified: str) -> cst.BaseExpression:
    return cst.parse_expression(short_name(qualified.removeprefix("helper.")))


def with_imports(side: str, text: str) -> str:
    """A text below the imports that it uses; the framework is always imported."""
    used = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", text))
    lines = [line for line in IMPORTS[side] if line.split()[-1] in used]
    if lines in ([], ["import math"]):
        lines = [DEFAULT_IMPORTS[side], *lines]
    return "\n".join(lines) + "\n\n\n" + text


def _comment(names: list[str], arrays: list[np.ndarray], unranked: set[str]) -> str:
    said = ", ".join(
        f"{name}={array.dtype}" + ("" if name in unranked else f"[{','.join(map(str, array.shape))}]")
        for name, array in zip(names, arrays, strict=True)
        if isinstance(array, np.ndarray)
    )
    return f"# diptych: {said}\n" if said else ""


def _parameters(names: list[str], arrays: list[Any]) -> str:
    """Parameters as a definition has them; what is no array is annotated."""
    return ", ".join(
        name if isinstance(array, np.ndarray) else f"{name}: {type(array).__name__}"
        for name, array in zip(names, arrays, strict=True)
    )


def function_text(rule: Rule, side: str, expression: Written, helpers: str = "") -> str:
    """A function that returns the expression, or its named parts."""
    lines = []
    result = rule.attributes.get("result")
    if isinstance(result, tuple):
        names = ", ".join(f"{name}_part" if name in expression.names else name for name in result)
        lines = [f"{names} = {expression.code}", f"return {names}"]
    else:
        lines = [expression.code if result == "none" else f"return {expression.code}"]
    head = f"def sample({_parameters(expression.names, expression.arrays)}):\n"
    body = "".join(f"    {line}\n" for line in lines)
    return with_imports(
        side, helpers + _comment(expression.names, expression.arrays, expression.unranked) + head + body
    )


def class_text(rule: Rule, side: str, expression: Written, called: list[np.ndarray], helpers: str = "") -> str:
    """A model that calls the layer."""
    names = list(CALLED[: len(called)])
    base, method = ("nn.Module", "forward") if side == "torch" else ("keras.Model", "call")
    given = ", ".join(filter(None, ["self", _parameters(expression.names, expression.arrays)]))
    call = f"self.layer({rule.attributes.get('calling') or ', '.join(names)})"
    lines = [f"return {call}"]
    weights = rule.attributes.get("weights") or {}
    if side == "torch" and any(n.startswith("weight_hh_l") for n in weights) and not rule.attributes.get("also"):
        lines = [f"result, _ = {call}", "return result"]
    body = "".join(f"        {line}\n" for line in lines)
    made = expression.code
    if rule.attributes.get("result") == "class":
        given, made = f"self, made={expression.code}", expression.call
    comment = _comment([*names, *expression.names], [*called, *expression.arrays], expression.unranked)
    text = (
        f"{helpers}{comment}class Sample({base}):\n"
        f"    def __init__({given}):\n        super().__init__()\n        self.layer = {made}\n\n"
        f"    def {method}({', '.join(['self', *names])}):\n{body}"
    )
    return with_imports(side, text)


def snippets(index: Index, rule: Rule) -> Iterator[Snippet]:
    """Every sample in every direction: all with the first spelling, and each other spelling with two of them."""
    used: dict[tuple[str, int, int], int] = {}
    reached: set[tuple[str, int, int | None]] = set()
    texts: set[tuple[str, str]] = set()
    for sample in of_rule(rule):
        for side in SIDES:
            if rule.attributes.get("one_way") not in (None, side):
                continue
            facts = facts_of(sample, (side,))
            if side == "tensorflow" and not sample.differs and casts(rule, facts):
                continue  # PyTorch alone takes arguments of these dtypes
            place = branch_of(facts, rule.side(side).branches)
            if place is None or rule.side(side).branches[place].why is not None:
                continue
            branch = rule.side(side).branches[place]
            if branch.emission_only:
                continue
            target = branch_of(facts_of(sample, (side, other(side))), rule.side(other(side)).branches)
            first = True
            for number, spelling in enumerate(branch.spellings):
                key = key_of(spelling)
                if key is None or any(part[0] == "helper" for part in walk(spelling)):
                    continue
                times = used.get((side, place, number), 0)
                if not first and times >= 2:
                    continue
                first = False
                snippet = _snippet(index, sample, side, place, target, spelling, facts)
                if snippet is None or (snippet.text, snippet.sample) in texts:
                    continue
                used[side, place, number] = times + 1
                texts.add((snippet.text, snippet.sample))
                new = (side, place, target) not in reached
                reached.add((side, place, target))
                yield replace(snippet, traced=new and _traceable(rule, snippet))
                told = (not snippet.floating and _by_stated_types(rule)) or _measured(rule, snippet)
                if new and snippet.kind == "function" and COMMENT.search(snippet.text) and not told:
                    yield _untyped(snippet, wide=not rule.attributes.get("narrow"))
                if new and side == "torch" and rule.attributes.get("layout"):
                    yield replace(snippet, layout="preserve", sample=f"{snippet.sample}, layout preserved")


def _by_stated_types(rule: Rule) -> bool:
    """Whether the twin hangs on dtypes that are known: where they are not, TensorFlow refuses integers and booleans."""
    known = any(branch.emission_only for side in rule.sides.values() for branch in side.branches)
    return known or "promotes" in rule.attributes


def _measured(rule: Rule, snippet: Snippet) -> bool:
    """Whether the branch is taken only where the number or the sizes of axes are known, or a dtype to be floating."""
    branches = rule.side(other(snippet.side)).branches
    conditions = branches[snippet.target].conditions if snippet.target is not None else ()
    facts = {part[1] for condition in conditions for part in walk(condition) if part[0] == "fn"}
    return bool(facts & {"rank", "length", "known_floating", "differ_in_rank"})


def _untyped(snippet: Snippet, *, wide: bool) -> Snippet:
    """The same without stated types, and in float64 where ``wide``: no dtype may be taken for granted."""
    text, sample, arrays = COMMENT.sub("", snippet.text), f"{snippet.sample}, types not stated", snippet.arrays
    if wide and "keras.layers." not in text:  # which turn float64 into float32
        sample += ", in float64"
        arrays = tuple(
            item.astype("float64") if isinstance(item, np.ndarray) and item.dtype == "float32" else item
            for item in arrays
        )
    return replace(snippet, text=text, arrays=arrays, sample=sample, typed=False)


def _traceable(rule: Rule, snippet: Snippet) -> bool:
    result = rule.attributes.get("result")
    return (
        snippet.side == "torch"
        and snippet.kind != "step"
        and not rule.attributes.get("writes")  # weights have known shapes
        and (result in (None, "tensors") or isinstance(result, tuple))
    )


def _snippet(
    index: Index, sample: Sample, side: Framework, place: int, target: int | None, spelling: Template, facts: Facts
) -> Snippet | None:
    rule = sample.rule
    try:
        expression = written(index, sample, side, spelling, facts, _objects(rule, side))
    except UndecidedError:
        return None
    reached = rule.side(other(side)).branches[target] if target is not None else None
    refusal = "no branch applies" if reached is None else reached.why
    kind, text, arrays, constructor = _entry(sample, side, expression)
    return Snippet(
        rule.name, sample.label, side, place, target, text, kind, ENTRIES[kind],
        tuple(arrays), tuple(constructor), sample.case.because if sample.differs else None, refusal,
        not readable(rule, rule.side(side).branches[place], spelling, sample),
    )  # fmt: skip


def _objects(rule: Rule, side: str) -> dict[str, str]:
    """What a sample writes for some parameters: a model's for an optimizer's, a copy of what is written in place."""
    if rule.base == "OptimizerEquivalence" and side == "torch":
        return {rule.side("torch").parameters[0]: "model.parameters()"}
    if rule.base == "SchedulerEquivalence":
        return {rule.side(side).parameters[0]: "optimizer"}
    written = rule.attributes.get("writes")
    return {written: f"{written}.clone()"} if written and side == "torch" else {}


def _entry(sample: Sample, side: str, expression: Written) -> tuple[str, str, list[Any], list[Any]]:
    rule = sample.rule
    if rule.base == "LayerEquivalence":
        called = in_axes_of(rule, side, sample.called)
        return "class", class_text(rule, side, expression, called), called, expression.arrays
    if rule.base in ("OptimizerEquivalence", "SchedulerEquivalence", "RateEquivalence"):
        rng = np.random.default_rng(3)
        arrays = [rng.standard_normal(shape).astype("float32") for shape in ((8, 3), (8, 2))]
        return "step", with_imports(side, steps.text(sample.rule, sample.case, side, expression.code)), arrays, []
    layout = rule.attributes.get("layout") or {}
    if side == "tensorflow" and layout:
        permutations = {name: _permutation(layout[name]) for name in sample.arrays if name in layout}
        expression.arrays = [
            array.transpose(permutations[name]) if name in permutations else array
            for name, array in zip(expression.names, expression.arrays, strict=True)
        ]
    return "function", function_text(rule, side, expression), expression.arrays, []


def in_axes_of(rule: Rule, side: str, called: list[np.ndarray]) -> list[np.ndarray]:
    """What a layer is called on, given in PyTorch's axes and order, as this side takes it."""
    layout = (rule.attributes.get("layout") or {}).get("call")
    if side == "torch":
        return called
    if layout:
        called = [called[0].transpose(_permutation(layout)), *called[1:]]
    order = rule.attributes.get("call_order")
    return [called[place] for place in order] if order and len(order) == len(called) else called


def _permutation(layout: tuple[str, str]) -> tuple[int, ...]:
    torch, tensorflow = layout
    return tuple(torch.index(axis) for axis in tensorflow)
