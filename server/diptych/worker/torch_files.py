"""Files with the weights of a torch module: what ``torch.save`` writes, and safetensors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import safetensors
from .torch_side import to_numpy

NESTED = ("state_dict", "model_state_dict", "model", "net", "weights")
"""Where a checkpoint keeps its ``state_dict``."""
PARALLEL = "module."
"""What ``DataParallel`` puts before every name."""


def read_weights(path: Path, model: Any) -> dict[str, np.ndarray]:
    """The ``state_dict`` in a file. Raises ``ValueError`` where there is none, ``OSError``."""
    if path.is_dir() or path.name.endswith((".safetensors", safetensors.INDEX)):
        return _plain(safetensors.read(path))
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:
        raise ValueError(f"it cannot be read with weights_only=True: {str(error).splitlines()[0]}") from None
    for name in NESTED:
        if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
            found = found[name]
    state = {name: value for name, value in found.items() if torch.is_tensor(value)} if _is_state(found) else {}
    if not state:
        raise ValueError("it holds no state_dict (a whole pickled model is not read, since that runs its code)")
    return _plain({name: to_numpy(value)[0] for name, value in state.items()})


def _is_state(found: Any) -> bool:
    return isinstance(found, Mapping) and all(isinstance(name, str) for name in found)


def _plain(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The names as the module itself has them."""
    if all(name.startswith(PARALLEL) for name in state):
        state = {name[len(PARALLEL) :]: value for name, value in state.items()}
    return {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}


def write_weights(path: Path, model: Any) -> None:
    """Write the ``state_dict`` of a module. Raises ``OSError``."""
    state = {name: value.detach().cpu().contiguous().clone() for name, value in model.state_dict().items()}
    if path.name.endswith(".safetensors"):
        safetensors.write(path, {name: value.numpy() for name, value in state.items()})
    else:
        torch.save(state, path)
