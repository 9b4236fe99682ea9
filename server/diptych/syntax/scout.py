"""A quick look at a text with ``ast``: what stands at a place. It finds; converting is for the tree of libcst alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from diptych.syntax.source import Span
from diptych.text.lines import split_lines

ROOTS = {"torch": "torch", "tensorflow": "tf", "keras": "keras"}


@dataclass(frozen=True)
class Call:
    """A call or a name: ``name`` is qualified (``torch.nn.Linear``), ``Tensor.sum`` for a method of anything."""

    name: str
    span: Span
    is_method: bool


@dataclass(frozen=True)
class Definition:
    """A function or class; ``first`` and ``last`` are its lines, decorators included."""

    name: str
    first: int
    last: int


class Scout:
    """One text, parsed once. ``tree`` is ``None`` where the text does not parse on this interpreter."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = split_lines(text)
        self.tree: ast.Module | None
        try:
            self.tree = ast.parse(text.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.tree = None
        self.aliases = dict(_aliases(self.tree)) if self.tree else {}

    def framework(self) -> str | None:
        """The framework that the text imports: "torch" or "tensorflow"; ``None`` if neither or both."""
        roots = {name.partition(".")[0] for name in self.aliases.values()}
        found = {"torch"} & roots | {"tensorflow" for root in roots if root in ("tf", "keras")}
        return found.pop() if len(found) == 1 else None

    def call_at(self, line: int, column: int) -> Call | None:
        """The innermost call of a framework function or of a method at a place; without one, the framework name there.

        Lines count from 1, columns from 0, in code points. A place in the arguments belongs to the call around them.
        """
        found: Call | None = None
        for node in self._around(line, column):
            if isinstance(node, ast.Call):
                call = self._named(node.func, node)
                found = call or found
            elif isinstance(node, ast.Attribute) and found is None:
                name = self._named(node, node)
                found = name if name is not None and not name.is_method else None
        return found

    def definition_at(self, line: int) -> Definition | None:
        """The innermost definition whose first line (decorators included, up to the ``:``) is this line."""
        if self.tree is None:
            return None
        found = None
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                if first <= line < max(node.body[0].lineno, node.lineno + 1):
                    found = Definition(node.name, first, node.end_lineno or node.lineno)
        return found

    def last_import(self) -> int:
        """The line after which a new import belongs: the last import at the top, else the docstring, else 0."""
        if self.tree is None:
            return 0
        last = 0
        for place, node in enumerate(self.tree.body):
            docstring = place == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if isinstance(node, (ast.Import, ast.ImportFrom)) or docstring:
                last = node.end_lineno or node.lineno
            elif not isinstance(node, (ast.If, ast.Try)):
                break
        return last

    def _around(self, line: int, column: int) -> Iterator[ast.expr]:
        """Expressions that hold the place, outermost first."""
        if self.tree is None or not 1 <= line <= len(self.lines):
            return
        place = (line, len(self.lines[line - 1][:column].encode("utf-8", "surrogatepass")))
        nodes: list[ast.AST] = [self.tree]
        while nodes:
            node = nodes.pop()
            for child in ast.iter_child_nodes(node):
                if isinstance(child, (ast.expr, ast.stmt)):
                    start = min([(child.lineno, child.col_offset), *_decorators(child)])
                    if not start <= place <= (child.end_lineno or 0, child.end_col_offset or 0):
                        continue
                    if isinstance(child, ast.expr):
                        yield child
                nodes.append(child)

    def _named(self, node: ast.expr, whole: ast.expr) -> Call | None:
        parts: list[str] = []
        base = node
        while isinstance(base, ast.Attribute):
            parts.append(base.attr)
            base = base.value
        if isinstance(base, ast.Name) and base.id in self.aliases:
            return Call(".".join([self.aliases[base.id], *reversed(parts)]), self._span(whole), is_method=False)
        if isinstance(node, ast.Attribute) and isinstance(whole, ast.Call):
            return Call(f"Tensor.{node.attr}", self._span(whole), is_method=True)
        return None

    def _span(self, node: ast.expr) -> Span:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(
            node.lineno,
            self._code_points(node.lineno, node.col_offset),
            end_line,
            self._code_points(end_line, end_column),
        )

    def _code_points(self, line: int, column: int) -> int:
        text = self.lines[line - 1]
        return (
            column if text.isascii() else len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        )


def _decorators(node: ast.AST) -> list[tuple[int, int]]:
    return [(item.lineno, item.col_offset) for item in getattr(node, "decorator_list", ())]


def _aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Names that imports bind to something of a framework, with its qualified name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                if root in ROOTS:
                    yield (alias.asname, _qualified(alias.name)) if alias.asname else (root, ROOTS[root])
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] in ROOTS:
            for alias in node.names:
                yield alias.asname or alias.name, _qualified(f"{node.module}.{alias.name}")


def _qualified(name: str) -> str:
    """``tensorflow.keras.layers`` is ``keras.layers``, ``tensorflow.nn`` is ``tf.nn``."""
    if name.startswith("tensorflow.keras"):
        return name.removeprefix("tensorflow.")
    root, dot, rest = name.partition(".")
    return f"{ROOTS[root]}{dot}{rest}"
