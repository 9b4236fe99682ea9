"""The definitions at the top of a file, each converted by itself.

A unit is converted when another one first needs what is known of it, or when the file's conversion reaches it, with a
converter and a journal of its own. It notes what it read of the rest of the file, so that its result can be used again
for a later version of the text in which it would read the same.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst

from diptych.catalog.index import Index
from diptych.conversion import entries, functional, intermediate, statements
from diptych.conversion.classes import LocalClass
from diptych.conversion.converter import Converter
from diptych.conversion.definitions import LocalFunction
from diptych.conversion.expression import Rewritten, rewritten
from diptych.conversion.journal import Remark, Written
from diptych.conversion.result import Entry, Framework, Held, Layout
from diptych.conversion.scope import Scope
from diptych.conversion.survey import Survey, survey
from diptych.conversion.usage import used_names
from diptych.inference.layers import Signature
from diptych.inference.values import Value
from diptych.syntax.chunks import Chunk, NotSeparateError, parse_chunk
from diptych.syntax.opaque import Opaque
from diptych.syntax.source import Positions, Span
from diptych.text.missing import MISSING

DEFINITIONS = (cst.FunctionDef, cst.ClassDef)
STORAGES = 1_000_000  # numbers of storages set aside for each unit


class StaleError(Exception):
    """What is remembered cannot be used in the order in which this text needs it: convert without it."""


class ReachedError(Exception):
    """The conversion of a file has come to the one definition that is wanted."""


@dataclass(frozen=True)
class Settings:
    """What the conversion of every unit depends on."""

    source: Framework
    layout: Layout
    indent: str
    newline: str
    arrays: bool
    imports: tuple[tuple[str, str], ...]
    optimizers: tuple[tuple[str, str], ...]
    expressions: bool
    facts: frozenset[str]


class Cache:
    """What the last conversion found, for the next version of the same text. One conversion at a time uses it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Start anew."""
        self.index: Index | None = None
        self.pieces: list[str] = []
        self.chunks: dict[tuple[str, bool], Surveyed] = {}
        self.units: dict[tuple[str, str, int], Unit] = {}
        self.scope = Scope("module")
        self.numbers = itertools.count(1)

    def drop_trees(self) -> None:
        """Keep of definitions what was found, not their trees."""
        self.scope.watch = None
        for surveyed in self.chunks.values():
            if surveyed.defines is not None:
                surveyed.chunk.statement = None


@dataclass
class Surveyed:
    """A chunk with its survey. A definition's tree is dropped in between, and parsed again when it is needed.

    ``defines``: the name that a definition binds, and whether it is a class. ``own_text`` is the text without the lines
    before and after the statement, ``after_text`` the lines after it.
    """

    chunk: Chunk
    last: bool
    survey: Survey
    defines: tuple[str, bool] | None
    own_text: str
    after_text: str

    @classmethod
    def of(cls, text: str, *, last: bool) -> Surveyed:
        """Parse a piece of a text; raises ``diptych.syntax.chunks.NotSeparateError``."""
        chunk = parse_chunk(text, last=last)
        node = chunk.statement
        defines = (node.name.value, isinstance(node, cst.ClassDef)) if isinstance(node, DEFINITIONS) else None
        whole = text if chunk.ends_line else text + chunk.newline
        code = cst.Module([], default_newline=chunk.newline).code_for_node
        before, after = ("".join(map(code, lines)) for lines in (chunk.header, chunk.after))
        if not whole.startswith(before) or not whole.endswith(after):
            raise NotSeparateError
        return cls(chunk, last, survey(node), defines, whole[len(before) : len(whole) - len(after)], after)

    def statement(self) -> Any:
        """The tree, without the lines before it."""
        if self.chunk.statement is None:
            self.chunk.statement = parse_chunk(self.chunk.text, last=self.last).statement
        return self.chunk.statement


class Asked:
    """A set that notes, for the unit being converted, what it was asked."""

    def __init__(self, name: str, members: set[str], session: Session) -> None:
        self.name = name
        self.members = members
        self.session = session

    def __contains__(self, member: str) -> bool:
        found = member in self.members
        if self.session.running:
            self.session.running[-1].reads.setdefault((self.name, member), found)
        return found


class Session:
    """One conversion of one text: what its units share."""

    def __init__(self, index: Index, settings: Settings, cache: Cache, facts: dict[str, set[str]]) -> None:
        self.index = index
        self.settings = settings
        self.cache = cache
        self.scope = cache.scope
        Scope.__init__(self.scope, "module")  # units of earlier texts hold this very scope
        self.scope.watch = self._looked_up
        self.sets = {name: Asked(name, members, self) for name, members in facts.items()}
        self.running: list[Unit] = []
        self.wanted: Unit | None = None  # convert nothing that this one does not need

    def converter(self, first_storage: int) -> Converter:
        """A converter for one unit, or for what stands between them."""
        c = Converter(self.index, self.settings.source, self.settings.layout, self.sets["taken"], self.scope)
        c.sublayers, c.passed_on = self.sets["called"], self.sets["passed_on"]
        c.elsewhere, c.files = self.sets["elsewhere"], self.sets["files"]
        c.optimizers = dict(self.settings.optimizers)
        c.other_arrays, c.facts = self.settings.arrays, self.settings.facts
        c.count_storages_from(first_storage)
        return c

    def answer(self, key: tuple[str, str]) -> Any:
        """What the file says now."""
        kind, name = key
        if kind == "name":
            return self.scope.names.get(name)
        if kind == "mode":
            return self.scope.modes.get(name, MISSING)
        return name in self.sets[kind].members

    def _looked_up(self, kind: str, name: str) -> None:
        if self.running:
            key, reads = (kind, name), self.running[-1].reads
            if key not in reads:
                reads[key] = self.answer(key)

    def module(self, body: Sequence[Any]) -> cst.Module:
        """Statements as a module that is indented like the file."""
        return cst.Module(body, default_indent=self.settings.indent, default_newline=self.settings.newline)


class UnitFunction(LocalFunction):
    """A function at the top of a file."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def begin(self, node: Any, scope: Scope) -> None:
        """Start a conversion."""
        LocalFunction.__init__(self, node, scope)

    def signature(self, c: Converter) -> Signature | None:
        """How the twin is called; ``None`` while it is being converted."""
        self.unit.settle()
        return self._signature


