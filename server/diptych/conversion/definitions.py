"""Converting functions, methods, imports and annotations; classes are in classes.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import (
    classes,
    closures,
    comments,
    companions,
    devices,
    einops,
    evidence,
    handed_layers,
    initialisers,
    lightning,
    lightning_modules,
    modes,
    results_memory,
    statements,
    step_modes,
)
from diptych.conversion.journal import Written
from diptych.conversion.names import ARRAY_LIBRARIES, ROOTS, dotted
from diptych.conversion.scope import Scope
from diptych.conversion.usage import without_unused
from diptych.inference.layers import ClassInfo, Signature
from diptych.inference.values import FOREIGN, Value, join_all, replace
from diptych.syntax.canonical import canonical
from diptych.syntax.keywords import TIGHT
from diptych.syntax.walk import names_read

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

ATTEMPTS = 4


class LocalFunction:
    """A function or method of the file; converted when it is first needed, once, by ``home`` if that is known."""

    home: Converter | None = None

    def __init__(
        self, node: cst.FunctionDef, scope: Scope, owner: ClassInfo | None = None, comment: str | None = None
    ) -> None:
        self.node = node
        self.scope = scope
        self.owner = owner
        self.comment = comments.of_definition(node) or comment
        decorators = [dotted(each.decorator) or "" for each in node.decorators]
        self.is_property = owner is not None and any(name.endswith("property") for name in decorators)
        self.twin: cst.FunctionDef | None = None
        self.written = Written()
        self._signature: Signature | None = None
        self._running = False

    @property
    def is_forward(self) -> bool:
        """Whether this is what a module's call runs."""
        return self.scope.in_module and self.node.name.value in ("forward", "call", "__call__")

    def signature(self, c: Converter) -> Signature | None:
        """How the twin is called; ``None`` while it is being converted (recursion)."""
        if self._signature is None and not self._running:
            self.convert(self.home or c)
        return self._signature

    def convert(self, c: Converter) -> cst.FunctionDef:
        """Convert, trying again with what was learnt of the parameters until nothing new turns up."""
        if self.twin is not None:
            c.journal.again(self.written)
            return self.twin
        first = c.journal.mark()
        self._running = True
        outer, memo = c.scope, dict(c._memo)
        outer_flow = c.flowing
        statement, c.journal.statement = c.journal.statement, self.node
        c.flowing = None
        given: dict[str, Value] = {}
        fixed = self.is_property or (self.owner.name if self.owner else self.node.name.value) in c.passed_on
        plain_returns = fixed
        try:
            mark = c.journal.mark()
            twin, scope = self._attempt(c, outer, given, plain_returns)
            for _ in range(ATTEMPTS):
                learnt = self._learnt(c, scope, given, fixed)
                mixed = not plain_returns and _mixed(scope.returned)
                if not learnt and not mixed and scope.holds_several <= scope.in_source_order:
                    break
                given |= learnt
                plain_returns = plain_returns or mixed
                c.journal.back_to(mark)
                held = scope.in_source_order | scope.holds_several
                twin, scope = self._attempt(c, outer, given, plain_returns, held)
        finally:
            c.scope, c._memo, c.flowing = outer, memo, outer_flow
            c.journal.statement = statement
            self._running = False
        self._signature = self._summary(c, scope)
        self.twin = twin = comments.turned(twin, self._signature.orders)
        self.written = c.journal.since(first)
        c.origin[twin] = self.node
        return twin

    @staticmethod
    def _learnt(c: Converter, scope: Scope, given: dict[str, Value], fixed: bool) -> dict[str, Value]:
        """Parameters that turned out to be wanted with other axes, or with a known number of them."""
        if c.layout == "preserve" or fixed:
            plain = {name: replace(value, permutation=None) for name, value in scope.demands.items()}
            return {name: value for name, value in plain.items() if given.get(name, Value()).rank != value.rank}
        demands = scope.demands.items()
        return {name: v for name, v in demands if given.get(name, Value()).permutation != v.permutation}

    def _attempt(
        self,
        c: Converter,
        outer: Scope,
        given: dict[str, Value],
        plain_returns: bool,
        held: frozenset[str] = frozenset(),
    ) -> tuple[cst.FunctionDef, Scope]:
        scope = Scope("function", self._name(), self.scope, self.owner, plain_returns=plain_returns)
        scope.in_source_order, scope.function = held, self.node
        scope.step = lightning_modules.mode_of(self)
        scope.sets_modes = step_modes.said_in(c, self)
        c.scope = scope
        c.new_statement()
        params = self._bind_parameters(c, scope, given)
        decorators, no_grad = _decorators(c, self.node)
        scope.no_grad = no_grad
        body = without_unused(statements.suite(c, self.node.body))
        if c.source == "tensorflow" and self.is_forward:
            body = modes.asked_at_first(self.node, body)
        returns = annotation(c, self.node.returns) if self.node.returns else None
        name = self._twin_name(c)
        if scope.reads_training and scope.in_module:
            params = _with_training(params)
        if (
            body is self.node.body
            and params is self.node.params
            and name is self.node.name
            and len(decorators) == len(self.node.decorators)
            and returns is self.node.returns
        ):
            return self.node, scope
        return self.node.with_changes(
            name=name, params=params, body=body, decorators=decorators, returns=returns
        ), scope

    def _name(self) -> str:
        return f"{self.owner.name}.{self.node.name.value}" if self.owner else self.node.name.value

    def _twin_name(self, c: Converter) -> cst.Name:
        names = {"forward": "call"} if c.source == "torch" else {"call": "forward"}
        if self.scope.in_module and self.node.name.value in names:
            return cst.Name(names[self.node.name.value])
        return self.node.name

    def _bind_parameters(self, c: Converter, scope: Scope, given: dict[str, Value]) -> cst.Parameters:
        node = self.node
        positional = [*node.params.posonly_params, *node.params.params]
        static = any(isinstance(d.decorator, cst.Name) and d.decorator.value == "staticmethod" for d in node.decorators)
        first = positional[0].name.value if positional and self.owner is not None and not static else None
        if first is not None:
            scope.names[first] = Value("self", definition=self.owner)
        values = evidence.parameters(c, node, self.is_forward, self.comment)
        for name, value in values.items():
            if name == first:
                continue
            value = _merged(value, given[name]) if name in given else value
            if value.kind in ("tensor", "unknown", "list", "tuple", "dict"):
                value = replace(value, memory=_from_caller(c, scope), of=name)
            scope.names[name] = scope.entry[name] = value
            scope.parameters.add(name)
        for star in (node.params.star_arg, node.params.star_kwarg):
            if isinstance(star, cst.Param):
                kind = "tuple" if star is node.params.star_arg else "dict"
                scope.names[star.name.value] = Value(kind, memory=_from_caller(c, scope))
        return _parameters(c, self)

    def _summary(self, c: Converter, scope: Scope) -> Signature:
        positional = [p.name.value for p in [*self.node.params.posonly_params, *self.node.params.params]]
        static = any(
            isinstance(d.decorator, cst.Name) and d.decorator.value == "staticmethod" for d in self.node.decorators
        )
        if self.owner is not None and not static:
            positional = positional[1:]
        self.scope_after = scope
        result = join_all(scope.returned) if scope.returned else Value("none", literal=None)
        given = {name: self._given(scope, name) for name in scope.parameters}
        return Signature(
            positional,
            given,
            results_memory.summary(scope, result, tuple(given)),
            set(scope.mutated),
            {n: m for n, m in scope.modes.items() if n in scope.parameters},
            handed_layers.looks(c.inside(self.node.body), scope.parameters),
            initialisers.asking(self.node),
            step_modes.of_method(c, self, positional),
        )

    @staticmethod
    def _given(scope: Scope, name: str) -> Value:
        return scope.entry.get(name, Value())


