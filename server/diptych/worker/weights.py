"""Weights of a Keras model under torch's names and in torch's axes, both ways; imports with numpy alone.

A model is walked by attributes: ``features.0.weight`` is the kernel of the first layer of ``model.features``. Where
Keras
reserves a name, the twin's attribute ends in an underscore. A ``Sequential`` of paddings and one layer stands for
that layer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .leaf_tables import LEAVES, PADDING, RECURRENT

IGNORED = "num_batches_tracked"


@dataclasses.dataclass
class Leaf:
    """A layer with weights of its own kind, or a single variable (``table`` is empty), at its torch ``prefix``."""

    prefix: str
    layer: Any
    table: str
    suffix: str = ""


@dataclasses.dataclass
class Slot:
    """One Keras variable: the torch names that make it, how they join, and the steps from torch's array to Keras's."""

    names: list[str]
    join: str
    variable: Any
    steps: list[list[Any]]

    def to_keras(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """The variable's value from its torch arrays."""
        shape = tuple(self.variable.shape)
        parts = [np.asarray(array) for array in arrays]
        if self.join == "sum":
            parts = [part.astype(np.float64) for part in parts]
        value = (
            sum(parts[1:], parts[0]) if self.join == "sum" else np.stack(parts) if self.join == "stack" else parts[0]
        )
        for step in self.steps:
            value = _forward(value, step, shape)
        return value

    def to_torch(self, value: np.ndarray, gradient: bool) -> list[np.ndarray]:
        """The torch arrays from the variable's value; a gradient flows into each term of a sum."""
        for step in reversed(self.steps):
            value = _backward(value, step)
        if self.join == "sum":
            return [value, value if gradient else np.zeros_like(value)]
        return [value[index] for index in range(len(self.names))] if self.join == "stack" else [value]

    @property
    def part(self) -> tuple[int, int] | None:
        """``(index, count)`` where the variable is only a part of its torch tensor."""
        found = [step for step in self.steps if step[0] == "part"]
        return (found[0][1], found[0][2]) if found else None


def _reorder(value: np.ndarray, order: Sequence[int], axis: int) -> np.ndarray:
    blocks = np.split(value, len(order), axis=axis)
    return np.concatenate([blocks[index] for index in order], axis=axis)


