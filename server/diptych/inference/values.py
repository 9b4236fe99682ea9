"""What is known about the value of an expression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from diptych.inference.layers import Layer

Permutation = tuple[int, ...]
T = TypeVar("T", bound="DataclassInstance")
_set = object.__setattr__


@dataclass(frozen=True)
class Value:
    """An abstract value.

    ``kind``: "tensor", "int", "float", "number", "bool", "str", "none", "tuple", "list", "dict", "shape", "dtype",
    "device", "api" (something of a framework, named by ``api``), "foreign" (of another library), "module", "modules" (a
    list of modules), "maker" (what makes layers when it is called), "class" and "function" (defined in the file, in
    ``definition``), "optimizer" (``keys`` say whether it has one group of parameters or several),
    "scheduler", "schedule" (a learning rate as a function of the step), "parameters" (of the module whose source text
    is ``api``; ``keys`` say of each module whether only what was trained is among them), "self", "tape", "gradients" or
    "unknown".

    For tensors: ``dtype`` is a name such as "float32" or a category "float", "int"; ``rank`` the number of axes;
    ``permutation[i]`` the source axis that stands at the twin's axis ``i``, ``None`` where the axes are the same;
    ``width`` the size of the last source axis (the channel axis for images); ``sizes`` those of all source axes of an
    argument whose comment states them; ``memory`` the storages that it shares, with a minus those that it shares by a
    dtype or a mode that is not known. ``item`` stands for every element of a list of unknown length, ``items`` are the
    elements of a known one, and of a dict the values of its ``keys``.
    """

    kind: str = "unknown"
    dtype: str | None = None
    rank: int | None = None
    permutation: Permutation | None = None
    width: int | None = None
    memory: frozenset[int] = frozenset()
    api: str | None = None
    literal: Any = MISSING
    items: tuple[Value, ...] | None = None
    item: Value | None = None
    keys: tuple[Any, ...] | None = None
    layer: Layer | None = None
    definition: Any = field(default=None, compare=False)
    of: str | None = None
    sizes: tuple[int | None, ...] | None = None

    def __init__(
        self,
        kind: str = "unknown",
        dtype: str | None = None,
        rank: int | None = None,
        permutation: Permutation | None = None,
        width: int | None = None,
        memory: frozenset[int] = frozenset(),
        api: str | None = None,
        literal: Any = MISSING,
        items: tuple[Value, ...] | None = None,
        item: Value | None = None,
        keys: tuple[Any, ...] | None = None,
        layer: Layer | None = None,
        definition: Any = None,
        of: str | None = None,
        sizes: tuple[int | None, ...] | None = None,
    ) -> None:
        """What a dataclass makes, in a third of the time: thousands are made for a file, with few fields each."""
        if kind != "unknown":
            _set(self, "kind", kind)
        if dtype is not None:
            _set(self, "dtype", dtype)
        if rank is not None:
            _set(self, "rank", rank)
        if permutation is not None:
            _set(self, "permutation", permutation)
        if width is not None:
            _set(self, "width", width)
        if memory:
            _set(self, "memory", memory)
        if api is not None:
            _set(self, "api", api)
        if literal is not MISSING:
            _set(self, "literal", literal)
        if items is not None:
            _set(self, "items", items)
        if item is not None:
            _set(self, "item", item)
        if keys is not None:
            _set(self, "keys", keys)
        if layer is not None:
            _set(self, "layer", layer)
        if definition is not None:
            _set(self, "definition", definition)
        if of is not None:
            _set(self, "of", of)
        if sizes is not None:
            _set(self, "sizes", sizes)

    def plain(self) -> Value:
        """The same with every tensor's axes, and every loss' arguments, in the source's order."""
        layer = replace(self.layer, call_order=None) if self.layer and self.reorders_arguments else self.layer
        items = tuple(item.plain() for item in self.items) if self.items is not None else None
        item = self.item.plain() if self.item is not None else None
        return replace(self, permutation=None, items=items, item=item, layer=layer)

    def alike(self, other: Value) -> bool:
        """Whether the axes of both, and of what is in them, stand in the same orders."""
        items, others = self.items or (), other.items or ()
        same = self.permutation == other.permutation and len(items) == len(others)
        return same and all(one.alike(two) for one, two in zip(items, others, strict=True))

    @property
    def reorders_arguments(self) -> bool:
        """Whether this is a layer that takes the arguments of its call in another order in the twin."""
        return self.layer is not None and self.layer.call_order is not None

    @property
    def moves_axes(self) -> bool:
        """Whether this is a layer that takes or gives axes in another order than the source's."""
        return self.kind == "module" and self.layer is not None and self.layer.moves_axes

    @property
    def is_tensor(self) -> bool:
        """Whether this is known to be a tensor."""
        return self.kind == "tensor"


