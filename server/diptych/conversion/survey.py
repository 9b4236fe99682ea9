"""What a statement says to the rest of its file: the names that it binds, reads, calls and passes on."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from diptych.conversion import functional, training
from diptych.conversion.names import ARRAY_LIBRARIES, ROOTS, dotted
from diptych.conversion.result import Framework
from diptych.conversion.usage import bound_name
from diptych.syntax.walk import children, names_read, walk

_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Survey:
    """One statement. ``names`` are all in it, ``imported`` those that framework imports bind, ``bound`` the others.

    ``frameworks`` are those that its imports name, in order; ``arrays`` says whether it imports another library of
    arrays. ``called`` are names called inside its classes, or derived from; ``passed_on`` names that are used other
    than by calling them; ``reads`` all that it looks up. ``rebinds`` are names of the file that it gives another value,
    where that is not ``None``. ``imports`` and ``optimizers`` are for Keras.
    """

    frameworks: tuple[Framework, ...]
    arrays: bool
    names: frozenset[str]
    imported: frozenset[str]
    bound: frozenset[str]
    called: frozenset[str]
    passed_on: frozenset[str]
    reads: frozenset[str]
    rebinds: frozenset[str]
    imports: dict[str, str]
    optimizers: dict[str, str]


def survey(statement: Any) -> Survey:
    """Look a statement over once."""
    found = [node for node in walk(statement) if type(node) in (cst.Import, cst.ImportFrom)]
    frameworks, arrays = _imported_libraries(found)
    names, imported, bound = _names(statement)
    imports: dict[str, str] = {}
    for node in found:
        imports |= functional.bound_by(node)
    return Survey(
        frameworks,
        arrays,
        frozenset(names),
        frozenset(imported),
        frozenset(bound),
        frozenset(_called_in_classes(statement)),
        frozenset(_passed_on(statement)),
        frozenset(names_read(statement)),
        frozenset(_rebinds(statement)),
        imports,
        training.optimizers(statement),
    )


def taken(surveys: Iterable[Survey]) -> set[str]:
    """Python's own names, and every name in a file except those that framework imports alone bind."""
    names: set[str] = set()
    imported: set[str] = set()
    bound: set[str] = set()
    for each in surveys:
        names |= each.names
        imported |= each.imported
        bound |= each.bound
    return (names - imported) | bound | _BUILTINS


def source_of(surveys: Iterable[Survey], to: Framework | None) -> Framework | None:
    """The framework to convert from: the one that is not asked for, or the one that the imports name first."""
    found: list[Framework] = [framework for each in surveys for framework in each.frameworks]
    if to is None:
        return found[0] if found else None
    wanted: Framework = "torch" if to == "tensorflow" else "tensorflow"
    return wanted if wanted in found else None


def _imported_libraries(imports: list[Any]) -> tuple[tuple[Framework, ...], bool]:
    found: list[Framework] = []
    arrays = False
    for node in imports:
        if isinstance(node, cst.Import):
            names = [dotted(alias.name) for alias in node.names]
        else:
            names = [dotted(node.module) if node.module and not node.relative else None]
            arrays = arrays or ((node.module and dotted(node.module)) or "").split(".")[0] in ARRAY_LIBRARIES
        for name in names:
            root = (name or "").split(".")[0]
            arrays = arrays or root in ARRAY_LIBRARIES
            if root in ROOTS:
                found.append("torch" if root == "torch" else "tensorflow")
    return tuple(found), arrays


def _names(statement: Any) -> tuple[set[str], set[str], set[str]]:
    names: set[str] = set()
    imported: set[str] = set()
    bound: set[str] = set()
    for node in walk(statement, not_into=(cst.Import, cst.ImportFrom)):
        kind = type(node)
        if kind is cst.Name:
            names.add(node.value)
        elif kind in _TARGETS:
            bound |= _target_names(node.target)
        elif kind in _NAMED:
            bound.add(node.name.value)
        elif kind is cst.Import:
            for alias in node.names:
                root = (dotted(alias.name) or "").split(".")[0]
                (imported if root in ROOTS else bound).add(bound_name(alias))
        elif kind is cst.ImportFrom and not isinstance(node.names, cst.ImportStar):
            root = (dotted(node.module) or "").split(".")[0] if node.module and not node.relative else ""
            for alias in node.names:
                (imported if root in ROOTS else bound).add(bound_name(alias))
    return names, imported, bound


_TARGETS = {cst.AssignTarget, cst.For, cst.CompFor, cst.NamedExpr, cst.AugAssign, cst.AnnAssign}
_NAMED = {cst.Param, cst.FunctionDef, cst.ClassDef}


_NOT_HERE = (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.Import, cst.ImportFrom)


def _rebinds(statement: Any) -> set[str]:
    found: set[str] = set()
    if not isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        for node in walk(statement, not_into=_NOT_HERE):
            if isinstance(node, cst.Assign):
                if not (isinstance(node.value, cst.Name) and node.value.value == "None"):
                    found |= set().union(*(_target_names(target.target) for target in node.targets))
            elif isinstance(node, (cst.For, cst.NamedExpr, cst.AugAssign, cst.AnnAssign)):
                found |= _target_names(node.target)
            elif isinstance(node, cst.AsName) and isinstance(node.name, cst.Name):
                found.add(node.name.value)
    for node in walk(statement, not_into=(cst.BaseExpression,)):
        if isinstance(node, cst.Global):
            found |= {item.name.value for item in node.names}
    return found


def _target_names(target: Any) -> set[str]:
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, (cst.Tuple, cst.List)):
        return set().union(*(_target_names(element.value) for element in target.elements))
    return set()


def _called_in_classes(statement: Any) -> set[str]:
    """Names called inside classes, or derived from: classes among them are parts of other models."""
    found: set[str] = set()
    stack: list[tuple[Any, bool]] = [(statement, False)]
    while stack:
        node, inside = stack.pop()
        kind = type(node)
        if kind is cst.ClassDef:
            found |= {base.value.value for base in node.bases if isinstance(base.value, cst.Name)}
            stack += [(part, inside) for part in children(node) if part is not node.body]
            stack.append((node.body, True))
            continue
        if inside and kind is cst.Call and isinstance(node.func, cst.Name):
            found.add(node.func.value)
        stack += [(part, inside) for part in children(node)]
    return found


def _passed_on(statement: Any) -> set[str]:
    """Names that are used other than by calling them: whoever calls such a function or class may be anybody."""
    found: set[str] = set()
    stack: list[Any] = [statement]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is cst.Name:
            found.add(node.value)
            continue
        inside = children(node)
        if kind is cst.ClassDef:
            inside = [part for part in inside if not any(part is base for base in node.bases)]
        elif kind is cst.Call and isinstance(node.func, cst.Name):
            inside = [part for part in inside if part is not node.func] if node.func.value != "isinstance" else []
        elif kind is cst.Attribute:
            inside = [part for part in inside if type(part) is not cst.Name]
        stack += [part for part in inside if type(part) is not cst.Annotation and type(part) is not cst.AssignTarget]
    return found
