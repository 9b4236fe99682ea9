"""Why two lines may give different values: what the catalogue knows of the APIs on them, and what was assumed there."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from diptych.conversion.result import Conversion
from diptych.verification.claims import Pair

LIMIT = 4


def likely_causes(pair: Conversion | Pair, source_lines: Sequence[int], twin_lines: Sequence[int]) -> tuple[str, ...]:
    """A few lines of text: assumptions made at these lines of the source, then where the rules of the APIs on the lines
    of either side say that the frameworks differ, then what those APIs are.
    """
    found: dict[str, None] = {}
    if isinstance(pair, Conversion):
        for leftover in pair.leftovers:
            if leftover.line in source_lines and leftover.severity == "warning":
                found[f"{leftover.api} was converted on an assumption: {leftover.reason}"] = None
    found.update(dict.fromkeys(_from_rules(pair, source_lines, twin_lines)))
    return tuple(found)[:LIMIT]


def _from_rules(pair: Conversion | Pair, source_lines: Sequence[int], twin_lines: Sequence[int]) -> Iterator[str]:
    from diptych.catalog.card import differences_of
    from diptych.catalog.index import load
    from diptych.catalog.lookup import rules_named

    index = load()
    described: dict[str, str] = {}
    for text, lines in ((pair.source, source_lines), (pair.twin, twin_lines)):
        for name in _apis(text, lines):
            rules = [rule for rule, _ in rules_named(index, name)]
            for rule in rules:
                for difference in differences_of(rule):
                    yield f"{name}: {difference}"
            if len(rules) == 1:  # of several, which one it is cannot be told from the name
                described.setdefault(rules[0].name, f"{name}: {rules[0].doc.strip().splitlines()[0]}")
    yield from described.values()


def _apis(text: str, lines: Sequence[int]) -> list[str]:
    """The qualified names of the calls on these lines, in order."""
    from diptych.syntax.scout import Scout

    calls = Scout(text).calls
    return list(dict.fromkeys(call.name for call in calls if call.span.line in lines))


def lines_of_statement(text: str, line: int) -> tuple[int, int]:
    """The first and last line of the innermost simple statement that holds a line."""
    best = line, line
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            first, last = node.lineno, node.end_lineno or node.lineno
            if first <= line <= last:
                best = first, last
    return best


def made_at(text: str, entry: str, path: Sequence[str]) -> int | None:
    """The line that makes the layer at ``path`` (``block``, ``layers``, ``2``, ``conv``): what is assigned to the
    attribute, or the element of a list of layers. ``entry`` is a class, or what makes an object of one.
    """
    tree = ast.parse(text)
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    owner = entry
    for node in tree.body if entry not in classes else ():
        names = [target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)]
        if entry in (getattr(node, "name", None), *names):
            owner = _made_by(node, classes) or owner
    found: int | None = None
    value: ast.expr | None = None
    for part in path:
        if part.isdigit():
            element = _element(value, int(part))
            value, found = (element, element.lineno) if element is not None else (value, found)
        else:
            value, line = _assigned(classes.get(_made_by(value, classes) or owner), part)
            if line is None:
                return found
            found = line
    return found


def _made_by(value: ast.AST | None, classes: Collection[str]) -> str | None:
    """The class of the file that is called in a piece of it, where there is just one."""
    calls = [node.func for node in ast.walk(value) if isinstance(node, ast.Call)] if value is not None else []
    names = {node.id for node in calls if isinstance(node, ast.Name) and node.id in classes}
    return names.pop() if len(names) == 1 else None


def _element(value: ast.expr | None, index: int) -> ast.expr | None:
    """A layer of a sequence that is written out."""
    if isinstance(value, ast.Call) and len(value.args) == 1 and isinstance(value.args[0], (ast.List, ast.Tuple)):
        elements = value.args[0].elts
    else:
        elements = value.args if isinstance(value, ast.Call) else []
    return elements[index] if index < len(elements) else None


def _assigned(owner: ast.ClassDef | None, attribute: str) -> tuple[ast.expr | None, int | None]:
    for node in ast.walk(owner or ast.Module([], [])):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr.rstrip("_") == attribute.rstrip("_"):
                return node.value, node.lineno
    return None, None
