"""TensorFlow's variables: made with ``tf.Variable`` or ``add_weight``, and assigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import keras_initialisers, memory
from diptych.inference.values import Value, category
from diptych.matching.emit import call
from diptych.syntax.keywords import keyword
from diptych.syntax.literals import node_of, value_of
from diptych.syntax.precedence import argument, atom
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

TRAINED = "tf.Variable"
ASSIGNMENTS = {"assign": "copy_", "assign_add": "add_", "assign_sub": "sub_"}


def _keywords(node: cst.Call, names: Sequence[str]) -> dict[str, cst.Arg] | None:
    """Arguments by name; ``None`` where one is starred or too many stand by position."""
    found: dict[str, cst.Arg] = {}
    for position, given in enumerate(node.args):
        if given.star or (given.keyword is None and position >= len(names)):
            return None
        found[given.keyword.value if given.keyword else names[position]] = given
    return found


def made(c: Converter, node: cst.Call) -> Code | None:
    """``tf.Variable(x)``: a parameter, or where nothing trains it a tensor of its own."""
    name = c.qualified(node.func) or "tf.Variable"
    given = _keywords(node, ("initial_value" if name == "tf.Variable" else "initializer", "trainable"))
    initial = (given or {}).get("initial_value" if name == "tf.Variable" else "initializer")
    if given is None or initial is None or set(given) - {"initial_value", "initializer", "trainable", "name", "dtype"}:
        return c.leave(node, name, "its arguments are not known here")
    trainable = c.literal(given["trainable"].value) if "trainable" in given else True
    if not isinstance(trainable, bool):
        return c.leave(node, name, "whether it is trained must be written as True or False")
    code, value = _initial(c, initial, given.get("dtype"))
    if not value.is_tensor:
        return c.leave(node, name, "the initial value is not known to be a tensor or a number")
    return _parameter(c, c.plain(code, value), value, trainable)


def _initial(c: Converter, initial: cst.Arg, dtype: cst.Arg | None) -> Code:
    value = c.expr(initial.value)[1]
    plain = initial.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT, comma=cst.MaybeSentinel.DEFAULT)
    if value.is_tensor and dtype is None:
        code = c.expr(initial.value)[0]
        if isinstance(initial.value, (cst.Name, cst.Attribute)):  # a copy, as TensorFlow makes one
            code = call(cst.Attribute(atom(c.plain(code, value)), cst.Name("clone")), [])
            value = replace(value, permutation=None)
        return code, value
    function = "tf.cast" if value.is_tensor else "tf.constant"
    extra = [] if dtype is None else [keyword("dtype", dtype.value)]
    source = c.source_call(function, [plain, *extra])
    code, result = c.expr(source)
    return (code, Value()) if code is source else (code, result)


def _parameter(c: Converter, code: cst.BaseExpression, value: Value, trainable: bool) -> Code:
    args = [cst.Arg(argument(code))]
    if not trainable or category(value.dtype) in ("int", "bool"):
        args.append(keyword("requires_grad", cst.Name("False")))
    api = TRAINED if len(args) == 1 else None
    return call(c.name("torch.nn.Parameter"), args), c.fresh(replace(value, permutation=None, literal=MISSING, api=api))


def weight(c: Converter, node: cst.Call) -> Code | None:
    """``self.add_weight(shape=..., initializer=...)``: a parameter with its first values."""
    given = _keywords(node, ("shape", "initializer", "dtype", "trainable"))
    if given is not None and node in c.lazy_weights:
        return _declared(c, given)
    if given is None or "shape" not in given or set(given) - {"shape", "initializer", "dtype", "trainable", "name"}:
        return c.leave(node, "Layer.add_weight", "its arguments are not known here")
    trainable = c.literal(given["trainable"].value) if "trainable" in given else True
    dtype = given.get("dtype")
    if not isinstance(trainable, bool) or (dtype is not None and c.literal(dtype.value) != "float32"):
        return c.leave(node, "Layer.add_weight", "only float32 weights, trained or not, are converted")
    shape = c.code(given["shape"].value)
    literal = value_of(given["shape"].value)
    rank = len(given["shape"].value.elements) if isinstance(given["shape"].value, (cst.Tuple, cst.List)) else None
    first = _first_values(c, given.get("initializer"), shape, 0 if literal == () else rank)
    if first is None:
        return c.leave(node, "Layer.add_weight", "its initializer is not known here")
    return _parameter(c, first, Value("tensor", dtype="float32", rank=rank), trainable)


def _declared(c: Converter, given: dict[str, cst.Arg]) -> Code:
    """A parameter whose shape is known at the first call."""
    trainable = "trainable" not in given or c.literal(given["trainable"].value) is True
    args = [] if trainable else [keyword("requires_grad", cst.Name("False"))]
    value = Value("tensor", dtype="float32", api=TRAINED if trainable else None)
    return call(c.name("torch.nn.UninitializedParameter"), args), c.fresh(value)


def _first_values(
    c: Converter, initializer: cst.Arg | None, shape: cst.BaseExpression, rank: int | None
) -> cst.BaseExpression | None:
    name = "glorot_uniform"
    if initializer is not None:
        literal = value_of(initializer.value)
        made = initializer.value
        api = c.qualified(made.func) if isinstance(made, cst.Call) else c.qualified(made)
        name = _snake((api or "").rpartition(".")[2]).removesuffix("_initializer")
        if isinstance(made, cst.Call) and made.args:
            plain = len(made.args) == 1 and made.args[0].keyword is None and _is_initializer(api)
            number = c.code(made.args[0].value)
            full = [cst.Arg(shape), cst.Arg(argument(number))]
            return call(c.name("torch.full"), full) if plain and name == "constant" else None
        if literal is None:
            name = "glorot_uniform"
        elif isinstance(literal, str):
            name = literal
        elif not _is_initializer(api):
            return None
    empty = call(c.name("torch.empty"), [cst.Arg(shape)])
    if name in ("zeros", "ones"):
        return call(c.name(f"torch.{name}"), [cst.Arg(shape)])
    if name in ("random_normal", "normal"):
        deviation = keyword("std", node_of(0.05))
        return call(c.name("torch.nn.init.normal_"), [cst.Arg(empty), deviation])
    if name in ("random_uniform", "uniform"):
        bounds = [cst.Arg(node_of(-0.05)), cst.Arg(node_of(0.05))]
        return call(c.name("torch.nn.init.uniform_"), [cst.Arg(empty), *bounds])
    if name in ("glorot_uniform", "glorot_normal") and rank is not None and rank >= 2:
        kind = name.rpartition("_")[2]
        return call(c.name(f"torch.nn.init.xavier_{kind}_"), [cst.Arg(empty)])
    return None


def _is_initializer(api: str | None) -> bool:
    """Whether a name is that of one of Keras' initialisers, or of one that TensorFlow 1 shares with it."""
    if api is None or api.startswith("keras.initializers."):
        return api is not None
    shared = ("zeros", "ones", "constant")
    names = (*(f"initializers.{name}" for name in shared), *(f"{name}_initializer" for name in shared))
    return api.removeprefix("tf.").removeprefix("compat.v1.") in names or api == "tf.random_normal_initializer"


