"""The words that rules are written in.

A rule file starts with ``from diptych.catalog.language import *`` and is ordinary Python: it can be imported,
linted and
run. The server never imports it; the compiler reads it as text. So these definitions serve readers, linters and the
evaluation of ``samples`` alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "NCDHW", "NCHW", "NCL", "NDHWC", "NHWC", "NLC", "Absent", "Any", "Axes", "Axis", "Case", "Dtype", "Elementwise",
    "Equivalence", "Flag", "Float", "Function", "Int", "LayerEquivalence", "Module", "Number", "Operand",
    "OptimizerEquivalence", "RateEquivalence", "Reduction", "SchedulerEquivalence", "Shape", "Shapes", "Size1", "Size2",
    "Size3", "Str",
    "Tensor", "Tensors", "View", "at", "blocks", "bools", "cases", "compact", "concat", "crop_pairs", "differ_in_rank",
    "drawn", "every", "expression", "flat_pad", "flat_pads", "floats", "general", "given", "half", "helper",
    "holds_bools", "holds_floats", "holds_integers", "identity", "int32s", "ints", "is_bool", "is_floating",
    "is_integer", "is_literal", "is_number", "is_schedule", "is_tensor", "keeps_size", "known", "known_bool",
    "known_floating",
    "known_integer", "last_axes", "length",
    "pad_pairs", "parts", "permute", "positive", "rank", "refuse", "same_crop", "same_everywhere", "several",
    "size_pairs", "spellings", "sums_dots", "swapped_axes", "unranked", "variable",
]  # fmt: skip

# --- Kinds of parameters -------------------------------------------------------------------------------------------

Tensor = Any  # a tensor, of any shape and dtype
Tensors = Any  # a list or tuple of tensors
Operand = Any  # a tensor or a number
Number = int | float
Int = int
Float = float
Flag = bool
Str = str
Axis = int
Axes = Any  # an axis, several, or none
Shape = Any  # a shape: a tuple, or several integers in a row
Shapes = Any  # several shapes in a row
Size1 = Size2 = Size3 = Any  # one number for all spatial axes, or one for each
Dtype = Any
Module = Any  # a layer or model
Function = Any


class _Absent:
    """The value of an argument that was not given; where it is a template's argument, nothing is emitted."""

    def __repr__(self) -> str:
        return "Absent"

    def __bool__(self) -> bool:
        return False


Absent: Any = _Absent()

NCL, NCHW, NCDHW = "NCL", "NCHW", "NCDHW"
NLC, NHWC, NDHWC = "NLC", "NHWC", "NDHWC"


# --- Kinds of rules ------------------------------------------------------------------------------------------------


class Equivalence:
    """The same computation in both frameworks.

    ``dtype`` of the result: the name of a parameter whose dtype it shares, or one of "float", "int", "bool". Where that
    parameter is not given, it is ``default_dtype``.
    ``result`` of the call when it is not one tensor: "int", "float", "bool", "shape", "shape tensor", "none", "dtype",
    "any", "tensors" (a list of tensors of one dtype and rank), "class" (the name of a layer class; samples say how it
    is called), or a tuple of part names (each a tensor; ``"indices"`` of integer dtype).
    ``rank``: a function of the parameters that gives the number of axes of the result, if it can be known.
    ``views``: the parameter whose memory the PyTorch result may share, or several. ``hands_back``: the one that PyTorch
    hands back itself where its dtype is the wanted one, or in evaluation.
    ``context``: parameters that the code around the call settles; see conversion/context.py.
    ``writes``: the parameter that PyTorch writes into.
    ``random``: the result is drawn at random; values are not compared, shape and dtype are.
    ``gradient``: False where the result has no gradient on either side.
    ``promotes``: the dtype that PyTorch computes in: "float" (float32 where integers or booleans are given), "int64",
    "common" (that of the operands), "number" (the same, booleans as integers) or "bool"; TensorFlow's twin casts.
    ``takes_one_size``: True where TensorFlow takes a number for a shape of one axis, as PyTorch does.
    ``narrow``: True where TensorFlow has no kernel for float64 on the CPU, and raises there.
    ``not_finite``: what differs where NaN or infinity is among the elements: a note, since no dtype tells of them.
    ``ties``: what differs where elements that are chosen from are equal: a note, too.
    ``differs``: cases in which both sides are known to differ, each with the reason.
    """


