"""``# diptych:`` comments: what the user says of arguments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import libcst as cst

from diptych.inference.permutations import Permutation
from diptych.inference.values import Value
from diptych.syntax.source import code_of

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
        known = None
        if dims is not None:
            sizes = [part.strip() for part in dims.split(",") if part.strip()]
            rank = len(sizes)
            known = tuple(int(size) if size.isdigit() else None for size in sizes)
            width = known[-1] if known else None
        dtype = {"mask": "bool", "prob": "float32", "float": "float32", "int": "int64"}.get(dtype, dtype)
        found[name] = Value("tensor", dtype=dtype, rank=rank, width=width, sizes=known)
    return found


def turned(node: Any, orders: Mapping[str, Permutation | None]) -> Any:
    """A converted definition whose comments state each argument's shape in the order of axes that the twin takes."""
    if not any(orders.values()):
        return node

    def lines(found: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
        return [line.with_changes(comment=_turned(line.comment, orders)) if line.comment else line for line in found]

    node = node.with_changes(
        leading_lines=lines(node.leading_lines), lines_after_decorators=lines(node.lines_after_decorators)
    )
    body = node.body
    if not isinstance(body, cst.IndentedBlock) or isinstance(node, cst.ClassDef):
        return node
    if body.header.comment:
        body = body.with_changes(header=body.header.with_changes(comment=_turned(body.header.comment, orders)))
    first: list[Any] = [
        statement.with_changes(leading_lines=lines(statement.leading_lines))
        if any(line.comment for line in getattr(statement, "leading_lines", ()))
        else statement
        for statement in list[Any](body.body[:2])
    ]
    return node.with_changes(body=body.with_changes(body=[*first, *body.body[2:]]))


def _turned(comment: cst.Comment, orders: Mapping[str, Permutation | None]) -> cst.Comment:
    if not MARK.match(comment.value) or WROTE.match(comment.value):
        return comment

    def array(match: re.Match[str]) -> str:
        order = orders.get(match[1])
        sizes = [part.strip() for part in (match[3] or "").split(",")]
        if order is None or len(order) != len(sizes):
            return match[0]
        separator = ", " if ", " in match[3] else ","
        start, end = (place - match.start() for place in match.span(3))
        return match[0][:start] + separator.join(sizes[axis] for axis in order) + match[0][end:]

    return comment.with_changes(value=ARRAY.sub(array, comment.value))


def inside(node: cst.CSTNode) -> list[cst.Comment]:
    """Every comment of a node, in order."""
    found: list[cst.Comment] = []
    if "#" not in code_of(node):
        return found

    class Comments(cst.CSTVisitor):
        def visit_Comment(self, node: cst.Comment) -> None:  # noqa: N802
            found.append(node)

    node.visit(Comments())
    return found


def around(statement: cst.SimpleStatementLine, made: list[Any]) -> list[Any]:
    """What stands for a whole statement, with the lines above it and the comment beside it."""
    above, beside, made = list(statement.leading_lines), statement.trailing_whitespace, list(made)
    if beside.comment is not None and isinstance(made[-1], cst.SimpleStatementLine):
        made[-1] = made[-1].with_changes(trailing_whitespace=beside)
    elif beside.comment is not None:
        above.append(cst.EmptyLine(comment=beside.comment))
    return [made[0].with_changes(leading_lines=[*above, *made[0].leading_lines]), *made[1:]]


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
        return [*statement.decorators, statement.params, *([statement.returns.annotation] if statement.returns else [])]
    return []
