"""Frames between the server and a worker: JSON with numpy arrays beside it, never pickle (the peer has run user
code).

Large arrays travel as files in a folder that both sides know; where a file cannot be written, with the frame.
"""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

import numpy as np

HEADER = struct.Struct("<8sQI")
CONTROL = b"diptych0"
"""The mark of frames to and from a standby process; a child that runs user code has one of its own."""
LIMIT = 8 << 30
LARGE = 4 << 20
Wait = Callable[[bool], None]


class Closed(Exception):
    """The other end went away."""


class Damaged(Closed):
    """What came is no message: something else wrote into the connection."""


class Folder:
    """Where one end of a channel leaves large arrays for the other; ``None`` as path sends all with the frames."""

    def __init__(self, path: Optional[str] = None, prefix: str = "") -> None:
        self.path = None if path is None else Path(path)
        self.prefix = prefix
        self.numbers = itertools.count()

    def put(self, array: np.ndarray) -> Optional[str]:
        """Write a large array; its file's name, or ``None`` where it is small or cannot be written."""
        if self.path is None or array.nbytes < LARGE:
            return None
        name = f"{self.prefix}{next(self.numbers)}"
        try:
            array.tofile(self.path / name)
        except OSError:
            (self.path / name).unlink(missing_ok=True)
            return None
        return name

    def take(self, name: str, dtype: np.dtype, shape: list[int]) -> np.ndarray:
        """Read an array and remove its file. Raises :class:`Damaged`."""
        if self.path is None or Path(name).name != name:
            raise Damaged("a file is named that cannot be one of this channel")
        path = self.path / name
        try:
            array = np.fromfile(path, dtype)
            path.unlink()
            return array.reshape(shape)
        except (OSError, ValueError) as error:
            raise Damaged(str(error)) from error


def encode(message: Any, mark: bytes = CONTROL, folder: Optional[Folder] = None) -> bytes:
    """Serialise a tree of dicts, lists, scalars and arrays (any native dtype); tuples come back as lists."""
    buffers: list[bytes] = []

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            contiguous = np.ascontiguousarray(value)
            described = {"$array": contiguous.dtype.str, "shape": list(value.shape)}
            name = folder.put(contiguous) if folder is not None else None
            if name is not None:
                return {**described, "file": name}
            buffers.append(contiguous.tobytes())
            return {**described, "bytes": len(buffers[-1])}
        if isinstance(value, np.generic):
            return plain(np.asarray(value))
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return value

    text = json.dumps(plain(message)).encode()
    size = len(text) + sum(map(len, buffers))
    return b"".join([HEADER.pack(mark, size, len(text)), text, *buffers])


def decode(body: Any, text_size: int, folder: Optional[Folder] = None) -> Any:
    """The inverse of :func:`encode`, without its header."""
    view = memoryview(body)
    position = text_size

    def rich(value: Any) -> Any:
        nonlocal position
        if isinstance(value, dict):
            if "$array" in value:
                dtype = np.dtype(value["$array"])
                if "file" in value:
                    return (folder or Folder()).take(value["file"], dtype, value["shape"])
                raw = view[position : position + value["bytes"]]
                position += value["bytes"]
                return np.frombuffer(raw, dtype=dtype).reshape(value["shape"]).copy()
            return {key: rich(item) for key, item in value.items()}
        if isinstance(value, list):
            return [rich(item) for item in value]
        return value

    return rich(json.loads(bytes(view[:text_size])))


class Channel:
    """A stream socket that carries frames, one at a time in each direction. Both ends know ``mark``, so that whatever
    user code writes into the socket is told from a frame.
    """

    def __init__(self, sock: Any, mark: bytes = CONTROL, folder: Optional[Folder] = None) -> None:
        self.sock, self.mark, self.folder = sock, mark, folder

    def send(self, message: Any, wait: Optional[Wait] = None) -> None:
        """Send one message; raises :class:`Closed` when the peer is gone. ``wait(True)`` is called before each part is
        written, and may raise.
        """
        view = memoryview(encode(message, self.mark, self.folder))
        try:
            if wait is None:
                self.sock.sendall(view)
                return
            while view:
                wait(True)
                view = view[self.sock.send(view[: 1 << 18]) :]
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self, wait: Optional[Wait] = None) -> Any:
        """Wait for one message; raises :class:`Closed` when the peer is gone, :class:`Damaged` where something else
        came. ``wait(False)`` is called before each part is read, and may raise.
        """
        mark, size, text_size = HEADER.unpack(self._exactly(HEADER.size, wait))
        if mark != self.mark or size > LIMIT or text_size > size:
            raise Damaged("the frame is damaged")
        body = self._exactly(size, wait)
        try:
            return decode(body, text_size, self.folder)
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged(str(error)) from error

    def _exactly(self, count: int, wait: Optional[Wait]) -> bytearray:
        parts = bytearray()
        while len(parts) < count:
            if wait is not None:
                wait(False)
            try:
                part = self.sock.recv(min(count - len(parts), 1 << 20))
            except OSError as error:
                raise Closed(str(error)) from error
            if not part:
                raise Closed("the connection was closed")
            parts += part
        return parts

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()
