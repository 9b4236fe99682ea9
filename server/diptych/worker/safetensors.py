"""The safetensors format with the standard library and numpy alone: eight bytes with the length of a JSON header
(little endian), the header (name -> dtype, shape and the place of the bytes), and the bytes.

The format is described at https://huggingface.co/docs/safetensors.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

INDEX = ".safetensors.index.json"
DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
}  # fmt: skip
NAMES = {np.dtype(code): name for name, code in DTYPES.items()}


def read(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a file, of the index of a sharded one, or of a folder that holds either; bfloat16 is widened to
    float32. Raises ``ValueError`` where it is no such file or holds a dtype that numpy lacks, ``OSError``.
    """
    if path.is_dir():
        files = sorted(path.glob("*" + INDEX)) or sorted(path.glob("*.safetensors"))
        if len(files) != 1:
            raise ValueError(f"{path} holds {len(files)} safetensors files without an index; name the one to read")
        path = files[0]
    if path.name.endswith(INDEX):
        shards = sorted(set(json.loads(path.read_text(encoding="utf-8"))["weight_map"].values()))
        return {name: array for shard in shards for name, array in _read(path.parent / shard).items()}
    return _read(path)


def _read(path: Path) -> dict[str, np.ndarray]:
    data = np.fromfile(path, dtype=np.uint8)
    length = int.from_bytes(data[:8].tobytes(), "little")
    if len(data) < 8 or length > len(data) - 8:
        raise ValueError(f"{path} is no safetensors file: it ends before its header does")
    try:
        header: dict[str, Any] = json.loads(data[8 : 8 + length].tobytes())
    except ValueError:
        raise ValueError(f"{path} is no safetensors file: its header is no JSON") from None
    header.pop("__metadata__", None)
    return {name: _array(name, entry, data[8 + length :]) for name, entry in header.items()}


def _array(name: str, entry: Mapping[str, Any], data: np.ndarray) -> np.ndarray:
    start, end = entry["data_offsets"]
    dtype = entry["dtype"]
    size = np.dtype(DTYPES.get(dtype, "u2")).itemsize
    if dtype != "BF16" and dtype not in DTYPES:
        raise ValueError(f"{name} is of dtype {dtype}, which cannot be read")
    if end > len(data) or end - start != math.prod(entry["shape"]) * size:
        raise ValueError(f"{name} does not lie within the file")
    part = data[start:end]
    if dtype == "BF16":
        wide = part.view("<u2").astype("<u4") << 16
        return wide.view("<f4").reshape(entry["shape"])
    return part.view(DTYPES[dtype]).reshape(entry["shape"])


def write(path: Path, state: Mapping[str, np.ndarray]) -> None:
    """Write tensors by name. Raises ``OSError``."""
    header: dict[str, Any] = {}
    parts: list[bytes] = []
    place = 0
    for name, array in state.items():
        part = np.ascontiguousarray(array)
        data = part.astype(part.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": NAMES[part.dtype],
            "shape": list(array.shape),
            "data_offsets": [place, place + len(data)],
        }
        parts.append(data)
        place += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        stream.writelines(parts)
