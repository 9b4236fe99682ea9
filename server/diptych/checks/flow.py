"""What checks ask of a text: full names, what made a value, what stands around a place and before it.

An answer is given only where it is sure from the text: a name stands for an expression if every way to its use goes
through that one assignment, ``self.x`` if the class assigns it once.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

from diptych.checks.finding import Fix, Safety
from diptych.checks.fragments import TOP, AttributeBinding, Binding, Function, Scope
from diptych.checks.reading import Reading
from diptych.checks.use import Problem
from diptych.syntax.canonical import canonical
from diptych.text.edits import Edit
from diptych.text.missing import MISSING

_DEEP = 12  # assignments that are followed, one from another
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Flow(Reading):
    """One text, or a part of it, with what its names stand for."""

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
        if node not in self.memory:
            self.memory[node] = self._reaching(node)
        return self.memory[node]

    def bound_once(self, node: Any) -> ast.expr | None:
        """What the one assignment to a name gives it, where it is only changed in place after that: ``w -= 1``."""
        owner, bindings = self._owned(node) if isinstance(node, ast.Name) else (None, [])
        made = [binding for binding in bindings if binding.kind != "changed"]
        if owner is None or len(made) != 1 or made[0].kind != "value" or not self._dominates(made[0], node):
            return None
        return made[0].value if self.end(made[0].node) <= self.place(node) else None

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
        found = self.memory.get(owner)
        if found is None:
            found = self.memory[owner] = {}
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
