"""Types of tensors such as ``torch.cuda.FloatTensor``: dtypes in the twin, which places tensors by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.inference.values import Value
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

DTYPES = {
    "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "BFloat16Tensor": "bfloat16",
    "LongTensor": "int64", "IntTensor": "int32", "ShortTensor": "int16", "CharTensor": "int8", "ByteTensor": "uint8",
    "BoolTensor": "bool",
}  # fmt: skip
NAMES = {f"{module}.{name}": dtype for module in ("torch", "torch.cuda") for name, dtype in DTYPES.items()}
# In ``api`` of a dtype: the source calls it to make tensors.
TYPE = "tensor type"


def named(c: Converter, qualified: str) -> Code | None:
    """The dtype that a type of tensors stands for, where it is named without being called."""
    dtype = NAMES.get(qualified)
    if dtype is None or c.source != "torch":
        return None
    if qualified.startswith("torch.cuda."):
        c.journal.note("TensorFlow places tensors on devices by itself: types of GPU tensors became dtypes.")
    return c.name(f"tf.{dtype}"), Value("dtype", dtype=dtype, api=TYPE)


def made(c: Converter, node: cst.Call) -> Code | None:
    """``torch.cuda.FloatTensor(...)``; ``None`` for a list that is written out, which rules know."""
    qualified = c.qualified(node.func) or ""
    kept = [a for a in node.args if a.keyword is None or a.keyword.value != "device"]
    if len(kept) == 1 and isinstance(kept[0].value, (cst.List, cst.Tuple)) and ".cuda." not in qualified:
        return None
    found = named(c, qualified)
    return None if found is None else called(c, node, *found)


def called(c: Converter, node: cst.Call, code: cst.BaseExpression, value: Value) -> Code:
    """A call of a type of tensors: with sizes, or with data."""
    dtype = value.dtype or "float32"
    if any(a.star or a.keyword for a in node.args) or not node.args:
        return c.leave(node, f"{dtype} tensor", "what the constructor is given is not known here")
    given = [c.expr(a.value) for a in node.args]
    kinds = [v.kind for _, v in given]
    if kinds == ["shape"]:
        return c.leave(node, f"{dtype} tensor", "a shape means sizes here: write torch.empty(shape, dtype=...)")
    args = [cst.Arg(argument(c.plain(each, v))) for each, v in given]
    rank = len(args) if len(args) > 1 or kinds == ["int"] else given[0][1].rank
    result = c.fresh(Value("tensor", dtype=dtype, rank=rank))
    return helper(c, "typed_tensor", [cst.Arg(argument(code)), *args]), result