class UnitClass(LocalClass):
    """A class at the top of a file."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def begin(self, node: Any, scope: Scope) -> None:
        """Start a conversion."""
        LocalClass.__init__(self, node, scope)

    def info(self, c: Converter) -> Any:
        """What is known of it as a module; ``None`` if it is none."""
        self.unit.settle()
        return self._info


@dataclass
class Result:
    """What the conversion of a unit gave. Lines count from the first of the lines before the definition.

    ``lines`` pairs them with those of ``text``, from 1.
    """

    leading_lines: Sequence[cst.EmptyLine]
    text: str
    names: frozenset[str]
    remarks: list[Remark]
    notes: list[str]
    lines: list[tuple[int, int]]
    held: list[Held]
    entry: Entry | None
    expressions: list[Rewritten]
    helpers: set[str]
    used: set[str]
    helper_names: dict[str, str]
    moves_axes: bool


@dataclass(eq=False)
class Unit:
    """A definition at the top of a file. ``lead`` are the lines before it, ``above`` their number."""

    name: str
    is_class: bool
    statement: Callable[[], Any]
    lead: Sequence[cst.EmptyLine]
    number: int
    value: Value = field(init=False)
    session: Session = field(init=False)
    version: int = 0
    settings: Settings | None = None
    reads: dict[tuple[str, str], Any] = field(default_factory=dict)
    demands: dict[Unit, int] = field(default_factory=dict)
    checked: set[Unit] = field(default_factory=set)
    settled: Session | None = None
    state: str = ""
    separate: bool = True
    result: Result = field(init=False)

    def __post_init__(self) -> None:
        local = UnitClass(self) if self.is_class else UnitFunction(self)
        self.value = Value("class" if self.is_class else "function", definition=local)

    def settle(self) -> None:
        """See to it that the unit is converted, from memory where that is the same."""
        running = self.session.running
        if self.state == "checking":
            raise StaleError
        if self.state == "running":
            if running[-1] is not self:  # what comes out depends on which of them was needed first
                for unit in running[running.index(self) :]:
                    unit.separate = False
            return
        if self.settled is not self.session:
            if not self._holds():
                self._convert()
                if not self.checked <= self.demands.keys():
                    raise StaleError
            self.settled = self.session
        if running and running[-1] is not self:
            running[-1].demands.setdefault(self, self.version)

    def _holds(self) -> bool:
        """Whether a conversion now would give what is remembered."""
        self.checked = set()
        if not self.version or not self.separate or self.settings != self.session.settings:
            return False
        for key, answer in self.reads.items():
            if not same(self.session.answer(key), answer):
                return False
        self.state = "checking"
        running, self.session.running = self.session.running, []
        try:
            for unit, version in self.demands.items():
                if getattr(unit, "session", None) is not self.session:
                    return False
                if unit.settled is not self.session:
                    self.checked.add(unit)
                unit.settle()
                if unit.version != version:
                    return False
        finally:
            self.state = ""
            self.session.running = running
        return True

    def _convert(self) -> None:
        session = self.session
        self.version, self.settings = next(session.cache.numbers), session.settings
        self.reads, self.demands, self.separate = {}, {}, True
        node = self.statement()
        if self.lead:
            node = node.with_changes(leading_lines=self.lead)
        c = session.converter(self.number * STORAGES)
        original = session.module([node])
        c.positions = Positions(original, expressions=session.settings.expressions)
        module = original
        if c.source == "tensorflow":
            module = functional.as_classes(original, c.journal.origins, dict(session.settings.imports), c.alive)
        c.alive += [original, module]
        local = self.value.definition
        names = session.scope.names
        others = names.get(self.name)
        names[self.name] = self.value
        session.running.append(self)
        self.state = "running"
        try:
            local.begin(module.body[0], session.scope)
            converted = statements.convert(c, module.body[0])
            self.result = self._result(c, converted, local)
        finally:
            self.state = ""
            session.running.pop()
            if others is not None:
                names[self.name] = others
        if session.running and not self.separate:
            session.running[-1].separate = False
        release(local, session.scope)

    def _result(self, c: Converter, converted: list[Any], local: Any) -> Result:
        assert c.positions is not None
        first = converted[0]
        bare = first.with_changes(leading_lines=())
        c.origin[bare] = c.origin.get(first) or first
        twin = self.session.module([bare, *converted[1:]])
        places = Positions(twin, expressions=self.session.settings.expressions)
        return Result(
            first.leading_lines,
            places.code,
            frozenset(used_names(twin)),
            [replace(remark, node=None, statement=None, span=c.journal.span(c.positions, remark))
             for remark in c.journal.remarks],
            c.journal.notes,
            entries.line_pairs(c, twin, places, c.positions),
            intermediate.held(c, c.positions),
            entries.of_definition(c, local, c.positions),
            rewritten(c, c.positions, places) if self.session.settings.expressions else [],
            c.helpers,
            c.twin.used,
            c.twin.helpers,
            c.moves_axes,
        )  # fmt: skip

    def reached(self, c: Converter, node: Opaque) -> list[Any]:
        """The twin, where the file's conversion comes to the unit; what it noted goes to the file's journal."""
        c.scope.names[self.name] = self.value
        if self.session.wanted not in (None, self):
            return [node]
        self.settle()
        if self.session.wanted is self:
            raise ReachedError
        assert c.positions is not None
        result = self.result
        shift = c.positions.span(node).line - 1 - len(self.lead)
        for remark in result.remarks:
            assert remark.span is not None
            c.journal.add(replace(remark, span=moved(remark.span, shift)))
        for note in result.notes:
            c.journal.note(note)
        c.helpers |= result.helpers
        c.twin.used |= result.used
        c.twin.helpers |= result.helper_names
        c.moves_axes = c.moves_axes or result.moves_axes
        c.held_in_units += [replace(known, line=known.line + shift) for known in result.held]
        lines = [(here + shift, there) for here, there in result.lines]
        return [Opaque(result.leading_lines, result.text, node.newline, entries.Placed(result.names, lines))]


def moved(span: Span, lines: int) -> Span:
    """A place some lines further down."""
    return Span(span.line + lines, span.column, span.end_line + lines, span.end_column)


def same(a: Any, b: Any) -> bool:
    """Whether two answers say the same of the file; definitions must be the very same."""
    if not isinstance(a, Value) or not isinstance(b, Value):
        return a is b or (type(a) is type(b) and a == b)
    if a is b:
        return True
    if a != b or a.definition is not b.definition or repr(a.literal) != repr(b.literal):
        return False
    if a.layer is not None and b.layer is not None and a.layer.definition is not b.layer.definition:
        return False
    if (a.item is None) != (b.item is None) or (a.item is not None and not same(a.item, b.item)):
        return False
    return all(same(x, y) for x, y in zip(a.items or (), b.items or (), strict=True))


def release(local: Any, scope: Scope) -> None:
    """Let go of the trees that a converted definition holds; what others ask of it stays."""
    if isinstance(local, LocalClass):
        local.constructor = local.forward = None
        info = local._info
        if info is not None:
            if isinstance(info.forward, cst.FunctionDef):
                info.forward = entries.described(info.forward)
            for value in info.attributes.values():
                if isinstance(value.definition, LocalFunction) and value.definition.owner is info:
                    release(value.definition, scope)
    else:
        after = getattr(local, "scope_after", None)
        local.scope_after = Scope("function", reads_training=after is not None and after.reads_training)
        local.home = None
    local.node = local.twin = RELEASED
    local.written = Written()
    local.scope = scope


RELEASED: Any = object()
