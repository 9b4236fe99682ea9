"""Converting a whole text: its statements one after the other, its definitions as units."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import libcst as cst

from diptych.catalog import index as catalog
from diptych.conversion import classes, context, definitions, functional, intermediate, statements
from diptych.conversion.converter import Converter
from diptych.conversion.entries import entries, line_pairs
from diptych.conversion.expression import Definition, Rewritten, rewritten
from diptych.conversion.imports import helpers_in, used_in, with_imports
from diptych.conversion.journal import Journal
from diptych.conversion.packages import ALONE, Surroundings
from diptych.conversion.read_back import refuse_stand_ins, without_helpers
from diptych.conversion.result import Conversion, Framework, Layout
from diptych.conversion.survey import Survey, passed_on, source_of, survey, taken
from diptych.conversion.units import Cache, ReachedError, Session, Settings, StaleError, Surveyed, Unit, moved
from diptych.inference.values import Value
from diptych.syntax.chunks import NotSeparateError, assembled
from diptych.syntax.opaque import Opaque
from diptych.syntax.source import Positions, parse
from diptych.syntax.walk import walk
from diptych.text.pieces import split


def convert(
    text: str,
    to: Framework | None = None,
    *,
    layout: Layout = "channels-last",
    expressions: list[Rewritten] | None = None,
    cache: Cache | None = None,
    surroundings: Surroundings = ALONE,
    index: catalog.Index | None = None,
) -> Conversion:
    """Convert a text into the other framework; ``to=None`` goes by its imports. ``surroundings`` says what it shares
    with the other files of its package.

    Raises ``ParseError`` where the text is not Python. Whatever else it holds, there is a result that parses.
    A list given as ``expressions`` gets every call and dotted name that was changed. A ``cache`` holds what the
    conversion of an earlier version found; the result is the same without it. The rules are those of an ``index``,
    else the installed ones.
    """
    cache = cache or Cache()
    with _ready(cache, index) as index:
        try:
            return _convert(text, to, layout, expressions, cache, surroundings)
        except StaleError:
            cache.forget()
            cache.index = index
            return _convert(text, to, layout, expressions, cache, surroundings)


def definition_at(
    text: str, line: int, cache: Cache, *, layout: Layout = "channels-last", index: catalog.Index | None = None
) -> Definition | None:
    """What the conversion of a text into the other framework makes of the definition at the top that holds a line.

    Only this definition is converted, and what it needs. ``None`` where the line stands in no definition, nothing is
    converted, or the answer depends on the rest of the file: then ``convert`` tells. ``cache`` is that of conversions
    of the text with ``expressions``. Raises ``ParseError``.
    """
    with _ready(cache, index):
        module, surveys = _read(text, cache)
        source = source_of(surveys, None)
        if source is None:
            return None
        c, original, module, helpers = _begin(text, module, surveys, source, layout, cache, ALONE, expressions=True)
        positions = c.positions
        assert positions is not None
        for statement in original.body:
            if isinstance(statement, Opaque) and (span := positions.span(statement)).line <= line <= span.end_line:
                break
        else:
            return None
        unit = statement.owner
        unit.session.wanted = unit
        try:
            statements.block(c, module.body)
        except ReachedError:
            separate = unit.separate and not helpers & unit.result.names
            return _definition(c.target, unit, span.line, positions) if separate else None
        except StaleError:
            cache.forget()
        return None


def _definition(target: Framework, unit: Unit, line: int, positions: Positions) -> Definition:
    shift = line - 1 - len(unit.lead)
    journal = Journal()
    for remark in unit.result.remarks:
        assert remark.span is not None
        journal.add(replace(remark, span=moved(remark.span, shift)))
    expressions = [Rewritten(moved(each.span, shift), each.text) for each in unit.result.expressions]
    left = [each for each in journal.leftovers(positions, axes_move=True) if each.severity == "error"]
    return Definition(target, tuple(expressions), tuple(left))


@contextmanager
def _ready(cache: Cache, index: catalog.Index | None) -> Iterator[catalog.Index]:
    """The rules, the installed ones unless given, with a cache that goes with them and is nobody else's for now."""
    with cache.lock, _without_collection():
        index = index or catalog.load()
        if cache.index is not index:
            cache.forget()
            cache.index = index
        try:
            yield index
        finally:
            cache.drop_trees()


