"""Keras' layers that turn numbers into categories and categories into indicators."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class CategoryEncoding(nn.Module):
    """Categories as indicators: one for each, or one row that marks or counts all on the last axis."""

    def __init__(self, tokens, mode="multi_hot"):
        super().__init__()
        self.tokens, self.mode = tokens, mode

    def forward(self, x):
        if self.mode == "one_hot":
            x = x.squeeze(-1) if x.ndim and x.shape[-1] == 1 else x
            return F.one_hot(x.long(), self.tokens).to(torch.get_default_dtype())
        marks = F.one_hot(x.long(), self.tokens)
        marks = marks.sum(-2) if self.mode == "count" else marks.amax(-2)
        return marks.to(torch.get_default_dtype())


class CategoryEncodingLayer(LayerEquivalence):
    """Categories as indicators."""

    one_way = "tensorflow"
    dtype = "float"

    def in_torch(tokens: Int, mode: Str = "multi_hot"):
        return CategoryEncoding(tokens, mode=mode)

    def in_tensorflow(tokens: Int, mode: Str = "multi_hot"):
        return keras.layers.CategoryEncoding(tokens, output_mode=mode)

    samples = (
        cases(tokens=10, mode=[Absent, "count"], call=ints(2, 5))
        + cases(tokens=10, mode="one_hot", call=[ints(4), ints(4, 1)])
        + cases(tokens=4, mode="one_hot", call=ints(2, 3, low=0, high=4))
    )


@helper
class Discretize(nn.Module):
    """The number of the interval between ascending boundaries that each element lies in."""

    def __init__(self, boundaries):
        super().__init__()
        self.boundaries = boundaries

    def forward(self, x):
        return torch.bucketize(x, torch.tensor(self.boundaries, device=x.device), right=True, out_int32=True)


class DiscretizationLayer(LayerEquivalence):
    """Numbers as the interval that they lie in. What Keras learns by adapt() must be given as boundaries."""

    one_way = "tensorflow"
    dtype = "int32"
    gradient = False

    def in_torch(boundaries: Any = Absent, bins: Int = Absent):
        if not given(boundaries):
            return refuse("its boundaries come from adapt(): compute the quantiles and give them to the layer")
        return Discretize(boundaries)

    def in_tensorflow(boundaries: Any = Absent, bins: Int = Absent):
        return keras.layers.Discretization(bin_boundaries=boundaries, num_bins=bins)

    samples = cases(boundaries=[(-1.0, 0.0, 1.0), (-0.5, 0.5)], call=floats(4, 6)) + cases(bins=4, call=floats(4, 6))


@helper
class IntegerLookup(nn.Module):
    """The place of each integer in a vocabulary, from 1 on, 0 for those that are not in it; or an indicator of it."""

    def __init__(self, vocabulary, one_hot=False):
        super().__init__()
        self.vocabulary, self.one_hot = vocabulary, one_hot

    def forward(self, x):
        found = x.unsqueeze(-1) == torch.tensor(self.vocabulary, device=x.device)
        places = torch.where(found.any(-1), found.int().argmax(-1) + 1, 0)
        return F.one_hot(places, len(self.vocabulary) + 1) if self.one_hot else places


class IntegerLookupLayer(LayerEquivalence):
    """Integers as places in a vocabulary. What Keras learns by adapt() must be given."""

    one_way = "tensorflow"
    dtype = "int64"
    gradient = False

    def in_torch(vocabulary: Any = Absent, tokens: Int = Absent):
        if not given(vocabulary):
            return refuse("its vocabulary comes from adapt(): give the integers to the layer")
        return IntegerLookup(vocabulary)

    def in_tensorflow(vocabulary: Any = Absent, tokens: Int = Absent):
        return keras.layers.IntegerLookup(vocabulary=vocabulary, max_tokens=tokens)

    samples = cases(vocabulary=[(3, 5, 7), (1, 2)], call=ints(4, 5)) + cases(tokens=4, call=ints(2, 3))


class IntegerLookupOneHot(LayerEquivalence):
    """Integers as indicators of their places in a vocabulary, the first for those that are not in it."""

    one_way = "tensorflow"
    dtype = "int64"
    gradient = False

    def in_torch(vocabulary: Any):
        return IntegerLookup(vocabulary, one_hot=True)

    def in_tensorflow(vocabulary: Any):
        return keras.layers.IntegerLookup(vocabulary=vocabulary, output_mode="one_hot")

    samples = cases(vocabulary=[(3, 5, 7), (3, 5)], call=ints(4))
