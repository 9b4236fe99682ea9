"""What the arguments of an entry are: read from its ``# diptych:`` comment, its annotations, its defaults."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

FLOATS = ("float32", "float64", "float16", "bfloat16")
INTEGERS = ("int64", "int32", "int16", "int8", "uint8")
DTYPES = (*FLOATS, *INTEGERS, "bool", "complex64")
SHORT = {"float": "float32", "int": "int64", "double": "float64", "half": "float16", "long": "int64"}
EXAMPLE = "# diptych: x=float32[2,3,32,32]"


class BadComment(ValueError):
    """A ``# diptych:`` comment that cannot be read; the text says where and how to write it."""


@dataclass(frozen=True)
class TensorSpec:
    """A tensor in the source's axes; ``low`` and ``high`` are both included; ``probability`` keeps it within (0, 1)."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    low: float | None = None
    high: float | None = None

    def text(self) -> str:
        """As written in a comment."""
        bounds = "" if self.low is None else f" in {self.low:g}..{self.high:g}"
        return f"{self.dtype}[{','.join(map(str, self.shape))}]{bounds}"


@dataclass(frozen=True)
class NumberSpec:
    """A Python number drawn between two bounds, both included: an ``int`` where both are written as one."""

    low: float
    high: float

    @property
    def whole(self) -> bool:
        """Whether an ``int`` is drawn."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def text(self) -> str:
        """As written in a comment."""
        return f"{self.low}..{self.high}"


@dataclass(frozen=True)
class Literal:
    """A Python literal, as its text."""

    source: str

    def text(self) -> str:
        """As written in a comment."""
        return self.source


@dataclass(frozen=True)
class Expression:
    """An expression that each side evaluates in its own module, such as ``Net()``."""

    source: str

    def text(self) -> str:
        """As written in a comment."""
        return self.source


@dataclass(frozen=True)
class Group:
    """A list, tuple or dict of specs; ``keys`` are those of a dict, any literals."""

    kind: str
    items: tuple[Any, ...]
    keys: tuple[Any, ...] = ()

    def text(self) -> str:
        """As written in a comment."""
        inner = [item.text() for item in self.items]
        if self.kind == "dict":
            return "{" + ", ".join(f"{key!r}: {text}" for key, text in zip(self.keys, inner, strict=True)) + "}"
        open_, close = ("(", ")") if self.kind == "tuple" else ("[", "]")
        return open_ + ", ".join(inner) + close


Spec = TensorSpec | NumberSpec | Literal | Expression | Group


@dataclass
class Arguments:
    """Specs by parameter name, in the order in which they were written."""

    specs: dict[str, Spec] = field(default_factory=dict)


_NUMBER = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_RANGE = re.compile(rf"""('[^']*'|"[^"]*")|{_NUMBER}\s*\.\.\s*{_NUMBER}""", re.IGNORECASE)
_SCALAR = re.compile(rf"""('[^']*'|"[^"]*")|\b({"|".join((*DTYPES, *SHORT, "prob"))})\[\s*\]""")
"""A tensor without axes, ``float32[]``, which Python does not read."""


def parse_comment(text: str) -> dict[str, Spec]:
    """Read ``x=float32[2,3], ids=int64[2,16] in 0..999, t=float32[], p=prob, k=3, model=Net()``; raises
    :class:`BadComment`.
    """
    code = _RANGE.sub(lambda found: found[1] or f"_range({found[2]}, {found[3]})", text.strip().rstrip(","))
    code = _SCALAR.sub(lambda found: found[1] or f"{found[2]}[()]", code)
    try:
        call = ast.parse(f"_({code})", mode="eval").body
    except SyntaxError:
        raise BadComment(
            f"the comment '# diptych: {text.strip()}' cannot be read; write it like {EXAMPLE}, k=3"
        ) from None
    assert isinstance(call, ast.Call)
    if call.args:
        raise BadComment(
            f"'{ast.unparse(call.args[0])}' in the comment '# diptych: {text.strip()}' has no name; write name=value"
        )
    return {keyword.arg or "": _spec(keyword.value) for keyword in call.keywords}


