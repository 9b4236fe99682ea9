"""What checks ask of a text: full names, what made a value, what stands around a place and before it.

An answer is given only where it is sure from the text: a name stands for an expression if every way to its use goes
through that one assignment, ``self.x`` if the class assigns it once.
"""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from diptych.checks.finding import Fix, Safety
from diptych.checks.fragments import TOP, AttributeBinding, Binding, Fragment, Function, Scope
from diptych.checks.use import Problem
from diptych.syntax.canonical import canonical
from diptych.text.edits import Edit
from diptych.text.missing import MISSING
from diptych.text.pieces import split
from diptych.text.positions import LineIndex

_DEEP = 12  # assignments that are followed, one from another
_ERRORS = re.compile(r"\b(?:pytest\.|self\.assert)(?:raises|Raises|warns|Warns)")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass
class Asked:
    """What was asked of the rest of a text while a part of it was looked at."""

    names: set[str] = field(default_factory=set)  # at the top
    calls: set[str] = field(default_factory=set)  # by the last name of what is called, wherever they stand
    said: dict[str | re.Pattern[str], bool] = field(default_factory=dict)
    everything: bool = False


@dataclass
class _Quiet:
    """The checks that found nothing in a part of a text, and what they asked of the rest."""

    checks: set[Any]
    asked: Asked


