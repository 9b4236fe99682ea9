"""Methods that write in place, ``x.add_(y)``: the name gets the new value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import application, memory, tapes
from diptych.conversion.rewriting import fit
from diptych.inference.values import Value, replace, sharing
from diptych.matching.emit import call
from diptych.syntax import precedence

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def convert(c: Converter, node: cst.Call, function: cst.Attribute, value: Value) -> Code:
    """``x.add_(y)``: the name gets the new value, if nobody else sees the old one change."""
    name = function.attr.value
    receiver = function.value
    if name == "requires_grad_" and tapes.marks(c, node):
        return c.expr(receiver)[0], value
    reason = c.index.reason(c.source, f"Tensor.{name}")
    if reason is not None:
        return c.leave(node, f"Tensor.{name}", reason.text)
    rebound = receiver.value if isinstance(receiver, cst.Name) else None
    if rebound is None and not isinstance(receiver, cst.Call):
        return c.leave(node, f"Tensor.{name}", "an attribute or element is written in place, and others may see it")
    refusal = memory.why_not_in_place(c, receiver, rebound)
    if (
        rebound is None
        and isinstance(receiver, cst.Call)
        and not refusal
        and sharing(value.memory, _named(c)) is not None
    ):
        refusal = "a view is written in place"
    if refusal:
        return c.leave(node, f"Tensor.{name}", refusal)
    changed = functional(c, node, function, name)
    if changed is None:
        return c.leave(node, f"Tensor.{name}", f"no rule knows the in-place method .{name}()")
    code, result = changed
    if value.dtype is not None:
        result = replace(result, dtype=value.dtype)
    if rebound is None:
        return code, result
    if c.scope.prefix is None:
        return c.leave(node, f"Tensor.{name}", "a name is written in place inside an expression")
    target = cst.AssignTarget(cst.Name(rebound))
    c.scope.prefix.append(cst.SimpleStatementLine([cst.Assign([target], code)]))
    c.scope.names[rebound] = replace(result, memory=value.memory, of=None)
    return cst.Name(rebound), c.scope.names[rebound]


def _named(c: Converter) -> frozenset[int]:
    """Storages that some name still to be read holds."""
    scope = c.scope
    held: set[int] = set()
    for name in scope.later | set(scope.here):
        known = scope.names.get(name)
        if known is not None:
            held |= known.memory
    return frozenset(held)


def functional(c: Converter, node: cst.Call, function: cst.Attribute, name: str) -> Code | None:
    """The same operation without writing: ``x.add_(y)`` as ``x.add(y)``."""
    code, value = c.expr(function.value)
    written = _overwritten(c, node, name, c.plain(code, value))
    if written is not None:
        return written, replace(value, permutation=None)
    if c.index.candidates(c.source, f"Tensor.{name}"):  # what is there in place alone, such as random numbers
        found = application.apply(c, node, f"Tensor.{name}")
        return None if found is None else _as_before(c, found, (code, value))
    method = name.rstrip("_")
    new = node.with_changes(func=function.with_changes(attr=cst.Name(method)))
    c.stands_for(new, node)
    found = application.apply(c, new, f"Tensor.{method}")
    return None if found is None else _as_before(c, found, (code, value))


def _as_before(c: Converter, found: Code, written: Code) -> Code:
    """What is written in place keeps its dtype: ``x.eq_(y)`` of floats gives 0.0 and 1.0."""
    (code, result), (before, value) = found, written
    if c.target != "tensorflow" or not result.is_tensor or result.dtype in (None, value.dtype):
        return found
    if value.dtype is None and result.dtype != "bool":
        return found
    exact = value.dtype if value.dtype not in (None, "float", "int") else None
    dtype = c.name(f"tf.{exact}") if exact else _attribute(before, "dtype")
    cast = call(c.name("tf.cast"), [cst.Arg(precedence.argument(code)), cst.Arg(dtype)])
    return cast, replace(result, dtype=value.dtype)


def _overwritten(c: Converter, node: cst.Call, name: str, code: cst.BaseExpression) -> cst.BaseExpression | None:
    """What stands where every element was: ``x.zero_()``, ``x.fill_(v)``, ``x.copy_(y)``."""
    if c.target != "tensorflow" or any(a.star for a in node.args):
        return None
    given = [cst.Arg(precedence.argument(c.code(a.value))) for a in node.args]
    like = cst.Arg(precedence.argument(code))
    if name == "zero_" and not given:
        return call(c.name("tf.zeros_like"), [like])
    if name == "fill_" and len(given) == 1:
        return call(c.name("keras.ops.full_like"), [like, *given])
    dtype = cst.Arg(_attribute(code, "dtype"))
    shape = cst.Arg(call(c.name("tf.shape"), [like]))
    if name == "copy_" and len(given) == 1:
        return call(c.name("tf.broadcast_to"), [cst.Arg(call(c.name("tf.cast"), [*given, dtype])), shape])
    return None


def _attribute(code: cst.BaseExpression, name: str) -> cst.Attribute:
    attribute = cst.Attribute(code, cst.Name(name))
    return attribute.with_changes(value=fit(attribute, "value", code))
