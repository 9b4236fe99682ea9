"""A quick look at a text with ``ast``: what stands at a place. It finds; converting is for the tree of libcst alone."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace

from diptych.syntax.canonical import canonical
from diptych.syntax.source import Span
from diptych.text.lines import split_lines
from diptych.text.members import Part, parts
from diptych.text.pieces import split
from diptych.text.same_code import lines_of_code

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


@dataclass(frozen=True)
class _Mention:
    """A call or dotted name: it begins with the name ``root``, if that, and goes on with ``path``.

    ``method`` is the last name of a call of anything's attribute.
    """

    root: str | None
    path: tuple[str, ...]
    method: str | None
    span: Span

    def resolved(self, aliases: dict[str, str], down: int) -> Call | None:
        """What it is by the file's imports, that many lines further down."""
        line, end = self.span.line + down, self.span.end_line + down
        if self.root in aliases:
            name = canonical(".".join([aliases[self.root], *self.path]))
            return Call(name, Span(line, self.span.column, end, self.span.end_column), is_method=False)
        if self.method is not None:
            span = Span(line, self.span.column, end, self.span.end_column)
            return Call(f"Tensor.{self.method}", span, is_method=True)
        return None


class _Piece:
    """What one part of a text mentions, by lines of what was parsed, in which the part begins after line ``above``.
    Raises what ``ast.parse`` raises, and ``ValueError`` for a part of a class that is none.

    ``body`` are the statements at the top, ``first`` and ``last`` the lines from which and to which a statement goes.
    """

    def __init__(self, part: Part) -> None:
        text = part.whole
        tree = ast.parse(text.removeprefix("\ufeff"))
        if part != Part(part.text) and (len(tree.body) != 1 or not isinstance(tree.body[0], ast.ClassDef)):
            raise ValueError("no part of a class")
        self.above = part.before.count("\n")
        self.height = len(split_lines(part.text))
        if part.before:
            tree = ast.Module(tree.body[0].body, [])  # type: ignore[attr-defined]
        self.body = [] if part.before else [(_kind(node), node.end_lineno or node.lineno) for node in tree.body]
        self.first = tree.body[0].lineno if tree.body else 0
        self.last = (tree.body[-1].end_lineno or 0) if tree.body else 0
        self.aliases = dict(_aliases(tree))
        self.definitions: list[Definition] = []
        self.mentions: list[_Mention] = []
        self._lines = [line if line.isascii() else line.encode("utf-8", "surrogatepass") for line in split_lines(text)]
        self._visit(tree)
        self.mentions.sort(key=lambda found: (found.span.line, found.span.column))
        del self._lines

    def _visit(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                self._mention(child.func, child)
                base: ast.expr = child.func  # the name of a call's function belongs to the call itself
                while isinstance(base, ast.Attribute):
                    base = base.value
                self._visit(ast.Expr(base))
                self._visit(ast.Expr(ast.List(child.args)))
                for keyword in child.keywords:
                    self._visit(keyword)
                continue
            if isinstance(child, ast.Attribute) and self._mention(child, child):
                continue
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                header = max(child.body[0].lineno - 1, child.lineno)
                self.definitions.append(Definition(child.name, first, header, child.end_lineno or child.lineno))
            self._visit(child)

    def _mention(self, node: ast.expr, whole: ast.expr) -> bool:
        parts: list[str] = []
        base = node
        while isinstance(base, ast.Attribute):
            parts.append(base.attr)
            base = base.value
        root = base.id if isinstance(base, ast.Name) else None
        method = node.attr if isinstance(node, ast.Attribute) and isinstance(whole, ast.Call) else None
        if root is None and method is None:
            return False
        self.mentions.append(_Mention(root, tuple(reversed(parts)), method, self._span(whole)))
        return True

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


class Scout:
    """What a quick look at a text finds; nothing where the text does not parse on this interpreter.

    ``last_import`` is the line after which a new import belongs: the last import at the top, else the docstring, else
    0. ``earlier`` is what was found in another version of the text: pieces that hold the same code on the same lines
    are not read again. ``pieces`` and ``parts`` are those of the last text that parsed.
    """

    def __init__(self, text: str, earlier: Scout | None = None) -> None:
        self.last_import = 0
        self.aliases: dict[str, str] = {}
        self._placed: list[tuple[int, _Piece]] = []  # each with the number of lines before it
        self.pieces = split(text, earlier.pieces if earlier is not None else ())
        self.parts = parts(self.pieces)
        try:
            self._known = self._read(earlier)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            try:
                self.pieces, self.parts = [text], [Part(text)]
                self._known = {Part(text): _Piece(Part(text))}
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self.pieces, self.parts, self._known = [], [], {}
                if earlier is not None:
                    self.pieces, self.parts, self._known = earlier.pieces, earlier.parts, earlier._known
                return
        down = 0
        for number, part in enumerate(self.parts):
            piece = self._known[part]
            if part.after:
                piece = self._whole_class(number, piece)
            self._placed.append((down - piece.above, piece))
            self.aliases |= piece.aliases
            down += piece.height
        self.last_import = self._last_import()

    def _read(self, earlier: Scout | None) -> dict[Part, _Piece]:
        known = earlier._known if earlier is not None else {}
        same = _same(earlier, self.parts) if earlier is not None else {}
        return {part: known.get(part) or same.get(part) or _Piece(part) for part in self.parts}

    def _whole_class(self, number: int, head: _Piece) -> _Piece:
        """The head of a long class, which tells now how far the class goes."""
        above, first, last = head.height, 0, 0
        for part in self.parts[number + 1 :]:
            if not part.before:
                break
            member = self._known[part]
            first = first or above + member.first - member.above
            last = above + member.last - member.above
            above += member.height
        whole = copy.copy(head)
        own, *inner = head.definitions
        whole.definitions = [replace(own, header=first - 1, last=last), *inner]
        return whole

    @property
    def calls(self) -> list[Call]:
        """All calls and names of the frameworks, and calls of methods, in the order of their starts; outer ones first.
        None where nothing of a framework is imported.
        """
        return [call for piece in self._placed for call in self._calls_in(piece)]

    @property
    def definitions(self) -> list[Definition]:
        """All functions and classes, outer ones first; none where nothing of a framework is imported."""
        if not self.aliases:
            return []
        return [
            Definition(item.name, item.first + down, item.header + down, item.last + down)
            for down, piece in self._placed
            for item in piece.definitions
        ]

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
        for down, piece in self._placed:
            if not down < line <= down + piece.above + piece.height:
                continue
            for mention in piece.mentions if self.aliases else ():
                span = mention.span
                if (span.line + down, span.column) > (line, column):
                    break
                if (line, column) <= (span.end_line + down, span.end_column):
                    found = mention.resolved(self.aliases, down) or found
        return found

    def lines_above(self, number: int) -> int:
        """How many lines stand above one of the parts."""
        down, piece = self._placed[number]
        return down + piece.above

    def in_long_class(self, line: int) -> bool:
        """Whether a line stands in a class that is read in parts."""
        return any(
            bool(part.before) and down + piece.above < line <= down + piece.above + piece.height
            for part, (down, piece) in zip(self.parts, self._placed, strict=False)
        )

    def definition_at(self, line: int) -> Definition | None:
        """The innermost definition that has this line in its header: decorators, name and parameters."""
        return next((item for item in reversed(self.definitions) if item.first <= line <= item.header), None)

    def _calls_in(self, placed: tuple[int, _Piece]) -> list[Call]:
        if not self.aliases:
            return []
        down, piece = placed
        found = (mention.resolved(self.aliases, down) for mention in piece.mentions)
        return [call for call in found if call is not None]

    def _last_import(self) -> int:
        last = 0
        first = True
        for down, piece in self._placed:
            for kind, end in piece.body:
                if kind == "import" or (kind == "constant" and first):
                    last = end + down
                elif kind != "branch":
                    return last
                first = False
        return last


def _same(earlier: Scout, after: list[Part]) -> dict[Part, _Piece]:
    """What is known of parts that hold other comments or spaces now."""
    if len(after) != len(earlier.parts):
        return {}
    changed = [(old, new) for old, new in zip(earlier.parts, after, strict=True) if old != new]
    return {
        new: earlier._known[old]
        for old, new in changed
        if old[1:] == new[1:]
        and old.text.count("\n") == new.text.count("\n")
        and (code := lines_of_code(old.text)) is not None
        and code == lines_of_code(new.text)
    }


def _kind(node: ast.stmt) -> str:
    """What a statement at the top is to whoever looks for a place for an import."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "import"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return "constant"
    return "branch" if isinstance(node, (ast.If, ast.Try)) else "other"


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
