"""Structures of tensors: lists, tuples and dicts, tensors that are mostly zero, tensors collected one by one."""

import torch

from diptych.catalog.language import *


@helper
def map_structure(function, *parts):
    """Apply a function to the leaves of structures of lists, tuples and dicts."""
    first = parts[0]
    if isinstance(first, dict):
        return {key: map_structure(function, *(part[key] for part in parts)) for key in first}
    if isinstance(first, (list, tuple)):
        return type(first)(map_structure(function, *leaves) for leaves in zip(*parts, strict=True))
    return function(*parts)


@helper
def flat_leaves(structure):
    """The leaves of a structure, those of dicts in the order of their keys."""
    if isinstance(structure, dict):
        structure = [structure[key] for key in sorted(structure)]
    if not isinstance(structure, (list, tuple)):
        return [structure]
    return [leaf for part in structure for leaf in flat_leaves(part)]


@helper
def sparse_tensor(indices, values, shape):
    """A tensor of mostly zeros; int32 and float32 where the values are Python's numbers."""
    typed = torch.as_tensor(values)
    typed = typed.int() if typed.dtype == torch.int64 and not hasattr(values, "dtype") else typed
    return torch.sparse_coo_tensor(torch.as_tensor(indices).T, typed, tuple(shape))


@helper
class TensorArray:
    """Tensors collected one by one."""

    def __init__(self, size=0):
        self.items = [None] * int(size)

    def write(self, place, value):
        self.items += [None] * (int(place) + 1 - len(self.items))
        self.items[int(place)] = torch.as_tensor(value)
        return self

    def read(self, place):
        return self.items[int(place)]

    def stack(self):
        return torch.stack(self.items)

    def size(self):
        return len(self.items)