def _from_caller(c: Converter, scope: Scope) -> frozenset[int]:
    """The storage of an argument."""
    storage = c.fresh_storage()
    scope.external.add(storage)
    scope.own[storage] = results_memory.CALLER
    return frozenset({storage})


def _merged(value: Value, given: Value) -> Value:
    return replace(value, kind="tensor", rank=given.rank, permutation=given.permutation)


def _mixed(returned: list[Value]) -> bool:
    """Whether results come back with their axes in different orders."""
    orders = {_orders(value) for value in returned if value.kind != "none"} - {handed_layers.ANY}
    return len(orders) > 1


def _orders(value: Value) -> Any:
    if value.items is not None:
        return tuple(_orders(item) for item in value.items)
    if value.kind == "module":
        return handed_layers.order(value.layer)
    return value.permutation


def _with_training(params: cst.Parameters) -> cst.Parameters:
    if any(p.name.value == "training" for p in [*params.params, *params.kwonly_params]):
        return params
    extra = cst.Param(cst.Name("training"), default=cst.Name("None"), equal=TIGHT)
    if isinstance(params.star_arg, cst.Param):  # in front of it, it would get the first of those arguments
        return params.with_changes(kwonly_params=_with_last(params.kwonly_params, extra))
    return params.with_changes(params=_with_last(params.params, extra))


