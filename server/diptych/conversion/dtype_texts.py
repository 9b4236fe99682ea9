"""Dtypes as text, and what else is asked of a dtype: ``str(x.dtype)`` reads ``torch.float32`` in PyTorch and
``<dtype: 'float32'>`` in TensorFlow, whose dtypes have a name, equal it, and know more of themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.rewriting import fit
from diptych.conversion.typed_tensors import TYPE
from diptych.inference.values import Value, category
from diptych.matching.emit import call
from diptych.syntax.precedence import argument, atom
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

DTYPES = {
    "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "complex64",
    "complex128",
}  # fmt: skip
# Attributes of dtypes that mean the same, by the source's names: the twin's name, and the kind of its value.
ATTRIBUTES = {
    "torch": {"is_floating_point": ("is_floating", "bool"), "is_complex": ("is_complex", "bool"),
              "itemsize": ("size", "int")},
    "tensorflow": {"is_floating": ("is_floating_point", "bool"), "is_complex": ("is_complex", "bool"),
                   "size": ("itemsize", "int")},
}  # fmt: skip
OTHERWISE = "a dtype reads otherwise in the other framework: str(x.dtype) is converted"
NO_TEXT = (
    "a dtype is compared with something that is not known to be one: TensorFlow's equal their names, PyTorch's no text"
)


def is_dtype(value: Value) -> bool:
    """Whether a value is a dtype, and no type of tensors."""
    return value.kind == "dtype" and value.api != TYPE


def name(c: Converter, code: cst.BaseExpression, quote: str = '"') -> cst.BaseExpression:
    """Code for a dtype's bare name in the twin: ``float32``."""
    if c.target == "tensorflow":
        attribute = cst.Attribute(code, cst.Name("name"))
        return attribute.with_changes(value=fit(attribute, "value", code))
    text = call(cst.Name("str"), [cst.Arg(argument(code))])
    return call(cst.Attribute(text, cst.Name("removeprefix")), [cst.Arg(cst.SimpleString(f"{quote}torch.{quote}"))])


def attribute(c: Converter, node: cst.Attribute, code: cst.BaseExpression, value: Value) -> Code:
    """``x.dtype.is_floating``, ``x.dtype.name`` and ``x.dtype.max``."""
    wanted = node.attr.value
    if c.source == "tensorflow" and wanted in ("max", "min"):
        return _limit(c, code, value, wanted)
    if c.source == "tensorflow" and wanted == "name":
        return name(c, code), Value("str")
    known = ATTRIBUTES[c.source].get(wanted)
    if known is None:
        return c.leave(node, f"dtype.{wanted}", f"no rule knows the dtype's attribute .{wanted}")
    new = node.with_changes(attr=cst.Name(known[0]))
    return new.with_changes(value=fit(new, "value", code)), Value(known[1])


def _limit(c: Converter, code: cst.BaseExpression, value: Value, wanted: str) -> Code:
    """The largest or lowest number of a dtype, of which PyTorch tells apart whether it is floating."""
    kind = category(value.dtype)
    asked = {"float": "torch.finfo", "int": "torch.iinfo"}.get(kind or "")
    if asked is not None:
        known = call(c.name(asked), [cst.Arg(argument(code))])
    else:
        floating = cst.Attribute(atom(code), cst.Name("is_floating_point"))
        either = cst.IfExp(floating, c.name("torch.finfo"), c.name("torch.iinfo"))
        known = call(atom(either), [cst.Arg(argument(code))])
    return cst.Attribute(known, cst.Name(wanted)), Value("number" if kind is None else kind)


def text(c: Converter, node: cst.Call) -> Code | None:
    """``str(x.dtype)`` and ``"{}".format(x.dtype)``; ``None`` where no dtype becomes text."""
    function = node.func
    if isinstance(function, cst.Attribute) and function.attr.value == "format":
        if any(is_dtype(c.expr(a.value)[1]) for a in node.args):
            return c.leave(node, "format", OTHERWISE)
        return None
    if not isinstance(function, cst.Name) or function.value not in ("str", "repr") or c.scope.lookup(function.value):
        return None
    if len(node.args) != 1 or node.args[0].keyword or node.args[0].star:
        return None
    code, value = c.expr(node.args[0].value)
    return (_written(c, code, function.value), Value("str")) if is_dtype(value) else None


def _written(c: Converter, code: cst.BaseExpression, function: str) -> cst.BaseExpression:
    """Code for what ``str`` or ``repr`` of a dtype gives in the source."""
    both = ("tf.", "") if function == "repr" and c.source == "tensorflow" else _around(c)
    around = [cst.FormattedStringText(part) for part in both]
    inside = cst.FormattedStringExpression(name(c, code))
    quote = '"' if c.target == "tensorflow" else '"""'
    return cst.FormattedString([around[0], inside, around[1]], start=f"f{quote}", end=quote)


def _around(c: Converter) -> tuple[str, str]:
    return ("torch.", "") if c.source == "torch" else ("<dtype: '", "'>")


def in_string(
    c: Converter, node: cst.FormattedString, part: cst.FormattedStringExpression
) -> list[cst.BaseFormattedStringContent] | None:
    """``{x.dtype}`` in a formatted string; ``None`` where that is no dtype."""
    code, value = c.expr(part.expression)
    if not is_dtype(value):
        return None
    plain = part.conversion is None and part.format_spec is None and part.equal is None
    if not plain or (c.target == "torch" and node.quote != '"'):
        c.leave(part.expression, "f-string", OTHERWISE)
        return [part]
    before, after = (cst.FormattedStringText(text) for text in _around(c))
    named = name(c, code, "'")
    return [before, part.with_changes(expression=named), *([after] if after.value else [])]


def compared(c: Converter, node: cst.Comparison) -> Code | None:
    """``x.dtype == "float32"`` as ``x.dtype == torch.float32``; ``None`` where a comparison means the same."""
    parts = [node.left, *(part.comparator for part in node.comparisons)]
    values = [c.expr(part)[1] for part in parts]
    if len(parts) != 2 or not any(map(is_dtype, values)) or all(map(is_dtype, values)):
        return None
    place = 0 if is_dtype(values[1]) else 1
    named = _as_dtypes(c, parts[place]) if c.target == "torch" else None
    if named is not None:
        left = named if place == 0 else c.code(node.left)
        right = named if place == 1 else c.code(parts[1])
        comparison = node.comparisons[0].with_changes(comparator=right)
        return node.with_changes(left=left, comparisons=[comparison]), Value("bool")
    other = values[place]
    items = other.items or ()
    if other.kind == "str" or any(item.kind == "str" for item in items):
        return c.leave(node, "==", NO_TEXT)
    if other.kind == "unknown" and c.source == "tensorflow":
        subject = code_of(parts[place])
        reason = f"assumes that `{subject}` is a dtype, and no text: TensorFlow's dtypes equal their names"
        c.journal.assume(node, "==", reason, ("dtype", c.scope.name, subject))
    return None


def _as_dtypes(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """A dtype's name, or several in a row, as dtypes of the twin; ``None`` where they are none."""
    if isinstance(node, (cst.Tuple, cst.List, cst.Set)):
        elements = [_as_dtypes(c, e.value) if isinstance(e, cst.Element) else None for e in node.elements]
        if not elements or None in elements:
            return None
        given = zip(node.elements, elements, strict=True)
        return node.with_changes(elements=[e.with_changes(value=new) for e, new in given])
    code, value = c.expr(node)
    if is_dtype(value):
        return code
    return c.name(f"torch.{value.literal}") if value.kind == "str" and value.literal in DTYPES else None