class Elementwise(Equivalence):
    """Works on each element alone, with broadcasting: the order of the axes does not matter."""


class Reduction(Equivalence):
    """Reduces over the axes in ``dim``; ``keepdim`` keeps them with length 1."""


class View(Equivalence):
    """PyTorch's result may share memory with the first tensor."""


class LayerEquivalence(Equivalence):
    """The same layer in both frameworks: constructors on both sides, ``weights`` and ``layout`` that relate them.

    ``call`` in the samples gives the tensors that the layer is called on, in PyTorch's layout.
    ``train``: False where results in training mode are random (dropout). ``call_order`` = (1, 0) where the two sides
    take the arguments of a call in another order (losses). ``more_axes``: how many axes the result has beyond
    those of its input. ``ranks``: "same" where the two tensors that the layer is called on must have as many axes,
    "classes" where the first has two (samples and classes) or one, "any" where PyTorch takes tensors with other
    numbers of axes than ``layout`` says. ``unbatched``: how many axes PyTorch's input has
    without a batch axis, where the twin needs one: it gets it around the call (0: where it takes no single
    numbers). ``inputs``: on how many arguments by
    position the layer is called (a tuple where it may be one of several numbers), ``options`` the keywords that mean
    the same on both sides, ``calling`` the arguments as samples write them (``"[x, y]"``), ``outputs`` how many results
    a call has, where it is not one. ``reads`` = {"p": "rate"}: attributes of a layer by their names in PyTorch and in
    Keras. ``derive_from`` is the helper that classes derived from a layer class derive from in the twin;
    ``derived`` = {"weight": "tensor"} are its attributes under PyTorch's names, each with its kind. ``assumes``: what
    its conversion takes for granted, under ``because``, and the values of parameters with which it does
    (``"unknown"``: where nothing is known of it).
    """


class OptimizerEquivalence(Equivalence):
    """The same optimizer in both frameworks. The first PyTorch parameter is the parameters to optimise."""


class SchedulerEquivalence(Equivalence):
    """The same schedule of the learning rate. The first parameter is the optimizer."""


class RateEquivalence(Equivalence):
    """The same learning rate as a function of the step, which an optimizer is made with."""


# --- Inside a body -------------------------------------------------------------------------------------------------


def spellings(*ways: Any) -> Any:
    """Different ways to write the same call; the first is the one to emit."""
    return ways[0]


def refuse(why: str) -> Any:
    """No equivalent here, for the reason given."""
    raise LookupError(why)


def general(result: Any) -> Any:
    """Mark the branch that is right whatever the conditions before it are, taken where they cannot be decided."""
    return result


def parts(**named: Any) -> Any:
    """Several results, each an expression of its own; only those in use are emitted."""
    return tuple(named.values())


def helper(definition: Any) -> Any:
    """Mark a function or class that a converted file gets once if it needs it; rules of any file may use it."""
    return definition


# --- Conditions ----------------------------------------------------------------------------------------------------


def given(argument: Any) -> bool:
    """Whether the argument was given at all."""
    return argument is not Absent


def rank(x: Tensor) -> int:
    """Return the number of axes of ``x``."""
    return len(x.shape)


def differ_in_rank(tensors: Tensors) -> bool:
    """Whether tensors are known to have different numbers of axes."""
    return len({len(x.shape) for x in tensors}) > 1


def length(x: Tensor, axis: int) -> int:
    """The size of an axis of ``x``, where a comment states it."""
    return x.shape[axis]


def is_tensor(x: Operand) -> bool:
    """Whether ``x`` is a tensor rather than a number."""
    return hasattr(x, "shape")


def is_number(x: Operand) -> bool:
    """Whether ``x`` is a Python number."""
    return isinstance(x, (int, float))


def is_schedule(x: Any) -> bool:
    """Whether ``x`` is known to be a learning rate that is a function of the step."""
    return callable(x)


