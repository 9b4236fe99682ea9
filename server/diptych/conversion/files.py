"""Files that TensorFlow programs read and write: records, text, sound, data sets that Keras downloads, whole modules.

A tensor that holds one string is ``bytes`` in the twin, of kind "bytes" here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.datasets import ANY_ORDER, given
from diptych.conversion.metrics import helper
from diptych.inference.values import DATA, FOREIGN, Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

BYTES = Value("bytes")
WHOLE = "assumes that the twin itself wrote this: PyTorch cannot read SavedModel"
ARRAYS = Value("tuple", items=(Value("tuple", items=(FOREIGN, FOREIGN)),) * 2)
SCALAR = Value("tensor", rank=0)


@dataclass(frozen=True)
class Plan:
    """What stands for a call: a helper, the arguments that it takes, by the names that TensorFlow has for them, those
    that say only how fast, and what is known of the result.
    """

    helper: str
    takes: tuple[str, ...]
    ignored: frozenset[str]
    result: Value


def _plan(name: str, takes: str, result: Value, ignored: str = "") -> Plan:
    return Plan(name, tuple(takes.split()), frozenset([*ignored.split(), "name"]), result)


# In the order of TensorFlow's own parameters, up to the first that is not converted.
PLANS = {
    "tf.io.read_file": _plan("read_file", "filename", BYTES),
    "tf.io.decode_raw": _plan("decode_raw", "input_bytes out_type", Value("tensor")),
    "tf.audio.decode_wav": _plan(
        "decode_wav", "contents", Value("tuple", items=(Value("tensor", dtype="float32", rank=2), SCALAR))
    ),
    "tf.io.decode_csv": _plan("decode_csv", "records record_defaults field_delim", Value("list", item=Value(api=DATA))),
    "tf.data.TextLineDataset": _plan("text_lines", "filenames", Value("dataset", item=BYTES), "buffer_size"),
    "tf.data.TFRecordDataset": _plan(
        "records", "filenames", Value("dataset", item=BYTES), "buffer_size num_parallel_reads"
    ),
    "tf.data.experimental.CsvDataset": _plan(
        "csv_rows", "filenames record_defaults header field_delim select_cols",
        Value("dataset", item=Value(api=DATA)), "buffer_size",
    ),
    "tf.io.TFRecordWriter": _plan("TFRecordWriter", "path", Value()),
    "tf.io.parse_single_example": _plan("parse_example", "serialized features", Value(api=DATA)),
    "tf.io.parse_example": _plan("parse_example", "serialized features", Value(api=DATA)),
    "tf.train.Example": _plan("Example", "features", Value()),
    "tf.train.Example.FromString": _plan("Example.FromString", "serialized", Value()),
    "tf.train.Features": _plan("Features", "feature", Value()),
    "tf.train.Feature": _plan("Feature", "bytes_list float_list int64_list", Value()),
    **{f"tf.train.{kind}": _plan(kind, "value", Value()) for kind in ("BytesList", "FloatList", "Int64List")},
    "keras.datasets.mnist.load_data": _plan("load_mnist", "path", ARRAYS),
    "keras.datasets.fashion_mnist.load_data": _plan("load_fashion_mnist", "", ARRAYS),
}  # fmt: skip
# Those of which TensorFlow has others between the arguments that are converted.
BY_KEYWORD = {"tf.data.experimental.CsvDataset": 2, "tf.data.TFRecordDataset": 1, "tf.data.TextLineDataset": 1}


def made(c: Converter, node: cst.Call) -> Code:
    """A call that a helper with the same parameters stands for."""
    name = c.qualified(node.func) or ""
    plan = PLANS[name]
    kept = _kept(node, name, plan)
    if kept is None:
        return c.leave(node, name, c.why(name, "no rule knows this combination of arguments"))
    args = [each.with_changes(value=argument(_code(c, each))) for each in kept]
    if args:
        args[-1] = args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    first, _, rest = plan.helper.partition(".")
    function = helper(c, first)
    result = plan.result if plan.result.kind != "tensor" else c.fresh(plan.result)
    return call(cst.Attribute(function, cst.Name(rest)) if rest else function, args), result


def _kept(node: cst.Call, name: str, plan: Plan) -> list[cst.Arg] | None:
    """The arguments that the helper is given; ``None`` where there are others."""
    places = plan.takes[: BY_KEYWORD.get(name)]
    if given(node, (*places, *plan.takes[len(places) :], *plan.ignored)) is None:
        return None
    if sum(each.keyword is None for each in node.args) > len(places):
        return None
    return [each for each in node.args if each.keyword is None or each.keyword.value not in plan.ignored]


def _code(c: Converter, each: cst.Arg) -> cst.BaseExpression:
    return cst.Name("bytes") if c.qualified(each.value) == "tf.string" else c.code(each.value)


def feature(c: Converter, node: cst.Call) -> Code:
    """``tf.io.FixedLenFeature([], tf.int64)``."""
    name = "tf.io.FixedLenFeature"
    found = given(node, ("shape", "dtype", "default_value"))
    dtype = c.qualified(found["dtype"].value) if found is not None and "dtype" in found else None
    if found is None or "shape" not in found or dtype not in ("tf.string", "tf.float32", "tf.int64"):
        return c.leave(node, name, "its shape and dtype must be written in the call")
    args = [each.with_changes(value=argument(_code(c, each))) for each in node.args]
    return call(helper(c, "FixedLenFeature"), args), Value()


def listed(c: Converter, node: cst.Call) -> Code:
    """``tf.data.Dataset.list_files("*.txt")``."""
    name = "tf.data.Dataset.list_files"
    found = given(node, ("file_pattern", "shuffle", "seed", "name"))
    shuffled = c.literal(found["shuffle"].value) if found is not None and "shuffle" in found else True
    if found is None or "file_pattern" not in found or not isinstance(shuffled, (bool, type(None))):
        return c.leave(node, name, c.why(name, "whether it shuffles must be written in the call"))
    args = [cst.Arg(argument(c.code(found["file_pattern"].value)))]
    if shuffled is False:
        args.append(cst.Arg(cst.Name("False"), cst.Name("shuffle")))
    else:
        c.journal.assume(node, name, ANY_ORDER, ("order", c.scope.name))
    return call(helper(c, "list_files"), args), Value("dataset", item=BYTES)


def saved(c: Converter, node: cst.Call) -> Code:
    """``tf.saved_model.save(module, folder)`` and ``tf.saved_model.load(folder)``."""
    name = c.qualified(node.func) or ""
    loads = name.endswith(".load")
    found = given(node, ("export_dir",) if loads else ("obj", "export_dir"))
    if found is None or "export_dir" not in found:
        return c.leave(node, name, c.why(name, "its arguments are not known here"))
    if not loads and ("obj" not in found or c.expr(found["obj"].value)[1].kind not in ("module", "self")):
        return c.leave(node, name, "only a module or model is saved")
    c.journal.assume(node, name, WHOLE, ("files", c.scope.name))
    args = [each.with_changes(value=argument(c.code(each.value))) for each in node.args]
    return call(helper(c, "load_module" if loads else "save_module"), args), Value("module" if loads else "none")


MADE: dict[str, Callable[[Converter, cst.Call], Code | None]] = {
    **dict.fromkeys(PLANS, made),
    "tf.io.FixedLenFeature": feature,
    "tf.data.Dataset.list_files": listed,
    "tf.saved_model.save": saved,
    "tf.saved_model.load": saved,
}
