"""What the recorder asks of torch."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .recorder import Recorder, watch_calls


def trace_eagerly(recorder: Recorder) -> None:
    """Run compiled functions as they are written, and let every module tell its result."""
    torch.compile = _as_written  # type: ignore[assignment]
    watch_calls(nn.Module, recorder)


def _as_written(model: Any = None, **options: Any) -> Any:
    return model if model is not None else lambda function: function


def is_symbolic(value: Any) -> bool:
    """Whether a value only stands for one: never here."""
    return False


def in_graph() -> bool:
    """Whether a graph is being made instead of values: never here."""
    return False


def has_gradient(tensor: Any) -> bool:
    """Whether a gradient flows through a tensor."""
    return tensor.requires_grad and (tensor.is_floating_point() or tensor.is_complex())


def with_tensors(roots: dict[str, Any], tensors: dict[str, Any]) -> dict[str, Any]:
    """The roots of :func:`torch_side.gradients` with more tensors."""
    return {**roots, **tensors}
