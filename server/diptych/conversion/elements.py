"""Converting what is written into parts of tensors (``x[i] = v``, ``x[i] += v``, ``x[i].fill_(v)``) and into variables.

TensorFlow's tensors never change, so the name gets a new tensor, made by the helper ``write``; a variable is assigned.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import in_place, memory
from diptych.conversion.layouts import common
from diptych.conversion.rewriting import fit
from diptych.conversion.structure import VARIABLE
from diptych.inference.values import Value, category, replace
from diptych.matching.emit import call
from diptych.syntax.precedence import argument
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def assigned(c: Converter, node: cst.Assign, target: cst.Subscript) -> Any:
    """``x[...] = v``; ``None`` where ``x`` is no tensor."""
    base = c.expr(target.value)[1]
    if not base.is_tensor:
        return None
    return _statement(c, target, "item assignment", lambda: c.expr(node.value)) or node


def augmented(c: Converter, node: cst.AugAssign, target: cst.Subscript) -> Any:
    """``x[...] += v`` of a tensor."""
    if any(isinstance(part, cst.Call) for element in target.slice for part in walk(element)):
        c.journal.error(target, "+=", "its index is a call, which would be made twice")
        return node
    binary = _binary(c, node, target)
    return _statement(c, target, "+=", lambda: c.expr(binary)) or node


def augmented_variable(c: Converter, node: cst.AugAssign, target: cst.BaseExpression) -> Any:
    """``self.steps += 1`` of a buffer."""
    return _variable(c, target, "+=", lambda: c.expr(_binary(c, node, target))) or node


def _binary(c: Converter, node: cst.AugAssign, target: Any) -> cst.BinaryOperation:
    operator = getattr(cst, type(node.operator).__name__.replace("Assign", ""))()
    binary = cst.BinaryOperation(target, operator, node.value)
    binary = binary.with_changes(right=fit(binary, "right", node.value))
    c.stands_for(binary, node)
    return binary


def written_in_place(c: Converter, node: cst.Call) -> Any:
    """``x[...].fill_(v)`` and ``self.mean.mul_(0.9)`` as statements of their own; ``None`` where it is neither."""
    function = node.func
    if c.source != "torch" or not isinstance(function, cst.Attribute) or not _writes(function.attr.value):
        return None
    receiver = function.value
    inner = receiver
    while _is_writing_call(inner):
        inner = inner.func.value  # type: ignore[attr-defined]
    api = f"Tensor.{function.attr.value}"
    if isinstance(inner, cst.Attribute) and inner.attr.value == "data" and variable(c, inner.value):
        inner = inner.value
    chained = _is_writing_call(receiver)
    if chained and _reads_what_it_wrote(c, node, inner):
        c.journal.error(node, api, "it reads what the same chain of in-place methods has written")
        return cst.Expr(node)
    if isinstance(inner, cst.Subscript) and c.expr(inner.value)[1].is_tensor:
        if _copies(c, inner):
            return cst.Expr(node)
        given = (lambda: _chain(c, node)) if chained else (lambda: _given(c, node, function))
        return _statement(c, inner, api, given) or cst.Expr(node)
    if variable(c, inner):
        return _variable(c, inner, api, lambda: _chain(c, node)) or cst.Expr(node)
    return None


def _given(c: Converter, node: cst.Call, function: cst.Attribute) -> Code | None:
    """What an in-place method writes into its object; `write` makes it as large as that is."""
    name = function.attr.value
    if name == "zero_" and not node.args:
        return cst.Integer("0"), Value("int", literal=0)
    if name in ("fill_", "copy_") and len(node.args) == 1 and not node.args[0].star:
        return c.expr(node.args[0].value)
    return in_place.functional(c, node, function, name)


def is_given_out(c: Converter, node: cst.Call) -> bool:
    """Whether a call writes its result into a tensor: ``out=`` with something else than ``None``."""
    return any(a.keyword and a.keyword.value == "out" and c.literal(a.value) is not None for a in node.args)


def into(c: Converter, node: cst.Call, qualified: str) -> Code:
    """``torch.add(x, y, out=z)``: ``z`` gets the result, in its own dtype."""
    kept = [a for a in node.args if not (a.keyword and a.keyword.value == "out")]
    out = next(a.value for a in node.args if a.keyword and a.keyword.value == "out")
    if not isinstance(out, cst.Name) or c.literal(out) is not MISSING or c.scope.prefix is None or not kept:
        return c.leave(node, qualified, "out= is converted where it names a tensor, in a statement of its own")
    here, c.scope.here = c.scope.here, Counter({out.value: 1})  # everything else is read before the writing
    refusal = memory.why_not_in_place(c, out, out.value)
    c.scope.here = here
    if refusal:
        return c.leave(node, qualified, refusal)
    plain = node.with_changes(args=[*kept[:-1], kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)])
    c.stands_for(plain, node)
    mark = c.journal.mark()
    code, value = c.expr(plain)
    if c.journal.errors_since(mark):
        return node, Value()
    known = c.expr(out)[1]
    if known.dtype is None or known.dtype != value.dtype:
        code = call(c.name("tf.cast"), [cst.Arg(argument(code)), cst.Arg(_dtype(out))])
    c.scope.prefix.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(out.value))], code)]))
    c.scope.names[out.value] = replace(value, dtype=known.dtype, memory=known.memory, of=None)
    return cst.Name(out.value), c.scope.names[out.value]


def variable(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether an expression is an attribute that is a variable in the twin: a parameter or a buffer."""
    if isinstance(node, cst.Name):
        known = c.scope.lookup(node.value)
        return known is not None and known.is_tensor and known.api == VARIABLE
    owner = c.scope.owner
    if owner is None or not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
        return False
    known = c.scope.lookup(node.value.value)
    return known is not None and known.kind == "self" and node.attr.value in owner.variables


