"""A torch ``state_dict`` into a Keras twin and back: names, axes and gates are translated, nothing is permuted
across layers.

>>> from diptych.weights import load_state_dict, state_dict
>>> load_state_dict(twin, torch_model.state_dict())  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from diptych.worker import weights as walk
from diptych.worker.build import build_leaves

__all__ = ["load_state_dict", "state_dict"]

LOADED = "_diptych_names"
"""The attribute that remembers the names last loaded: they settle what a ``Sequential`` of paddings and a layer
stands for.
"""


def load_state_dict(twin: Any, state: Mapping[str, Any]) -> None:
    """Put ``state`` (torch tensors or numpy arrays by torch name) into a Keras model, building its layers if need be.

    Batch counters (``num_batches_tracked``) are left out; the two biases of a recurrent layer are added. Raises
    ``ValueError`` that lists every weight that is missing, unexpected or of another shape, and changes nothing then;
    ``ValueError`` too for a layer of the user's own whose weights only appear when it is first called.
    """
    arrays = {name: _array(value) for name, value in state.items() if not name.endswith(walk.IGNORED)}
    build_leaves(twin, arrays)
    walk.load(twin, walk.slots(twin, list(arrays)), arrays)
    twin.__dict__[LOADED] = list(arrays)


def state_dict(twin: Any) -> dict[str, np.ndarray]:
    """The weights of a built Keras model as numpy arrays under torch's names and in torch's axes, ready for
    ``torch_model.load_state_dict`` after ``torch.from_numpy``. A recurrent layer's bias comes back as the sum and
    zeros.

    Raises ``ValueError`` for a layer that has no weights yet.
    """
    found = walk.slots(twin, twin.__dict__.get(LOADED))
    return {name: np.ascontiguousarray(value) for name, value in walk.export(found).items()}


def _array(value: Any) -> np.ndarray:
    """A numpy array of a tensor of either framework, wherever it lives."""
    for method in ("detach", "cpu"):
        if hasattr(value, method):
            value = getattr(value, method)()
    if str(getattr(value, "dtype", "")) == "torch.bfloat16":
        value = value.float()
    return np.asarray(value)
