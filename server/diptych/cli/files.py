"""Reading source files and writing results: encodings, byte order marks and line ends stay as they are."""

from __future__ import annotations

import codecs
import io
import os
import stat
import sys
import tempfile
import tokenize
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from pathlib import Path

STANDARD_STREAM = "-"
LEFT_OUT = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist"})


class FileError(Exception):
    """A file that cannot be read, decoded or written; the message is one line that names the file."""


@dataclass(frozen=True)
class SourceFile:
    """A source text with what is needed to write it, or its twin, as the same kind of file.

    ``label`` names the file in messages. ``text`` keeps its line ends and has no byte order mark.
    """

    label: str
    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """Return the bytes of ``text`` in this file's encoding. Raises ``FileError`` where that lacks a character."""
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            character = text[error.start]
            raise FileError(
                f"{self.label}: the result holds {character!r}, which {self.encoding} cannot write"
            ) from error


def python_files(
    folder: Path, left_out: Container[str] = LEFT_OUT, unreadable: Callable[[OSError], None] | None = None
) -> Iterator[Path]:
    """The Python files below a folder in order of their names, but for hidden folders, environments and folders of
    the names ``left_out``. A folder that cannot be read goes to ``unreadable``, or is passed over.
    """
    for place, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in left_out and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here / name for name in sorted(names) if name.endswith(".py"))


def read_source(name: str) -> SourceFile:
    """Read a Python file, or standard input for ``-``. Raises ``FileError``."""
    if name == STANDARD_STREAM:
        return decode(sys.stdin.buffer.read(), "<stdin>")
    return decode(read_bytes(name), name)


def read_bytes(name: str) -> bytes:
    """The contents of a file. Raises ``FileError`` with the plain reason."""
    try:
        return Path(name).read_bytes()
    except FileNotFoundError as error:
        raise FileError(f"{name}: there is no such file") from error
    except IsADirectoryError as error:
        raise FileError(f"{name}: is a directory; name a file in it") from error
    except PermissionError as error:
        raise FileError(f"{name}: you have no permission to read it") from error
    except (OSError, ValueError) as error:
        raise FileError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def decode(data: bytes, label: str) -> SourceFile:
    """Decode a Python source by its byte order mark and coding comment (PEP 263). Raises ``FileError``."""
    zero = data.find(b"\0")
    if zero >= 0:
        raise FileError(f"{label}: is not a text file (byte {zero} is zero)")
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise FileError(_undecodable(data, label) or f"{label}:1:1: {error.msg}") from error
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    try:
        return SourceFile(label, data[len(mark) :].decode(encoding), encoding, mark)
    except UnicodeDecodeError as error:
        raise FileError(_place(data, label, len(mark) + error.start, encoding)) from error
    except (UnicodeError, LookupError) as error:
        raise FileError(f"{label}:1:1: does not decode as {encoding}: {error}") from error


def _undecodable(data: bytes, label: str) -> str | None:
    """``tokenize`` reports bytes that are not UTF-8 in the first lines without their place; find it."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        first_lines = data.split(b"\n", 2)[:2]
        if b"coding" not in b"".join(first_lines):
            return _place(data, label, error.start, "utf-8")
    return None


def _place(data: bytes, label: str, offset: int, encoding: str) -> str:
    before = data[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    hint = "is this a text file, or is its coding comment missing?"
    return f"{label}:{line}:{column}: byte 0x{data[offset]:02x} is not {encoding}; {hint}"


def write(name: str, data: bytes) -> None:
    """Write a file so that a reader sees the old contents or the new, never a part. Raises ``FileError``.

    Links are followed; what is not a plain file (a device, a pipe) is written straight; ``-`` is standard output.
    """
    if name == STANDARD_STREAM:
        write_output(data)
        return
    target = Path(os.path.realpath(name))
    try:
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise FileError(f"{name}: is a directory; name a file in it")
            with target.open("wb") as stream:
                stream.write(data)
            return
        _replace(target, data)
    except FileNotFoundError as error:
        raise FileError(f"{name}: its folder does not exist") from error
    except PermissionError as error:
        raise FileError(f"{name}: you have no permission to write it") from error
    except (OSError, ValueError) as error:
        raise FileError(f"{name}: cannot be written: {getattr(error, 'strerror', None) or error}") from error


def _replace(target: Path, data: bytes) -> None:
    if target.exists():
        mode = stat.S_IMODE(target.stat().st_mode)
        if not os.access(target, os.W_OK):
            raise PermissionError
    else:
        mode = 0o666 & ~_umask()
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_output(data: bytes) -> None:
    """Write bytes to standard output exactly."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
