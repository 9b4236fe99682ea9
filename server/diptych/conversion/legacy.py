"""Names of TensorFlow 1 that TensorFlow 2 still has, as they work eagerly: optimizers, the global step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import train_steps
from diptych.conversion.datasets import given
from diptych.conversion.metrics import helper, named
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument, atom
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

TRAIN = "tf.compat.v1.train."
TRAINED = (".trainable_variables", ".trainable_weights")
# Optimizers by the name that Keras has for them: their arguments under Keras' names, and what is otherwise by default.
OPTIMIZERS: dict[str, tuple[str, dict[str, str], dict[str, float]]] = {
    "GradientDescentOptimizer": ("SGD", {"learning_rate": "learning_rate"}, {}),
    "AdamOptimizer": (
        "Adam", {"learning_rate": "learning_rate", "beta1": "beta_1", "beta2": "beta_2", "epsilon": "epsilon"},
        {"epsilon": 1e-8},
    ),
    "AdagradOptimizer": (
        "Adagrad",
        {"learning_rate": "learning_rate", "initial_accumulator_value": "initial_accumulator_value"},
        {"epsilon": 0.0},
    ),
}  # fmt: skip


def optimizer(c: Converter, node: cst.Call) -> Code:
    """``tf.compat.v1.train.AdamOptimizer(0.01)``: Keras' optimizer of the same formula."""
    name = c.qualified(node.func) or ""
    kind, names, more = OPTIMIZERS[name.removeprefix(TRAIN)]
    found = given(node, (*names, "use_locking", "name"))
    if found is None or (kind != "Adam" and "learning_rate" not in found):
        return c.leave(node, name, c.why(name, "its arguments are not known here"))
    updated = train_steps.resolved(c, [variables for variables, used in c.optimizers.items() if used == c.assigning])
    if len(updated) != 1 or not updated[0].endswith(TRAINED):
        return c.leave(node, name, "PyTorch's optimizers belong to one model: it must update its trainable_variables")
    args = [named(found[theirs].value, ours) for theirs, ours in names.items() if theirs in found]
    args += [named(node_of(number), ours) for ours, number in more.items() if ours not in found]
    source = c.source_call(f"keras.optimizers.{kind}", args)
    c.journal.origins[id(source)] = node
    code, value = c.expr(source)
    return (node, Value()) if code is source else (code, value)


def minimized(c: Converter, node: cst.Call, function: cst.Attribute) -> Any:
    """``optimizer.minimize(loss, var_list=model.trainable_variables)``, where ``loss`` is a function."""
    found = given(node, ("loss", "global_step", "var_list", "name"))
    key = "Optimizer.minimize"
    variables = "" if found is None or "var_list" not in found else code_of(found["var_list"].value)
    told = found is not None and set(found) - {"name"} == {"loss", "var_list"}
    if found is None or not told or c.optimizers.get(variables) != code_of(function.value):
        reason = "a function that gives the loss, and var_list=model.trainable_variables, must stand in the call"
        return c.leave(node, key, reason)[0]
    from diptych.conversion import expressions

    loss = found["loss"].value
    if isinstance(loss, cst.Lambda):
        code = expressions.function_of(c, loss, [])[0]
        total = code.body if isinstance(code, cst.Lambda) else call(code, [])
    else:
        called = call(loss, [])
        c.alive.append(called)
        c.journal.origins[id(called)] = node
        total = c.code(called)
    if c.scope.prefix is None:
        return c.leave(node, key, "it must be a statement of its own")[0]
    base = c.code(function.value)
    for owner, method in ((base, "zero_grad"), (total, "backward")):
        done = call(cst.Attribute(atom(owner), cst.Name(method)), [])
        c.scope.prefix.append(cst.SimpleStatementLine([cst.Expr(done)]))
    return call(cst.Attribute(atom(base), cst.Name("step")), [])


def global_step(c: Converter, node: cst.Call) -> Code:
    """``tf.compat.v1.train.get_or_create_global_step()``."""
    name = c.qualified(node.func) or ""
    if node.args:
        return c.leave(node, name, c.why(name, "only the step of the program is converted"))
    create = name.endswith("get_or_create_global_step")
    args = [] if create else [named(node_of(False), "create")]
    return call(helper(c, "global_step"), args), c.fresh(Value("tensor", dtype="int64", rank=0))


def called_back(c: Converter, node: cst.Call) -> Code:
    """``tf.py_function(f, [x], tf.float32)``: the function is called."""
    found = given(node, ("func", "inp", "Tout", "name"))
    if found is None or not {"func", "inp", "Tout"} <= set(found):
        return c.leave(node, "tf.py_function", c.why("tf.py_function", "its arguments are not known here"))
    inputs, types = found["inp"].value, found["Tout"].value
    several = isinstance(types, (cst.List, cst.Tuple))
    dtypes = [c.expr(element.value)[1] for element in types.elements] if several else [c.expr(types)[1]]
    if not isinstance(inputs, (cst.List, cst.Tuple)) or any(dtype.kind != "dtype" for dtype in dtypes):
        return c.leave(node, "tf.py_function", "its inputs and their dtypes must be written in the call")
    values = [c.expr(element.value)[1].plain() for element in inputs.elements]
    from diptych.conversion import expressions

    function = found["func"].value
    if isinstance(function, cst.Lambda):
        code = expressions.function_of(c, function, values)[0]
    else:
        code = c.code(function)
    args = [cst.Arg(argument(each)) for each in (code, c.code(inputs), c.code(types))]
    results = [c.fresh(Value("tensor", dtype=dtype.dtype)) for dtype in dtypes]
    result = Value("list", items=tuple(results)) if several else results[0]
    return call(helper(c, "py_function"), args), result


def group(c: Converter, node: cst.Call) -> Code:
    """``tf.group(a, b)``: what is grouped has been computed when it is called."""
    if any(each.keyword and each.keyword.value != "name" for each in node.args):
        return c.leave(node, "tf.group", c.why("tf.group", "its arguments are not known here"))
    args = [each.with_changes(value=argument(c.code(each.value))) for each in node.args if each.keyword is None]
    return call(helper(c, "group"), args), Value("none")


MADE: dict[str, Callable[[Converter, cst.Call], Code | None]] = {
    **{f"{TRAIN}{name}": optimizer for name in OPTIMIZERS},
    f"{TRAIN}get_or_create_global_step": global_step,
    f"{TRAIN}get_global_step": global_step,
    "tf.py_function": called_back,
    "tf.group": group,
    "tf.compat.v1.group": group,
}