def _with_last(params: Sequence[cst.Param], extra: cst.Param) -> list[cst.Param]:
    """The parameters and one more, on a line of its own where they stand so."""
    lines = [p.comma for p in params if isinstance(p.comma, cst.Comma) and _breaks(p.comma)]
    if not lines or lines[-1] is not params[-1].comma:
        return [*params, extra]
    own, last = lines[-1].whitespace_after, lines[0].whitespace_after
    assert isinstance(own, cst.ParenthesizedWhitespace) and isinstance(last, cst.ParenthesizedWhitespace)
    before = cst.Comma(whitespace_after=own.with_changes(last_line=last.last_line))
    after = cst.Comma(whitespace_after=own.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[]))
    return [*params[:-1], params[-1].with_changes(comma=before), extra.with_changes(comma=after)]


def _closing(own: Any, last: Any) -> Any:
    """The comma of a parameter that became the last one, with its comment."""
    space = own.whitespace_after if isinstance(own, cst.Comma) and _breaks(own) else None
    if not isinstance(space, cst.ParenthesizedWhitespace) or space.first_line.comment is None:
        return last
    if not isinstance(last, cst.Comma) or not isinstance(last.whitespace_after, cst.ParenthesizedWhitespace):
        return own
    return own.with_changes(whitespace_after=space.with_changes(last_line=last.whitespace_after.last_line))


def _breaks(comma: cst.Comma) -> bool:
    return isinstance(comma.whitespace_after, cst.ParenthesizedWhitespace)


def hands_on(node: cst.FunctionDef) -> bool:
    """Whether a function takes arguments of any number or name and reads them."""
    stars = [star.name.value for star in (node.params.star_arg, node.params.star_kwarg) if isinstance(star, cst.Param)]
    return bool(stars) and not set(stars).isdisjoint(names_read(node.body))


def _parameters(c: Converter, function: LocalFunction) -> cst.Parameters:
    """Parameters with converted annotations and defaults; Keras's ``training`` goes."""
    params = function.node.params
    changed: dict[str, Any] = {}
    for group in ("posonly_params", "params", "kwonly_params"):
        new = [_parameter(c, p) for p in getattr(params, group)]
        if c.source == "tensorflow" and function.is_forward:
            new = [p for p in new if p.name.value not in ("training",)]
            if "training" in c.scope.parameters:
                c.scope.names["training"] = modes.asked(function.node)
        if len(new) != len(getattr(params, group)) or any(
            a is not b for a, b in zip(new, getattr(params, group), strict=True)
        ):
            if new and len(new) != len(getattr(params, group)):
                new[-1] = new[-1].with_changes(comma=_closing(new[-1].comma, getattr(params, group)[-1].comma))
            changed[group] = new
    for star in (params.star_arg, params.star_kwarg):
        if isinstance(star, cst.Param):
            new = _parameter(c, star)
            if new is not star:
                changed["star_arg" if star is params.star_arg else "star_kwarg"] = new
    return params.with_changes(**changed) if changed else params


