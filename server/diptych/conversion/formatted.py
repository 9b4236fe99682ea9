"""Formatted strings: before Python 3.12 what stands in their braces holds neither their quotes nor a backslash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import dtype_texts
from diptych.inference.values import Value
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

_QUOTES = ("'", '"')


def formatted(c: Converter, node: cst.FormattedString) -> Code:
    """A formatted string with the expressions in it converted; those that would not fit into it stay."""
    parts: list[cst.BaseFormattedStringContent] = []
    for part in node.parts:
        dtype = dtype_texts.in_string(c, node, part) if isinstance(part, cst.FormattedStringExpression) else None
        if dtype is not None:
            parts += dtype
        else:
            parts.append(_part(c, node, part) if isinstance(part, cst.FormattedStringExpression) else part)
    changed = len(parts) != len(node.parts) or any(a is not b for a, b in zip(parts, node.parts, strict=True))
    return (node.with_changes(parts=parts) if changed else node), Value("str")


def _part(
    c: Converter, node: cst.FormattedString, part: cst.FormattedStringExpression
) -> cst.FormattedStringExpression:
    code = c.code(part.expression)
    if code is part.expression:
        return part
    if not _fits(code, node.quote) and _fits(part.expression, node.quote):
        code = code.visit(_Requoted(node.quote))
        assert isinstance(code, cst.BaseExpression)
        if not _fits(code, node.quote):
            code, _ = c.leave(part.expression, "f-string", "its conversion holds quotes that would end this string")
            return part if code is part.expression else part.with_changes(expression=code)
    text = code_of(code)
    space = part.whitespace_before_expression
    if text.startswith("{") and space.empty:  # two braces in a row would be one brace of the text
        space = cst.SimpleWhitespace(" ")
    if isinstance(code, cst.Lambda) and not code.lpar:
        code = code.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return part.with_changes(expression=code, whitespace_before_expression=space)


def _fits(code: cst.BaseExpression, quote: str) -> bool:
    text = code_of(code)
    return quote not in text and "\\" not in text and "#" not in text and (len(quote) == 3 or "\n" not in text)


class _Requoted(cst.CSTTransformer):
    """Puts other quotes than those of the string around the strings in it, where that changes nothing else."""

    def __init__(self, quote: str) -> None:
        super().__init__()
        self.quote = quote[0]

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:  # noqa: N802
        return False  # it has quotes of its own, which what stands in it may not hold

    def leave_SimpleString(  # noqa: N802
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        other = _QUOTES[self.quote == _QUOTES[0]]
        if updated_node.quote != self.quote or other in updated_node.raw_value:
            return updated_node
        return updated_node.with_changes(value=f"{updated_node.prefix}{other}{updated_node.raw_value}{other}")
