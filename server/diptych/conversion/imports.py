"""The imports and helpers of a twin: those that it needs come in, those that nothing needs any more go out."""

from __future__ import annotations

import re
import symtable
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import comments, lightning
from diptych.conversion.entries import Placed
from diptych.conversion.names import STANDARD, dotted
from diptych.conversion.usage import bound_name, is_import, kept_import, used_names
from diptych.syntax.opaque import Opaque
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

DEFINITIONS = (cst.FunctionDef, cst.ClassDef, Opaque)
# Helpers of which only the methods in use are written.
SHORTENED = {"Pipeline"}


def with_imports(c: Converter, module: cst.Module, left_out: Iterable[str] = ()) -> cst.Module:
    """Put in the imports and helpers that the twin needs, and take out those that nothing needs any more, with what the
    helpers that are ``left_out`` took from the standard library.
    """
    spare = {other for name in left_out for other in names_of(c.index.helpers[name]) if other in STANDARD}
    spare |= set(lightning.ROOTS) if c.source == "torch" else set()
    used = used_in(module)
    helpers = helpers_in(c, used)
    used -= {c.twin.helpers[name] for name in helpers}  # what the source imports by such a name, the helper stands for
    added: list[Any] = []
    code = module.code if helpers & SHORTENED else ""
    for name in sorted(helpers, key=lambda name: (_depth(c, name), name)):
        added.append(_helper(c, name, module, code))
    body: list[Any] = []
    place: int | None = None
    lines: list[cst.EmptyLine] = []
    for statement in module.body:
        kept, removed = kept_import(statement, used, spare)
        first = removed and place is None
        if first:
            place = len(body)
        if kept is None:
            above = [line.comment for line in statement.leading_lines if line.comment]
            lines += [*statement.leading_lines] if above or first else []
            lines += [cst.EmptyLine(comment=comment) for comment in comments.inside(statement) if comment not in above]
            continue
        body.append(kept)
    probe = module.with_changes(body=[*body, *added])
    names = used_in(probe)
    wanted = []
    for line in c.twin.imports():
        bound = line.split()[-1]
        if bound in names and not _bound_in_time(module, body, bound):
            wanted.append(cst.parse_statement(line))
    standard = sum(statement.body[0].names[0].name.value in STANDARD for statement in wanted)
    if 0 < standard < len(wanted):
        wanted[standard] = wanted[standard].with_changes(leading_lines=[cst.EmptyLine()])
    if place is None:
        place = _after_docstring(body)
        _set_apart(c, body, place, wanted)
    if wanted and lines:
        wanted[0] = wanted[0].with_changes(leading_lines=lines)
    elif lines and place < len(body):
        body[place] = _led(c, body[place], [*lines, *body[place].leading_lines])
    body[place:place] = wanted
    if added:
        end = _after_imports(body)
        body[end:end] = added
        if end + len(added) < len(body):
            following = body[end + len(added)]
            blank = [line for line in following.leading_lines if line.comment is None]
            if len(blank) < 2:
                lead = [*[cst.EmptyLine()] * (2 - len(blank)), *following.leading_lines]
                body[end + len(added)] = _led(c, following, lead)
    return module.with_changes(body=body)


def _led(c: Converter, statement: Any, lines: list[cst.EmptyLine]) -> Any:
    """The statement with other lines above it; it still stands for the same one of the source."""
    new = statement.with_changes(leading_lines=lines)
    c.origin[new] = c.origin.get(statement) or statement
    return new


def _set_apart(c: Converter, body: list[Any], place: int, wanted: list[Any]) -> None:
    """Blank lines around imports that take no other import's place."""
    if not wanted:
        return
    if place:
        wanted[0] = wanted[0].with_changes(leading_lines=[cst.EmptyLine()])
    if place < len(body) and not is_import(body[place]):
        lines = body[place].leading_lines
        needed = 2 if isinstance(body[place], DEFINITIONS) else 1
        blank = [cst.EmptyLine()] * (needed - sum(line.comment is None for line in lines))
        body[place] = _led(c, body[place], [*blank, *lines])


def helpers_in(c: Converter, used: set[str]) -> set[str]:
    """The helpers among the names that a twin uses, and those that they use in turn."""
    waiting = [name for name in c.helpers if c.twin.helpers.get(name) in used]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            c.twin.helpers.setdefault(name, c.twin.fresh(name))
            waiting += [other for other in names_of(c.index.helpers[name]) if other in c.index.helpers]
    return found


