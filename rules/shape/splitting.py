"""Tensors cut at positions or into a number of parts, as NumPy's splitting functions do."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def tensor_split(x, sections, dim=0):
    """Cut x along `dim` into a number of nearly equal parts (of a size known when traced), or at positions."""
    if tf.is_tensor(sections):
        sections = tf.unstack(sections) if sections.shape.rank else int(sections)
    if isinstance(sections, int):
        whole, rest = divmod(x.shape[dim], sections)
        return tf.split(x, [whole + (place < rest) for place in range(sections)], axis=dim)
    before = (slice(None),) * (dim % x.shape.rank)
    return [x[(*before, slice(*ends))] for ends in zip([0, *sections], [*sections, None], strict=True)]


class TensorSplit(View):
    """An axis cut at positions, or into parts of which the first may be one longer."""

    axes = ("dim",)
    result = "tensors"

    def in_torch(x: Tensor, sections: Any, dim: Axis = 0):
        return spellings(torch.tensor_split(x, sections, dim=dim), x.tensor_split(sections, dim=dim))

    def in_tensorflow(x: Tensor, sections: Any, dim: Axis = 0):
        return tensor_split(x, sections, dim=dim)

    samples = cases(x=floats(4, 7), sections=[2, 3, (1, 5), variable(2)], dim=[1, -1]) + cases(
        x=floats(4, 7), sections=[ints(1, low=2, high=4), ints(low=2, high=4)], dim=1
    )


class SplitColumns(View):
    """The second axis cut, the first where there is no other."""

    result = "tensors"

    def in_torch(x: Tensor, sections: Any):
        return spellings(torch.hsplit(x, sections), x.hsplit(sections))

    def in_tensorflow(x: Tensor, sections: Any):
        if is_literal(sections) and rank(x) == 1:
            return tensor_split(x, sections)
        if is_literal(sections) and rank(x) > 1:
            return tensor_split(x, sections, dim=1)
        return refuse("whether it has one axis or more, and where to cut, must be known")

    def rank(x, sections):
        return rank(x)

    one_way = "torch"
    samples = cases(x=[floats(6), floats(2, 6)], sections=[(1, 5), 2])


class SplitRows(View):
    """The first axis of a tensor with several cut."""

    result = "tensors"

    def in_torch(x: Tensor, sections: Any):
        return spellings(torch.vsplit(x, sections), x.vsplit(sections))

    def in_tensorflow(x: Tensor, sections: Any):
        if is_literal(sections):
            return tensor_split(x, sections)
        return refuse("it is not known whether this is a number of parts or where to cut")

    def rank(x, sections):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(6, 2), sections=[(1, 5), 2])


class SplitDepth(View):
    """The third axis cut."""

    result = "tensors"

    def in_torch(x: Tensor, sections: Any):
        return spellings(torch.dsplit(x, sections), x.dsplit(sections))

    def in_tensorflow(x: Tensor, sections: Any):
        if is_literal(sections):
            return tensor_split(x, sections, dim=2)
        return refuse("it is not known whether this is a number of parts or where to cut")

    def rank(x, sections):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(2, 1, 6), sections=[(1, 5), 2])