def _spec(node: ast.expr) -> Spec:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In):
        inner, bounds = _spec(node.left), _spec(node.comparators[0])
        if isinstance(inner, TensorSpec) and isinstance(bounds, NumberSpec):
            return TensorSpec(inner.shape, inner.dtype, bounds.low, bounds.high)
        if isinstance(inner, NumberSpec) and isinstance(bounds, NumberSpec):
            return bounds
        raise BadComment(f"'{ast.unparse(node)}' is not a tensor with a range; write int64[2,16] in 0..999")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_range":
        low, high = (ast.literal_eval(item) for item in node.args)
        if low > high:
            raise BadComment(f"{low}..{high} is empty: write the lower bound first")
        return NumberSpec(low, high)
    if isinstance(node, ast.Name) and node.id == "prob":
        return NumberSpec(0.05, 0.95)
    if isinstance(node, ast.Name) and _dtype(node.id):
        return TensorSpec((), _dtype(node.id))
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return _tensor(node.value.id, node)
    if isinstance(node, (ast.List, ast.Tuple)):
        return _group("tuple" if isinstance(node, ast.Tuple) else "list", [_spec(item) for item in node.elts], node)
    if isinstance(node, ast.Dict):
        try:
            keys = [ast.literal_eval(key) for key in node.keys if key is not None]
        except ValueError:
            raise BadComment(f"the keys of {ast.unparse(node)} must be strings or numbers") from None
        return Group("dict", tuple(_spec(item) for item in node.values), tuple(keys))
    try:
        ast.literal_eval(node)
    except ValueError:
        return _expression(node)
    return Literal(ast.unparse(node))


def _expression(node: ast.expr) -> Expression:
    """Code of the source's own: a tensor cannot be a part of it."""
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and _dtype(part.value.id):
            raise BadComment(f"'{ast.unparse(node)}' is not a tensor; write int64[2,16] in 0..999 for one with a range")
    return Expression(ast.unparse(node))


def _group(kind: str, items: list[Spec], node: ast.expr) -> Spec:
    if all(isinstance(item, Literal) for item in items):
        return Literal(ast.unparse(node))
    return Group(kind, tuple(items))


def _dtype(name: str) -> str:
    return name if name in DTYPES else SHORT.get(name, "")


def _tensor(name: str, node: ast.Subscript) -> Spec:
    probability = name == "prob"
    dtype = "float32" if probability else _dtype(name)
    if not dtype:
        return Expression(ast.unparse(node))
    sizes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    shape = []
    for size in sizes:
        if not (isinstance(size, ast.Constant) and isinstance(size.value, int) and size.value >= 0):
            raise BadComment(
                f"'{ast.unparse(size)}' in {ast.unparse(node)} is not a number; write sizes like {name}[2,16]"
            )
        shape.append(size.value)
    return TensorSpec(tuple(shape), dtype, *((0.0, 1.0) if probability else ()))


_KINDS = {
    "Float": "float32", "Float32": "float32", "Float64": "float64", "Float16": "float16", "BFloat16": "bfloat16",
    "Int": "int64", "Int64": "int64", "Int32": "int32", "Integer": "int64", "Bool": "bool",
    "Num": "float32", "Shaped": "float32",
}  # fmt: skip
_BATCH = ("b", "batch", "n", "bs", "batch_size")


def from_annotation(text: str | None) -> Spec | None:
    """A jaxtyping annotation with its sizes in digits (``Float[Tensor, "2 3 32"]``; a batch axis may have its name)."""
    if not text:
        return None
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
        return None
    head = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    sizes = node.slice.elts[1]
    if head not in _KINDS or not (isinstance(sizes, ast.Constant) and isinstance(sizes.value, str)):
        return None
    shape = []
    for index, word in enumerate(sizes.value.split()):
        digits = word.rpartition("=")[2]
        if digits.isdigit():
            shape.append(int(digits))
        elif index == 0 and word.lower() in _BATCH:
            shape.append(2)
        else:
            return None
    return TensorSpec(tuple(shape), _KINDS[head])


def guess(name: str) -> str:
    """A plausible spec for a parameter of this name, for the comment that a message proposes."""
    if name in ("ids", "input_ids", "tokens", "labels", "targets", "target", "y"):
        return f"{name}=int64[2,16] in 0..9"
    if name == "loss":
        return f"{name}=float32[]"
    if name in ("mask", "attention_mask", "attn_mask"):
        return f"{name}=bool[2,16]"
    return f"{name}=float32[2,3,32,32]" if name in ("image", "images", "img") else f"{name}=float32[2,16]"