def is_literal(x: Any) -> bool:
    """Whether the value of ``x`` stands in the code, so that it is known when the code is converted."""
    return True


def is_floating(x: Tensor) -> bool:
    """Whether ``x`` is known to have a floating dtype."""
    return "float" in str(getattr(x, "dtype", ""))


def is_integer(x: Tensor) -> bool:
    """Whether ``x`` is known to have an integer dtype."""
    return "int" in str(getattr(x, "dtype", ""))


def is_bool(x: Tensor) -> bool:
    """Whether ``x`` is known to be boolean."""
    return "bool" in str(getattr(x, "dtype", ""))


def known(condition: Any) -> bool:
    """Whether a condition is known to hold; where that cannot be decided, the branch is not taken."""
    return bool(condition)


def known_bool(x: Tensor) -> bool:
    """Whether ``x`` is known to be boolean; where that is not known, nothing is assumed of it."""
    return is_bool(x)


def known_floating(x: Tensor) -> bool:
    """Whether ``x`` is known to have a floating dtype; where that is not known, nothing is assumed of it."""
    return is_floating(x)


def known_integer(x: Tensor) -> bool:
    """Whether ``x`` is known to have an integer dtype; where that is not known, nothing is assumed of it."""
    return is_integer(x)


# --- Values computed from literals when code is converted; see folding.py for what they do -------------------------


def _folded(name: str) -> Any:
    from diptych.catalog import folding

    return folding.FUNCTIONS[name]


def several(size: Any, n: int) -> tuple:
    """``size`` for each of ``n`` axes: 3 -> (3, 3)."""
    return _folded("several")(size, n)


def keeps_size(kernel: Any, padding: Any, dilation: Any = 1) -> bool:
    """Whether this padding, at stride 1, gives an output as large as the input (and is the same on both ends)."""
    return _folded("keeps_size")(kernel, padding, dilation)


def same_everywhere(size: Any) -> bool:
    """Whether ``size`` is one number, or the same number for every axis."""
    return _folded("same_everywhere")(size)


def compact(size: Any) -> Any:
    """One number where it is the same for every axis: (1, 1) -> 1."""
    return _folded("compact")(size)


def half(size: Any) -> tuple:
    """Half of each of two numbers, rounded down: 3 -> (1, 1)."""
    return _folded("half")(size)


def positive(size: Any) -> bool:
    """Whether every number in ``size`` is above zero."""
    return _folded("positive")(size)


def every(size: Any, value: int) -> bool:
    """Whether ``size`` is ``value``, or ``value`` for every axis."""
    return _folded("every")(size, value)


def crop_pairs(padding: Any, output_padding: Any, n: int) -> tuple:
    """What a transposed convolution cuts off, as (before, after) for each of ``n`` axes: 1, 1 -> ((1, 0), (1, 0))."""
    return _folded("crop_pairs")(padding, output_padding, n)


def same_crop(kernel: Any, stride: Any, n: int) -> tuple:
    """What Keras' transposed "same" convolution cuts off, as (before, after) for each axis; below 0 it adds."""
    return _folded("same_crop")(kernel, stride, n)


def flat_pad(pairs: Any) -> tuple:
    """(before, after) pairs, first axis first, as ``F.pad``'s flat list: ((1, 2), (3, 4)) -> (3, 4, 1, 2)."""
    return _folded("flat_pad")(pairs)


def size_pairs(padding: Any, n: int) -> tuple:
    """``padding`` as (before, after) for each of ``n`` axes: 1 -> ((1, 1), (1, 1))."""
    return _folded("size_pairs")(padding, n)


def pad_pairs(pad: tuple, ndim: int) -> tuple:
    """``F.pad``'s flat list, last axis first, as (before, after) pairs for all ``ndim`` axes, first axis first."""
    return _folded("pad_pairs")(pad, ndim)


def flat_pads(pairs: Any) -> tuple:
    """(before, after) pairs for all axes as ``F.pad``'s flat list, last axis first: ((0, 0), (1, 2)) -> (1, 2)."""
    return _folded("flat_pads")(pairs)