def _parameter(c: Converter, node: cst.Param) -> cst.Param:
    new_annotation = annotation(c, node.annotation) if node.annotation else node.annotation
    default = node.default
    if default is not None:
        saved, c.scope.prefix = c.scope.prefix, None
        default, _ = handed_layers.handed(c, default, c.code(default), c.expr(default)[1])
        c.scope.prefix = saved
    if new_annotation is node.annotation and default is node.default:
        return node
    return node.with_changes(annotation=new_annotation, default=default)


ANNOTATIONS = {
    "torch": {"torch.Tensor": "tf.Tensor", "torch.FloatTensor": "tf.Tensor", "torch.LongTensor": "tf.Tensor",
    "torch.nn.Module": "keras.layers.Layer",
              "torch.dtype": "tf.DType", "torch.optim.Optimizer": "keras.optimizers.Optimizer",
              "torch.Size": "tf.TensorShape", "torch.device": None},
    "tensorflow": {"tf.Tensor": "torch.Tensor", "keras.Model": "torch.nn.Module",
    "keras.layers.Layer": "torch.nn.Module", "tf.DType": "torch.dtype",
                   "keras.optimizers.Optimizer": "torch.optim.Optimizer",
                   "tf.data.Dataset": "torch.utils.data.IterableDataset"},
}  # fmt: skip


def annotation(c: Converter, node: cst.Annotation) -> cst.Annotation:
    """The same type in the other framework."""
    code = _annotation(c, node.annotation)
    return node if code is node.annotation else node.with_changes(annotation=code)


