"""What a statement says to the rest of its file: the names that it binds, reads, calls and passes on."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from diptych.conversion import functional, training
from diptych.conversion.names import ARRAY_LIBRARIES, ROOTS, STANDARD, dotted
from diptych.conversion.result import Framework
from diptych.conversion.usage import bound_name
from diptych.syntax.walk import children, names_read, walk

_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Survey:
    """One statement. ``names`` are all in it, ``imported`` those that imports of a framework bind, or of what a twin
    may import itself (``import math``), ``bound`` the others.

    ``frameworks`` are those that its imports name, in order; ``arrays`` says whether it imports another library of
    arrays. ``called`` are names called inside its classes, or derived from; ``passed_on`` names that are used other
    than by calling them; ``reads`` all that it looks up. ``rebinds`` are names of the file that it gives another value,
    where that is not ``None``. ``holds`` pairs a name with what is called to make what it holds, a class with its
    bases; ``handed`` a function's name with what is called to make its arguments. ``imports`` and ``optimizers`` are
    for Keras.
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
    holds: frozenset[tuple[str, str]]
    handed: frozenset[tuple[str, str]]
    imports: dict[str, str]
    optimizers: dict[str, str]


def survey(statement: Any) -> Survey:
    """Look a statement over once."""
    looked = _Look(statement)
    frameworks, arrays = _imported_libraries(looked.imports)
    imports: dict[str, str] = {}
    for node in looked.imports:
        imports |= functional.bound_by(node)
    return Survey(
        frameworks,
        arrays,
        frozenset(looked.names),
        frozenset(looked.imported),
        frozenset(looked.bound),
        frozenset(looked.called),
        frozenset(looked.passed_on),
        frozenset(looked.reads),
        frozenset(looked.declared | _rebinds(statement)),
        frozenset(looked.holds),
        frozenset(looked.handed),
        imports,
        training.optimizers(statement) if looked.applies else {},
    )


class _Look:
    """One walk over a statement. What waits goes with two answers: whether a name there is passed on, and whether it
    stands inside a class.
    """

    def __init__(self, statement: Any) -> None:
        self.imports: list[Any] = []
        self.names: set[str] = set()
        self.imported: set[str] = set()
        self.bound: set[str] = set()
        self.called: set[str] = set()
        self.passed_on: set[str] = set()
        self.reads: set[str] = set()
        self.declared: set[str] = set()  # global
        self.holds: set[tuple[str, str]] = set()
        self.handed: set[tuple[str, str]] = set()
        self.applies = False
        self.waiting: list[tuple[Any, bool, bool]] = [(statement, True, False)]
        waiting = self.waiting
        while waiting:
            node, passed, inside = waiting.pop()
            kind = type(node)
            if kind is cst.Name:
                self.names.add(node.value)
                self.reads.add(node.value)
                if passed:
                    self.passed_on.add(node.value)
            elif (special := _SPECIAL.get(kind)) is not None:
                special(self, node, passed, inside)
            else:
                waiting += [(part, passed, inside) for part in reversed(children(node))]

    def _later(self, nodes: Iterable[Any], passed: bool, inside: bool) -> None:
        self.waiting += [(part, passed, inside) for part in nodes]

    def _import(self, node: Any, passed: bool, inside: bool) -> None:
        self.imports.append(node)
        self.reads.update(names_read(node))
        module = node.module if isinstance(node, cst.ImportFrom) else None
        if isinstance(module, cst.Name):
            self.passed_on.add(module.value)
        root = (dotted(module) or "").split(".")[0] if module is not None and not node.relative else ""
        for alias in node.names if not isinstance(node.names, cst.ImportStar) else ():
            if module is None and isinstance(node, cst.Import):
                root = (dotted(alias.name) or "").split(".")[0]
            itself = isinstance(node, cst.Import) and alias.asname is None and dotted(alias.name) in STANDARD
            (self.imported if root in ROOTS or itself else self.bound).add(bound_name(alias))
            for name in (alias.name, alias.asname.name if alias.asname else None):
                if isinstance(name, cst.Name):
                    self.passed_on.add(name.value)

    def _target(self, node: Any, passed: bool, inside: bool) -> None:
        """The target of an assignment: a name there is bound, not read."""
        self.bound |= _target_names(node.target)
        if isinstance(node.target, cst.Name):
            self.names.add(node.target.value)
        else:
            self.waiting.append((node.target, False, inside))

    def _binding(self, node: Any, passed: bool, inside: bool) -> None:
        self.bound |= _target_names(node.target)
        self._later(children(node), passed, inside)

    def _named(self, node: Any, passed: bool, inside: bool) -> None:
        self.bound.add(node.name.value)
        self._later(children(node), passed, inside)

    def _class(self, node: Any, passed: bool, inside: bool) -> None:
        self.bound.add(node.name.value)
        bases = {base.value.value for base in node.bases if isinstance(base.value, cst.Name)}
        self.called |= bases
        self.holds |= {(node.name.value, base) for base in bases}
        self._later(node.bases, False, inside)
        self._later([*node.decorators, *node.keywords], passed, inside)
        if node.type_parameters is not None:
            self.waiting.append((node.type_parameters, passed, inside))
        self.waiting.append((node.body, passed, True))

    def _call(self, node: Any, passed: bool, inside: bool) -> None:
        function = node.func
        if isinstance(function, cst.Name):
            self.waiting.append((function, False, inside))
            if inside:
                self.called.add(function.value)
            passed = function.value not in ("isinstance", "issubclass", "print", "super")
            self.handed |= {(function.value, name) for argument in node.args for name in _makers(argument.value)}
        else:
            applied = ("apply", "apply_gradients", "compile", "minimize")
            self.applies = self.applies or (isinstance(function, cst.Attribute) and function.attr.value in applied)
            self.waiting.append((function, passed, inside))
            passed = True
        self.passed_on |= {name for a in node.args for name in _attribute_names(a.value) if passed}
        self._later(node.args, passed, inside)

    def _assigned(self, node: Any, passed: bool, inside: bool) -> None:
        targets = [target.target for target in node.targets]
        names = set[str]().union(*map(_target_names, targets), *map(_attribute_names, targets))
        self.holds |= {(name, maker) for name in names for maker in _makers(node.value)}
        self._later(children(node), passed, inside)

    def _attribute(self, node: Any, passed: bool, inside: bool) -> None:
        self.waiting.append((node.value, passed and not isinstance(node.value, cst.Name), inside))

    def _global(self, node: Any, passed: bool, inside: bool) -> None:
        self.declared |= {item.name.value for item in node.names}
        self._later(node.names, passed, inside)

    def _annotation(self, node: Any, passed: bool, inside: bool) -> None:
        self.waiting.append((node.annotation, False, inside))


