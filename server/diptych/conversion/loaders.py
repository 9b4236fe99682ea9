"""Data sets, samplers and loaders of ``torch.utils.data``: short classes in the twin that give the same batches.

A loader reads in the twin's own process; the order of shuffled rows is drawn by TensorFlow's generator, which is said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.conversion.rewriting import fit
from diptych.inference.values import DATA, Value

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

MODULE = "torch.utils.data."
# Bases of classes of the file that give rows or places: a class without a base does the same.
BASES = {f"{MODULE}{name}" for name in ("Dataset", "IterableDataset", "Sampler")} | {
    "torch.utils.data.dataset.Dataset", "torch.utils.data.sampler.Sampler",
}  # fmt: skip
# How a loader fetches, not what it gives.
FETCHING = {
    "num_workers", "pin_memory", "timeout", "worker_init_fn", "multiprocessing_context", "prefetch_factor",
    "persistent_workers", "pin_memory_device", "in_order", "generator",
}  # fmt: skip
TAKEN = {
    "DataLoader": {"dataset", "batch_size", "shuffle", "sampler", "batch_sampler", "collate_fn", "drop_last"},
    "Subset": {"dataset", "indices"},
    "ConcatDataset": {"datasets"},
    "random_split": {"dataset", "lengths"},
    "SequentialSampler": {"data_source"},
    "RandomSampler": {"data_source", "replacement", "num_samples"},
    "SubsetRandomSampler": {"indices"},
    "WeightedRandomSampler": {"weights", "num_samples", "replacement"},
    "BatchSampler": {"sampler", "batch_size", "drop_last"},
    "TensorDataset": set[str](),
    "default_collate": {"batch"},
}
HELPERS = {"default_collate": "collate"}
# Positions of a loader's arguments; the twin's takes no more by position.
POSITIONS = 9
DRAWS = ("random_split", "RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler")
OTHER_ORDER = "assumes that the order of rows does not matter: TensorFlow draws another one from the same seed"


def made(c: Converter, node: cst.Call) -> Code | None:
    """A data set, sampler or loader."""
    name = (c.qualified(node.func) or "").rpartition(".")[2]
    api = f"{MODULE}{name}"
    kept: list[cst.Arg] = []
    values: list[Value] = []
    for place, argument in enumerate(node.args):
        keyword = argument.keyword.value if argument.keyword else None
        if keyword in FETCHING or (keyword is None and not argument.star and name == "DataLoader" and place == 5):
            c.journal.note(
                "The twin loads data in its own process: workers, pinned memory and generators were dropped."
            )
            if keyword is not None:
                continue
            argument = argument.with_changes(value=cst.Integer("0"))
        if argument.star == "**" and name != "DataLoader":
            return c.leave(node, api, "starred arguments hide what is passed")
        if keyword is not None and keyword not in TAKEN[name]:
            return c.leave(node, api, f"`{keyword}` is not known here")
        code, value = c.expr(argument.value)
        code = c.plain(code, value)
        kept.append(argument if code is argument.value else argument.with_changes(value=fit(argument, "value", code)))
        values.append(value.plain())
    if name == "DataLoader" and sum(a.keyword is None and not a.star for a in kept) > POSITIONS:
        return c.leave(node, api, "no rule knows this combination of arguments")
    if kept:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    if name in DRAWS or _shuffles(c, name, kept):
        c.journal.assume(node, api, OTHER_ORDER, ("rows", c.scope.name))
    return helper(c, HELPERS.get(name, name), kept), _value(name, kept, values)


def _shuffles(c: Converter, name: str, args: list[cst.Arg]) -> bool:
    """Whether a loader may draw the order of its rows."""
    if name != "DataLoader":
        return False
    places = [a for i, a in enumerate(args) if a.star or (a.keyword.value == "shuffle" if a.keyword else i == 2)]
    return any(a.star or c.literal(a.value) not in (False, None) for a in places)


def _value(name: str, args: list[cst.Arg], values: list[Value]) -> Value:
    """What is known of the rows of a data set and of the batches of a loader."""
    given = {a.keyword.value if a.keyword else str(i): v for i, (a, v) in enumerate(zip(args, values, strict=True))}
    starred = any(a.star for a in args)
    if name == "TensorDataset" and not starred and all(value.is_tensor for value in values):
        rows = tuple(Value("tensor", dtype=v.dtype, rank=v.rank - 1 if v.rank else None, api=DATA) for v in values)
        return Value("rows", item=Value("tuple", items=rows))
    source = given.get("dataset", given.get("0", Value()))
    if name == "Subset":
        return source if source.kind == "rows" else Value("rows", item=Value(api=DATA))
    if name == "random_split":
        part = source if source.kind == "rows" else Value("rows", item=Value(api=DATA))
        return Value("list", item=part)
    if name == "DataLoader":
        rows = source.item.items if source.kind == "rows" and source.item is not None else None
        if rows is None or starred or {"collate_fn", "batch_size"} & _undecided(args):
            return Value("loader", item=Value(api=DATA))
        batch = tuple(replace(row, rank=None if row.rank is None else row.rank + 1) for row in rows)
        return Value("loader", item=Value("list", items=batch))
    return Value("rows", item=Value(api=DATA)) if name == "ConcatDataset" else Value()


def _undecided(args: list[cst.Arg]) -> set[str]:
    """Arguments that change what a batch looks like: a function of the user's own, no batches at all."""
    found: set[str] = set()
    for place, argument in enumerate(args):
        name = argument.keyword.value if argument.keyword else {1: "batch_size", 6: "collate_fn"}.get(place, "")
        if name == "collate_fn" or (name == "batch_size" and getattr(argument.value, "value", "") == "None"):
            found.add(name)
    return found


SCHEDULE = "keras.optimizers.schedules.LearningRateSchedule"


def without_base(c: Converter, bases: list[cst.Arg]) -> list[cst.Arg]:
    """The bases of a class without those that stand for a method alone: of ``torch.utils.data``, a learning rate's."""
    kept = [argument for argument in bases if not is_base(c, argument)]
    if kept and len(kept) < len(bases):
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return kept


def is_base(c: Converter, argument: cst.Arg) -> bool:
    """Whether a class is a data set, a sampler or a learning rate by this base; ``Dataset[Row]`` as well."""
    base = argument.value.value if isinstance(argument.value, cst.Subscript) else argument.value
    qualified = c.qualified(base)
    return qualified in BASES if c.source == "torch" else qualified == SCHEDULE
