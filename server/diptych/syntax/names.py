"""What a name stands for: ``F.relu`` is ``torch.nn.functional.relu`` where ``F`` was imported so and is nothing else.

A light resolver by Python's scoping rules, in one walk (libcst's own scope metadata takes ten times as long). It
answers only where the answer is sure: a name that is also assigned, deleted, a parameter or imported as something else
in the scope that owns it is not resolved.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from diptych.syntax.walk import children

Load = cst.Name | cst.Attribute

_OTHER = None  # bound to something that is not an import
_NOTHING = ""  # bound to None, as the except branch of an optional import does


def canonical(name: str) -> str:
    """The one name of a thing that has several: ``tensorflow.X`` is ``tf.X``; ``tf.keras.X`` is ``keras.X``."""
    if name == "tensorflow" or name.startswith("tensorflow."):
        name = "tf" + name[len("tensorflow") :]
    if name == "tf.keras" or name.startswith("tf.keras."):
        name = name[len("tf.") :]
    return name


@dataclass(eq=False)
class _Scope:
    kind: str  # module, function, class or comprehension
    parent: _Scope | None = None
    bindings: dict[str, set[str | None]] = field(default_factory=dict)
    outer: dict[str, str] = field(default_factory=dict)  # name -> "global" or "nonlocal"

    def bind(self, name: str, value: str | None) -> None:
        self.bindings.setdefault(name, set()).add(value)

    def home(self, name: str, kind: str) -> _Scope | None:
        """The scope that a ``global`` or ``nonlocal`` name belongs to."""
        scope: _Scope = self
        while scope.parent is not None:
            scope = scope.parent
            if kind == "nonlocal" and scope.kind == "function" and name in scope.bindings:
                return scope
        return scope if kind == "global" else None

    def owner(self, name: str) -> _Scope | None:
        """The scope whose binding a use of the name here reads, or ``None`` if no binding is in the file."""
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.outer:
                return scope.home(name, scope.outer[name])
            if name in scope.bindings and (scope is self or scope.kind != "class"):
                return scope
            scope = scope.parent
        return None

    def resolve(self, name: str) -> str | None:
        owner = self.owner(name)
        values = owner.bindings.get(name, set()) - {_NOTHING} if owner else set()
        return next(iter(values)) if len(values) == 1 else None


@dataclass(frozen=True, eq=False)
class Imported:
    """One name of an import statement: its full name, and the name that the statement binds for it."""

    alias: cst.ImportAlias
    name: str
    bound: str


@dataclass(frozen=True, eq=False)
class ImportStatement:
    """An import that is not relative. ``module`` is what stands after ``from``, as written; ``None`` without it."""

    node: cst.Import | cst.ImportFrom
    module: str | None
    names: tuple[Imported, ...]


class Names:
    """The names of one file. ``loads`` are all places that read a dotted name, longest first part of each, in order.

    ``imports`` are the import statements, in order, without relative ones and those of ``*``. ``read`` and ``bound``
    are names that parts of the file read and bind which were left out of the tree.
    """

    def __init__(self, module: cst.Module, read: Collection[str] = (), bound: Collection[str] = ()) -> None:
        self.module = module
        self._read = read
        self.loads: list[Load] = []
        self.imports: list[ImportStatement] = []
        self._scopes: dict[cst.Name, _Scope] = {}
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._imports: dict[tuple[_Scope, str], cst.CSTNode] = {}
        self._rebound: list[tuple[_Scope, str, str | None]] = []
        self._patched: list[cst.Attribute] = []
        self._all: set[str] = {*read, *bound}
        self._root = _Scope("module")
        self._inside(module, self._root)
        for scope, name, value in self._rebound:
            home = scope.home(name, scope.outer[name])
            if home is not None:
                home.bind(name, value)
        self._replaced = {name for node in self._patched if (name := self._dotted(node))}

    def qualified(self, node: cst.CSTNode) -> str | None:
        """The full name that a dotted name reads, as ``torch.nn.functional.relu``; ``None`` where that is not sure."""
        name = self._dotted(node)
        if name is None or any(name == one or name.startswith(one + ".") for one in self._replaced):
            return None
        return name

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node directly around a node; ``None`` for the file itself."""
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, from the inside outwards."""
        parent = self._parents.get(node)
        while parent is not None:
            yield parent
            parent = self._parents.get(parent)

    def spelling(self, at: Load, target: str) -> str | None:
        """How ``target`` can be written where another name stands, by the imports there are; ``None`` if it cannot."""
        root = _root(at)
        if root is None:
            return None
        scope = self._scopes[root]
        best: tuple[int, str] | None = None
        for name in [root.value, *self._visible(scope)]:
            value = scope.resolve(name)
            if value and target.startswith(value + ".") and (best is None or len(value) > best[0]):
                best = (len(value), name + target[len(value) :])
                if name == root.value:
                    break
        return best[1] if best else None

    def import_of(self, at: Load) -> cst.CSTNode | None:
        """The first import statement that binds the first part of a dotted name in the scope that owns it."""
        root = _root(at)
        owner = self._scopes[root].owner(root.value) if root else None
        return self._imports.get((owner, root.value)) if owner and root else None

    def package(self, at: Load) -> str | None:
        """The package through which a dotted name is reached: ``tensorflow`` for ``tf.keras.layers``."""
        root = _root(at)
        node: Any = self.import_of(at)
        if node is None or root is None:
            return None
        if isinstance(node, cst.ImportFrom):
            return _import_name(node.module).partition(".")[0] if node.module is not None else None
        for alias in node.names:
            dotted = _import_name(alias.name)
            bound = _import_name(alias.asname.name) if alias.asname is not None else dotted.partition(".")[0]
            if bound == root.value:
                return dotted.partition(".")[0]
        return None

    def reads(self, statement: ImportStatement, bound: str) -> list[Load]:
        """The places that read a name which a statement binds."""
        return [
            node
            for node in self.loads
            if (root := _root(node)) is not None and root.value == bound and self.import_of(node) is statement.node
        ]

    def is_free(self, name: str) -> bool:
        """Whether a name is neither bound nor read anywhere in the file."""
        return name not in self._all

    def is_read(self, at: cst.Name) -> bool:
        """Whether a name that is assigned here is read anywhere in the file."""
        return at.value in self._read or any(name.value == at.value for name in self._scopes)

    def _dotted(self, node: cst.CSTNode) -> str | None:
        parts: list[str] = []
        while isinstance(node, cst.Attribute):
            parts.append(node.attr.value)
            node = node.value
        if not isinstance(node, cst.Name) or node not in self._scopes:
            return None
        value = self._scopes[node].resolve(node.value)
        return canonical(".".join([value, *reversed(parts)])) if value else None

    def _visible(self, scope: _Scope) -> Iterator[str]:
        current: _Scope | None = scope
        while current is not None:
            yield from current.bindings
            current = current.parent

    def _bind(self, scope: _Scope, name: str, value: str | None) -> None:
        self._all.add(name)
        if name in scope.outer:
            self._rebound.append((scope, name, value))
        else:
            scope.bind(name, value)

    def _inside(self, node: cst.CSTNode, scope: _Scope) -> None:
        for child in children(node):
            self._parents[child] = node
            self._visit(child, scope)

    def _child(self, parent: cst.CSTNode, node: cst.CSTNode | None, scope: _Scope) -> None:
        if isinstance(node, cst.CSTNode):
            self._parents[node] = parent
            self._visit(node, scope)

    def _visit(self, node: cst.CSTNode, scope: _Scope) -> None:
        handler = _HANDLERS.get(type(node))
        if handler is None:
            self._inside(node, scope)
        else:
            handler(self, node, scope)

    def _name(self, node: Any, scope: _Scope) -> None:
        self._all.add(node.value)
        self._scopes[node] = scope
        self.loads.append(node)

    def _attribute(self, node: Any, scope: _Scope) -> None:
        parts = node
        while isinstance(parts, cst.Attribute):
            self._parents[parts.value] = self._parents[parts.attr] = parts
            parts = parts.value
        if isinstance(parts, cst.Name):
            self._all.add(parts.value)
            self._scopes[parts] = scope
            self.loads.append(node)
        else:
            self._visit(parts, scope)

    def _argument(self, node: Any, scope: _Scope) -> None:
        if node.keyword is not None:
            self._parents[node.keyword] = node
        self._child(node, node.value, scope)

    def _target(self, parent: cst.CSTNode, node: cst.CSTNode, scope: _Scope, value: str | None = _OTHER) -> None:
        self._parents[node] = parent
        if isinstance(node, cst.Name):
            self._bind(scope, node.value, value)
        elif isinstance(node, (cst.Tuple, cst.List)):
            for element in node.elements:
                self._parents[element] = node
                self._target(element, element.value, scope)
        elif isinstance(node, cst.Attribute):
            self._patched.append(node)
            root = node.value
            self._child(node, root, scope)
        else:
            self._inside(node, scope)

    def _assign(self, node: Any, scope: _Scope) -> None:
        self._child(node, node.value, scope)
        nothing = isinstance(node.value, cst.Name) and node.value.value == "None"
        for target in node.targets:
            self._parents[target] = node
            self._target(target, target.target, scope, _NOTHING if nothing else _OTHER)

    def _ann_assign(self, node: Any, scope: _Scope) -> None:
        self._child(node, node.annotation, scope)
        self._child(node, node.value, scope)
        self._target(node, node.target, scope)

    def _aug_assign(self, node: Any, scope: _Scope) -> None:
        self._child(node, node.value, scope)
        self._target(node, node.target, scope)

    def _walrus(self, node: Any, scope: _Scope) -> None:
        self._child(node, node.value, scope)
        home = scope
        while home.kind == "comprehension" and home.parent is not None:
            home = home.parent
        self._target(node, node.target, home)

    def _for(self, node: Any, scope: _Scope) -> None:
        self._child(node, node.iter, scope)
        self._target(node, node.target, scope)
        self._child(node, node.body, scope)
        self._child(node, node.orelse, scope)

    def _as_name(self, node: Any, scope: _Scope) -> None:
        self._target(node, node.name, scope)

    def _delete(self, node: Any, scope: _Scope) -> None:
        self._target(node, node.target, scope)

    def _pattern(self, node: Any, scope: _Scope) -> None:
        for key in ("name", "rest"):
            name = getattr(node, key, None)
            if isinstance(name, cst.Name):
                self._bind(scope, name.value, _OTHER)
        for child in children(node):
            self._parents[child] = node
            if not isinstance(child, cst.Name):
                self._visit(child, scope)

    def _match_class(self, node: Any, scope: _Scope) -> None:
        self._child(node, node.cls, scope)
        for pattern in node.patterns:
            self._child(node, pattern, scope)
        for keyword in node.kwds:
            self._parents[keyword] = node
            self._child(keyword, keyword.pattern, scope)

    def _type_alias(self, node: Any, scope: _Scope) -> None:
        self._bind(scope, node.name.value, _OTHER)
        inner = self._type_scope(node, scope)
        self._child(node, node.value, inner)

    def _type_scope(self, node: Any, scope: _Scope) -> _Scope:
        if node.type_parameters is None:
            return scope
        inner = _Scope("function", scope)
        self._parents[node.type_parameters] = node
        for parameter in node.type_parameters.params:
            self._bind(inner, parameter.param.name.value, _OTHER)
            self._inside_parameter(node.type_parameters, parameter, inner)
        return inner

    def _inside_parameter(self, parent: cst.CSTNode, parameter: Any, scope: _Scope) -> None:
        self._parents[parameter] = parent
        self._parents[parameter.param] = parameter
        self._child(parameter.param, getattr(parameter.param, "bound", None), scope)
        self._child(parameter, parameter.default, scope)

    def _import(self, node: Any, scope: _Scope) -> None:
        imported: list[Imported] = []
        for alias in node.names:
            dotted = _import_name(alias.name)
            if alias.asname is not None:
                bound, value = _import_name(alias.asname.name), dotted
            else:
                bound = value = dotted.partition(".")[0]
            imported.append(Imported(alias, canonical(dotted), bound))
            self._imported(scope, bound, canonical(value), node)
        self.imports.append(ImportStatement(node, None, tuple(imported)))

    def _import_from(self, node: Any, scope: _Scope) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        module = _import_name(node.module) if node.module is not None and not node.relative else None
        imported: list[Imported] = []
        for alias in node.names:
            name = _import_name(alias.name)
            bound = _import_name(alias.asname.name) if alias.asname is not None else name
            full = canonical(f"{module}.{name}") if module else _OTHER
            if full:
                imported.append(Imported(alias, full, bound))
            self._imported(scope, bound, full, node)
        if module:
            self.imports.append(ImportStatement(node, module, tuple(imported)))

    def _imported(self, scope: _Scope, bound: str, value: str | None, node: cst.CSTNode) -> None:
        self._bind(scope, bound, value)
        self._imports.setdefault((scope, bound), node)

    def _function(self, node: Any, scope: _Scope) -> None:
        self._bind(scope, node.name.value, _OTHER)
        for decorator in node.decorators:
            self._child(node, decorator, scope)
        around = self._type_scope(node, scope)
        inner = _Scope("function", around)
        self._parameters(node, node.params, around, inner)
        self._child(node, node.returns, around)
        self._child(node, node.body, inner)

    def _lambda(self, node: Any, scope: _Scope) -> None:
        inner = _Scope("function", scope)
        self._parameters(node, node.params, scope, inner)
        self._child(node, node.body, inner)

    def _parameters(self, parent: cst.CSTNode, node: cst.Parameters, around: _Scope, inner: _Scope) -> None:
        self._parents[node] = parent
        starred = [one for one in (node.star_arg, node.star_kwarg) if isinstance(one, cst.Param)]
        for parameter in [*node.posonly_params, *node.params, *node.kwonly_params, *starred]:
            self._parents[parameter] = node
            self._bind(inner, parameter.name.value, _OTHER)
            self._child(parameter, parameter.annotation, around)
            self._child(parameter, parameter.default, around)

    def _class(self, node: Any, scope: _Scope) -> None:
        self._bind(scope, node.name.value, _OTHER)
        for decorator in node.decorators:
            self._child(node, decorator, scope)
        around = self._type_scope(node, scope)
        for argument in [*node.bases, *node.keywords]:
            self._child(node, argument, around)
        self._child(node, node.body, _Scope("class", around))

    def _comprehension(self, node: Any, scope: _Scope) -> None:
        inner = _Scope("comprehension", scope)
        self._generator(node, node.for_in, scope, inner)
        for key in ("elt", "key", "value"):
            self._child(node, getattr(node, key, None), inner)

    def _generator(self, parent: cst.CSTNode, node: cst.CompFor, around: _Scope, inner: _Scope) -> None:
        self._parents[node] = parent
        self._child(node, node.iter, around)  # the first iterable is evaluated outside
        self._target(node, node.target, inner)
        for condition in node.ifs:
            self._child(node, condition, inner)
        if node.inner_for_in is not None:
            self._generator(node, node.inner_for_in, inner, inner)


def _root(node: cst.CSTNode) -> cst.Name | None:
    while isinstance(node, cst.Attribute):
        node = node.value
    return node if isinstance(node, cst.Name) else None


def _import_name(node: cst.CSTNode) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    return ".".join([node.value if isinstance(node, cst.Name) else "", *reversed(parts)])


def _declare(kind: str) -> Callable[[Names, Any, _Scope], None]:
    def declare(names: Names, node: Any, scope: _Scope) -> None:
        for item in node.names:
            scope.outer[item.name.value] = kind

    return declare


_HANDLERS: dict[type, Callable[[Names, Any, _Scope], None]] = {
    cst.Name: Names._name,
    cst.Attribute: Names._attribute,
    cst.Arg: Names._argument,
    cst.Assign: Names._assign,
    cst.AnnAssign: Names._ann_assign,
    cst.AugAssign: Names._aug_assign,
    cst.NamedExpr: Names._walrus,
    cst.For: Names._for,
    cst.AsName: Names._as_name,
    cst.Del: Names._delete,
    cst.Global: _declare("global"),
    cst.Nonlocal: _declare("nonlocal"),
    cst.MatchAs: Names._pattern,
    cst.MatchStar: Names._pattern,
    cst.MatchMapping: Names._pattern,
    cst.MatchClass: Names._match_class,
    cst.TypeAlias: Names._type_alias,
    cst.Import: Names._import,
    cst.ImportFrom: Names._import_from,
    cst.FunctionDef: Names._function,
    cst.Lambda: Names._lambda,
    cst.ClassDef: Names._class,
    cst.ListComp: Names._comprehension,
    cst.SetComp: Names._comprehension,
    cst.DictComp: Names._comprehension,
    cst.GeneratorExp: Names._comprehension,
}
