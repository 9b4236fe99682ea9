"""``tf.keras.backend``, often imported as ``K``: functions of Keras 1 that TensorFlow still ships.

Most are TensorFlow's own under other names. Some that sound alike are not: ``K.concatenate`` joins along the last axis,
``K.sqrt`` takes negative numbers for zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.keywords import by_name, keyword
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import atom
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

MODULE = "keras.backend"
Given = dict[str, cst.BaseExpression]

_REDUCED = "x axis keepdims"
_DRAWN = "dtype seed"
# TensorFlow's name, then Keras' parameters: those without a default by position, others by a name that both share.
SAME = {
    "sum": ("tf.reduce_sum", _REDUCED), "max": ("tf.reduce_max", _REDUCED), "min": ("tf.reduce_min", _REDUCED),
    "prod": ("tf.reduce_prod", _REDUCED), "std": ("tf.math.reduce_std", _REDUCED),
    "var": ("tf.math.reduce_variance", _REDUCED), "any": ("tf.reduce_any", _REDUCED),
    "all": ("tf.reduce_all", _REDUCED), "mean": ("tf.reduce_mean", _REDUCED),
    "argmax": ("tf.argmax", "x axis=-1"), "argmin": ("tf.argmin", "x axis=-1"),
    "exp": ("tf.exp", "x"), "log": ("tf.math.log", "x"), "abs": ("tf.abs", "x"), "sign": ("tf.sign", "x"),
    "round": ("tf.round", "x"), "cos": ("tf.cos", "x"), "sin": ("tf.sin", "x"), "tanh": ("tf.tanh", "x"),
    "square": ("tf.square", "x"), "sigmoid": ("tf.sigmoid", "x"), "softplus": ("tf.nn.softplus", "x"),
    "softsign": ("tf.nn.softsign", "x"), "softmax": ("tf.nn.softmax", "x axis"), "pow": ("tf.pow", "x a"),
    "relu": ("tf.nn.relu", "x"), "elu": ("tf.nn.elu", "x"), "maximum": ("tf.maximum", "x y"),
    "minimum": ("tf.minimum", "x y"), "equal": ("tf.equal", "x y"), "not_equal": ("tf.not_equal", "x y"),
    "greater": ("tf.greater", "x y"), "greater_equal": ("tf.greater_equal", "x y"), "less": ("tf.less", "x y"),
    "less_equal": ("tf.less_equal", "x y"), "clip": ("tf.clip_by_value", "x min_value max_value"),
    "cast": ("tf.cast", "x dtype"), "reshape": ("tf.reshape", "x shape"), "transpose": ("tf.transpose", "x"),
    "permute_dimensions": ("tf.transpose", "x pattern"), "stack": ("tf.stack", "x axis"), "tile": ("tf.tile", "x n"),
    "squeeze": ("tf.squeeze", "x axis!"), "expand_dims": ("tf.expand_dims", "x axis=-1"),
    "concatenate": ("tf.concat", "tensors axis=-1"), "zeros_like": ("tf.zeros_like", "x dtype"),
    "ones_like": ("tf.ones_like", "x dtype"), "shape": ("tf.shape", "x"), "ndim": ("tf.rank", "x"),
    "one_hot": ("tf.one_hot", "indices num_classes"), "stop_gradient": ("tf.stop_gradient", "variables"),
    "gather": ("tf.gather", "reference indices"), "cumsum": ("tf.cumsum", "x axis"),
    "cumprod": ("tf.math.cumprod", "x axis"), "l2_normalize": ("tf.nn.l2_normalize", "x axis"),
    "random_normal": ("tf.random.normal", f"shape mean stddev {_DRAWN}"),
    "random_uniform": ("tf.random.uniform", f"shape minval maxval {_DRAWN}"),
    "truncated_normal": ("tf.random.truncated_normal", f"shape mean stddev {_DRAWN}"),
}  # fmt: skip
_BY_NAME = {"axis", "keepdims", "dtype", "seed", "mean", "stddev", "minval", "maxval"}


def convert(c: Converter, node: cst.Call) -> Code:
    """A call of one of the functions that are known."""
    name = (c.qualified(node.func) or "").rpartition(".")[2]
    special, parameters = SPECIAL.get(name, (None, SAME.get(name, ("", ""))[1]))
    names = [each.partition("=")[0].rstrip("!") for each in parameters.split()]
    given = by_name(node, names)
    if given is None or (names and names[0] not in given):
        return c.leave(node, f"{MODULE}.{name}", "its arguments are not known here")
    if "dtype" in given and c.qualified(getattr(given["dtype"], "func", given["dtype"])) == f"{MODULE}.floatx":
        given["dtype"] = node_of("float32")
    if name == "mean" and c.expr(given["x"])[1].dtype == "bool":
        given["x"] = c.source_call("tf.cast", [cst.Arg(given["x"]), cst.Arg(node_of("float32"))])
    return _same(c, name, given) if special is None else special(c, given)


def _same(c: Converter, name: str, given: Given) -> Code:
    target, parameters = SAME[name]
    args = []
    for each in parameters.split():
        parameter, _, default = each.rstrip("!").partition("=")
        value = given.get(parameter, cst.parse_expression(default) if default else None)
        if value is not None:
            args.append(keyword(parameter, value) if parameter in _BY_NAME else cst.Arg(value))
    return c.expr(c.source_call(target, args))


def _flat(c: Converter, given: Given) -> Code:
    return c.expr(c.source_call("tf.reshape", [cst.Arg(given["x"]), cst.Arg(node_of([-1]))]))


def _root(c: Converter, given: Given) -> Code:
    positive = c.source_call("tf.maximum", [cst.Arg(given["x"]), cst.Arg(node_of(0.0))])
    return c.expr(c.source_call("tf.sqrt", [cst.Arg(positive)]))


def _smallest(c: Converter, given: Given) -> Code:
    return cst.Float("1e-07"), Value("float", literal=1e-07)


def _floating(c: Converter, given: Given) -> Code:
    return node_of("float32"), Value("str", literal="float32")


def _sizes(c: Converter, given: Given) -> Code:
    code, value = c.expr(given["x"])
    shape = cst.Attribute(atom(c.plain(code, value)), cst.Name("shape"))
    return call(cst.Name("tuple"), [cst.Arg(shape)]), Value("shape")


def _product(c: Converter, given: Given) -> Code:
    factors = [cst.Arg(given["x"]), cst.Arg(given["y"])]
    if all(c.expr(each.value)[1].rank == 2 for each in factors):
        return c.expr(c.source_call("tf.matmul", factors))
    return c.expr(c.source_call("tf.tensordot", [*factors, cst.Arg(node_of([[-1], [-2]]))]))


def _entropy(c: Converter, given: Given) -> Code:
    """Of each element by itself; probabilities are kept from 0 and 1."""
    logits = c.literal(given["from_logits"]) if "from_logits" in given else False
    if logits is MISSING:
        return c.leave(given["target"], f"{MODULE}.binary_crossentropy", "from_logits is not known here")
    if logits:
        args = [keyword("labels", given["target"]), keyword("logits", given["output"])]
        return c.expr(c.source_call("tf.nn.sigmoid_cross_entropy_with_logits", args))
    (target, _), (output, value) = ((c.code(given[each]), c.expr(given[each])[1]) for each in ("target", "output"))
    made = helper(c, "clipped_cross_entropy", [cst.Arg(target), cst.Arg(output)])
    return made, c.fresh(Value("tensor", dtype=value.dtype, rank=value.rank))


SPECIAL: dict[str, tuple[Callable[[Converter, Given], Code], str]] = {
    "flatten": (_flat, "x"),
    "sqrt": (_root, "x"),
    "epsilon": (_smallest, ""),
    "floatx": (_floating, ""),
    "int_shape": (_sizes, "x"),
    "dot": (_product, "x y"),
    "binary_crossentropy": (_entropy, "target output from_logits"),
}
CALLS = {f"{MODULE}.{name}": convert for name in (*SAME, *SPECIAL)}