def _forward(value: np.ndarray, step: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    kind = step[0]
    if kind == "permute":
        return np.transpose(value, step[1])
    if kind in ("blocks", "columns"):
        return _reorder(value, step[1], 0 if kind == "blocks" else -1)
    if kind == "part":
        return np.split(value, step[2], axis=0)[step[1]]
    return value.reshape(shape)


def _backward(value: np.ndarray, step: list[Any]) -> np.ndarray:
    kind = step[0]
    if kind == "permute":
        return np.transpose(value, np.argsort(step[1]))
    if kind in ("blocks", "columns"):
        return _reorder(value, [int(index) for index in np.argsort(step[1])], 0 if kind == "blocks" else -1)
    if kind == "fold":
        first = int(np.prod(value.shape[: step[1]]))
        return value.reshape(first, -1)
    if kind == "flat":
        return value.reshape(-1)
    if kind == "depth":
        return value.reshape(*value.shape[:-2], -1, 1)
    return value.reshape([size for size in value.shape if size != 1] or [1]) if kind == "spread" else value


def plain(name: str) -> str:
    """A name without the underscores that avoid reserved words."""
    return ".".join(part.rstrip("_") or part for part in name.split("."))


def fit_names(state: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...] | None]) -> dict[str, Any]:
    """Give the items of ``state`` the names of ``shapes`` (``None`` for a shape not yet known): by name, by name
    without the underscores that avoid reserved words, else by order where kinds and shapes agree one by one, in the
    whole or within each attribute of the model.

    Raises ``ValueError`` that lists what is missing, unexpected or of another shape.
    """
    state = {name: value for name, value in state.items() if not name.endswith(IGNORED)}

    by_plain = {plain(name): value for name, value in state.items()}
    fitted: dict[str, Any] | None = None
    if set(state) == set(shapes):
        fitted = dict(state)
    elif len(by_plain) == len(state) and set(by_plain) == {plain(name) for name in shapes}:
        fitted = {name: by_plain[plain(name)] for name in shapes}
    if fitted is not None:
        wrong = [
            f"{name} has shape {list(np.shape(fitted[name]))}, expected {list(shape)}"
            for name, shape in shapes.items()
            if shape is not None and tuple(np.shape(fitted[name])) != tuple(shape)
        ]
        if not wrong:
            return fitted
    else:
        wrong = _name_differences(state, shapes)

    def kinds(names: Mapping[str, Any], shape: Callable[[str], Any]) -> list[tuple[str, Any]]:
        return [(name.rpartition(".")[2], shape(name)) for name in names]

    groups, others = _grouped(state), _grouped(shapes)
    mine = kinds(groups, lambda name: tuple(np.shape(state[name])))
    theirs = kinds(others, lambda name: shapes[name])
    if mine and len(mine) == len(theirs) and all(a[0] == b[0] and b[1] in (None, a[1]) for a, b in zip(mine, theirs)):
        return {new: state[old] for new, old in zip(others, groups)}
    parts = _parts(state), _parts(shapes)
    if fitted is None and len(parts[0]) > 1 and set(parts[0]) == set(parts[1]):
        return _fitted_apart(state, shapes, parts)
    if fitted is None and [name for name, _ in mine] == [name for name, _ in theirs]:  # other names, in the same order
        wrong = [
            f"{new} has shape {list(a[1])}, expected {list(b[1])}"
            for new, a, b in zip(others, mine, theirs)
            if b[1] not in (None, a[1])
        ]
    raise ValueError("the weights do not fit: " + "; ".join(wrong[:8]) + ("; ..." if len(wrong) > 8 else ""))