def _annotation(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression:
    if lightning.name_of(c, node) == lightning.MODULE:
        return c.name("keras.Model")
    if lightning.name_of(c, node) is not None:
        return c.code(node)
    qualified = c.qualified(node)
    if qualified is not None and c.is_framework(qualified):
        twin = ANNOTATIONS[c.source].get(qualified, "")
        if twin:
            return c.name(twin)
        if twin is None:
            return cst.Name("str")
        c.journal.error(node, qualified, c.why(qualified, "this type has no counterpart"))
        return node
    if isinstance(node, cst.Subscript):
        elements = []
        for element in node.slice:
            if isinstance(element.slice, cst.Index):
                code = _annotation(c, element.slice.value)
                element = (
                    element
                    if code is element.slice.value
                    else element.with_changes(slice=element.slice.with_changes(value=code))
                )
            elements.append(element)
        value = _annotation(c, node.value)
        if value is node.value and all(a is b for a, b in zip(elements, node.slice, strict=True)):
            return node
        return node.with_changes(value=value, slice=elements)
    if isinstance(node, cst.BinaryOperation):
        left, right = _annotation(c, node.left), _annotation(c, node.right)
        return node if left is node.left and right is node.right else node.with_changes(left=left, right=right)
    if isinstance(node, (cst.Tuple, cst.List)):
        parts = [e.with_changes(value=_annotation(c, e.value)) for e in node.elements]
        return (
            node
            if all(a.value is b.value for a, b in zip(parts, node.elements, strict=True))
            else node.with_changes(elements=parts)
        )
    return node


def _decorators(c: Converter, node: cst.FunctionDef) -> tuple[list[cst.Decorator], bool]:
    """Decorators that stay, and whether the function computes no gradients."""
    kept, no_grad = [], False
    for decorator in node.decorators:
        target = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        qualified = c.qualified(target)
        if qualified in ("torch.no_grad", "torch.inference_mode"):
            no_grad = True
        elif devices.decorator(c, qualified):
            continue
        elif qualified == "tf.function":
            c.journal.note("tf.function was dropped: PyTorch runs eagerly; torch.compile does what comes nearest.")
        elif qualified is not None and c.is_framework(qualified):
            c.journal.error(decorator, qualified, c.why(qualified, "this decorator has no counterpart"))
            kept.append(decorator)
        else:
            kept.append(decorator)
    return kept, no_grad


def _stands_at(definition: LocalFunction | classes.LocalClass, node: cst.CSTNode) -> bool:
    """Whether a definition is the one at ``node``; one of the same name at the top of the file may be unread as yet."""
    return vars(definition).get("node") is node


def function(c: Converter, node: cst.FunctionDef) -> list[Any]:
    """A function where it stands."""
    known = c.scope.lookup(node.name.value)
    if known is not None and isinstance(known.definition, LocalFunction) and _stands_at(known.definition, node):
        local = known.definition
    else:
        owner = c.scope.owner if c.scope.kind == "class" else None
        local = LocalFunction(node, c.scope, owner)
        c.scope.names[node.name.value] = Value("function", definition=local)
    if c.scope.kind == "function":
        c.scope.captured |= c.reads(node)
        every = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
        held = frozenset().union(*(c.expr(each.default)[1].memory for each in every if each.default is not None))
        c.scope.names[node.name.value] = replace(c.scope.names[node.name.value], memory=held)
    with closures.called_later(c, node):
        return [local.convert(c)]


def class_(c: Converter, node: cst.ClassDef) -> list[Any]:
    """A class where it stands."""
    known = c.scope.lookup(node.name.value)
    if known is not None and isinstance(known.definition, classes.LocalClass) and _stands_at(known.definition, node):
        local = known.definition
    else:
        local = classes.LocalClass(node, c.scope)
        c.scope.names[node.name.value] = Value("class", definition=local)
    return [local.convert(c)]


def _bind_api(c: Converter, bound: str, name: str) -> None:
    """A name of the file that it also binds to something else may be either when a function runs."""
    sure = bound not in c.rebound or c.scope is not c.globals
    c.scope.names[bound] = Value("api", api=canonical(name)) if sure else Value()


def _package(module: str, name: str = "") -> str:
    """Under which name something of another library is known: its own where it is looked at, else the library's."""
    return einops.api(module, name) or lightning.api(module, name) or module.split(".")[0]


def imported(c: Converter, node: cst.Import | cst.ImportFrom) -> Any:
    """An import where it stands."""
    bind_import(c, node)
    companions.imported(c, node)
    return einops.imported(c, node)


def bind_import(c: Converter, node: cst.Import | cst.ImportFrom) -> None:
    """Note what an import binds."""
    if isinstance(node, cst.Import):
        for alias in node.names:
            name = dotted(alias.name) or ""
            root = name.split(".")[0]
            if root not in ROOTS:
                c.other_arrays = c.other_arrays or root in ARRAY_LIBRARIES
                bound = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else root
                c.scope.names[bound] = replace(FOREIGN, api=_package(name if bound != root else root))
            elif alias.asname and isinstance(alias.asname.name, cst.Name):
                _bind_api(c, alias.asname.name.value, name)
            else:
                _bind_api(c, root, root)
        return
    module = dotted(node.module) if node.module else None
    c.other_arrays = c.other_arrays or (module or "").split(".")[0] in ARRAY_LIBRARIES
    if isinstance(node.names, cst.ImportStar):
        if module is not None and not node.relative and module.split(".")[0] in ROOTS:
            for known in c.index.known[c.source]:
                base, _, last = known.rpartition(".")
                before = c.scope.lookup(last)
                over = before is None or (before.kind == "api" and known in c.index.entries[c.source])
                if base == canonical(module) and last not in c.rebound and over:
                    c.scope.names[last] = Value("api", api=known)
        return
    for alias in node.names:
        bound = alias.asname.name if alias.asname else alias.name
        if not isinstance(bound, cst.Name):
            continue
        if module is not None and not node.relative and module.split(".")[0] in ROOTS:
            _bind_api(c, bound.value, f"{module}.{dotted(alias.name)}")
        else:
            of = None if node.relative else _package(module or "", dotted(alias.name) or "")
            c.scope.names[bound.value] = replace(FOREIGN, api=of)
