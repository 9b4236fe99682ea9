"""What is known of a layer or model: how it treats axes, modes and memory when it is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diptych.inference.values import UNKNOWN, Permutation, Value, replace


@dataclass(frozen=True)
class Layer:
    """A layer instance.

    ``any_layout``: works on each element alone, so that its result has the layout of its input. Else it takes its first
    input with the axes ``takes`` and gives its result with ``gives``.
    ``rank`` and ``gives_rank``: number of axes of input and result, where the layer settles them.
    ``mode``: whether training mode changes what it computes. ``mutates``: whether it writes into its input. ``fresh``:
    whether its result never shares memory with its input.
    ``call_order``: order of the call's arguments on the other side. ``unpacks``: "states" for recurrent layers, whose
    result is unpacked in another way on each side. ``activation``: a Keras activation to apply after the call, its
    name or the source's expression for it.
    ``more_axes``: how many axes the result has beyond its input, where it keeps those.
    ``inputs``: how many arguments by position it is called on, where a rule says so, and ``options`` by keyword;
    ``outputs``: how many results a call has, where it is not one.
    ``ranks``: what a loss asks of its arguments' numbers of axes, as rules say it.
    ``unbatched``: how many axes its input has without a batch axis, where PyTorch takes that and the twin does not.
    ``merges``: the arguments of a Keras layer that joins several tensors.
    ``within``: where in the twin's layer the one that has the weights stands: "" for the layer itself, ".layers[1]" in
    a Sequential, ``None`` where that is not known. ``also``: what a call returns beside its first result, as rules say.
    ``parts``: the layers of a Sequential, as its twin holds them, where they are known; ``each``: what is true of each,
    where their number is not; ``names``: what PyTorch calls its parts.
    ``optional``: there may be no layer, but ``None``. ``definition``: the class in the file, if it is one.
    """

    name: str
    any_layout: bool = False
    takes: Permutation | None = None
    gives: Permutation | None = None
    rank: int | None = None
    gives_rank: int | None = None
    keeps_rank: bool = False
    more_axes: int = 0
    width_in: int | None = None
    width: int | None = None
    keeps_width: bool = False
    dtype: str | None = "float"
    mode: bool = True
    mutates: bool = False
    fresh: bool = True
    call_order: tuple[int, ...] | None = None
    unpacks: str | None = None
    activation: Any = None
    merges: tuple[Any, ...] | None = None
    inputs: int | tuple[int, ...] | None = None
    options: tuple[str, ...] = ()
    outputs: int | None = None
    ranks: str | None = None
    unbatched: int | None = None
    within: str | None = None
    also: tuple[str, ...] = ()
    parts: tuple[Layer, ...] | None = None
    each: Layer | None = None
    names: tuple[str, ...] | None = None
    optional: bool = False
    definition: Any = field(default=None, compare=False)

    @property
    def moves_axes(self) -> bool:
        """Whether the twin takes or gives axes in another order than the source's."""
        return not self.any_layout and not self.takes is self.gives is None

    def joined(self, other: Layer) -> Layer | None:
        """What is true of a layer that is either of two; ``None`` if their axes or arguments stand in different
        orders, or something else follows them.
        """
        if self == other:
            return self
        if (self.call_order, self.activation) != (other.call_order, other.activation):
            return None
        if self.any_layout != other.any_layout:
            kept = other if self.any_layout else self
            if kept.takes != kept.gives:  # what the other one gives has the axes as this one takes them
                return None
        elif (self.takes, self.gives) != (other.takes, other.gives):
            return None
        elif self.definition is None and other.definition is None:
            kept = other
        elif self._called_as(other):
            kept = other if self.definition is not None and other.definition is not None else self._unnamed(other)
        else:
            return None
        same_rank = self.any_layout or other.any_layout or self.gives_rank == other.gives_rank
        return replace(
            kept, mode=self.mode or other.mode, mutates=self.mutates or other.mutates, fresh=self.fresh and other.fresh,
            optional=self.optional or other.optional,
            width=self.width if self.width == other.width else None,
            gives_rank=kept.gives_rank if same_rank else None,
            parts=kept.parts if self.parts == other.parts else None,
            each=kept.each if self.each == other.each else None,
            names=kept.names if self.names == other.names else None,
        )  # fmt: skip

    def _called_as(self, other: Layer) -> bool:
        """Whether a call of this and of the other layer, of which one is a class of the file, is written alike."""
        ours, theirs = (layer.definition and layer.definition.signature for layer in (self, other))
        if ours is not None and theirs is not None:
            return list(ours.orders.values()) == list(theirs.orders.values()) and ours.result.alike(theirs.result)
        signature = ours or theirs
        if signature is None:  # a class of another file takes and gives the source's order
            kinds = [layer.definition is None or layer.definition.elsewhere for layer in (self, other)]
            return all(kinds) or (self.definition is None) == (other.definition is None)
        return not any([*signature.orders.values()][1:]) and signature.result.kind in ("tensor", "unknown")

    def _unnamed(self, other: Layer) -> Layer:
        """A layer of which only the order of its axes is known."""
        dtype = self.dtype if self.dtype == other.dtype else None
        return Layer("module", takes=self.takes, gives=self.gives, gives_rank=self.gives_rank, dtype=dtype)

    def result(self, given: Value) -> Value:
        """The value of a call on ``given``, apart from memory and layout."""
        rank = (
            self.gives_rank
            if self.gives_rank is not None
            else given.rank + self.more_axes
            if given.rank is not None and (self.any_layout or self.keeps_rank)
            else None
        )
        width = self.width if self.width is not None else given.width if self.any_layout or self.keeps_width else None
        dtype = given.dtype if self.dtype == "same" else self.dtype
        return Value("tensor", dtype=dtype, rank=rank, width=width)