def _depth(c: Converter, name: str, above: frozenset[str] = frozenset()) -> int:
    """How many helpers stand on one another below this one: what a class extends comes before it."""
    above |= {name}
    below = [other for other in names_of(c.index.helpers[name]) if other in c.index.helpers and other not in above]
    return 1 + max((_depth(c, other, above) for other in below), default=0)


ALIASES = {
    "tf": "tf", "keras": "keras", "torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional",
    **{name: name for name in STANDARD},
}  # fmt: skip


def _helper(c: Converter, name: str, module: cst.Module, code_of_twin: str) -> Opaque:
    """A helper under the names that the twin has for it and for the frameworks, indented like the file."""
    text = c.index.helpers[name]
    spelled = {alias: code_of(c.name(ALIASES[alias])) for alias in names_of(text) if alias in ALIASES}
    spelled |= {other: c.twin.helpers.get(other, other) for other in names_of(text) if other in c.index.helpers}
    spelled[name] = c.twin.helpers.get(name, name)
    newline = module.default_newline
    unused = _unused_methods(text, code_of_twin) if name in SHORTENED else frozenset()
    text, names = _spelled(text, tuple(sorted(spelled.items())), module.default_indent, newline, unused)
    return Opaque([cst.EmptyLine(), cst.EmptyLine()], text, newline, Placed(names))


def _unused_methods(text: str, code: str) -> frozenset[str]:
    """The methods of a helper that nothing in a twin calls."""
    methods = re.findall(r"^    def ([a-z]\w*)\(", text, re.MULTILINE)
    return frozenset(method for method in methods if f".{method}(" not in code)


@cache
def names_of(text: str) -> frozenset[str]:
    """The names that a helper takes from around it: neither its parameters nor what it assigns."""
    found: set[str] = set()
    waiting = [symtable.symtable(text, "<helper>", "exec")]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        outermost = table.get_type() == "module"
        found |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (s.is_global() or outermost)}
    return frozenset(found)


@cache
def _spelled(
    text: str, names: tuple[tuple[str, str], ...], indent: str, newline: str, unused: frozenset[str]
) -> tuple[str, frozenset[str]]:
    """A helper's text without some of its methods and with names spelled otherwise, and the names that it then uses."""
    spelled = dict(names)

    class Renamed(cst.CSTTransformer):
        def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> Any:  # noqa: N802
            return cst.RemoveFromParent() if original_node.name.value in unused else updated_node

        def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:  # noqa: N802
            if original_node.value in spelled:
                return cst.parse_expression(spelled[original_node.value])
            return updated_node

        def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:  # noqa: N802
            return updated_node.with_changes(attr=original_node.attr)

    written = text.replace("\n", newline)  # in docstrings, too
    first = cst.parse_module(written).visit(Renamed()).body[0].with_changes(leading_lines=())
    module = cst.Module([first], default_indent=indent, default_newline=newline)
    return module.code, frozenset(used_names(first))


def used_in(module: cst.Module) -> set[str]:
    """Every name that a twin looks up."""
    found = used_names(module)
    for statement in module.body:
        if isinstance(statement, Opaque):
            found |= statement.owner.names
    return found


def _bound_in_time(module: cst.Module, body: list[Any], name: str) -> bool:
    """Whether an import binds a name before a statement that uses it."""
    if not _binds(body, name):
        return False
    first = next(at for at, statement in enumerate(body) if _binds([statement], name))
    return name not in used_in(module.with_changes(body=body[:first]))


def _binds(body: list[Any], name: str) -> bool:
    lines = [statement for statement in body if isinstance(statement, cst.SimpleStatementLine)]
    imports = [node for line in lines for node in line.body if isinstance(node, (cst.Import, cst.ImportFrom))]
    return any(
        bound_name(alias) == name
        for node in imports
        if not isinstance(node.names, cst.ImportStar)
        for alias in node.names
    )


def _after_docstring(body: list[Any]) -> int:
    place = 0
    for statement in body:
        if (
            isinstance(statement, cst.SimpleStatementLine)
            and isinstance(statement.body[0], cst.Expr)
            and isinstance(statement.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
        ) or (
            isinstance(statement, cst.SimpleStatementLine)
            and isinstance(statement.body[0], cst.ImportFrom)
            and dotted(statement.body[0].module or cst.Name("")) == "__future__"
        ):
            place += 1
        else:
            break
    return place


def _after_imports(body: list[Any]) -> int:
    place = 0
    for position, statement in enumerate(body):
        if isinstance(statement, cst.SimpleStatementLine) and any(
            isinstance(node, (cst.Import, cst.ImportFrom)) for node in statement.body
        ):
            place = position + 1
        elif isinstance(statement, DEFINITIONS):
            break
    return place or _after_docstring(body)