def got(c: Converter, node: cst.Call) -> Code | None:
    """TensorFlow 1's ``get_variable("w", shape=...)``: under eager execution, a new variable at each call."""
    name = "tf.compat.v1.get_variable"
    given = _keywords(node, ("name", "shape", "dtype", "initializer"))
    allowed = {"name", "shape", "dtype", "initializer", "trainable"}
    trainable = c.literal(given["trainable"].value) if given is not None and "trainable" in given else True
    if given is None or "shape" not in given or set(given) - allowed or not isinstance(trainable, bool):
        return c.leave(node, name, c.why(name, "its arguments are not known here"))
    if "dtype" in given and c.qualified(given["dtype"].value) not in ("tf.float32", "tf.compat.v1.float32"):
        return c.leave(node, name, "only float32 variables are converted")
    shape = given["shape"].value
    rank = len(shape.elements) if isinstance(shape, (cst.Tuple, cst.List)) else None
    first = _first_values(c, given.get("initializer"), c.code(shape), rank)
    if first is None:
        return c.leave(node, name, "its initializer is not known here")
    once = "assumes eager execution, in which each call makes a variable of its own: a graph shares them by name"
    c.journal.assume(node, name, once, ("get_variable", c.scope.name))
    return _parameter(c, first, Value("tensor", dtype="float32", rank=rank), trainable)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def assigned(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value) -> Code:
    """``v.assign(x)``: the variable is written into; nobody else may hold a view of it.

    Through ``detach()``, not ``.data``: PyTorch then raises where a gradient needs the old values, as TensorFlow keeps.
    """
    name = function.attr.value
    given = _keywords(node, ("value" if name == "assign" else "delta",))
    statement = getattr(c.scope.statement, "body", ())
    alone = len(statement) == 1 and isinstance(statement[0], cst.Expr) and statement[0].value is node
    if given is None or len(given) != 1 or not alone:
        return c.leave(node, f"Variable.{name}", "only a statement of its own with one value is converted")
    text = code_of(function.value)
    for other in sorted(c.scope.later | set(c.scope.here)):
        known = c.scope.names.get(other)
        if other != text and known is not None and memory.shares(known, value.memory) is not None:
            reason = f"`{text}` is written into and `{other}`, which may share its memory, is read later"
            return c.leave(node, f"Variable.{name}", reason)
    (new,) = given.values()
    filled = keras_initialisers.drawn(c, code, new.value) if name == "assign" else None
    if filled is not None:
        return filled
    new_code, new_value = c.expr(new.value)
    data = call(cst.Attribute(atom(code), cst.Name("detach")), [])
    method = ASSIGNMENTS[name]
    number = new_value.kind in ("int", "float", "number", "bool")
    if name == "assign" and number:
        method = "fill_"
    elif not number and not new_value.is_tensor:
        new_code = call(c.name("torch.as_tensor"), [cst.Arg(argument(new_code))])
    argument_code = c.plain(new_code, new_value) if new_value.is_tensor else new_code
    written = call(cst.Attribute(data, cst.Name(method)), [cst.Arg(argument(argument_code))])
    return written, Value("none")


