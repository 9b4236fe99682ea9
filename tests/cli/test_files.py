"""Reading and writing files: encodings, marks and line ends stay, and every failure is one clear line."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from diptych.cli.files import FileError, decode, read_source, write


def test_utf8_with_crlf_stays() -> None:
    data = "x = 'é😋'\r\ny = 1\r\n".encode()
    source = decode(data, "a.py")
    assert source.text == "x = 'é😋'\r\ny = 1\r\n"
    assert source.encode(source.text) == data


def test_byte_order_mark_stays_and_is_not_text() -> None:
    source = decode(b"\xef\xbb\xbfx = 1\n", "a.py")
    assert source.text == "x = 1\n"
    assert source.encode("y = 1\n") == b"\xef\xbb\xbfy = 1\n"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "euc-jp", "utf-8"])
def test_coding_comment(encoding: str) -> None:
    data = f"# -*- coding: {encoding} -*-\nx = '{'é' if encoding != 'euc-jp' else '日本'}'\n".encode(encoding)
    source = decode(data, "a.py")
    assert source.encode(source.text) == data


def test_character_that_the_encoding_lacks() -> None:
    source = decode(b"# coding: latin-1\n", "a.py")
    with pytest.raises(FileError, match=r"^a\.py: the result holds '→', which iso-8859-1 cannot write$"):
        source.encode("→")


def test_empty_file() -> None:
    assert decode(b"", "a.py").text == ""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF\x02\x01\x01\x00", r"^a\.py: is not a text file \(byte 7 is zero\)$"),
        (b"x = 1\ny = '\xe9'\n", r"^a\.py:2:6: byte 0xe9 is not utf-8; "),
        (b"x = 1\r\n\r\n\r\ny = '\xe9'\n", r"^a\.py:4:6: byte 0xe9 is not utf-8; "),
        (b"# coding: klingon\n", r"^a\.py:1:1: unknown encoding: klingon$"),
        (b"\xef\xbb\xbf# coding: latin-1\n", r"^a\.py:1:1: "),
    ],
)
def test_what_is_not_text_is_told_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message) as caught:
        decode(data, "a.py")
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        read_source(str(tmp_path / "no.py"))
    with pytest.raises(FileError, match="is a directory"):
        read_source(str(tmp_path))
    with pytest.raises(FileError, match="its folder does not exist"):
        write(str(tmp_path / "no" / "a.py"), b"")
    with pytest.raises(FileError, match="is a directory"):
        write(str(tmp_path), b"")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"")
    path.chmod(0)
    with pytest.raises(FileError, match="no permission to read"):
        read_source(str(path))


def test_written_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [item.name for item in tmp_path.iterdir()] == ["a.py"]


def test_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write(str(tmp_path / "a.py"), b"new")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a.py").stat().st_mode) == 0o640


def test_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"old")
    (tmp_path / "link.py").symlink_to(tmp_path / "a.py")
    write(str(tmp_path / "link.py"), b"new")
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "a.py").read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write(os.devnull, b"gone")
    assert not Path(os.devnull).is_file()


def test_old_contents_stay_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FileError, match="cannot be written: No space left on device"):
        write(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.py"]