@dataclass(frozen=True)
class ModeOfMethod:
    """What a method of a Keras model, other than ``call``, does with the mode.

    ``place`` is that of ``training`` among its arguments by position, ``default`` the literal that it is without one,
    ``None`` where there is no such parameter. ``says``: it gives a mode with each call of a layer. ``reads`` are the
    attributes that it looks up.
    """

    place: int | None
    default: Any
    says: bool
    reads: frozenset[str]


@dataclass
class Signature:
    """How a function or method of the file is called in its twin, and what it returns.

    ``looks``: of parameters that it asks what they are, whether it does no more than that.
    ``asks``: true where all that it does is ``return x is not None``, false for the opposite.
    ``mode``: of a method of a Keras model, what it does with the mode.
    """

    parameters: list[str] = field(default_factory=list)
    given: dict[str, Value] = field(default_factory=dict)
    result: Value = UNKNOWN
    mutated: set[str] = field(default_factory=set)
    modes: dict[str, bool | None] = field(default_factory=dict)
    looks: dict[str, bool] = field(default_factory=dict)
    asks: bool | None = None
    mode: ModeOfMethod | None = None

    @property
    def orders(self) -> dict[str, Permutation | None]:
        """The order of axes in which the twin takes each argument."""
        return {name: value.permutation for name, value in self.given.items()}


@dataclass
class ClassInfo:
    """A class of the file: a module or model, or (``is_module`` false) a plain class that may hold some.

    ``flow`` is what each layer held in an attribute was called on, which says how many axes and channels it takes.
    ``constructing`` are the methods that run while an instance is made, and never else. ``variables`` are attributes
    that hold a parameter or a buffer. ``derived``: whether a base is a class of the file too. ``sequence``: it runs the
    layers that its constructor was given, one after the other. ``elsewhere``: it stands in another file. ``layer``: it
    derives from a layer class of the framework.
    ``in_source_order`` are attributes that hold layers of several orders of axes, brought to the source's. ``tracked``
    are lists and dicts of layers or variables. ``methods`` are the definitions in it and in its bases. ``lightning`` is
    what is known of its steps, where Lightning trains it.
    """

    name: str
    is_module: bool = True
    attributes: dict[str, Value] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    signature: Signature | None = None
    mode: bool = False
    flow: dict[str, Value] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)
    comment: str | None = None
    derived: bool = False
    forward: Any = None
    methods: tuple[Any, ...] = ()
    constructing: frozenset[str] = frozenset({"__init__"})
    again: bool = False
    sequence: bool = False
    elsewhere: bool = False
    layer: bool = False
    in_source_order: set[str] = field(default_factory=set)
    tracked: dict[str, str] = field(default_factory=dict)
    lightning: Any = None
