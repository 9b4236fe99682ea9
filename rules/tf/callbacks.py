"""What TensorFlow keeps apart from eager code, and PyTorch does where it stands: functions called back, global counts."""

import torch

from diptych.catalog.language import *


@helper
def py_function(func, inp, dtypes):
    """A Python function's result as a tensor of a dtype, or its results as tensors of several."""

    def typed(value, dtype):
        value = torch.as_tensor(value, dtype=None if isinstance(value, torch.Tensor) else dtype)
        if value.dtype != dtype:
            raise TypeError(f"{value.dtype} where {dtype} was announced")
        return value

    found = func(*inp)
    if not isinstance(dtypes, (list, tuple)):
        return typed(found, dtypes)
    return [typed(*pair) for pair in zip(found, dtypes, strict=True)]


@helper
def group(*done):
    """Nothing: what is given has been computed."""


@helper
def global_step(create=True):
    """The count of steps that a program keeps; ``None`` before it is made."""
    if create and not hasattr(global_step, "value"):
        global_step.value = torch.zeros((), dtype=torch.int64)
    return getattr(global_step, "value", None)


@helper
def jacobian(y, x):
    """The gradient of each element of ``y`` with respect to ``x``: of shape [*y, *x]."""
    rows = [torch.autograd.grad(part, x, create_graph=True, allow_unused=True)[0] for part in y.reshape(-1)]
    rows = [torch.zeros_like(x) if row is None else row for row in rows]
    return torch.stack(rows).reshape(*y.shape, *x.shape)
