"""A quick look at a text with ``ast``: what stands at a place. It finds; converting is for the tree of libcst alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from diptych.syntax.canonical import canonical
from diptych.syntax.source import Span
from diptych.text.lines import split_lines

ROOTS = {"torch", "tensorflow", "keras"}


@dataclass(frozen=True)
class Call:
    """A call or a name: ``name`` is qualified (``torch.nn.Linear``), ``Tensor.sum`` for a method of anything."""

    name: str
    span: Span
    is_method: bool


@dataclass(frozen=True)
class Definition:
    """A function or class: its lines ``first`` to ``last``, decorators included, its body from after ``header``."""

    name: str
    first: int
    header: int
    last: int


class Scout:
    """What a quick look at a text finds; nothing where the text does not parse on this interpreter.

    ``calls`` are in the order of their starts, outer ones first. ``last_import`` is the line after which a new import
    belongs: the last import at the top, else the docstring, else 0.
    """

    def __init__(self, text: str) -> None:
        self.calls: list[Call] = []
        self.definitions: list[Definition] = []
        self.aliases: dict[str, str] = {}
        self.last_import = 0
        try:
            tree = ast.parse(text.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        self._lines = [line if line.isascii() else line.encode("utf-8", "surrogatepass") for line in split_lines(text)]
        self.aliases = dict(_aliases(tree))
        self.last_import = _last_import(tree)
        if self.aliases:
            self._visit(tree)
        self.calls.sort(key=lambda call: (call.span.line, call.span.column))
        del self._lines

    def framework(self) -> str | None:
        """The framework that the text imports: "torch" or "tensorflow"; ``None`` if neither or both."""
        roots = {name.partition(".")[0] for name in self.aliases.values()}
        found = {"torch" if root == "torch" else "tensorflow" for root in roots}
        return found.pop() if len(found) == 1 else None

    def call_at(self, line: int, column: int) -> Call | None:
        """The innermost call of a framework function or of a method at a place; without one, the framework name there.

        Lines count from 1, columns from 0, in code points. A place in the arguments belongs to the call around them.
        """
        found = None
        for call in self.calls:
            span = call.span
            if (span.line, span.column) > (line, column):
                break
            if (line, column) <= (span.end_line, span.end_column):
                found = call
        return found

    def definition_at(self, line: int) -> Definition | None:
        """The innermost definition that has this line in its header: decorators, name and parameters."""
        return next((item for item in reversed(self.definitions) if item.first <= line <= item.header), None)

    def _visit(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                call = self._named(child.func, child)
                if call is not None:
                    self.calls.append(call)
                self._visit_parts(child)
                continue
            if isinstance(child, ast.Attribute) and (name := self._named(child, child)) is not None:
                self.calls.append(name)
                continue
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                header = max(child.body[0].lineno - 1, child.lineno)
                self.definitions.append(Definition(child.name, first, header, child.end_lineno or child.lineno))
            self._visit(child)

    def _visit_parts(self, call: ast.Call) -> None:
        """What stands inside a call; the name of its function belongs to the call itself."""
        base: ast.expr = call.func
        while isinstance(base, ast.Attribute):
            base = base.value
        self._visit(ast.Expr(base))
        self._visit(ast.Expr(ast.List(call.args)))
        for keyword in call.keywords:
            self._visit(keyword)

    def _named(self, node: ast.expr, whole: ast.expr) -> Call | None:
        parts: list[str] = []
        base = node
        while isinstance(base, ast.Attribute):
            parts.append(base.attr)
            base = base.value
        if isinstance(base, ast.Name) and base.id in self.aliases:
            name = canonical(".".join([self.aliases[base.id], *reversed(parts)]))
            return Call(name, self._span(whole), is_method=False)
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
        text = self._lines[line - 1]
        return column if isinstance(text, str) else len(text[:column].decode("utf-8", "surrogatepass"))


def _aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Names that imports bind to something of a framework, with its qualified name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                if root in ROOTS:
                    yield (alias.asname, canonical(alias.name)) if alias.asname else (root, canonical(root))
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] in ROOTS:
            for alias in node.names:
                yield alias.asname or alias.name, canonical(f"{node.module}.{alias.name}")


def _last_import(tree: ast.Module) -> int:
    last = 0
    for place, node in enumerate(tree.body):
        docstring = place == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, (ast.Import, ast.ImportFrom)) or docstring:
            last = node.end_lineno or node.lineno
        elif not isinstance(node, (ast.If, ast.Try)):
            break
    return last