def is_parameter(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether this makes a parameter, or one or nothing."""
    if isinstance(node, cst.IfExp):
        sides = [each for each in (node.body, node.orelse) if not (isinstance(each, cst.Name) and each.value == "None")]
        return bool(sides) and all(is_parameter(c, each) for each in sides)
    return isinstance(node, cst.Call) and c.qualified(node.func) == "torch.nn.Parameter"


def rebound(c: Converter, node: cst.Assign, target: cst.Attribute) -> Any:
    """``self.mean = v`` where the attribute is a buffer."""
    return _variable(c, target, f"Module.{target.attr.value}", lambda: c.expr(node.value)) or node


def _writes(name: str) -> bool:
    return name.endswith("_") and not name.endswith("__") and name != "requires_grad_"


def _is_writing_call(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and _writes(node.func.attr.value)


def _reads_what_it_wrote(c: Converter, node: cst.Call, inner: cst.BaseExpression) -> bool:
    """Whether an argument of a later method of a chain reads the object that an earlier one wrote into."""
    while isinstance(inner, (cst.Subscript, cst.Attribute)):
        inner = inner.value
    assert isinstance(inner, cst.Name)
    while _is_writing_call(node) and _is_writing_call(node.func.value):  # type: ignore[attr-defined]
        if any(inner.value in c.reads(a.value) for a in node.args):
            return True
        node = node.func.value  # type: ignore[attr-defined]
    return False


def _chain(c: Converter, node: cst.Call) -> Code | None:
    """The value of ``x.mul_(2).add_(1)``, by methods that do not write."""
    function = node.func
    assert isinstance(function, cst.Attribute)
    if _is_writing_call(function.value):
        inner = _chain(c, function.value)  # type: ignore[arg-type]
        if inner is None:
            return None
        plain = function.value.with_changes(func=_without_writing(function.value.func))  # type: ignore[attr-defined]
        c.alive.append(plain)
        c.remember(plain, inner)
        function = function.with_changes(value=plain)
        node = node.with_changes(func=function)
        c.alive.append(node)
    return in_place.functional(c, node, function, function.attr.value)


def _without_writing(function: cst.Attribute) -> cst.Attribute:
    return function.with_changes(attr=cst.Name(function.attr.value.rstrip("_")))


def _copies(c: Converter, node: cst.Subscript) -> bool:
    """Whether indexing makes a copy, which an in-place method writes into without effect on the whole."""
    kinds = [c.expr(e.slice.value)[1].kind for e in node.slice if isinstance(e.slice, cst.Index)]
    if all(kind in ("int", "number", "none") or (kind == "unknown" and _is_ellipsis(node)) for kind in kinds):
        return False
    c.journal.error(node, "indexing", "indexed by more than numbers and slices, it is a copy that is written into")
    return True


def _is_ellipsis(node: cst.Subscript) -> bool:
    return any(isinstance(e.slice, cst.Index) and isinstance(e.slice.value, cst.Ellipsis) for e in node.slice)


def _statement(c: Converter, target: cst.Subscript, api: str, given: Any) -> Any:
    """The statement that writes ``given()`` at ``target``; ``None``, with an error, where there is none."""
    if c.target == "torch":
        c.journal.error(target, api, "TensorFlow's tensors have no item assignment")
        return None
    receiver = target.value
    if variable(c, receiver):
        return _variable(c, receiver, api, lambda: _written(c, target, api, given))
    if not isinstance(receiver, cst.Name):
        c.journal.error(target, api, "an attribute or element is written in place, and others may see it")
        return None
    name = receiver.value
    here, c.scope.here = c.scope.here, Counter({name: 1})  # everything else is read before the writing
    refusal = memory.why_not_in_place(c, receiver, name)
    c.scope.here = here
    if refusal:
        c.journal.error(target, api, refusal)
        return None
    result = _written(c, target, api, given)
    if result is None:
        return None
    code, value = result
    c.scope.names[name] = value
    return cst.Assign([cst.AssignTarget(cst.Name(name))], code)


def _variable(c: Converter, receiver: Any, api: str, given: Any) -> Any:
    """``self.mean.assign(...)``. Another name for the variable would see more than in PyTorch, a view of it less."""
    code, value = c.expr(receiver)
    own = receiver.value if isinstance(receiver, cst.Name) else None  # it is the variable itself, and sees the change
    for name in sorted(c.scope.later - {own}):
        known = c.scope.names.get(name)
        if known is not None and memory.shares(known, value.memory) is not None:
            c.journal.error(receiver, api, f"`{name}` shares its memory and is read later")
            return None
    mark = c.journal.mark()
    result = given()
    if result is None or c.journal.errors_since(mark):
        if result is None and not c.journal.errors_since(mark):
            c.journal.error(receiver, api, "no rule knows this in-place operation")
        return None
    new = c.plain(*result)
    return cst.Expr(call(cst.Attribute(fit(cst.Attribute(code, cst.Name("assign")), "value", code), cst.Name("assign")),
                         [cst.Arg(argument(new))]))  # fmt: skip


def _written(c: Converter, target: cst.Subscript, api: str, given: Any) -> Code | None:
    """The tensor with something written into a part of it."""
    base_code, base = c.expr(target.value)
    mark = c.journal.mark()
    masked = _mask(c, target, base)
    result = given()
    if result is None or c.journal.errors_since(mark):
        if result is None and not c.journal.errors_since(mark):
            c.journal.error(target, api, "no rule knows this in-place operation")
        return None
    value_code, value = result
    if masked is not None and value.kind in ("int", "float", "number", "bool"):
        codes, permutation = common(c, [(base_code, base), masked])
        cast = call(c.name("tf.cast"), [cst.Arg(argument(value_code)), cst.Arg(_dtype(codes[0]))])
        where = call(c.name("tf.where"), [cst.Arg(codes[1]), cst.Arg(cast), cst.Arg(codes[0])])
        return where, replace(base, permutation=permutation, of=None)
    part = _part(c, target, base)
    if part is None:
        return None
    c.helpers.add("write")
    arguments = [c.plain(base_code, base), part, argument(c.plain(value_code, value))]
    return call(c.name("helper.write"), [cst.Arg(each) for each in arguments]), replace(base, permutation=None, of=None)


def _dtype(code: cst.BaseExpression) -> cst.Attribute:
    attribute = cst.Attribute(code, cst.Name("dtype"))
    return attribute.with_changes(value=fit(attribute, "value", code))


def _mask(c: Converter, target: cst.Subscript, base: Value) -> Code | None:
    """The index, if it is a mask with as many axes as the tensor."""
    if len(target.slice) != 1 or not isinstance(target.slice[0].slice, cst.Index):
        return None
    code, value = c.expr(target.slice[0].slice.value)
    same = value.rank is not None and value.rank == base.rank
    return (code, value) if value.is_tensor and category(value.dtype) == "bool" and same else None


def _part(c: Converter, target: cst.Subscript, base: Value) -> cst.Lambda | None:
    """``lambda places: places[...]`` with the index of ``target``."""
    for element in target.slice:  # what must stand in variables of its own stands before the statement, not inside
        if isinstance(element.slice, cst.Index):
            c.expr(element.slice.value)
    name = "places"
    while c.scope.lookup(name) is not None or name in c.reads(target):
        name += "_"
    parameter = cst.Name(name)
    subscript = target.with_changes(value=parameter)
    c.stands_for(subscript, target)
    c.scope.names[name] = Value("tensor", dtype="int32", rank=base.rank, memory=frozenset({c.fresh_storage()}))
    prefix, c.scope.prefix = c.scope.prefix, None
    mark = c.journal.mark()
    try:
        code = c.code(subscript)
    finally:
        c.scope.prefix = prefix
        del c.scope.names[name]
    if c.journal.errors_since(mark):
        return None
    return cst.Lambda(cst.Parameters([cst.Param(parameter)]), argument(code))
