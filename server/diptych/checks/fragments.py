"""A piece of a text as ``ast`` reads it, indexed in one walk: what stands around what, which scope binds which name.

The checks that follow values (``flow.py``) look at every file that mentions a framework, most of which have nothing to
find: libcst's trees would cost ten times as much. Here nothing is rewritten, so ``ast`` and its places are enough.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from diptych.text.lines import split_lines

Kind = Literal[
    "value", "part", "with", "loop", "changed", "import", "function", "class", "parameter", "other", "elsewhere"
]
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

# The block of what stands at the top, in whatever piece.
TOP: list[ast.stmt] = []


@dataclass(eq=False, slots=True)
class Binding:
    """One place that binds a name; ``elsewhere`` is a function that says ``global`` or ``nonlocal``.

    ``node`` is the statement (or parameter), ``value`` what is bound, where that is an expression as a whole; for
    ``with`` the context, for ``loop`` what is gone through. ``full`` is an import's name.
    """

    kind: Kind
    node: Any
    value: ast.expr | None = None
    full: str | None = None


@dataclass(eq=False)
class Scope:
    """The names that a module, function, class or comprehension binds, each with its bindings in order."""

    kind: Literal["module", "function", "class", "comprehension"]
    node: ast.AST
    parent: Scope | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)  # global and nonlocal names

    def function(self) -> Scope:
        """The scope itself; of a comprehension, the one around it."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope


@dataclass(eq=False, slots=True)
class AttributeBinding:
    """An assignment to an attribute, ``target``; ``value`` is ``None`` where it is not one expression."""

    target: ast.Attribute
    node: Any
    value: ast.expr | None