def read(c: Converter, code: cst.BaseExpression, value: Value) -> Code:
    """``v.read_value()``: what the variable holds now."""
    return call(cst.Attribute(atom(code), cst.Name("clone")), []), c.fresh(replace(value, literal=MISSING))


def watched(c: Converter, node: cst.Call) -> Code:
    """``tape.watch(x)``: gradients with respect to the tensor are wanted."""
    tensor = node.args[0].value if len(node.args) == 1 and not node.args[0].keyword else None
    if not isinstance(tensor, (cst.Name, cst.Attribute)):
        return c.leave(node, "GradientTape.watch", "only one tensor that has a name is watched")
    code, value = c.expr(tensor)
    plain = c.plain(code, value)
    if plain is not code:
        return c.leave(node, "GradientTape.watch", "the tensor has its axes in another order here")
    return call(cst.Attribute(atom(code), cst.Name("requires_grad_")), []), Value("none")


def gradient(c: Converter, node: cst.Call) -> Code | None:
    """``tape.gradient(y, x)`` with respect to tensors: the gradient of the sum of ``y``, to be differentiated in turn
    under another tape.
    """
    if len(node.args) != 2 or any(a.keyword or a.star for a in node.args):
        return None
    target, sources = node.args[0].value, node.args[1].value
    several = isinstance(sources, (cst.List, cst.Tuple))
    parts = [element.value for element in sources.elements] if several else [sources]
    found = [c.expr(part) for part in parts]
    code, value = c.expr(target)
    if not value.is_tensor or not all(v.is_tensor and v.permutation is None for _, v in found):
        return None
    if any(not isinstance(part, (cst.Name, cst.Attribute)) for part in parts):
        return None
    total = c.plain(code, value)
    if value.rank != 0:
        total = call(cst.Attribute(atom(total), cst.Name("sum")), [])
    wanted = c.code(sources)
    unused = keyword("allow_unused", cst.Name("True"))
    tape = c.expr(node.func.value)[1] if isinstance(node.func, cst.Attribute) else Value()
    graph = "create_graph" if c.open_tapes else "retain_graph"
    again = [keyword(graph, cst.Name("True"))] if c.open_tapes or tape.api is not None else []
    result = call(c.name("torch.autograd.grad"), [cst.Arg(argument(total)), cst.Arg(wanted), unused, *again])
    gradients = tuple(c.fresh(replace(v, literal=MISSING)) for _, v in found)
    if several:
        return result, Value("tuple", items=gradients)
    first = cst.Subscript(result, [cst.SubscriptElement(cst.Index(cst.Integer("0")))])
    return first, gradients[0]


def jacobian(c: Converter, node: cst.Call) -> Code | None:
    """``tape.jacobian(y, x)`` with respect to a tensor that has a name."""
    if len(node.args) != 2 or any(a.keyword or a.star for a in node.args) or c.open_tapes:
        return None
    target, source = c.expr(node.args[0].value), c.expr(node.args[1].value)
    if not target[1].is_tensor or not source[1].is_tensor or source[1].permutation is not None:
        return None
    if not isinstance(node.args[1].value, (cst.Name, cst.Attribute)):
        return None
    c.helpers.add("jacobian")
    ranks = (target[1].rank, source[1].rank)
    rank = None if None in ranks else sum(each for each in ranks if each is not None)
    args = [cst.Arg(argument(c.plain(*target))), cst.Arg(argument(source[0]))]
    return call(c.name("helper.jacobian"), args), c.fresh(Value("tensor", dtype=target[1].dtype, rank=rank))