def _attribute_names(node: Any) -> set[str]:
    """``.block`` for ``self.block``, to tell it from a name."""
    held = isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name)
    return {f".{node.attr.value}"} if held else set()


_SPECIAL: dict[type, Callable[[_Look, Any, bool, bool], None]] = {
    cst.Import: _Look._import,
    cst.ImportFrom: _Look._import,
    cst.Assign: _Look._assigned,
    cst.AssignTarget: _Look._target,
    cst.For: _Look._binding,
    cst.CompFor: _Look._binding,
    cst.NamedExpr: _Look._binding,
    cst.AugAssign: _Look._binding,
    cst.AnnAssign: _Look._binding,
    cst.Param: _Look._named,
    cst.FunctionDef: _Look._named,
    cst.ClassDef: _Look._class,
    cst.Call: _Look._call,
    cst.Attribute: _Look._attribute,
    cst.Annotation: _Look._annotation,
    cst.Global: _Look._global,
}


def _makers(node: Any) -> set[str]:
    """What is called to make a value, through methods such as ``.to(device)`` and calls around it."""
    found: set[str] = set()
    while isinstance(node, cst.Call):
        if isinstance(node.func, cst.Name):
            found.add(node.func.value)
            return found
        inside = [argument.value for argument in node.args if isinstance(argument.value, cst.Call)]
        node = node.func.value if isinstance(node.func, cst.Attribute) else None
        if not isinstance(node, cst.Call):
            return found.union(*(_makers(each) for each in inside[:1]))
    return found


def passed_on(surveys: Iterable[Survey]) -> set[str]:
    """Names used other than by calling them, and the classes of which an instance is: others call it, unseen."""
    known = list(surveys)
    found = set[str]().union(*(each.passed_on for each in known))
    imported = set[str]().union(*(each.imported for each in known))
    found |= {maker for each in known for function, maker in each.handed if function not in imported}
    holds = {pair for each in known for pair in each.holds}
    while more := {maker for name, maker in holds if name in found} - found:
        found |= more
    return found


def taken(surveys: Iterable[Survey]) -> set[str]:
    """Python's own names, and every name in a file except those that imports as a twin has them alone bind."""
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


_NOT_HERE = (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.Import, cst.ImportFrom)


def _rebinds(statement: Any) -> set[str]:
    """What a statement at the top gives another value, where that is not ``None``."""
    found: set[str] = set()
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        return found
    for node in walk(statement, not_into=_NOT_HERE):
        if isinstance(node, cst.Assign):
            if not (isinstance(node.value, cst.Name) and node.value.value == "None"):
                found |= set().union(*(_target_names(target.target) for target in node.targets))
        elif isinstance(node, (cst.For, cst.NamedExpr, cst.AugAssign, cst.AnnAssign)):
            found |= _target_names(node.target)
        elif isinstance(node, cst.AsName) and isinstance(node.name, cst.Name):
            found.add(node.name.value)
    return found


def _target_names(target: Any) -> set[str]:
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, (cst.Tuple, cst.List)):
        return set().union(*(_target_names(element.value) for element in target.elements))
    return set()