class Fragment:
    """One piece of a text. Raises what ``ast.parse`` raises, and ``RecursionError`` if it is nested too deeply.

    Every node has ``around``, the node around it; every statement ``block``, the list that it stands in; every read
    name ``scope``; functions and classes ``inner``, the scope of their bodies. ``names`` are those that it reads, or
    binds at the top; ``holds`` those of them that may hold an object which other pieces use.
    """

    together = False  # whether other fragments make up this one

    def __init__(self, text: str) -> None:
        self._read(text.removeprefix("\ufeff"))
        self.root = Scope("module", self.tree)
        self.tree.around, self.tree.fragment, self.tree.inner = None, self, self.root
        for statement in self.tree.body:
            statement.block = TOP
            self._visit(statement, self.tree, self.root)
        self.names = frozenset(node.id for node in self.index.get(ast.Name, ())).union(self.root.bindings)
        self.holds = frozenset(
            name for name, bindings in self.root.bindings.items() if not all(map(_holds_nothing, bindings))
        )

    def _read(self, text: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree: Any = ast.parse(text)
        self.lines = split_lines(text)
        self.down = 0  # lines before the piece
        self.calls: dict[str, list[ast.Call]] = {}
        self.index: dict[type, list[Any]] = {}
        self.attributes: list[AttributeBinding] = []

    def stands(self, down: int) -> None:
        """Say how many lines stand before the piece in the text that it is now a piece of."""
        self.down = down

    @property
    def defines(self) -> bool:
        """Whether the piece is one function or class."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return len(self.tree.body) == 1 and isinstance(self.tree.body[0], kinds)

    def _visit(self, node: Any, around: Any, scope: Scope) -> None:
        node.around = around
        kind = type(node)
        if kind in _INDEXED:
            self.index.setdefault(kind, []).append(node)
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, node, scope)
            return
        self._inside(node, scope)

    def _inside(self, node: Any, scope: Scope) -> None:
        for name in _fields(type(node)):
            value = getattr(node, name)
            if type(value) is list:
                self._list(value, node, scope)
            elif isinstance(value, ast.AST):
                self._visit(value, node, scope)

    def _list(self, values: list[Any], around: Any, scope: Scope) -> None:
        for value in values:
            if isinstance(value, ast.AST):
                if isinstance(value, ast.stmt):
                    value.block = values  # type: ignore[attr-defined]
                self._visit(value, around, scope)

    def _bind(self, scope: Scope, name: str, binding: Binding) -> None:
        if name in scope.outer:  # who else changes it is not followed
            outer: Scope | None = scope.parent
            while outer is not None:
                if name in outer.bindings or outer.parent is None:
                    outer.bindings.setdefault(name, []).append(Binding("elsewhere", binding.node))
                outer = outer.parent
            return
        scope.bindings.setdefault(name, []).append(binding)

    def _target(self, target: Any, node: Any, value: ast.expr | None, scope: Scope, kind: Kind) -> None:
        kind_of = type(target)
        if kind_of is ast.Name:
            target.scope = scope
            self._bind(scope, target.id, Binding(kind, node, value))
        elif kind_of in (ast.Tuple, ast.List):
            values = _paired(target.elts, value)
            for element, own in zip(target.elts, values, strict=True):
                element.around = target
                self._target(element, node, own, scope, kind if own is not None else "part")
        elif kind_of is ast.Starred:
            target.value.around = target
            self._target(target.value, node, None, scope, "part")
        else:
            if kind_of is ast.Attribute:
                self.attributes.append(AttributeBinding(target, node, value if kind == "value" else None))
            self._inside(target, scope)

    def _name(self, node: Any, scope: Scope) -> None:
        node.scope = scope

    def _call(self, node: Any, scope: Scope) -> None:
        called = node.func
        last = called.attr if type(called) is ast.Attribute else called.id if type(called) is ast.Name else ""
        self.calls.setdefault(last, []).append(node)
        self._inside(node, scope)

    def _assign(self, node: Any, scope: Scope) -> None:
        self._visit(node.value, node, scope)
        for target in node.targets:
            target.around = node
            self._target(target, node, node.value, scope, "value")

    def _ann_assign(self, node: Any, scope: Scope) -> None:
        self._visit(node.annotation, node, scope)
        node.target.around = node
        if node.value is not None:
            self._visit(node.value, node, scope)
            self._target(node.target, node, node.value, scope, "value")
        elif not isinstance(node.target, ast.Name):
            self._inside(node.target, scope)

    def _aug_assign(self, node: Any, scope: Scope) -> None:
        self._visit(node.value, node, scope)
        node.target.around = node
        self._target(node.target, node, None, scope, "changed")

    def _walrus(self, node: Any, scope: Scope) -> None:
        self._visit(node.value, node, scope)
        node.target.around = node
        self._target(node.target, node, node.value, scope.function(), "value")

    def _for(self, node: Any, scope: Scope) -> None:
        self._visit(node.iter, node, scope)
        node.target.around = node
        self._target(node.target, node, node.iter, scope, "loop")
        self._list(node.body, node, scope)
        self._list(node.orelse, node, scope)

    def _with(self, node: Any, scope: Scope) -> None:
        for item in node.items:
            item.around = node
            self._visit(item.context_expr, item, scope)
            if item.optional_vars is not None:
                item.optional_vars.around = item
                self._target(item.optional_vars, node, item.context_expr, scope, "with")
        self._list(node.body, node, scope)

    def _delete(self, node: Any, scope: Scope) -> None:
        for target in node.targets:
            target.around = node
            self._target(target, node, None, scope, "other")

    def _except(self, node: Any, scope: Scope) -> None:
        if node.name:
            self._bind(scope, node.name, Binding("other", node))
        self._inside(node, scope)

    def _pattern(self, node: Any, scope: Scope) -> None:
        for name in (getattr(node, "name", None), getattr(node, "rest", None)):
            if name:
                self._bind(scope, name, Binding("other", node))
        self._inside(node, scope)

    def _import(self, node: Any, scope: Scope) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            full = alias.name if alias.asname else name
            self._bind(scope, name, Binding("import", node, full=full))

    def _import_from(self, node: Any, scope: Scope) -> None:
        for alias in node.names:
            full = f"{node.module}.{alias.name}" if not node.level else None
            self._bind(scope, alias.asname or alias.name, Binding("import", node, full=full))

    def _outer(self, node: Any, scope: Scope) -> None:
        scope.outer.update(node.names)

    def _function(self, node: Any, scope: Scope) -> None:
        self._bind(scope, node.name, Binding("function", node))
        self._list(node.decorator_list, node, scope)
        if node.returns is not None:
            self._visit(node.returns, node, scope)
        node.inner = Scope("function", node, scope)
        self._parameters(node.args, node, scope, node.inner)
        self._list(node.body, node, node.inner)

    def _lambda(self, node: Any, scope: Scope) -> None:
        node.inner = Scope("function", node, scope)
        self._parameters(node.args, node, scope, node.inner)
        self._visit(node.body, node, node.inner)

    def _parameters(self, node: Any, around: Any, scope: Scope, inner: Scope) -> None:
        node.around = around
        for default in [*node.defaults, *(one for one in node.kw_defaults if one is not None)]:
            self._visit(default, node, scope)
        starred = [one for one in (node.vararg, node.kwarg) if one is not None]
        for parameter in [*node.posonlyargs, *node.args, *node.kwonlyargs, *starred]:
            parameter.around = node
            if parameter.annotation is not None:
                self._visit(parameter.annotation, parameter, scope)
            self._bind(inner, parameter.arg, Binding("parameter", parameter))

    def _class(self, node: Any, scope: Scope) -> None:
        self._bind(scope, node.name, Binding("class", node))
        self._list(node.decorator_list, node, scope)
        self._list(node.bases, node, scope)
        self._list(node.keywords, node, scope)
        node.inner = Scope("class", node, scope)
        self._list(node.body, node, node.inner)

    def _comprehension(self, node: Any, scope: Scope) -> None:
        inner = Scope("comprehension", node, scope)
        for generator in node.generators:
            generator.around = node
            self._visit(generator.iter, generator, scope if generator is node.generators[0] else inner)
            generator.target.around = generator
            self._target(generator.target, generator, generator.iter, inner, "loop")
            self._list(generator.ifs, generator, inner)
        for key in ("elt", "key", "value"):
            value = getattr(node, key, None)
            if value is not None:
                self._visit(value, node, inner)


def _holds_nothing(binding: Binding) -> bool:
    """Whether no object that code makes can be reached by what a name at the top is bound to."""
    if binding.kind in ("import", "function", "class"):
        return True
    if binding.kind != "value" or binding.value is None:
        return False
    return all(isinstance(node, _LITERAL) for node in ast.walk(binding.value))


def _paired(targets: list[ast.expr], value: ast.expr | None) -> list[Any]:
    """What each of some targets gets of a tuple or list that is written out; ``None`` where that is not told."""
    if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) != len(targets):
        return [None] * len(targets)
    starred = any(isinstance(one, ast.Starred) for one in [*targets, *value.elts])
    return [None] * len(targets) if starred else list(value.elts)


@cache
def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    left_out = {"ctx", "op", "ops", "type_ignores", "type_comment", "kind", "conversion"}
    return tuple(name for name in kind._fields if name not in left_out)


_LITERAL = (
    ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator,
    ast.expr_context,
)  # fmt: skip
_INDEXED = {
    ast.AugAssign, ast.BinOp, ast.ClassDef, ast.Expr, ast.For, ast.FunctionDef, ast.AsyncFunctionDef, ast.Subscript,
    ast.Attribute, ast.While, ast.With, ast.Assign, ast.Name,
}  # fmt: skip
_HANDLERS: dict[type, Callable[[Fragment, Any, Scope], None]] = {
    ast.Name: Fragment._name,
    ast.Call: Fragment._call,
    ast.Assign: Fragment._assign,
    ast.AnnAssign: Fragment._ann_assign,
    ast.AugAssign: Fragment._aug_assign,
    ast.NamedExpr: Fragment._walrus,
    ast.For: Fragment._for,
    ast.AsyncFor: Fragment._for,
    ast.With: Fragment._with,
    ast.AsyncWith: Fragment._with,
    ast.Delete: Fragment._delete,
    ast.ExceptHandler: Fragment._except,
    ast.MatchAs: Fragment._pattern,
    ast.MatchStar: Fragment._pattern,
    ast.MatchMapping: Fragment._pattern,
    ast.Import: Fragment._import,
    ast.ImportFrom: Fragment._import_from,
    ast.Global: lambda fragment, node, scope: fragment._outer(node, scope),  # a part of a class has its own
    ast.Nonlocal: lambda fragment, node, scope: fragment._outer(node, scope),
    ast.FunctionDef: Fragment._function,
    ast.AsyncFunctionDef: Fragment._function,
    ast.Lambda: Fragment._lambda,
    ast.ClassDef: Fragment._class,
    ast.ListComp: Fragment._comprehension,
    ast.SetComp: Fragment._comprehension,
    ast.DictComp: Fragment._comprehension,
    ast.GeneratorExp: Fragment._comprehension,
}