GROUP = Value("group")  # one of an optimizer's groups of parameters
# How many groups an optimizer has, in ``keys``.
SINGLE, SEVERAL = ("group",), ("groups",)


def is_grouped(value: Value) -> bool:
    """Whether an optimizer is known to have groups, each with an optimizer of its own in the twin."""
    return value.kind == "optimizer" and value.keys == SEVERAL


def replace(known: T, **changes: Any) -> T:
    """What ``dataclasses.replace`` gives for a frozen dataclass without checks of its own, in a tenth of the time."""
    if not changes.keys() <= type(known).__dataclass_fields__.keys():
        raise TypeError(f"{type(known).__name__} has no {', '.join(changes)}")
    made = object.__new__(type(known))
    made.__dict__.update(known.__dict__)
    made.__dict__.update(changes)
    return made


# In ``api`` of a module or tensor: one of several whose axes, or arguments, stand in different orders.
MIXED = "mixed"
# In ``api`` of something unknown: what a model gave, or a loop over data.
DATA = "data"
UNKNOWN = Value()
NONE = Value("none", literal=None)
FOREIGN = Value("foreign")


def tensor(dtype: str | None = None, rank: int | None = None, **more: Any) -> Value:
    """A tensor."""
    return Value("tensor", dtype=dtype, rank=rank, **more)


def of_literal(value: Any) -> Value:
    """The abstract value of a Python literal."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return Value("bool", literal=value)
    if isinstance(value, (tuple, list)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return Value(kind, literal=value, items=tuple(of_literal(item) for item in value))
    for kind, types in (("int", int), ("float", float), ("str", str)):
        if isinstance(value, types):
            return Value(kind, literal=value)
    return Value(literal=value)


def perhaps(memory: frozenset[int]) -> frozenset[int]:
    """Storages as what shares them by a dtype or a mode that is not known has them."""
    return frozenset(-abs(storage) for storage in memory)


def sharing(a: frozenset[int], b: frozenset[int]) -> bool | None:
    """Whether two share storage: ``True``, ``False`` if perhaps, ``None`` if they cannot."""
    if any(storage > 0 for storage in a & b):
        return True
    return False if perhaps(a) & perhaps(b) else None


def category(dtype: str | None) -> str | None:
    """The dtype's category: "float", "int", "bool" or "complex"."""
    if dtype is None:
        return None
    for name in ("float", "int", "bool", "complex"):
        if name in dtype:
            return name
    return None


def promote(a: str | None, b: str | None) -> str | None:
    """The dtype of an operation on two tensors, where it can be known."""
    if a == b:
        return a
    if a is None or b is None:
        return None
    order = ["bool", "int", "float", "complex"]
    ca, cb = category(a), category(b)
    if ca is None or cb is None:
        return None
    if ca == cb:
        return _wider(a, b) or ca
    return a if order.index(ca) > order.index(cb) else b


def _wider(a: str, b: str) -> str | None:
    """The dtype of two of one category, where both are known exactly."""
    if {a, b} == {"float16", "bfloat16"}:
        return "float32"
    for order in (
        ("float16", "float32", "float64"), ("bfloat16", "float32", "float64"), ("int8", "int16", "int32", "int64"),
        ("uint8", "int16", "int32", "int64"), ("complex64", "complex128"),
    ):  # fmt: skip
        if a in order and b in order:
            return max(a, b, key=order.index)
    return "int16" if {a, b} == {"uint8", "int8"} else None