@contextmanager
def _without_collection() -> Iterator[None]:
    """Trees have no cycles, and looking for some while they are made takes its time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _convert(
    text: str, to: Framework | None, layout: Layout, expressions: list[Rewritten] | None, cache: Cache,
    around: Surroundings,
) -> Conversion:  # fmt: skip
    original, surveys = _read(text, cache)
    source = source_of(surveys, to)
    if source is None:
        return _nothing(text, to, layout, source_of(surveys, None))
    wants_expressions = expressions is not None
    kept: set[str] = set(around.shared)
    while True:
        c, _, module, helpers = _begin(
            text, original, surveys, source, layout, cache, around, expressions=wants_expressions, kept=kept
        )
        positions = c.positions
        assert positions is not None
        body = statements.block(c, module.body)
        twin = with_imports(c, module.with_changes(body=body), helpers)
        needed = helpers & used_in(twin)
        if not needed:
            break
        kept |= needed  # no rule reads all that is done with these: they are converted like anything of the user's
    refuse_stand_ins(c, module, kept - around.shared)
    places = Positions(twin, expressions=expressions is not None)
    if expressions is not None:
        expressions += _expressions(c, module, positions, places)
    return Conversion(
        text, places.code, source, c.target, layout, c.journal.leftovers(positions, c.moves_axes),
        tuple(c.journal.notes), tuple(sorted(helpers_in(c, used_in(twin)))), entries(c, module, positions),
        tuple(line_pairs(c, twin, places, positions)),
        tuple(sorted([*intermediate.held(c, positions), *c.held_in_units], key=lambda known: (known.line, known.name))),
    )  # fmt: skip


def _begin(
    text: str, original: cst.Module, surveys: Sequence[Survey], source: Framework, layout: Layout, cache: Cache,
    around: Surroundings, *, expressions: bool, kept: Collection[str] = (),
) -> tuple[Converter, cst.Module, cst.Module, frozenset[str]]:  # fmt: skip
    """The converter for what stands between definitions, with all names declared; the tree as it was read, and as it is
    to be converted; the helpers that were left out of it, none of those ``kept``.
    """
    session = _session(cache, text, original, surveys, source, layout, expressions, around)
    for statement in original.body:
        if isinstance(statement, Opaque):
            statement.owner.session = session
    c = session.converter(1)
    c.positions = Positions(original)
    module = original
    if source == "tensorflow":
        module = functional.as_classes(module, c.journal.origins, dict(session.settings.imports), c.alive)
    c.alive += [original, module]
    for statement, surveyed in zip(original.body, surveys, strict=True):
        if isinstance(statement, Opaque):
            c.remember_reads(statement, surveyed.reads)
    counted = Counter(name for each in surveys for name in each.rebinds)
    c.rebound, c.rebound_again = frozenset(counted), frozenset(name for name in counted if counted[name] > 1)
    _declare(c, module)
    module, helpers = without_helpers(c, module, kept)
    return c, original, module, helpers


def _nothing(text: str, to: Framework | None, layout: Layout, there: Framework | None) -> Conversion:
    """The text as it is, where it does not use the framework to convert from."""
    target = to or "tensorflow"
    note = "Neither PyTorch nor TensorFlow is imported: there is nothing to convert."
    if there is not None:
        note = f"Only {'PyTorch' if to == 'torch' else 'TensorFlow'} is imported: there is nothing to convert into it."
    return Conversion(text, text, "torch" if target == "tensorflow" else "tensorflow", target, layout, notes=(note,))


# --- Reading ------------------------------------------------------------------------------------------------------


def _read(text: str, cache: Cache) -> tuple[cst.Module, list[Survey]]:
    """The text's tree, with definitions as opaque statements that own their units, and a survey of each statement."""
    pieces = split(text, cache.pieces)
    try:
        module, surveys = _read_pieces(pieces, cache)
        cache.pieces = pieces
    except NotSeparateError:
        module, surveys = _read_whole(parse(text))
    return module, surveys