def holds_floats(data: Any) -> bool:
    """Whether nested lists hold numbers with at least one float among them."""
    return _folded("holds_floats")(data)


def holds_integers(data: Any) -> bool:
    """Whether nested lists hold integers alone."""
    return _folded("holds_integers")(data)


def holds_bools(data: Any) -> bool:
    """Whether nested lists hold truth values alone."""
    return _folded("holds_bools")(data)


def sums_dots(equation: str) -> bool:
    """Whether an equation of ``einsum`` drops what ``...`` stands for from its result."""
    return _folded("sums_dots")(equation)


def last_axes(n: int) -> tuple:
    """Return the last ``n`` axes: 2 -> (-2, -1)."""
    return _folded("last_axes")(n)


def swapped_axes(ndim: int, a: int, b: int) -> tuple:
    """Return the axes 0..ndim-1 with ``a`` and ``b`` exchanged."""
    return _folded("swapped_axes")(ndim, a, b)


# --- Weights -------------------------------------------------------------------------------------------------------


def at(path: str, *steps: Any) -> Any:
    """Say where the weight stands in the Keras layer, and the steps that lead from PyTorch's array to it."""
    return path, steps


def permute(*axes: int) -> Any:
    """Reorder the axes."""
    return "permute", axes


def blocks(*order: int) -> Any:
    """Cut the first axis into equal blocks and put them into this order (the gates of a recurrent layer)."""
    return "blocks", order


def concat(axis: int) -> Any:
    """Join several PyTorch arrays along ``axis``."""
    return "concat", axis


identity = ("identity",)


# --- Samples -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Array:
    """A random array to be made for a sample: ``kind`` is "float", "int", "bool" or "positive"."""

    shape: tuple[int, ...]
    kind: Literal["float", "int", "int32", "bool", "positive", "unit"] = "float"
    low: int = 0
    high: int = 10
    ranked: bool = True


def floats(*shape: int) -> Array:
    """float32, normally distributed."""
    return Array(shape)


def unranked(*shape: int, kind: Literal["float", "unit"] = "float") -> Array:
    """float32, normally distributed or ("unit") between 0 and 1, whose number of axes the converter is not told."""
    return Array(shape, kind, ranked=False)


@dataclass(frozen=True)
class Variable:
    """A value that is not written in the code: an argument of the function that the sample stands in."""

    value: Any


def variable(value: Any) -> Variable:
    """Keep the value from the converter: a number, flag, text or tuple that is known only when the code runs."""
    return Variable(value)


@dataclass(frozen=True)
class Expression:
    """Code that stands for a value, such as a lambda."""

    text: str


def expression(text: str) -> Expression:
    """Write this code for the parameter, on either side."""
    return Expression(text)


def drawn(*shape: int, low: int = 0, high: int = 10) -> Array:
    """float32 between 0 and 1."""
    return Array(shape, "unit")


def ints(*shape: int, low: int = 0, high: int = 10) -> Array:
    """int64 in ``low..high-1``."""
    return Array(shape, "int", low, high)


def int32s(*shape: int, low: int = 0, high: int = 10) -> Array:
    """int32 in ``low..high-1``."""
    return Array(shape, "int32", low, high)


def bools(*shape: int) -> Array:
    """True or False."""
    return Array(shape, "bool")


@dataclass(frozen=True)
class Case:
    """One sample: a value for each parameter that is given."""

    values: dict[str, Any]
    because: str | None = None
    call: tuple[Array, ...] = field(default=())


def cases(*, because: str | None = None, call: Any = None, **choices: Any) -> list[Case]:
    """Return every combination of the choices; a list is a choice, anything else is fixed."""
    names = list(choices)
    options = [value if isinstance(value, list) else [value] for value in choices.values()]
    calls = call if isinstance(call, list) else [call]
    found = []
    for combination in itertools.product(*options):
        values = {name: value for name, value in zip(names, combination, strict=True) if value is not Absent}
        for arrays in calls:
            group = () if arrays is None else arrays if isinstance(arrays, tuple) else (arrays,)
            found.append(Case(values, because, group))
    return found
