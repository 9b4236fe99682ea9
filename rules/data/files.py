"""What TensorFlow reads from files: bytes, lines, columns of text, sound. A string is ``bytes`` in Python."""

import csv
import glob
import os
import pathlib

import torch

from diptych.catalog.language import *


@helper
class Text(bytes):
    """A string as TensorFlow holds it: bytes, which a ``str`` of the same characters is equal to."""

    def __eq__(self, other):
        return bytes(self) == (other.encode() if isinstance(other, str) else other)

    def __ne__(self, other):
        return not self == other

    __hash__ = bytes.__hash__


@helper
def read_file(filename):
    """All bytes of a file."""
    return Text(pathlib.Path(os.fsdecode(filename)).read_bytes())


@helper
def decode_raw(input_bytes, out_type):
    """A tensor of the numbers that bytes hold."""
    return torch.frombuffer(bytearray(input_bytes), dtype=out_type)


@helper
def decode_wav(contents):
    """The samples [n, channels] of 16-bit sound, in -1..1, and how many there are in a second."""
    import io
    import wave

    with wave.open(io.BytesIO(contents)) as file:
        if file.getsampwidth() != 2:
            raise ValueError("only sound of 16 bits is read")
        data = torch.frombuffer(bytearray(file.readframes(file.getnframes())), dtype=torch.int16)
        samples = data.reshape(-1, file.getnchannels()).float() / 32768
        return samples, torch.tensor(file.getframerate(), dtype=torch.int32)


@helper
def list_files(file_pattern, shuffle=True):
    """A pipeline of the paths that fit a pattern or several."""
    patterns = [file_pattern] if isinstance(file_pattern, (str, bytes)) else file_pattern
    paths = sorted({Text(os.fsencode(path)) for pattern in patterns for path in glob.glob(os.fsdecode(pattern))})
    if not paths:
        raise FileNotFoundError(f"no file fits {file_pattern}")
    found = Pipeline(lambda: paths)
    return found.shuffle(len(paths)) if shuffle else found


@helper
def text_lines(filenames):
    """A pipeline of the lines of files, without their ends."""

    def lines():
        for name in [filenames] if isinstance(filenames, (str, bytes)) else filenames:
            with pathlib.Path(os.fsdecode(name)).open("rb") as file:
                yield from (Text(line.removesuffix(b"\n").replace(b"\r", b"")) for line in file)

    return Pipeline(lines)


@helper
def csv_value(text, default):
    """A column's text as its default is: float32, int32, bytes, or of a dtype, which stands for no default."""
    if isinstance(default, (list, tuple)):
        default = default[0]
    if isinstance(default, torch.dtype) or default is bytes:
        dtype, default = default, None
    elif isinstance(default, torch.Tensor):
        dtype, default = default.dtype, default.flatten()[0] if default.numel() else None
    else:
        dtype = {str: bytes, bytes: bytes, int: torch.int32}.get(type(default), torch.float32)
    if text == "" and default is None:
        raise ValueError("a column is empty, and nothing stands for it")
    if dtype is bytes:
        value = default if text == "" else text
        return Text(value if isinstance(value, bytes) else value.encode())
    value = default if text == "" else float(text) if dtype.is_floating_point else int(text)
    return torch.as_tensor(value, dtype=dtype)


@helper
def decode_csv(records, record_defaults, field_delim=","):
    """The columns of a line of text; of several lines, stacked."""
    if isinstance(records, (list, tuple)):
        rows = [decode_csv(each, record_defaults, field_delim) for each in records]
        return [stacked(*column) for column in zip(*rows, strict=True)]
    line = records if isinstance(records, str) else records.decode()
    row = next(csv.reader([line], delimiter=field_delim))
    return [csv_value(text, default) for text, default in zip(row, record_defaults, strict=True)]


@helper
def csv_rows(filenames, record_defaults, header=False, field_delim=",", select_cols=None):
    """A pipeline of the rows of files of text, as tuples of columns."""

    def rows():
        for name in [filenames] if isinstance(filenames, (str, bytes)) else filenames:
            with pathlib.Path(os.fsdecode(name)).open(newline="") as file:
                for place, row in enumerate(csv.reader(file, delimiter=field_delim)):
                    if place or not header:
                        row = row if select_cols is None else [row[column] for column in select_cols]
                        yield tuple(csv_value(*pair) for pair in zip(row, record_defaults, strict=True))

    return Pipeline(rows)
