"""``# diptych:`` comments: what the user says of arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from diptych.inference.values import Value

MARK = re.compile(r"#\s*diptych:\s*(.*?)\s*$")
ARRAY = re.compile(r"(\w+)\s*=\s*(float16|bfloat16|float32|float64|int8|uint8|int16|int32|int64|bool|complex64|complex128|float|int|mask|prob)\s*(?:\[([^\]]*)\])?")
WROTE = re.compile(r"#\s*diptych:\s*not converted")


def of_definition(node: cst.FunctionDef | cst.ClassDef) -> str | None:
    """The text after ``# diptych:`` above, beside or at the start of a definition; several lines are joined."""
    found = []
    for comment in _comments(node):
        match = MARK.match(comment)
        if match and not WROTE.match(comment):
            found.append(match.group(1))
    return ", ".join(found) or None


def _comments(node: cst.FunctionDef | cst.ClassDef) -> Iterator[str]:
    lines = [*node.leading_lines, *node.lines_after_decorators]
    for line in lines:
        if line.comment:
            yield line.comment.value
    body = node.body
    if isinstance(body, cst.IndentedBlock):
        if body.header.comment:
            yield body.header.comment.value
        for statement in body.body[:2]:
            for line in getattr(statement, "leading_lines", ()):
                if line.comment:
                    yield line.comment.value
    elif body.trailing_whitespace.comment if isinstance(body, cst.SimpleStatementSuite) else None:
        assert isinstance(body, cst.SimpleStatementSuite)
        comment = body.trailing_whitespace.comment
        if comment:
            yield comment.value


def values(text: str | None) -> dict[str, Value]:
    """What a comment says of each argument."""
    found = {}
    for match in ARRAY.finditer(text or ""):
        name, dtype, dims = match.groups()
        rank = None
        width = None
        if dims is not None:
            sizes = [part.strip() for part in dims.split(",") if part.strip()]
            rank = len(sizes)
            width = int(sizes[-1]) if sizes and sizes[-1].isdigit() else None
        dtype = {"mask": "bool", "prob": "float32", "float": "float32", "int": "int64"}.get(dtype, dtype)
        found[name] = Value("tensor", dtype=dtype, rank=rank, width=width)
    return found
