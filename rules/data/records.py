"""TFRecord files and the messages in them, read and written by Python itself."""

import math
import os
import pathlib
import struct

import torch

from diptych.catalog.language import *


@helper
def varint(number):
    """An integer in groups of seven bits, as protocol buffers write it."""
    number, groups = number & (1 << 64) - 1, bytearray()
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


@helper
def read_varint(data, place):
    """An integer that ``varint`` wrote, and the place after it."""
    number, shift = 0, 0
    while data[place] > 127:
        number |= (data[place] & 127) << shift
        place, shift = place + 1, shift + 7
    return number | data[place] << shift, place + 1


@helper
def field(number, content):
    """Bytes as a numbered field of a message."""
    return varint(number << 3 | 2) + varint(len(content)) + content


@helper
def fields(data):
    """The numbered fields of a message: integers, or bytes."""
    place = 0
    while place < len(data):
        key, place = read_varint(data, place)
        if key & 7 == 0:
            content, place = read_varint(data, place)
        else:
            length, place = read_varint(data, place) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], place)
            content, place = data[place : place + length], place + length
        yield key >> 3, content


@helper
class ValueList:
    """The values of a feature; a kind of list says how they are written."""

    def __init__(self, value=()):
        self.value = list(value)


@helper
class BytesList(ValueList):
    """Strings of bytes."""

    def written(self):
        return b"".join(field(1, bytes(value)) for value in self.value)

    def read(self, content):
        self.value.append(content)


@helper
class FloatList(ValueList):
    """Numbers of float32."""

    def __init__(self, value=()):
        self.value = [struct.unpack("<f", struct.pack("<f", float(number)))[0] for number in value]

    def written(self):
        return field(1, struct.pack(f"<{len(self.value)}f", *self.value)) if self.value else b""

    def read(self, content):
        self.value += struct.unpack(f"<{len(content) // 4}f", content)


@helper
class Int64List(ValueList):
    """Integers of 64 bits."""

    def __init__(self, value=()):
        self.value = [int(number) for number in value]

    def written(self):
        return field(1, b"".join(map(varint, self.value))) if self.value else b""

    def read(self, content):
        place = 0
        numbers = [content] if isinstance(content, int) else []
        while not isinstance(content, int) and place < len(content):
            number, place = read_varint(content, place)
            numbers.append(number)
        self.value += [number - (1 << 64) if number >> 63 else number for number in numbers]


@helper
class Feature:
    """One list of values, of one of three kinds."""

    def __init__(self, bytes_list=None, float_list=None, int64_list=None):
        self.lists = [bytes_list, float_list, int64_list]

    @property
    def bytes_list(self):
        return self.lists[0] or BytesList()

    @property
    def float_list(self):
        return self.lists[1] or FloatList()

    @property
    def int64_list(self):
        return self.lists[2] or Int64List()

    def written(self):
        return b"".join(field(n, part.written()) for n, part in enumerate(self.lists, 1) if part is not None)

    @staticmethod
    def made(data):
        feature = Feature()
        for number, content in fields(data):
            part = (BytesList, FloatList, Int64List)[number - 1]()
            for _, values in fields(content):
                part.read(values)
            feature.lists[number - 1] = part
        return feature


@helper
class Features:
    """Features by name."""

    def __init__(self, feature=None):
        self.feature = dict(feature or {})


@helper
class Example:
    """A sample: features by name, in one string of bytes."""

    def __init__(self, features=None):
        self.features = features or Features()

    def SerializeToString(self):  # noqa: N802
        items = self.features.feature.items()
        entries = [field(1, name.encode()) + field(2, feature.written()) for name, feature in items]
        return field(1, b"".join(field(1, entry) for entry in entries))

    def ParseFromString(self, serialized):  # noqa: N802
        self.features = Features()
        for _, content in fields(bytes(serialized)):
            for _, entry in fields(content):
                parts = dict(fields(entry))
                self.features.feature[parts.get(1, b"").decode()] = Feature.made(parts.get(2, b""))
        return len(serialized)

    @classmethod
    def FromString(cls, serialized):  # noqa: N802
        example = cls()
        example.ParseFromString(serialized)
        return example


@helper
def checksum(data):
    """The masked CRC-32C of a record."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


@helper
class TFRecordWriter:
    """Writes records to a file, each with its length and checksums."""

    def __init__(self, path):
        self.file = pathlib.Path(path).open("wb")  # noqa: SIM115

    def write(self, record):
        length = struct.pack("<Q", len(record))
        self.file.write(length + checksum(length) + bytes(record) + checksum(record))

    def flush(self):
        self.file.flush()

    def close(self):
        self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.close()


@helper
def records(filenames):
    """A pipeline of the records of files; checksums are not looked at."""

    def elements():
        for name in [filenames] if isinstance(filenames, (str, bytes)) else filenames:
            with pathlib.Path(os.fsdecode(name)).open("rb") as file:
                while header := file.read(12):
                    (length,) = struct.unpack("<Q", header[:8])
                    record = file.read(length + 4)
                    if len(record) < length + 4:
                        raise EOFError(f"{name} ends within a record")
                    yield Text(record[:length])

    return Pipeline(elements)


@helper
class FixedLenFeature:
    """Of which shape and dtype a feature is, ``bytes`` for strings, and what stands for one that is missing."""

    def __init__(self, shape, dtype, default_value=None):
        self.shape, self.dtype, self.default_value = tuple(shape), dtype, default_value


@helper
def parsed_feature(name, feature, wanted):
    """A feature's values as a tensor; strings as bytes, or a list of them."""
    number = math.prod(wanted.shape)
    if feature is None or not any(feature.lists):
        values = wanted.default_value
        if values is None:
            raise ValueError(f"{name} is missing, and nothing stands for it")
        if wanted.dtype is not bytes:
            values = torch.as_tensor(values).flatten().tolist()
        elif not isinstance(values, (list, tuple)):
            values = [values]
        values = [value.encode() if isinstance(value, str) else value for value in values]
    else:
        held = feature.lists[(bytes, torch.float32, torch.int64).index(wanted.dtype)]
        if held is None:
            raise ValueError(f"{name} holds values of another kind")
        values = held.value
    if len(values) != number or (wanted.dtype is bytes and len(wanted.shape) > 1):
        raise ValueError(f"{name} has {len(values)} values, which are no {list(wanted.shape)}")
    if wanted.dtype is bytes:
        return [Text(value) for value in values] if wanted.shape else Text(values[0])
    return torch.tensor(values, dtype=wanted.dtype).reshape(wanted.shape)


@helper
def parse_example(serialized, features):
    """The features of a sample by name; of a list of samples, stacked."""
    if isinstance(serialized, (list, tuple)):
        samples = [parse_example(each, features) for each in serialized]
        return {name: stacked(*(sample[name] for sample in samples)) for name in features}
    held = Example.FromString(serialized).features.feature
    return {name: parsed_feature(name, held.get(name), wanted) for name, wanted in features.items()}