def _read_pieces(pieces: Sequence[str], cache: Cache) -> tuple[cst.Module, list[Survey]]:
    chunks: list[Surveyed] = []
    known: dict[tuple[str, bool], Surveyed] = {}
    for number, piece in enumerate(pieces):
        key = piece, number == len(pieces) - 1
        chunks.append(known.get(key) or cache.chunks.get(key) or Surveyed.of(piece, last=key[1]))
        known[key] = chunks[-1]
    units: dict[tuple[str, str, int], Unit] = {}
    body: list[Any] = []
    lead: Sequence[cst.EmptyLine] = ()
    above = ""
    for surveyed in chunks:
        chunk = surveyed.chunk
        if surveyed.defines is not None:
            key = above, chunk.text, 0
            while key in units:
                key = above, chunk.text, key[2] + 1
            units[key] = cache.units.get(key) or Unit(*surveyed.defines, surveyed.statement, lead, next(cache.numbers))
            body.append(Opaque(lead, surveyed.own_text, chunk.newline, units[key]))
        else:
            body.append(chunk.statement.with_changes(leading_lines=lead) if lead else chunk.statement)
        lead, above = chunk.after, surveyed.after_text
    module = assembled([surveyed.chunk for surveyed in chunks], body)
    cache.chunks, cache.units = known, units
    return module, [surveyed.survey for surveyed in chunks]


def _read_whole(module: cst.Module) -> tuple[cst.Module, list[Survey]]:
    """A text that cannot be parsed statement by statement: nothing of it is remembered."""
    body: list[Any] = []
    for number, node in enumerate(module.body, 1):
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            bare = node.with_changes(leading_lines=())
            unit = Unit(
                node.name.value, isinstance(node, cst.ClassDef), lambda bare=bare: bare, node.leading_lines, number
            )
            body.append(Opaque(node.leading_lines, module.code_for_node(bare), module.default_newline, unit))
        else:
            body.append(node)
    return module.with_changes(body=body), [survey(node) for node in module.body]


def _session(
    cache: Cache, text: str, module: cst.Module, surveys: Sequence[Survey], source: Framework, layout: Layout,
    expressions: bool, around: Surroundings,
) -> Session:  # fmt: skip
    imports: dict[str, str] = {}
    optimizers: dict[str, str] = {}
    for each in surveys:
        imports |= each.imports
        optimizers |= each.optimizers
    keras = source == "tensorflow"
    settings = Settings(
        source, layout, module.default_indent, module.default_newline, any(each.arrays for each in surveys),
        tuple(imports.items()) if keras else (), tuple(optimizers.items()) if keras else (), expressions,
        context.facts_of(text, source),
    )  # fmt: skip
    facts = {
        "taken": taken(surveys),
        "called": set[str]().union(*(each.called for each in surveys)),
        "passed_on": passed_on(surveys) | around.shared,
        "elsewhere": set(around.modules),
        "files": set(around.files),
    }
    assert cache.index is not None
    return Session(cache.index, settings, cache, facts)


def _declare(c: Converter, module: cst.Module) -> None:
    """Bind the file's imports, functions and classes before anything is converted: functions run later."""
    for node in walk(module, not_into=(cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            definitions.bind_import(c, node)
    for statement in module.body:
        if isinstance(statement, Opaque):
            c.globals.names[statement.owner.name] = statement.owner.value
        elif isinstance(statement, cst.ClassDef):  # made of a functional model
            local = classes.LocalClass(statement, c.globals)
            local.home = c
            c.globals.names[statement.name.value] = Value("class", definition=local)


def _expressions(c: Converter, module: cst.Module, positions: Positions, places: Positions) -> list[Rewritten]:
    found = rewritten(c, positions, places)
    for statement in module.body:
        if isinstance(statement, Opaque):
            shift = positions.span(statement).line - 1 - len(statement.owner.lead)
            found += [Rewritten(moved(e.span, shift), e.text) for e in statement.owner.result.expressions]
    return sorted(found, key=lambda item: (item.span.line, item.span.column))
