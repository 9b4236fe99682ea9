"""A place where code uses a name that a check looks for, and what can be asked and changed there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from diptych.checks.finding import Fix, Safety
from diptych.checks.source import Source
from diptych.syntax.literals import value_of
from diptych.syntax.names import Load
from diptych.text.edits import Edit
from diptych.text.missing import MISSING


@dataclass(frozen=True)
class Problem:
    """A finding without its check: the place (two offsets), perhaps a message of its own, perhaps a fix."""

    start: int
    end: int
    message: str | None = None
    fix: Fix | None = None


@dataclass(frozen=True)
class Use:
    """One use of a name. ``name`` is the full name, ``node`` the dotted name as written."""

    source: Source
    node: Load
    name: str

    @property
    def call(self) -> cst.Call | None:
        """The call, where the name is called."""
        parent = self.source.names.parent(self.node)
        return parent if isinstance(parent, cst.Call) and parent.func is self.node else None

    def shortened(self, name: str) -> Use:
        """The use of ``name`` alone, where more of what is below it is read: of ``tf.app`` in ``tf.app.flags.FLAGS``.

        The use itself where that is not written out: what is imported as ``flags`` may stand for ``tf.app.flags``.
        """
        node: Load = self.node
        rest = self.name[len(name) :]
        while rest:
            if not isinstance(node, cst.Attribute) or not isinstance(node.value, (cst.Name, cst.Attribute)):
                return self
            rest = rest[: -len(node.attr.value) - 1]
            node = node.value
        return Use(self.source, node, name)

    def is_imported_at_or_below(self, name: str) -> bool:
        """Whether the first part of what is written stands for a full name or for something below it."""
        node = self.node
        while isinstance(node, cst.Attribute):
            node = node.value
        bound = self.source.names.qualified(node)
        return bound is not None and (bound == name or bound.startswith(name + "."))

    def arguments(self, *names: str, keywords: Iterable[str] = ()) -> dict[str, cst.Arg] | None:
        """The call's arguments by name, ``names`` those that may stand without. ``keywords`` are those that may not.

        ``None`` if this is not a call, has ``*`` or ``**``, or an argument that is not listed or is given twice.
        """
        call = self.call
        if call is None or any(argument.star for argument in call.args):
            return None
        bound: dict[str, cst.Arg] = {}
        for position, argument in enumerate(call.args):
            if argument.keyword is not None:
                name = argument.keyword.value
            elif position < len(names):
                name = names[position]
            else:
                return None
            if name in bound or name not in (*names, *keywords):
                return None
            bound[name] = argument
        return bound

    def part(self) -> tuple[cst.CSTNode, str | int] | None:
        """The part that is taken of the call's result at once: the node that takes it, and ``"name"`` or an index.

        ``.solution`` gives ``"solution"``; ``[0]`` gives 0. ``None`` where the whole result is used.
        """
        call = self.call
        if call is None or call.lpar:
            return None
        around = self.source.names.parent(call)
        if isinstance(around, cst.Attribute) and around.value is call:
            return around, around.attr.value
        if isinstance(around, cst.Subscript) and around.value is call and len(around.slice) == 1:
            index = around.slice[0].slice
            value = value_of(index.value) if isinstance(index, cst.Index) else MISSING
            if isinstance(value, int):
                return around, value
        return None

    def first_unpacked(self) -> tuple[cst.Tuple, cst.BaseExpression] | None:
        """For ``first, rest = call(...)`` where ``rest`` is one name that nothing reads: the tuple and ``first``."""
        call, names = self.call, self.source.names
        assign = names.parent(call) if call is not None and not call.lpar else None
        if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
            return None
        target = assign.targets[0].target
        if not isinstance(target, cst.Tuple) or len(target.elements) != 2 or target.lpar:
            return None
        first, rest = (element.value for element in target.elements)
        if isinstance(first, (cst.Name, cst.Attribute)) and isinstance(rest, cst.Name) and not names.is_read(rest):
            return target, first
        return None

    def problem(self, fix: Fix | None = None, *, message: str | None = None) -> Problem:
        """Report the name where it stands."""
        return Problem(*self.source.offsets(self.node), message, fix)

    def rewrite(self, name: str | None = None) -> Rewrite:
        """Start a fix that writes another full name here, importing the framework if nothing in scope leads to it."""
        rewrite = Rewrite(self)
        if name is not None:
            rewrite.rename(name)
        return rewrite


@dataclass
class Rewrite:
    """A fix being put together. What cannot be done cleanly makes the whole fix ``None``, never a half one."""

    use: Use
    edits: list[Edit] = field(default_factory=list)
    possible: bool = True

    def rename(self, name: str, *, before: str = "", after: str = "") -> None:
        """Write another full name in place of the use's own, with text before and after it."""
        self._put(self.use.node, before + self.spell(name) + after)

    def write(self, text: str) -> None:
        """Write text in place of the use's own name."""
        self._put(self.use.node, text)

    def write_call(self, text: str) -> None:
        """Write text in place of the whole call."""
        self._put(self._call(), text)

    def spell(self, name: str) -> str:
        """How a full name is written here. Adds an import before the one in use if it must."""
        names = self.use.source.names
        spelled = None
        if name.startswith("keras.") and names.package(self.use.node) == "tensorflow":
            spelled = names.spelling(self.use.node, f"tf.{name}")
        spelled = spelled or names.spelling(self.use.node, name)
        if spelled is None:
            self._import(name.partition(".")[0])
            return name
        return spelled

    def _import(self, package: str) -> None:
        source = self.use.source
        statement: Any = source.names.import_of(self.use.node)
        if statement is None or not source.names.is_free(package):
            self.possible = False
            return
        start, _ = source.offsets(statement)
        line, column = source.lines.place(start)
        indentation = source.lines.line(line)[:column]
        if indentation.strip(" \t\x0c"):
            self.possible = False
            return
        self._replace(start, start, f"import {package}{source.lines.newline(line)}{indentation}")

    def swap(self, first: cst.Arg, second: cst.Arg) -> None:
        """Make ``first`` the second argument and ``second`` the first of a call of two, both without keywords."""
        source = self.use.source
        arguments = sorted((first, second), key=source.offsets)
        for argument, value in zip(arguments, (second.value, first.value), strict=True):
            self._put(argument, source.code(value))

    def replace(self, argument: cst.Arg, text: str) -> None:
        """Write an argument anew; ``text`` has its keyword, if it is to have one."""
        self._put(argument, text)

    def replace_value(self, argument: cst.Arg, text: str) -> None:
        """Give an argument another value; its keyword, if it has one, stays."""
        keyword = f"{argument.keyword.value}=" if argument.keyword is not None else ""
        self._put(argument, keyword + text)

    def replace_all(self, text: str) -> None:
        """Write other arguments in place of all that there are."""
        call = self._call()
        if call.args:
            start, end = self.use.source.offsets(call.args[0])[0], self.use.source.offsets(call.args[-1])[1]
            self._replace(start, end, text)
        else:
            self.append(text)

    def rename_keyword(self, argument: cst.Arg, keyword: str) -> None:
        """Give an argument another keyword; one without a keyword is left alone."""
        if argument.keyword is not None:
            self._put(argument.keyword, keyword)

    def remove(self, argument: cst.Arg) -> None:
        """Take an argument out, with the comma that divides it from the one before or, if it is the first, after."""
        call, source = self._call(), self.use.source
        position = call.args.index(argument)
        start, end = source.offsets(argument)
        if position:
            start = source.offsets(call.args[position - 1])[1]
        elif len(call.args) > 1:
            end = source.offsets(call.args[1])[0]
        self._replace(start, end, "")

    def append(self, text: str) -> None:
        """Add an argument at the end."""
        call, source = self._call(), self.use.source
        if call.args:
            end = source.offsets(call.args[-1])[1]
            self._replace(end, end, f", {text}")
        else:
            end = source.offsets(call)[1] - 1
            self._replace(end, end, text)

    def prepend(self, text: str) -> None:
        """Add an argument at the start."""
        call, source = self._call(), self.use.source
        if call.args:
            start = source.offsets(call.args[0])[0]
            self._replace(start, start, f"{text}, ")
        else:
            self.append(text)

    def then(self, text: str) -> None:
        """Write text after the call."""
        end = self.use.source.offsets(self._call())[1]
        self._replace(end, end, text)

    def wrap(self, first: cst.Arg, last: cst.Arg, before: str, after: str) -> None:
        """Put text around a run of arguments."""
        source = self.use.source
        start, end = source.offsets(first)[0], source.offsets(last)[1]
        self._replace(start, start, before)
        self._replace(end, end, after)

    def only_first(self, name: str, *, then: str = "") -> None:
        """Take only what the call returned first, as ``name``, of two parts; ``then`` is written after the call.

        ``call(...).name`` and ``call(...)[0]`` become ``call(...)``, ``x, unused = call(...)`` ``x = call(...)``.
        Where both parts are wanted there is no fix.
        """
        source, part, unpacked = self.use.source, self.use.part(), self.use.first_unpacked()
        if part is not None and part[1] in (name, 0):
            self._replace(source.offsets(self._call())[1], source.offsets(part[0])[1], then)
        elif unpacked is not None:
            target, first = unpacked
            self._replace(source.offsets(first)[1], source.offsets(target)[1], "")
            end = source.offsets(self._call())[1]
            self._replace(end, end, then)
        else:
            self.possible = False

    def done(self, title: str, safety: Safety) -> Fix | None:
        """The fix; ``None`` if a part of it could not be done or would lose a comment."""
        return Fix(title, safety, tuple(sorted(set(self.edits)))) if self.possible else None

    def _within_formatted_string(self) -> bool:
        """Before Python 3.12 the quotes of a formatted string cannot stand in its expressions, nor can line ends."""
        return any(isinstance(node, cst.FormattedString) for node in self.use.source.names.ancestors(self.use.node))

    def _call(self) -> cst.Call:
        call = self.use.call
        if call is None:
            raise ValueError("the name is not called here")
        return call

    def _put(self, node: cst.CSTNode, text: str) -> None:
        self._replace(*self.use.source.offsets(node), text)

    def _replace(self, start: int, end: int, text: str) -> None:
        source = self.use.source
        old = source.text[start:end]
        if old == text:
            return
        # A "#" may also stand in a string; then a fix is withheld that could have been offered, which does no harm.
        if "#" in old or (any(mark in text for mark in "'\"\n") and self._within_formatted_string()):
            self.possible = False
        self.edits.append(source.edit(start, end, text))
