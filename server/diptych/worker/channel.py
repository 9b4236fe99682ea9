"""Frames between the server and a worker: JSON with numpy arrays beside it, never pickle (the peer has run user
code).
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

HEADER = struct.Struct("<QI")
LIMIT = 8 << 30


class Closed(Exception):
    """The other end went away."""


def encode(message: Any) -> bytes:
    """Serialise a tree of dicts, lists, scalars and arrays (any native dtype); tuples come back as lists."""
    buffers: list[bytes] = []

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            contiguous = np.ascontiguousarray(value)
            buffers.append(contiguous.tobytes())
            return {"$array": contiguous.dtype.str, "shape": list(value.shape), "bytes": len(buffers[-1])}
        if isinstance(value, np.generic):
            return plain(np.asarray(value))
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return value

    text = json.dumps(plain(message)).encode()
    body = b"".join([text, *buffers])
    return HEADER.pack(len(body), len(text)) + body


def decode(body: bytes, text_size: int) -> Any:
    """The inverse of :func:`encode`, without its header."""
    view = memoryview(body)
    position = text_size

    def rich(value: Any) -> Any:
        nonlocal position
        if isinstance(value, dict):
            if "$array" in value:
                raw = view[position : position + value["bytes"]]
                position += value["bytes"]
                return np.frombuffer(raw, dtype=np.dtype(value["$array"])).reshape(value["shape"]).copy()
            return {key: rich(item) for key, item in value.items()}
        if isinstance(value, list):
            return [rich(item) for item in value]
        return value

    return rich(json.loads(bytes(view[:text_size])))


class Channel:
    """A stream socket that carries frames, one at a time in each direction."""

    def __init__(self, sock: Any) -> None:
        self.sock = sock

    def send(self, message: Any) -> None:
        """Send one message; raises :class:`Closed` when the peer is gone."""
        try:
            self.sock.sendall(encode(message))
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self) -> Any:
        """Wait for one message; raises :class:`Closed` when the peer is gone."""
        size, text_size = HEADER.unpack(self._exactly(HEADER.size))
        if size > LIMIT or text_size > size:
            raise Closed("the frame is damaged")
        return decode(self._exactly(size), text_size)

    def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = self.sock.recv(min(count - len(parts), 1 << 20))
            except OSError as error:
                raise Closed(str(error)) from error
            if not part:
                raise Closed("the connection was closed")
            parts += part
        return bytes(parts)

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()
