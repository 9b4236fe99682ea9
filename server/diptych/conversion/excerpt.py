"""The part of a conversion that belongs to some lines of the source, with the imports and helpers that it needs."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from diptych.conversion.result import Conversion, Leftover
from diptych.text.lines import split_lines


@dataclass(frozen=True)
class Excerpt:
    """The twin of the source's lines ``first`` to ``last`` (whole statements; from 1).

    ``text`` is the twin's code at the indentation that it has in the twin; ``above`` the comments that stand over it.
    ``imports`` and ``helpers`` are what the text needs and the source does not have: statements and definitions.
    ``lines`` pairs source lines with lines of ``text``, from 1.
    """

    conversion: Conversion
    first: int
    last: int
    text: str
    above: str = ""
    imports: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()

    def as_conversion(self) -> Conversion:
        """A conversion whose twin is this excerpt alone: imports, helpers, comments, code."""
        preamble = "".join(f"{statement}\n" for statement in self.imports)
        preamble += "".join(f"\n\n{definition}\n" for definition in self.helpers)
        before = (f"{preamble}\n" + ("\n" if self.helpers else "")) if preamble else ""
        before += self.above
        shift = len(split_lines(before))
        entries = tuple(entry for entry in self.conversion.entries if self.first <= entry.line <= self.last)
        names = tuple(name for name in self.conversion.helpers if any(_defines(text, name) for text in self.helpers))
        return replace(
            self.conversion,
            twin=before + self.text,
            leftovers=self.leftovers,
            helpers=names,
            entries=entries,
            lines=tuple((source, twin + shift) for source, twin in self.lines),
        )


def excerpt(conversion: Conversion, first: int, last: int) -> Excerpt:
    """The excerpt for the statements that the source's lines ``first`` to ``last`` touch.

    Where they touch none (comments, blank lines) the text is those lines as they are.
    """
    source_lines = split_lines(conversion.source)
    code = [line for line in range(first, min(last, len(source_lines)) + 1) if not _is_quiet(source_lines[line - 1])]
    chosen = _touched(ast.parse(conversion.source).body, code or [first, last])
    if not chosen:
        return Excerpt(conversion, first, last, "".join(source_lines[first - 1 : last]))
    start, end = _start(chosen[0]), _end(chosen[-1])
    twin_module = ast.parse(conversion.twin)
    pairs = {twin for source, twin in conversion.lines if start <= source <= end}
    statements = _whole(_touched(twin_module.body, pairs), twin_module, conversion)
    leftovers = tuple(item for item in conversion.leftovers if item.line <= end and item.end_line >= start)
    if not statements:
        return Excerpt(conversion, start, end, "", leftovers=leftovers)
    top, bottom = _start(statements[0]), _end(statements[-1])
    twin_lines = split_lines(conversion.twin)
    imports, helpers = _needed(conversion, twin_module, statements)
    return Excerpt(
        conversion,
        start,
        end,
        "".join(twin_lines[top - 1 : bottom]),
        "".join(_comments_above(twin_lines, top, at_most=start - first)),
        imports,
        helpers,
        leftovers,
        tuple((source, twin - top + 1) for source, twin in conversion.lines if top <= twin <= bottom),
    )


def _is_quiet(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _start(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks directly inside a statement."""
    for part in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(part, name, None)
            if isinstance(block, list) and block:
                yield block


def _touched(block: Sequence[ast.stmt], lines: Collection[int]) -> list[ast.stmt]:
    """The neighbouring statements that hold the lines, in the innermost block that holds them all."""
    if not lines:
        return []
    first, last = min(lines), max(lines)
    places = [place for place, item in enumerate(block) if _start(item) <= last and _end(item) >= first]
    if not places:
        return []
    found = list(block[places[0] : places[-1] + 1])
    if len(found) == 1:
        for inner in _blocks(found[0]):
            if _start(inner[0]) <= first and last <= _end(inner[-1]) and _start(inner[0]) > _start(found[0]):
                return _touched(inner, lines) or found
    return found


