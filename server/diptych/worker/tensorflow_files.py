"""Files with the weights of a Keras model: ``.weights.h5``, ``.h5`` and ``.keras``."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from . import weights

INSIDE = "model.weights.h5"
"""The weights in a ``.keras`` archive."""


def read_weights(path: Path, model: Any) -> dict[str, np.ndarray]:
    """Load a file into a built model; its weights under torch's names. Raises ``ValueError`` where it does not fit,
    ``OSError``.
    """
    if path.name.endswith(".keras"):
        try:
            with zipfile.ZipFile(path) as archive, archive.open(INSIDE) as packed:
                path = Path.cwd() / INSIDE
                with path.open("wb") as stream:
                    shutil.copyfileobj(packed, stream)
        except (zipfile.BadZipFile, KeyError):
            raise ValueError("it is no .keras archive with weights") from None
    model.load_weights(str(path))
    return weights.export(weights.slots(model))


def write_weights(path: Path, model: Any) -> None:
    """Write the weights, or with ``.keras`` the whole model. Raises ``ValueError`` for a layer that is no model,
    ``OSError``.
    """
    if not hasattr(model, "save_weights"):
        raise ValueError(f"{type(model).__name__} is a layer; Keras keeps the weights of a keras.Model alone")
    if path.name.endswith(".keras"):
        model.save(str(path))
    else:
        model.save_weights(str(path))