def _parts(names: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names by the attribute of the model that they begin with."""
    parts: dict[str, list[str]] = {}
    for name in names:
        parts.setdefault(plain(name.partition(".")[0]), []).append(name)
    return parts


def _fitted_apart(
    state: Mapping[str, Any],
    shapes: Mapping[str, tuple[int, ...] | None],
    parts: tuple[dict[str, list[str]], dict[str, list[str]]],
) -> dict[str, Any]:
    """The items of each attribute by themselves."""
    fitted: dict[str, Any] = {}
    for part in parts[0]:
        mine, theirs = ({name.partition(".")[2]: name for name in each[part]} for each in parts)
        try:
            found = fit_names({n: state[full] for n, full in mine.items()}, {n: shapes[f] for n, f in theirs.items()})
        except ValueError:
            raise ValueError("the weights do not fit: " + "; ".join(_name_differences(state, shapes)[:8])) from None
        fitted.update({theirs[name]: value for name, value in found.items()})
    return fitted


def _grouped(names: Mapping[str, Any]) -> dict[str, None]:
    """The names with those of one layer in a fixed order, layers in the order given."""
    layers: dict[str, list[str]] = {}
    for name in names:
        layers.setdefault(name.rpartition(".")[0], []).append(name)
    return {name: None for group in layers.values() for name in sorted(group)}


def _name_differences(state: Mapping[str, Any], shapes: Mapping[str, Any]) -> list[str]:
    missing = [f"{name} is missing" for name in shapes if name not in state]
    unexpected = [f"{name} {list(np.shape(state[name]))} is unexpected" for name in state if name not in shapes]
    return missing + unexpected


def _is_variable(value: Any) -> bool:
    return (
        hasattr(value, "assign") and hasattr(value, "shape") and hasattr(value, "dtype") and hasattr(value, "trainable")
    )


def _is_layer(value: Any) -> bool:
    return hasattr(value, "add_weight") and hasattr(value, "built")


def _mro(value: Any) -> list[str]:
    return [cls.__name__ for cls in type(value).__mro__]


def _table(layer: Any) -> str | None:
    """The row of the table for a layer: by Keras' class, not by one of the user's that has the same name."""
    known = ("keras", "tf_keras", "tensorflow")
    kinds = (kind for kind in type(layer).__mro__ if kind.__module__.split(".")[0] in known)
    return next((kind.__name__ for kind in kinds if kind.__name__ in LEAVES), None)


def _torch_name(owner: Any, name: str) -> str:
    return name[:-1] if name.endswith("_") and hasattr(type(owner), name[:-1]) else name


def leaves(value: Any, prefix: str = "", names: Sequence[str] | None = None) -> Iterator[Leaf]:
    """The weighted leaves of a Keras object in order. ``names``, the torch names where known, settles whether a
    ``Sequential`` with one weighted layer stands for that layer.
    """

    def below(name: str) -> str:
        return f"{prefix}.{name}" if prefix else name

    kinds = _mro(value)
    if _is_variable(value):
        yield Leaf(prefix, value, "")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, below(str(key)), names)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from leaves(item, below(str(index)), names)
    elif not _is_layer(value):
        return
    elif _table(value):
        yield Leaf(prefix, value, str(_table(value)), "_l0" if _table(value) in RECURRENT else "")
    elif "Bidirectional" in kinds:
        for layer, suffix in ((value.forward_layer, "_l0"), (value.backward_layer, "_l0_reverse")):
            yield Leaf(prefix, layer, str(_table(layer)), suffix)
    elif "Sequential" in kinds:
        yield from _sequential(value, prefix, names)
    elif "Functional" in kinds and type(value).__module__.startswith("keras."):
        for layer in value.layers:
            yield from leaves(layer, below(layer.name), names)
    else:
        for name, item in list(vars(value).items()):
            if not name.startswith("_"):
                yield from leaves(item, below(_torch_name(value, name)), names)


def _sequential(value: Any, prefix: str, names: Sequence[str] | None) -> Iterator[Leaf]:
    layers = [layer for layer in value.layers if type(layer).__name__ != "InputLayer"]
    stems = [f"{prefix}.{index}" if prefix else str(index) for index in range(len(layers))]
    found = [list(leaves(layer, stem, names)) for layer, stem in zip(layers, stems)]
    weighted = [index for index, group in enumerate(found) if group]
    recurrent = [index for index in weighted if len(found[index]) <= 2 and found[index][0].table in RECURRENT]
    if len(weighted) == len(recurrent) > 1:
        for level, index in enumerate(recurrent):
            for leaf in found[index]:
                yield Leaf(prefix, leaf.layer, leaf.table, leaf.suffix.replace("_l0", f"_l{level}"))
        return
    if len(weighted) == 1 and len(layers) > 1:
        index = weighted[0]
        if names is not None:
            alone = not all(_is_named(leaf, names) for leaf in found[index])
        else:
            alone = all(type(layer).__name__ in PADDING for layer in layers if layer is not layers[index])
        if alone:
            yield from leaves(layers[index], prefix, names)
            return
    for group in found:
        yield from group


def _is_named(leaf: Leaf, names: Sequence[str]) -> bool:
    """Whether torch has weights at the place of a leaf."""
    place = plain(leaf.prefix)
    return any(name == place or name.startswith(place + ".") for name in map(plain, names))


def at(value: Any, path: str) -> Any:
    """What a dotted path of attributes leads to; ``None`` where there is no such thing."""
    for part in path.split("."):
        value = getattr(value, part, None)
    return value


def slots(model: Any, names: Sequence[str] | None = None) -> list[Slot]:
    """Every variable of a built Keras model with its torch names, without those that are not trained and that ``names``
    lacks: buffers that PyTorch does not keep in a state. Raises ``ValueError`` for a layer without weights yet.
    """
    result: list[Slot] = []
    for leaf in leaves(model, names=names):
        if not leaf.table:
            result.append(Slot([leaf.prefix], "one", leaf.layer, []))
            continue
        if not leaf.layer.built:
            if not getattr(leaf.layer, "scale", True) and not getattr(leaf.layer, "center", True):
                continue
            raise ValueError(f"{leaf.prefix or type(model).__name__} ({leaf.table}) has no weights yet")
        for torch_names, join, attribute, steps in LEAVES[leaf.table]:
            variable = at(leaf.layer, attribute)
            if variable is not None:
                full = [".".join(filter(None, [leaf.prefix, name + leaf.suffix])) for name in torch_names]
                result.append(Slot(full, join, variable, steps))
    return result if names is None else _kept(result, {plain(name) for name in names})


def _kept(found: list[Slot], names: set[str]) -> list[Slot]:
    """The slots without buffers that have no name, if all others have one."""
    kept = [slot for slot in found if slot.variable.trainable or any(plain(name) in names for name in slot.names)]
    return kept if all(plain(name) in names for slot in kept for name in slot.names) else found


def value_of(variable: Any) -> np.ndarray:
    """A variable's value: of TensorFlow's own variable where there is one, at half the cost of numpy's conversion."""
    inner = getattr(variable, "value", None)
    read = getattr(variable if callable(inner) else inner, "value", None)
    return np.array(read() if callable(read) else variable)


def export(
    found: Sequence[Slot], read: Callable[[Any], Any] | None = None, gradient: bool = False
) -> dict[str, np.ndarray]:
    """The weights in these slots under torch's names. ``read`` gives another array per variable: its gradient, or
    ``None`` for none.
    """
    result: dict[str, np.ndarray] = {}
    parts: dict[str, dict[int, np.ndarray]] = {}
    for slot in found:
        value = value_of(slot.variable) if read is None else read(slot.variable)
        if value is None:
            continue
        for name, array in zip(slot.names, slot.to_torch(value, gradient)):
            if slot.part is None:
                result[name] = array
            else:
                parts.setdefault(name, {})[slot.part[0]] = array
    for name, pieces in parts.items():
        result[name] = np.concatenate([pieces[index] for index in sorted(pieces)], axis=0)
    return result


def load(model: Any, found: Sequence[Slot], state: Mapping[str, Any]) -> None:
    """Put torch arrays into the slots of a built Keras model. Raises ``ValueError`` that lists what is missing,
    unexpected or of another shape.
    """
    empty = export(found, read=lambda variable: np.broadcast_to(np.float32(0), tuple(variable.shape)))
    constants = {name for name, value in state.items() if name not in empty and _constant(model, name, value)}
    given = {name: value for name, value in state.items() if name not in constants}
    fitted = fit_names(given, {name: tuple(array.shape) for name, array in empty.items()})
    for slot in found:
        value = slot.to_keras([fitted[name] for name in slot.names]).astype(_dtype_of(slot.variable))
        if not np.array_equal(value_of(slot.variable), value):  # looking is much cheaper than assigning
            slot.variable.assign(value)


def _constant(model: Any, name: str, value: Any) -> bool:
    """Whether the twin keeps this buffer as a plain constant of the same value."""
    *path, last = name.split(".")
    owner: Any = model
    for part in path:
        if part.isdigit():
            items = owner if isinstance(owner, (list, tuple)) else getattr(owner, "layers", None)
            owner = items[int(part)] if items is not None and int(part) < len(items) else None
        else:
            own = getattr(owner, "__dict__", {})
            owner = own.get(part, own.get(part + "_"))
    own = getattr(owner, "__dict__", {})
    constant = own.get(last, own.get(last + "_"))
    if constant is None or _is_variable(constant) or not hasattr(constant, "shape"):
        return False
    held = np.asarray(constant)
    return held.shape == np.shape(value) and np.allclose(held, value, rtol=1e-5, atol=1e-6, equal_nan=True)


def _dtype_of(variable: Any) -> str:
    dtype = variable.dtype
    return getattr(dtype, "name", str(dtype))


def sums(found: Sequence[Slot]) -> list[list[str]]:
    """Groups of torch names of which the Keras model keeps only the sum."""
    return [slot.names for slot in found if slot.join == "sum"]
