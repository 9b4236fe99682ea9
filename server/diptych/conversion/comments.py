"""``# diptych:`` comments: what the user says of arguments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import libcst as cst

from diptych.inference.values import Value

MARK = re.compile(r"#\s*diptych:\s*(.*?)\s*$")
ARRAY = re.compile(
    r"(\w+)\s*=\s*(float16|bfloat16|float32|float64|int8|uint8|int16|int32|int64|bool|complex64|complex128|float|int|mask|prob)\s*(?:\[([^\]]*)\])?"
)
WROTE = re.compile(r"#\s*diptych:\s*not converted")


def of_definition(node: cst.FunctionDef | cst.ClassDef) -> str | None:
    """The text after ``# diptych:`` above, beside or at the start of a definition; several lines are joined."""
    found = []
    for comment in _comments(node):
        match = MARK.match(comment)
        if match and not WROTE.match(comment):
            found.append(match.group(1))
    return ", ".join(found) or None


def above(statement: cst.SimpleStatementLine) -> str | None:
    """The text after ``# diptych:`` above a statement."""
    found = [MARK.match(line.comment.value) for line in statement.leading_lines if line.comment]
    return ", ".join(match.group(1) for match in found if match and not WROTE.match(match.string)) or None


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


def inside(node: cst.CSTNode) -> list[cst.Comment]:
    """Every comment of a node, in order."""
    found: list[cst.Comment] = []

    class Comments(cst.CSTVisitor):
        def visit_Comment(self, node: cst.Comment) -> None:  # noqa: N802
            found.append(node)

    node.visit(Comments())
    return found


def kept(statement: Any, converted: list[Any]) -> list[Any]:
    """The converted statements with the comments that stood within the statement's expressions, if the twin has no
    place for them.
    """
    if not converted or (len(converted) == 1 and converted[0] is statement):
        return converted
    within = [comment for part in _expressions(statement) for comment in inside(part)]
    if not within:
        return converted
    present = Counter(comment.value for new in converted for comment in inside(new))
    elsewhere = Counter(comment.value for comment in inside(statement)) - Counter(comment.value for comment in within)
    present -= elsewhere
    lost = []
    for comment in within:
        if present[comment.value] > 0:
            present[comment.value] -= 1
        else:
            lost.append(cst.EmptyLine(comment=comment))
    first = converted[0]
    if not lost or not hasattr(first, "leading_lines"):
        return converted
    return [first.with_changes(leading_lines=[*first.leading_lines, *lost]), *converted[1:]]


def _expressions(statement: Any) -> list[Any]:
    """The parts of a statement that are neither blocks nor the lines around it."""
    if isinstance(statement, cst.SimpleStatementLine):
        return list(statement.body)
    if isinstance(statement, (cst.If, cst.While)):
        return [statement.test]
    if isinstance(statement, cst.For):
        return [statement.target, statement.iter]
    if isinstance(statement, cst.With):
        return list(statement.items)
    if isinstance(statement, cst.ClassDef):
        return [*statement.decorators, *statement.bases, *statement.keywords]
    if isinstance(statement, cst.FunctionDef):
        return [*statement.decorators, statement.params, *([statement.returns] if statement.returns else [])]
    return []
