"""One-line bugs in a text: an operator, a constant, an axis or the order of two things is changed."""

from __future__ import annotations

import ast
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass

OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
}
LAYOUT_CALLS = ("transpose", "permute")


@dataclass(frozen=True)
class Bug:
    """``line`` (from 1) of the text becomes ``after``."""

    kind: str
    line: int
    before: str
    after: str

    def planted(self, text: str) -> str:
        """The text with the bug in it."""
        lines = text.split("\n")
        assert lines[self.line - 1] == self.before
        lines[self.line - 1] = self.after
        return "\n".join(lines)


def bugs(text: str, lines: Collection[int], seed: str) -> list[Bug]:
    """Every bug that can be planted on these lines, in an order that the seed decides. One for each kind comes first
    in turn, so that all kinds are planted though constants are many.
    """
    written = text.split("\n")
    by_kind: dict[str, list[Bug]] = {}
    for kind, first, last, new in _edits(ast.parse(text), text):
        number = first[0]
        if number not in lines or last[0] != number:
            continue
        line = written[number - 1]
        after = line[: first[1]] + new + line[last[1] :]
        if after != line and _parses(text, number, after):
            by_kind.setdefault(kind, []).append(Bug(kind, number, line, after))
    chance = random.Random(seed)
    order = sorted(by_kind)
    chance.shuffle(order)
    for found in by_kind.values():
        chance.shuffle(found)
    result: dict[Bug, None] = {}
    for turn in range(max(map(len, by_kind.values()), default=0)):
        result.update({by_kind[kind][turn]: None for kind in order if turn < len(by_kind[kind])})
    return list(result)


def _parses(text: str, number: int, after: str) -> bool:
    lines = text.split("\n")
    lines[number - 1] = after
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:
        return False
    return True


Place = tuple[int, int]
Edit = tuple[str, Place, Place, str]


def _edits(tree: ast.Module, text: str) -> Iterator[Edit]:
    """The kind of a change, where it begins and ends, and what stands there instead."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            yield from _operator(node, text)
        elif isinstance(node, ast.Call):
            yield from _call(node, text)
        elif isinstance(node, ast.Constant):
            yield from _constant(node)
        elif isinstance(node, ast.List) and len(node.elts) == 2 and isinstance(node.ctx, ast.Load):
            yield from _swap(node.elts[0], node.elts[1], text)


def _span(node: ast.expr) -> tuple[Place, Place]:
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def _operator(node: ast.BinOp, text: str) -> Iterator[Edit]:
    old, new = OPERATORS[type(node.op)]
    (line, column), (until, end) = _span(node.left)[1], _span(node.right)[0]
    if line == until:
        between = text.split("\n")[line - 1][column:end]
        yield "operator", (line, column), (until, end), between.replace(old, new, 1)


def _constant(node: ast.Constant) -> Iterator[Edit]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", *_span(node), str(not value)
    elif isinstance(value, int):
        yield "constant", *_span(node), str(value + 1)
    elif isinstance(value, float):
        yield "constant", *_span(node), repr(value * 1.5 if value else 0.5)


def _call(node: ast.Call, text: str) -> Iterator[Edit]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    for keyword in node.keywords:
        if keyword.arg in ("axis", "dim") and (axis := _integer(keyword.value)) is not None:
            yield "axis", *_span(keyword.value), str(axis - 1 if axis > 0 else axis + 1 if axis < -1 else 1 + 2 * axis)
    for argument in node.args if name in LAYOUT_CALLS else ():
        if isinstance(argument, ast.Tuple) and len(argument.elts) > 1:
            axes = [ast.get_source_segment(text, item) or "" for item in argument.elts]
            axes[-2:] = axes[:-3:-1]
            yield "axis", *_span(argument), f"({', '.join(axes)})"
    if len(node.args) > 1 and not any(isinstance(item, ast.Starred) for item in node.args[:2]):
        yield from _swap(node.args[0], node.args[1], text)


def _integer(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int) else None


def _swap(first: ast.expr, second: ast.expr, text: str) -> Iterator[Edit]:
    begin, end = _span(first)[0], _span(second)[1]
    parts = [ast.get_source_segment(text, node) for node in (first, second)]
    if begin[0] == end[0] and all(parts) and parts[0] != parts[1]:
        yield "order", begin, end, f"{parts[1]}, {parts[0]}"
