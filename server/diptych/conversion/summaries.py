"""``torch.utils.tensorboard.SummaryWriter``: a short class of the same name writes the same by ``tf.summary``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.inference.values import Value
from diptych.syntax.keywords import by_name
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

WRITER = "torch.utils.tensorboard.SummaryWriter"
NAMES = (WRITER, "torch.utils.tensorboard.writer.SummaryWriter")
KIND = "summary writer"
_OPTIONS = ("log_dir", "comment")
# When files are written, not what: TensorFlow has times of its own.
_DROPPED = ("max_queue", "flush_secs")
# What each method of the class takes, by position.
METHODS = {
    "add_scalar": ("tag", "scalar_value", "global_step"),
    "add_scalars": ("main_tag", "tag_scalar_dict", "global_step"),
    "add_histogram": ("tag", "values", "global_step"),
    "add_image": ("tag", "img_tensor", "global_step"),
    "add_text": ("tag", "text_string", "global_step"),
    "get_logdir": (), "flush": (), "close": (),
}  # fmt: skip
_BUCKETS = "Histograms: TensorFlow counts values in buckets of its own."


def made(c: Converter, node: cst.Call) -> Code | None:
    """``SummaryWriter(folder)``."""
    args = []
    for position, each in enumerate(node.args):
        name = each.keyword.value if each.keyword else _OPTIONS[position] if position < len(_OPTIONS) else ""
        if each.star or name not in _OPTIONS + _DROPPED:
            return c.leave(node, WRITER, "only its folder and its comment are converted")
        if name in _OPTIONS:
            args.append(each.with_changes(value=argument(c.code(each.value)), comma=cst.MaybeSentinel.DEFAULT))
    return helper(c, "SummaryWriter", args), Value(KIND)


def method(c: Converter, node: cst.Call, function: cst.Attribute) -> Code | None:
    """A call of one of its methods; ``None`` where it means the same."""
    name = function.attr.value
    taken = METHODS.get(name)
    if taken is None:
        return c.leave(node, f"{WRITER}.{name}", c.why(f"{WRITER}.{name}", "tf.summary writes nothing like it"))
    if by_name(node, taken, also=("dataformats",) if name == "add_image" else ()) is None:
        return c.leave(node, f"{WRITER}.{name}", "only what is written, its tag and its step are converted")
    if name == "add_histogram":
        c.journal.note(_BUCKETS)
    return None
