"""The operator database's samples as cases."""

from __future__ import annotations

import random
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from .case import Case, stated
from .compare import outputs_unlike
from .ops_forms import forms
from .ops_kinds import comparison, dim_of, family, unwritten
from .render import Arguments, UnwritableError, array, definition

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

DTYPES = {"float32": torch.float32, "int64": torch.int64, "bool": torch.bool}


@dataclass
class Written:
    """An operator with the cases that its samples gave and why others gave none."""

    name: str
    family: str
    cases: list[Case] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str) -> None:
        """Count a sample that gave no case."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1


def name_of(op: Any) -> str:
    """The operator's name, with its variant in brackets."""
    return f"{op.name}[{op.variant_test_name}]" if op.variant_test_name else op.name


def operators(wanted: list[str]) -> list[Any]:
    """The operators of these names (with or without their variants), all without any. Raises ``KeyError``."""
    if not wanted:
        return list(op_db)
    found = [op for op in op_db if op.name in wanted or name_of(op) in wanted]
    for name in wanted:
        if not any(name in (op.name, name_of(op)) for op in found):
            raise KeyError(name)
    return found


def written(op: Any, cap: int | None) -> Written:
    """The cases of one operator: at most ``cap`` samples for each dtype, spread over all that there are."""
    found = Written(name_of(op), family(op))
    reason = unwritten(op)
    if reason:
        found.drop(reason)
        return found
    for dtype_name, dtype in DTYPES.items():
        if dtype not in op.supported_dtypes("cpu"):
            continue
        seed = zlib.crc32(f"{name_of(op)}:{dtype_name}".encode())
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)
        smooth = dtype_name == "float32" and op.supports_autograd
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            samples = list(op.sample_inputs("cpu", dtype, requires_grad=smooth))
        for number in _spread(len(samples), cap):
            found.cases += _cases(op, samples[number], dtype_name, number, found)
    return found


def _spread(number: int, cap: int | None) -> list[int]:
    if cap is None or number <= cap:
        return list(range(number))
    return sorted({round(place * (number - 1) / max(1, cap - 1)) for place in range(cap)})


SEEDS = 12
"""How often what draws at random is run, to see whether the draws matter."""
NUMBERS = iter(range(1, 10**9))


def _cases(op: Any, sample: Any, dtype: str, number: int, found: Written) -> Iterator[Case]:
    """The forms of one sample, each with its types stated and without."""
    reference = _reference(op, sample)
    for form, lines in forms(op, sample):
        names = Arguments()
        entry = f"sample_{next(NUMBERS)}"
        try:
            body = lines(names)
            arrays = tuple(array(tensor) for tensor in names.tensors.values())
        except UnwritableError as error:
            found.drop(str(error))
            continue
        code = definition(entry, names.tensors, body)
        told = None if form in ("in place", "augmented") else reference  # which keep the dtype of what they write into
        checked = _checked(code, entry, names, told, "shapes" if comparison(op) == "shapes" else "values")
        if checked.startswith("not"):
            found.drop(f"{form}: {checked}")
            continue
        places = tuple(n for n, tensor in enumerate(names.tensors.values()) if tensor.requires_grad)
        compare = "shapes" if checked == "random" else comparison(op)
        case = Case(
            found.name, found.family, form, dtype, f"sample {number + 1}", entry, code, arrays,
            stated(list(names.tensors), list(arrays)), (found.name, dtype, number, *names.tensors),
            places if compare == "values" or compare == "ties" else (), compare, dim_of(op, sample),
        )  # fmt: skip
        yield case
        if case.comment:
            again = f"sample_{next(NUMBERS)}"
            yield replace(case, comment=None, entry=again, code=code.replace(entry, again))


def _reference(op: Any, sample: Any) -> list[Any] | None:
    """What the operator gives, ``None`` where it raises."""
    copied = sample.transform(lambda value: value.detach().clone() if isinstance(value, torch.Tensor) else value)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return _leaves(op(copied.input, *copied.args, **copied.kwargs))
    except Exception:
        return None


def _checked(code: str, entry: str, names: Arguments, reference: list[Any] | None, how: str) -> str:
    """ "values" or "random" where the code computes what the operator does, else "not ..." with the reason."""
    namespace: dict[str, Any] = {"torch": torch, "F": torch.nn.functional}
    exec(code, namespace)
    results = []
    seeds = [1, 2]
    try:
        for seed in seeds:  # which grow
            before = torch.manual_seed(seed).get_state()
            given = [tensor.detach().clone() for tensor in names.tensors.values()]
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                results.append(_leaves(namespace[entry](*given)))
            if seed == 1 and not torch.equal(before, torch.get_rng_state()):
                seeds += range(3, SEEDS)  # few draws may well come out the same
    except UnwritableError as error:
        return f"not written: {error}"
    except Exception as error:
        return f"not accepted by torch: {type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}"
    if any(outputs_unlike(results[0], result, None, "values") for result in results[1:]):
        return "random"
    if reference is not None and outputs_unlike(results[0], reference, None, "values"):
        return (
            "random"
            if outputs_unlike(results[0], reference, None, "shapes") is None
            else "not what the operator computes"
        )
    return "values"


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves(item)]
    if isinstance(value, torch.Tensor):
        if value.layout is not torch.strided:
            raise UnwritableError("a sparse result")
        value = value.to(torch.float32) if value.dtype == torch.bfloat16 else value
        return [(array(value), str(value.dtype).removeprefix("torch."))]
    return [(value, None)]
