"""Which names code uses, and imports that nothing uses."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import libcst as cst

from diptych.conversion import comments
from diptych.conversion.names import ROOTS, dotted
from diptych.syntax.walk import walk

EVERYTHING = "*"
_IMPORTS = (cst.Import, cst.ImportFrom)
# What else than a name may say which names are used.
_TELLING = {cst.Annotation, cst.Assign, cst.AugAssign, cst.Call}
_LOOKING_UP = {"eval", "exec", "globals", "locals", "vars"}


def bound_name(alias: cst.ImportAlias) -> str:
    """The name that an import binds."""
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value
    return (dotted(alias.name) or "").split(".")[0]


def used_names(node: cst.CSTNode) -> set[str]:
    """Every name that the code looks up; also those in annotations that are written as strings, and in ``__all__``.

    ``EVERYTHING`` is among them where code looks names up that cannot be seen.
    """
    found: set[str] = set()
    for part in walk(node, not_into=_IMPORTS):
        kind = type(part)
        if kind is cst.Name:
            found.add(part.value)
        elif kind not in _TELLING:
            continue
        elif kind is cst.Annotation or (kind in (cst.Assign, cst.AugAssign) and _exports(part)):
            for inner in walk(part):
                if type(inner) is cst.SimpleString:
                    found.update(re.findall(r"\w+", inner.raw_value))
        elif kind is cst.Call and type(part.func) is cst.Name and part.func.value in _LOOKING_UP:
            found.add(EVERYTHING)
    return found


def _exports(node: cst.Assign | cst.AugAssign) -> bool:
    targets = [node.target] if isinstance(node, cst.AugAssign) else [target.target for target in node.targets]
    return any(isinstance(target, cst.Name) and target.value == "__all__" for target in targets)


def is_import(statement: Any) -> bool:
    """Whether a statement begins with an import."""
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(
        statement.body[0], (cst.Import, cst.ImportFrom)
    )


def without_unused(body: Any) -> Any:
    """A function's body without its own imports of framework names that nothing in it uses."""
    if not isinstance(body, cst.IndentedBlock):
        return body
    places = [place for place, statement in enumerate(body.body) if is_import(statement)]
    used = used_names(body) if places else set()
    kept: list[Any] = list(body.body)
    for place in reversed(places):
        statement, removed = kept_import(kept[place], used)
        if removed and not comments.inside(kept[place]) and len(kept) > 1:
            kept[place : place + 1] = [] if statement is None else [statement]
    if len(kept) < len(body.body) and hasattr(kept[0], "leading_lines") and kept[0] is not body.body[0]:
        kept[0] = kept[0].with_changes(leading_lines=[line for line in kept[0].leading_lines if line.comment])
    return body if all(a is b for a, b in zip(kept, body.body, strict=False)) else body.with_changes(body=kept)


def kept_import(statement: Any, used: set[str], spare: Collection[str] = ()) -> tuple[Any, bool]:
    """An import without the names of a framework, or in ``spare``, that nothing uses; ``None`` if nothing is left."""
    if EVERYTHING in used:
        return statement, False
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return statement, False
    node = statement.body[0]
    if isinstance(node, cst.Import):
        kept = [
            alias
            for alias in node.names
            if (dotted(alias.name) or "").split(".")[0] not in {*ROOTS, *spare} or bound_name(alias) in used
        ]
    elif (
        isinstance(node, cst.ImportFrom)
        and node.module is not None
        and not node.relative
        and not isinstance(node.names, cst.ImportStar)
    ):
        if (dotted(node.module) or "").split(".")[0] not in {*ROOTS, *spare}:
            return statement, False
        kept = [a for a in node.names if bound_name(a) in used]
    elif isinstance(node, cst.ImportFrom) and node.module is not None and isinstance(node.names, cst.ImportStar):
        return statement, False
    else:
        return statement, False
    if isinstance(node.names, cst.ImportStar) or len(kept) == len(node.names):
        return statement, False
    if not kept:
        return None, True
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return statement.with_changes(body=[node.with_changes(names=kept)]), True