def join(a: Value, b: Value) -> Value:
    """What is known of a value that is either of two."""
    if a == b:
        return a
    if a.kind != b.kind:
        numbers = {"int", "float", "number"}
        if {a.kind, b.kind} <= numbers:
            return Value("number")
        if "none" in (a.kind, b.kind):
            known = b if a.kind == "none" else a
            layer = replace(known.layer, optional=True) if known.layer is not None else None
            kept = known.kind in ("tensor", "module", "maker")
            return replace(known, literal=MISSING, layer=layer) if kept else UNKNOWN
        if "maker" in (a.kind, b.kind) and "unknown" in (a.kind, b.kind):
            return Value("maker")
        if {a.kind, b.kind} in (
            {"module", "unknown"},
            {"module", "foreign"},
        ):  # what a library gave: it takes the source's order of axes
            apart = a.moves_axes or b.moves_axes or a.reorders_arguments or b.reorders_arguments
            return Value("module", api=MIXED if apart or MIXED in (a.api, b.api) else None)
        if a.reorders_arguments or b.reorders_arguments:
            return Value("module", api=MIXED)
        return Value(memory=a.memory | b.memory)
    if a.kind in ("list", "modules", "tuple") and (a.items is None or b.items is None or len(a.items) != len(b.items)):
        return _join_sequences(a, b)
    same = a.items is not None and b.items is not None and len(a.items) == len(b.items)
    items = tuple(join(x, y) for x, y in zip(a.items or (), b.items or (), strict=True)) if same else None
    layer = a.layer.joined(b.layer) if a.layer is not None and b.layer is not None else None
    api = a.api if a.api == b.api else None
    if a.kind == "tensor" and a.permutation != b.permutation:
        api = MIXED
    apart = layer is None and a.layer is not None and b.layer is not None
    if a.kind == "module" and (apart or MIXED in (a.api, b.api)):
        return Value("module", api=MIXED)
    return replace(
        a,
        dtype=a.dtype
        if a.dtype == b.dtype
        else (category(a.dtype) if category(a.dtype) == category(b.dtype) else None),
        rank=a.rank if a.rank == b.rank else None,
        permutation=a.permutation if a.permutation == b.permutation else None,
        width=a.width if a.width == b.width else None,
        sizes=a.sizes if a.sizes == b.sizes else None,
        memory=a.memory | b.memory,
        api=api,
        literal=a.literal if type(a.literal) is type(b.literal) and a.literal == b.literal else MISSING,
        items=items if a.keys == b.keys else None,
        item=a.item if a.item == b.item else None,
        keys=a.keys if a.keys == b.keys and items is not None else None,
        layer=layer,
        of=a.of if a.of == b.of else None,
    )


def _join_sequences(a: Value, b: Value) -> Value:
    """Sequences whose lengths differ: what is known of any element, where an empty one says nothing."""
    elements = [*(a.items or ()), *(b.items or ()), *(v.item for v in (a, b) if v.item is not None)]
    unknown = any(v.items is None and v.item is None for v in (a, b))
    item = None if unknown or not elements else join_all(elements)
    return Value(a.kind, item=item, memory=a.memory | b.memory)


def join_all(values: Iterable[Value]) -> Value:
    """``join`` of all; unknown for none."""
    result: Value | None = None
    for value in values:
        result = value if result is None else join(result, value)
    return result or UNKNOWN


def element_of(value: Value) -> Value:
    """What iterating over a value gives."""
    if value.kind == "dict":  # its keys
        return Value()
    if value.item is not None:
        return value.item
    if value.items is not None:
        return join_all(value.items)
    if value.kind == "tensor":
        rank = None if value.rank is None else value.rank - 1
        return Value("tensor", dtype=value.dtype, rank=rank, memory=value.memory)
    if value.kind == "foreign":
        return Value("foreign", memory=value.memory)
    return Value(api=value.api if value.kind == "unknown" else None, memory=value.memory)