def _whole(found: list[ast.stmt], module: ast.Module, conversion: Conversion) -> list[ast.stmt]:
    """Also what follows up to the next statement that stands for another one of the source: of a statement that became
    several, only the first is paired.
    """
    if not found:
        return found
    paired = {twin for _, twin in conversion.lines}
    block = next(block for block in _all_blocks(module) if found[0] in block)
    end = block.index(found[-1]) + 1
    while end < len(block) and not _starts(block[end], paired) and not _is_added(block[end], conversion):
        end += 1
    return block[block.index(found[0]) : end]


def _starts(statement: ast.stmt, paired: set[int]) -> bool:
    return not paired.isdisjoint(range(_start(statement), statement.lineno + 1))


def _is_added(statement: ast.stmt, conversion: Conversion) -> bool:
    """Whether it is an import, or a helper of the twin."""
    return isinstance(statement, (ast.Import, ast.ImportFrom)) or (
        isinstance(statement, (ast.FunctionDef, ast.ClassDef)) and statement.name in conversion.helpers
    )


def _all_blocks(module: ast.Module) -> Iterator[list[ast.stmt]]:
    yield module.body
    for node in ast.walk(module):
        if isinstance(node, ast.stmt):
            yield from _blocks(node)


def _comments_above(lines: list[str], top: int, at_most: int) -> list[str]:
    begin = top - 1
    while begin > 0 and top - 1 - begin < at_most and lines[begin - 1].lstrip().startswith("#"):
        begin -= 1
    return lines[begin : top - 1]


def _names(nodes: Sequence[ast.AST]) -> set[str]:
    return {item.id for node in nodes for item in ast.walk(node) if isinstance(item, ast.Name)}


def _bound(statement: ast.stmt) -> dict[str, str]:
    """The names that an import binds, each with a statement that imports it alone."""
    if isinstance(statement, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: ast.unparse(ast.Import([alias])) for alias in statement.names
        }
    if isinstance(statement, ast.ImportFrom):
        return {
            alias.asname or alias.name: ast.unparse(ast.ImportFrom(statement.module, [alias], statement.level))
            for alias in statement.names
        }
    return {}


def _imports(module: ast.Module) -> dict[str, str]:
    return {name: text for statement in module.body for name, text in _bound(statement).items()}


@dataclass(frozen=True)
class Needs:
    """What an expression of the twin uses and the source does not have.

    ``imports`` and ``helpers`` are statements and definitions; ``bound`` are names that the twin computes beforehand.
    """

    imports: tuple[str, ...]
    helpers: tuple[str, ...]
    bound: tuple[str, ...]


def needs(conversion: Conversion, before: str, after: str) -> Needs:
    """What is needed to put the expression ``after`` in the place of ``before``."""
    old, new = (ast.parse(f"({text}\n)", mode="eval") for text in (before, after))
    twin = ast.parse(conversion.twin)
    imports, helpers = _needed(conversion, twin, [new])
    inner = {item.id for item in ast.walk(new) if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load)}
    inner |= {item.arg for item in ast.walk(new) if isinstance(item, ast.arg)}
    explained = _names([old]) | set(_imports(twin)) | set(conversion.helpers) | inner | set(dir(builtins))
    return Needs(imports, helpers, tuple(sorted(_names([new]) - explained)))


def _missing_imports(source: ast.Module, twin: ast.Module, used: set[str]) -> tuple[str, ...]:
    own = _imports(source)
    return tuple(sorted({text for name, text in _imports(twin).items() if name in used and own.get(name) != text}))


def _needed(
    conversion: Conversion, twin: ast.Module, statements: Sequence[ast.AST]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Imports and helpers of the twin that the statements use and the source lacks; helpers may use helpers."""
    definitions = {
        node.name: node
        for node in twin.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in conversion.helpers
    }
    used = _names(statements)
    wanted: list[str] = []
    while more := [name for name in definitions if name in used and name not in wanted]:
        wanted += more
        used |= _names([definitions[name] for name in more])
    lines = split_lines(conversion.twin)
    texts = ["".join(lines[_start(definitions[name]) - 1 : _end(definitions[name])]).rstrip() for name in wanted]
    return _missing_imports(ast.parse(conversion.source), twin, used), tuple(texts)


def _defines(text: str, name: str) -> bool:
    return any(line.startswith((f"def {name}(", f"class {name}(", f"class {name}:")) for line in text.splitlines())