class Flow:
    """One text. ``known`` is the same of an earlier version: pieces that have not changed are not read again.

    Checks are shown it in ``parts``, since most of what one can find is found within one definition. What goes through
    the nodes (``calls``, ``all``, ``attribute_bindings``) gives those of the part; what a name stands for is found
    wherever it is. ``calls_anywhere`` and ``says`` look at all of the text.

    Raises ``SyntaxError`` or ``ValueError`` if this interpreter cannot read the text, ``RecursionError`` if it is
    nested too deeply.
    """

    def __init__(self, text: str, known: Flow | None = None) -> None:
        self._text = text
        self.lines = LineIndex(text)
        self._pieces = split(text, known._pieces if known is not None else ())
        self._all, in_order = self._read(known)
        self.fragments: Sequence[Fragment] = self._all
        self._top: dict[str, list[Binding]] = {}
        down = 0
        for fragment in self._all:
            fragment.down = down
            down += len(fragment.lines)
            for name, bindings in fragment.root.bindings.items():
                self._top.setdefault(name, []).extend(bindings)
        self._bindings: dict[ast.Name, Binding | None] = {}
        self._attributes: dict[ast.ClassDef, dict[str, list[AttributeBinding]]] = {}
        self._said: dict[str | re.Pattern[str], bool] = {}
        self.asked = Asked()
        self.memory: dict[Any, Any] = {}  # for whoever computes something from the text that is asked again
        self._groups = self._grouped()
        self._quiet: dict[tuple[Fragment, ...], _Quiet] = {}
        if known is not None and in_order:
            self._remember(known)

    def _read(self, known: Flow | None) -> tuple[list[Fragment], bool]:
        """The pieces' fragments, and whether those that are known stand in the order in which they stood."""
        spare: dict[str, deque[tuple[int, Fragment]]] = {}
        if known is not None:
            for number, (piece, fragment) in enumerate(zip(known._pieces, known._all, strict=True)):
                spare.setdefault(piece, deque()).append((number, fragment))
        found: list[Fragment] = []
        places: list[int] = []
        try:
            for piece in self._pieces:
                if spare.get(piece):
                    number, fragment = spare[piece].popleft()
                    places.append(number)
                    found.append(fragment)
                else:
                    found.append(Fragment(piece))
        except SyntaxError:
            self._pieces = [self._text]
            return [Fragment(self._text)], False
        return found, places == sorted(places)

    # Its parts.

    def parts(self, checks: Sequence[Any]) -> Iterator[tuple[Flow, list[Any]]]:
        """The text part by part: a definition at the top each, and together all else that may share an object.

        With each part, those of some checks that are not known to find nothing in it; parts without any are left out.
        """
        for group in self._groups:
            quiet = self._quiet.get(group)
            asking = [check for check in checks if quiet is None or check not in quiet.checks]
            if not asking:
                continue
            part = copy.copy(self)
            part.fragments, part.memory, part._bindings = group, {}, {}
            part.asked = quiet.asked if quiet is not None else Asked()
            yield part, asking

    def found_nothing(self, checks: Collection[Any]) -> None:
        """Remember for the next version that these checks have found nothing in this part."""
        self._quiet.setdefault(tuple(self.fragments), _Quiet(set(), self.asked)).checks.update(checks)

    def _grouped(self) -> list[tuple[Fragment, ...]]:
        """What a name at the top holds may be used wherever the name is read: only definitions that read no such name
        stand by themselves.
        """
        held = frozenset[str]().union(*(fragment.holds for fragment in self._all))
        alone = [fragment.defines and held.isdisjoint(fragment.names) for fragment in self._all]
        groups = [(fragment,) for fragment, by_itself in zip(self._all, alone, strict=True) if by_itself]
        rest = tuple(fragment for fragment, by_itself in zip(self._all, alone, strict=True) if not by_itself)
        return [rest, *groups] if rest else groups

    def _remember(self, known: Flow) -> None:
        """Take over what was found quiet in an earlier version, where nothing has changed that was asked for."""
        changed = set(self._all) ^ set(known._all)
        names = {name for fragment in changed for name in fragment.root.bindings}
        calls = {name for fragment in changed for name in fragment.calls}
        for group in self._groups:
            quiet = known._quiet.get(group)
            if quiet is None or (quiet.asked.everything and changed):
                continue
            asked = quiet.asked
            same = names.isdisjoint(asked.names) and calls.isdisjoint(asked.calls)
            if same and all(self._says(pattern) == answer for pattern, answer in asked.said.items()):
                self._quiet[group] = quiet

    # What there is.

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """All calls of what is written with one of these as its last name: ``F.relu(x)`` and ``x.relu()`` for relu."""
        for name in names:
            for fragment in self.fragments:
                yield from fragment.calls.get(name, ())

    def calls_anywhere(self, *names: str) -> Iterator[ast.Call]:
        """As ``calls``, in other parts of the text as well."""
        self.asked.calls.update(names)
        for name in names:
            for fragment in self._all:
                yield from fragment.calls.get(name, ())

    def says(self, pattern: str | re.Pattern[str], function: Function | None = None) -> bool:
        """Whether words, or what an expression matches, stand in a function; without one, anywhere in the text."""
        if function is not None:
            return _holds(self.code(function), pattern)
        answer = self.asked.said[pattern] = self._says(pattern)
        return answer

    def _says(self, pattern: str | re.Pattern[str]) -> bool:
        if pattern not in self._said:
            self._said[pattern] = _holds(self._text, pattern)
        return self._said[pattern]

    def keyword_calls(self, name: str) -> Iterator[ast.Call]:
        """All calls with a keyword of this name."""
        for fragment in self.fragments:
            for calls in fragment.calls.values():
                yield from (call for call in calls if any(keyword.arg == name for keyword in call.keywords))

    def all(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        """All nodes of a type, of those that ``fragments`` indexes."""
        for fragment in self.fragments:
            for kind in kinds:
                yield from fragment.index.get(kind, ())

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """All functions and methods."""
        return self.all(ast.FunctionDef, ast.AsyncFunctionDef)

    def attribute_bindings(self) -> Iterator[AttributeBinding]:
        """All assignments to attributes."""
        for fragment in self.fragments:
            yield from fragment.attributes

    @cached_property
    def expected_errors(self) -> list[tuple[int, int]]:
        """Where tests expect that an error is raised: start and end of each such ``with`` statement."""
        return [
            self.offsets(node)
            for node in self.all(ast.With)
            if any(_ERRORS.search(self.code(item.context_expr)) for item in node.items)
        ]

    # Where things are.

    def place(self, node: Any) -> tuple[int, int]:
        """Line (from 1) and column of the start of a node in the text, the column in bytes: to compare places."""
        return self._fragment(node).down + node.lineno, node.col_offset

    def end(self, node: Any) -> tuple[int, int]:
        """Line and column of the end of a node, as ``place``."""
        return self._fragment(node).down + node.end_lineno, node.end_col_offset

    def offsets(self, node: Any) -> tuple[int, int]:
        """Start and end of a node in the text, in code points."""
        fragment = self._fragment(node)
        return (
            self._offset(fragment, node.lineno, node.col_offset),
            self._offset(fragment, node.end_lineno, node.end_col_offset),
        )

    def _offset(self, fragment: Fragment, line: int, column: int) -> int:
        text = fragment.lines[line - 1]
        if not text.isascii():
            column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass"))
        mark = 1 if line + fragment.down == 1 and self._text.startswith("\ufeff") else 0
        return self.lines.offset(line + fragment.down, column + mark)

    def code(self, node: Any) -> str:
        """The text of a node."""
        start, end = self.offsets(node)
        return self._text[start:end]

    def _fragment(self, node: Any) -> Fragment:
        fragment = getattr(node, "fragment", None)
        if fragment is None:
            top = node
            while top.around is not None:
                top = top.around
            fragment = node.fragment = top.fragment
        return fragment

    def around(self, node: Any) -> Iterator[Any]:
        """The nodes around a node, from the inside outwards, without the module."""
        node = node.around
        while node is not None and node.around is not None:
            yield node
            node = node.around

    def statement(self, node: Any) -> Any:
        """The innermost statement that a node stands in, or is."""
        while not isinstance(node, ast.stmt):
            node = node.around
        return node

    def block(self, statement: Any) -> list[Any]:
        """The statements among which a statement stands, itself one of them."""
        if statement.block is TOP:
            self.asked.everything = True
            return [one for fragment in self._all for one in fragment.tree.body]
        return statement.block

    def function(self, node: Any) -> Function | None:
        """The innermost function around a node."""
        return next((one for one in self.around(node) if isinstance(one, _FUNCTIONS)), None)

    def method(self, node: Any) -> tuple[ast.ClassDef, Any] | None:
        """The class and the method of it that a node stands in, perhaps within a function of that method."""
        for one in self.around(node):
            if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and isinstance(one.around, ast.ClassDef):  # type: ignore[attr-defined]
                return one.around, one  # type: ignore[attr-defined]
        return None

    def loops(self, node: Any) -> list[Any]:
        """The loops around a node within its function, the innermost first."""
        found = []
        for one in self.around(node):
            if isinstance(one, (*_FUNCTIONS, ast.ClassDef)):
                break
            if isinstance(one, (ast.For, ast.While)):
                found.append(one)
        return found

    def contexts(self, node: Any) -> Iterator[ast.expr]:
        """The expressions of the ``with`` statements around a node within its function."""
        inner = node
        for one in self.around(node):
            if isinstance(one, (*_FUNCTIONS, ast.ClassDef)):
                break
            if isinstance(one, (ast.With, ast.AsyncWith)) and isinstance(inner, ast.stmt):
                yield from (item.context_expr for item in one.items)
            inner = one

    def inside(self, node: Any, *, functions: bool = False) -> Iterator[Any]:
        """A node and all in it, in the order of the text; functions and classes within it only if asked for."""
        stack = [node]
        while stack:
            current = stack.pop()
            yield current
            if not functions and current is not node and isinstance(current, (*_FUNCTIONS, ast.ClassDef)):
                continue
            stack += reversed(list(ast.iter_child_nodes(current)))

    def within(self, node: Any, outer: Any) -> bool:
        """Whether a node stands in another, or is it."""
        while node is not None:
            if node is outer:
                return True
            node = node.around
        return False

    # What names stand for.

    def name(self, node: Any) -> str | None:
        """The full name that a dotted name reads by the imports, as ``torch.nn.functional.relu``."""
        parts: list[str] = []
        while type(node) is ast.Attribute:
            parts.append(node.attr)
            node = node.value
        if type(node) is not ast.Name:
            return None
        bindings = self._owned(node)[1]
        names = {binding.full if binding.kind == "import" else None for binding in bindings if not _is_none(binding)}
        full = names.pop() if len(names) == 1 else None
        return canonical(".".join([full, *reversed(parts)])) if full else None

    def called(self, node: Any) -> str | None:
        """The full name of what is called, if the node is a call of one."""
        return self.name(node.func) if isinstance(node, ast.Call) else None

    def _owned(self, node: Any) -> tuple[Scope | None, list[Binding]]:
        """The scope that a name belongs to, and its bindings there."""
        scope: Scope | None = getattr(node, "scope", None)
        first = scope
        while scope is not None:
            if node.id in scope.outer:
                return None, [Binding("other", node)]
            if scope.parent is None:
                return scope, self.top(node.id)
            if node.id in scope.bindings and (scope is first or scope.kind != "class"):
                return scope, scope.bindings[node.id]
            scope = scope.parent
        return None, []

    def top(self, name: str) -> list[Binding]:
        """What the module binds a name to."""
        self.asked.names.add(name)
        return self._top.get(name, [])

    def is_builtin(self, node: ast.Name) -> bool:
        """Whether a name is bound nowhere in the file, so that Python's own is meant."""
        return not self._owned(node)[1]

    def means(self, name: str, full: str) -> bool:
        """Whether a name at the top of the file is the import of this full name, and nothing else."""
        bound = self.top(name)
        return bool(bound) and all(one.full is not None and canonical(one.full) == full for one in bound)

    def imported(self, name: str) -> bool:
        """Whether a name means a package of that name at the top of the file."""
        bound = self.top(name)
        return len(bound) == 1 and bound[0].full == name

    def binding(self, node: ast.Name) -> Binding | None:
        """The one binding that a use of a name reads, whatever way the code takes to it; ``None`` if not sure."""
        if node not in self._bindings:
            self._bindings[node] = self._reaching(node)
        return self._bindings[node]

    def _reaching(self, node: Any) -> Binding | None:
        owner, bindings = self._owned(node)
        if owner is None or not bindings or any(binding.kind == "elsewhere" for binding in bindings):
            return None
        if node.scope.function() is not owner and node.scope is not owner:
            real = [binding for binding in bindings if not _is_none(binding)]
            return real[0] if len(real) == 1 else None
        if owner.kind == "comprehension":
            return bindings[0] if len(bindings) == 1 else None
        here = self.place(node)
        last: Binding | None = None
        for binding in bindings:
            at = binding.node
            started = self.place(at) < here
            if binding.kind in ("with", "loop", "other"):
                before = started and ((self.within(node, at) and not self._in_header(node, at)) or self.end(at) <= here)
            else:
                before = self.end(at) <= here
            if before and (last is None or self.place(last.node) <= self.place(at)):
                last = binding
        if last is None or not self._dominates(last, node):
            return None
        for loop in self.loops(node):
            if not self.within(last.node, loop) and any(
                one is not last and self.within(one.node, loop) for one in bindings
            ):
                return None
        return last

    def _in_header(self, node: Any, outer: Any) -> bool:
        """Whether a node stands in the head of a ``for`` or ``with`` rather than in its body."""
        inner = node
        while inner.around is not outer:
            inner = inner.around
            if inner is None:
                return False
        return not isinstance(inner, ast.stmt)

    def _dominates(self, binding: Binding, node: Any) -> bool:
        at = binding.node
        if binding.kind == "parameter":
            return True
        if not isinstance(at, ast.stmt):
            return binding.kind == "value" and self.statement(at) is self.statement(node)
        if binding.kind in ("with", "loop") and self.within(node, at):
            return True
        blocks, outer = [at.block], at.around  # type: ignore[attr-defined]
        while isinstance(outer, (ast.With, ast.AsyncWith)):  # what stands under ``with`` is always run
            blocks.append(outer.block)  # type: ignore[attr-defined]
            outer = outer.around  # type: ignore[attr-defined]
        statements = [one for one in [node, *self.around(node)] if isinstance(one, ast.stmt)]
        return any(one.block is block for one in statements for block in blocks)  # type: ignore[attr-defined]

    def attributes(self, owner: ast.ClassDef) -> dict[str, list[AttributeBinding]]:
        """The attributes that the methods of a class assign to ``self``, each with its assignments."""
        found = self._attributes.get(owner)
        if found is None:
            found = self._attributes[owner] = {}
            for one in self._fragment(owner).attributes:
                target = one.target
                if self.within(target, owner) and isinstance(target.value, ast.Name) and self.is_self(target.value):
                    found.setdefault(target.attr, []).append(one)
        return found

    def is_self(self, node: Any) -> bool:
        """Whether an expression is the first parameter of the method around it."""
        if not isinstance(node, ast.Name):
            return False
        method = self.method(node)
        if method is None:
            return False
        arguments = method[1].args
        first = [*arguments.posonlyargs, *arguments.args][:1]
        return bool(first) and first[0].arg == node.id and len(method[1].inner.bindings.get(node.id, ())) == 1

    def own_attribute(self, node: Any) -> ast.expr | None:
        """What ``self.x`` is, where the class assigns it once (``None`` aside)."""
        if not isinstance(node, ast.Attribute) or not self.is_self(node.value):
            return None
        method = self.method(node)
        bindings = self.attributes(method[0]).get(node.attr, []) if method else []
        values = [one.value for one in bindings if not _is_none(one)]
        return values[0] if len(values) == 1 else None

    def origin(self, node: Any) -> Any:
        """The expression that a name or an attribute of ``self`` stands for, as far as that is sure; else the node."""
        for _ in range(_DEEP):
            if isinstance(node, ast.Name):
                binding = self.binding(node)
                value = binding.value if binding is not None and binding.kind == "value" else None
            elif isinstance(node, ast.Attribute):
                value = self.own_attribute(node)
            elif isinstance(node, ast.NamedExpr):
                value = node.value
            else:
                value = None
            if value is None:
                return node
            node = value
        return node

    def class_of(self, node: Any) -> ast.ClassDef | None:
        """The class of this file that a name stands for."""
        if isinstance(node, ast.Name):
            bindings = self._owned(node)[1]
            if len(bindings) == 1 and bindings[0].kind == "class":
                return bindings[0].node
        return None

    def function_of(self, node: Any) -> Any:
        """The function of this file that a name stands for."""
        if isinstance(node, ast.Name):
            bindings = self._owned(node)[1]
            if len(bindings) == 1 and bindings[0].kind == "function":
                return bindings[0].node
        return None

    def bases(self, owner: ast.ClassDef) -> set[str]:
        """The full names of what a class is made from, through the classes of this file."""
        found: set[str] = set()
        waiting, seen = [owner], {owner}
        while waiting:
            for base in waiting.pop().bases:
                local = self.class_of(base)
                if local is not None and local not in seen:
                    seen.add(local)
                    waiting.append(local)
                elif name := self.name(base):
                    found.add(name)
        return found

    def value(self, node: Any) -> Any:
        """The Python value of a literal, also through names; else ``MISSING``."""
        if node is None:
            return MISSING
        try:
            return ast.literal_eval(self.origin(node))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return MISSING

    def argument(self, call: ast.Call, position: int | None, *names: str) -> ast.expr | None:
        """An argument by its place or one of its names; ``None`` if it is not there, or behind ``*``."""
        for keyword in call.keywords:
            if keyword.arg in names:
                return keyword.value
        if position is None or position >= len(call.args):
            return None
        if any(isinstance(one, ast.Starred) for one in call.args[: position + 1]):
            return None
        return call.args[position]

    def is_whole(self, call: ast.Call) -> bool:
        """Whether all arguments of a call are written out: no ``*`` and no ``**``."""
        return not any(isinstance(one, ast.Starred) for one in call.args) and all(one.arg for one in call.keywords)

    def same(self, first: Any, second: Any) -> bool:
        """Whether two expressions are written the same: ``self.net`` and ``self.net``."""
        return ast.dump(first) == ast.dump(second)

    def counts(self, node: Any) -> Counter[str]:
        """How often each name is read in a node, functions in it included."""
        names = (one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
        return Counter(one.id for one in names)

    # What is said and mended.

    def problem(self, node: Any, message: str | None = None, fix: Fix | None = None) -> Problem:
        """Report a place: of a call what is called, of a statement its first line."""
        start, end = self.offsets(node.func if isinstance(node, ast.Call) else node)
        line, _ = self.lines.place(start)
        if self.lines.place(end)[0] != line:
            end = start + len(self.lines.line(line)[self.lines.place(start)[1] :].rstrip())
        return Problem(start, end, message, fix)

    def fix(self, title: str, safety: Safety, *edits: Edit | None) -> Fix | None:
        """A fix; ``None`` if a part of it cannot be done."""
        whole = [edit for edit in edits if edit is not None]
        return Fix(title, safety, tuple(sorted(set(whole)))) if len(whole) == len(edits) else None

    def edit(self, start: int, end: int, text: str) -> Edit | None:
        """Put ``text`` between two offsets; ``None`` if a comment would be lost."""
        if "#" in self._text[start:end]:
            return None
        return Edit(*self.lines.place(start), *self.lines.place(end), text)

    def replace(self, node: Any, text: str) -> Edit | None:
        """Write something else in place of a node."""
        return self.edit(*self.offsets(node), text)

    def after(self, node: Any, text: str) -> Edit | None:
        """Write something after a node."""
        end = self.offsets(node)[1]
        return self.edit(end, end, text)

    def append(self, call: ast.Call, text: str) -> Edit | None:
        """Add an argument at the end of a call."""
        parts: list[Any] = [*call.args, *call.keywords]
        if not parts:
            end = self.offsets(call)[1] - 1
            return self.edit(end, end, text)
        return self.after(max(parts, key=self.end), f", {text}")

    def new_line(self, statement: Any, text: str, *, before: bool) -> Edit | None:
        """A line of its own before or after a statement; ``None`` where the statement shares its line."""
        start, end = self.offsets(statement)
        line, column = self.lines.place(start)
        indentation = self.lines.line(line)[:column]
        last, after = self.lines.place(end)
        tail = self.lines.line(last)[after:].lstrip()
        if indentation.strip(" \t") or (tail and not tail.startswith("#")):
            return None
        newline = self.lines.newline(line)
        if before:
            return self.edit(start, start, f"{text}{newline}{indentation}")
        stop = self.lines.offset(last, len(self.lines.line(last)))
        return self.edit(stop, stop, f"{newline}{indentation}{text}")


def _is_none(binding: Binding | AttributeBinding) -> bool:
    return isinstance(binding.value, ast.Constant) and binding.value.value is None


def _holds(text: str, pattern: str | re.Pattern[str]) -> bool:
    return pattern in text if isinstance(pattern, str) else pattern.search(text) is not None
