"""Histograms, unique elements and membership."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def histogram(x, edges, weight=None, density=False):
    """How many elements of x, or how much of `weight`, lie between neighbouring edges, the last included."""
    x, edges = tf.reshape(x, (-1,)), tf.cast(edges, x.dtype)
    weight = tf.ones_like(x) if weight is None else tf.reshape(weight, (-1,))
    n = tf.size(edges) - 1
    place = tf.searchsorted(edges, x, side="right") - 1
    place = tf.where(x == edges[-1], n - 1, place)
    inside = (x >= edges[0]) & (x <= edges[-1])
    counts = tf.math.unsorted_segment_sum(tf.where(inside, weight, 0), tf.where(inside, place, 0), n)
    counts = counts / tf.reduce_sum(counts) / (edges[1:] - edges[:-1]) if density else counts
    return counts, edges


@helper
def even_edges(x, bins, low=0, high=0, margin=0.5):
    """The edges of bins of one width, over the range of x where no other is given."""
    if low == high and x.shape.num_elements() != 0:
        low, high = tf.reduce_min(x), tf.reduce_max(x)
    elif low == high and margin < 1:
        high = low + 1
    low, high = tf.cast(low, x.dtype), tf.cast(high, x.dtype)
    margin = tf.where(low < high, tf.zeros_like(low), margin)
    return tf.linspace(low - margin, high + margin, bins + 1)


@helper
def unique(x, dim=None, consecutive=False):
    """The unique elements, or slices along an axis, for each element its place among them, and their counts."""
    if dim is not None:
        rows = tf.experimental.numpy.moveaxis(x, dim, 0)
        flat = tf.reshape(rows, (tf.shape(rows)[0], -1))
        order = tf.range(tf.shape(flat)[0])
        for column in range(flat.shape[1] - 1, -1, -1) if not consecutive else ():
            order = tf.gather(order, tf.argsort(tf.cast(tf.gather(flat[:, column], order), numeric(x)), stable=True))
    else:
        rows = flat = tf.reshape(x, (-1,))
        order = tf.argsort(tf.cast(flat, numeric(x)), stable=True) if not consecutive else tf.range(tf.size(flat))
        flat = flat[:, None]
    ordered = tf.gather(flat, order)
    new = tf.concat([[True], tf.reduce_any(ordered[1:] != ordered[:-1], -1)], 0)[: tf.shape(order)[0]]
    group = tf.cumsum(tf.cast(new, tf.int64)) - 1
    values = tf.gather(rows, tf.boolean_mask(order, new))
    inverse = tf.scatter_nd(order[:, None], group, tf.shape(order, out_type=tf.int32))
    counts = tf.math.bincount(tf.cast(group, tf.int32), dtype=tf.int64)
    if dim is not None:
        return tf.experimental.numpy.moveaxis(values, 0, dim), inverse, counts
    return values, tf.reshape(inverse, tf.shape(x)), counts


@helper
def numeric(x):
    """A dtype that `tf.argsort` takes: booleans are sorted as integers."""
    return tf.int32 if x.dtype == tf.bool else x.dtype


@helper
def histogramdd(x, bins, within=None, weight=None, density=False):
    """How many rows of x, or how much of `weight`, lie in each box of a grid, and the edges of the grid."""
    columns = tf.unstack(tf.reshape(x, (-1, x.shape[-1])), axis=1)
    bins = [bins] * len(columns) if isinstance(bins, int) else bins
    ends = [within[2 * n : 2 * n + 2] if within else (0, 0) for n in range(len(columns))]
    edges = [
        even_edges(column, n, *pair) if isinstance(n, int) else tf.cast(n, x.dtype)
        for column, n, pair in zip(columns, bins, ends, strict=True)
    ]
    sizes = [tf.size(edge) - 1 for edge in edges]
    inside, place = tf.ones_like(columns[0], tf.bool), tf.zeros_like(columns[0], tf.int32)
    for column, edge, size in zip(columns, edges, sizes, strict=True):
        inside &= (column >= edge[0]) & (column <= edge[-1])
        place = place * size + tf.minimum(tf.searchsorted(edge, column, side="right"), size) - 1
    weight = tf.ones_like(columns[0]) if weight is None else tf.reshape(weight, (-1,))
    counts = tf.where(inside, weight, 0)
    counts = tf.math.unsorted_segment_sum(counts, tf.where(inside, place, 0), tf.reduce_prod(sizes))
    counts = counts / tf.reduce_sum(counts) if density else counts
    counts = tf.reshape(counts, sizes)
    for axis, edge in enumerate(edges if density else ()):
        counts /= tf.reshape(edge[1:] - edge[:-1], [-1 if axis == other else 1 for other in range(len(edges))])
    return counts, tuple(edges)


class HistogramOfRows(Equivalence):
    """How many rows, or how much weight, lie in each box of a grid, and the edges of the grid."""

    result = "any"
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, bins: Any, within: Any = Absent, weight: Any = Absent, density: Flag = False):
        return torch.histogramdd(x, bins, range=within, weight=weight, density=density)

    def in_tensorflow(x: Tensor, bins: Any, within: Any = Absent, weight: Any = Absent, density: Flag = False):
        return histogramdd(x, bins, within=within, weight=weight, density=density)

    samples = cases(x=floats(9, 2), bins=[3, (2, 3)], density=[Absent, True]) + cases(
        x=floats(9, 2), bins=(2, 3), within=(-1.0, 1.0, -2.0, 2.0), weight=drawn(9)
    )


class HistogramCounts(Equivalence):
    """How many elements lie in each of several bins of one width."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, bins: Int = 100, low: Number = 0, high: Number = 0):
        return spellings(torch.histc(x, bins=bins, min=low, max=high), x.histc(bins=bins, min=low, max=high))

    def in_tensorflow(x: Tensor, bins: Int = 100, low: Number = 0, high: Number = 0):
        return histogram(x, even_edges(x, bins, low, high, margin=1))[0]

    def rank(x, bins, low, high):
        return 1

    samples = cases(x=floats(9), bins=4, low=[Absent, -1], high=1) + cases(x=floats(9), bins=5)


class Histogram(Equivalence):
    """How many elements, or how much weight, lie between given edges, and the edges."""

    result = ("hist", "bin_edges")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, bins: Tensor, weight: Any = Absent, density: Flag = False):
        return spellings(
            torch.histogram(x, bins, weight=weight, density=density), x.histogram(bins, weight=weight, density=density)
        )

    def in_tensorflow(x: Tensor, bins: Tensor, weight: Any = Absent, density: Flag = False):
        return histogram(x, bins, weight=weight, density=density)

    def rank(x, bins, weight, density):
        return 1

    samples = cases(x=drawn(9), bins=drawn(2)) + cases(x=drawn(9), bins=drawn(2), weight=drawn(9))


class HistogramOfWidth(Equivalence):
    """How many elements, or how much weight, lie in each of several bins of one width, and the edges."""

    result = ("hist", "bin_edges")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, bins: Int, weight: Any = Absent, density: Flag = False):
        return spellings(
            torch.histogram(x, bins, weight=weight, density=density), x.histogram(bins, weight=weight, density=density)
        )

    def in_tensorflow(x: Tensor, bins: Int, weight: Any = Absent, density: Flag = False):
        return histogram(x, even_edges(x, bins), weight=weight, density=density)

    def rank(x, bins, weight, density):
        return 1

    samples = cases(x=floats(9), bins=4, density=[Absent, True]) + cases(x=floats(9), bins=4, weight=drawn(9))


class HistogramWithin(Equivalence):
    """How many elements, or how much weight, lie in each of several bins within a range, and the edges."""

    result = ("hist", "bin_edges")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, bins: Int, within: Any, weight: Any = Absent, density: Flag = False):
        return spellings(
            torch.histogram(x, bins, range=within, weight=weight, density=density),
            x.histogram(bins, range=within, weight=weight, density=density),
        )

    def in_tensorflow(x: Tensor, bins: Int, within: Any, weight: Any = Absent, density: Flag = False):
        return histogram(x, even_edges(x, bins, within[0], within[1]), weight=weight, density=density)

    def rank(x, bins, within, weight, density):
        return 1

    samples = cases(x=floats(9), bins=4, within=(-1.0, 1.0), density=[Absent, True])


class CountWeighted(Equivalence):
    """How much weight each integer has."""

    one_way = "torch"
    gradient = False
    dtype = "float"

    def in_torch(x: Tensor, weights: Tensor, minlength: Int = 0):
        return spellings(
            torch.bincount(x, weights=weights, minlength=minlength), x.bincount(weights=weights, minlength=minlength)
        )

    def in_tensorflow(x: Tensor, weights: Tensor, minlength: Int = 0):
        if is_integer(weights):
            return tf.math.unsorted_segment_sum(
                tf.cast(weights, tf.float64), x, tf.maximum(tf.reduce_max(x) + 1, minlength)
            )
        return general(tf.math.unsorted_segment_sum(weights, x, tf.maximum(tf.reduce_max(x) + 1, minlength)))

    def rank(x, weights, minlength):
        return 1

    samples = cases(x=ints(9, high=4), weights=[drawn(9), ints(9)], minlength=[Absent, 7])


class IsIn(Elementwise):
    """Whether each element is among others."""

    dtype = "bool"
    one_way = "torch"

    def in_torch(x: Tensor, y: Tensor, assume_unique: Flag = False, invert: Flag = False):
        return torch.isin(x, y, assume_unique=assume_unique, invert=invert)

    def in_tensorflow(x: Tensor, y: Tensor, assume_unique: Flag = False, invert: Flag = False):
        if invert:
            return tf.reduce_all(tf.not_equal(tf.expand_dims(x, -1), tf.reshape(y, (-1,))), axis=-1)
        return tf.reduce_any(tf.equal(tf.expand_dims(x, -1), tf.reshape(y, (-1,))), axis=-1)

    samples = cases(x=ints(3, 4), y=ints(5), invert=[Absent, True], assume_unique=[Absent, False])


class UniqueAnyhow(Equivalence):
    """The unique elements, or slices along an axis, sorted."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, sorted: Flag = True, dim: Axes = Absent):
        return spellings(
            torch.unique(x, sorted=sorted, return_inverse=False, return_counts=False, dim=dim),
            x.unique(sorted=sorted, return_inverse=False, return_counts=False, dim=dim),
        )

    def in_tensorflow(x: Tensor, sorted: Flag = True, dim: Axes = Absent):
        return unique(x, dim=dim)[0]

    samples = cases(x=ints(3, 4, high=3), sorted=[Absent, False], dim=[Absent, 0]) + cases(x=bools(5))


class UniqueAnyhowAndInverse(Equivalence):
    """The unique elements, or slices along an axis, sorted, and their places."""

    result = ("values", "inverse")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, sorted: Flag = True, dim: Axes = Absent):
        return spellings(
            torch.unique(x, sorted=sorted, return_inverse=True, return_counts=False, dim=dim),
            x.unique(sorted=sorted, return_inverse=True, return_counts=False, dim=dim),
        )

    def in_tensorflow(x: Tensor, sorted: Flag = True, dim: Axes = Absent):
        return unique(x, dim=dim)[:2]

    samples = cases(x=ints(3, 4, high=3), sorted=[Absent, False], dim=[Absent, 1])


class UniqueAnyhowAndCounts(Equivalence):
    """The unique elements, or slices along an axis, sorted, and how often each occurs."""

    result = ("values", "counts")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, sorted: Flag = True, dim: Axes = Absent):
        return spellings(
            torch.unique(x, sorted=sorted, return_inverse=False, return_counts=True, dim=dim),
            x.unique(sorted=sorted, return_inverse=False, return_counts=True, dim=dim),
        )

    def in_tensorflow(x: Tensor, sorted: Flag = True, dim: Axes = Absent):
        return unique(x, dim=dim)[::2]

    samples = cases(x=ints(3, 4, high=3), sorted=[Absent, False], dim=[Absent, 1])


class UniqueAnyhowAndAll(Equivalence):
    """The unique elements, or slices along an axis, sorted, their places and counts."""

    result = ("values", "inverse", "counts")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, sorted: Flag = True, dim: Axes = Absent):
        return spellings(
            torch.unique(x, sorted=sorted, return_inverse=True, return_counts=True, dim=dim),
            x.unique(sorted=sorted, return_inverse=True, return_counts=True, dim=dim),
        )

    def in_tensorflow(x: Tensor, sorted: Flag = True, dim: Axes = Absent):
        return unique(x, dim=dim)

    samples = cases(x=ints(3, 4, high=3), sorted=[Absent, False], dim=[Absent, 1])


class UniqueRuns(Equivalence):
    """The elements, or slices along an axis, of which the one before differs."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, dim: Axes = Absent):
        return spellings(
            torch.unique_consecutive(x, return_inverse=False, return_counts=False, dim=dim),
            x.unique_consecutive(return_inverse=False, return_counts=False, dim=dim),
        )

    def in_tensorflow(x: Tensor, dim: Axes = Absent):
        return unique(x, dim=dim, consecutive=True)[0]

    samples = cases(x=ints(3, 4, high=3), dim=[Absent, 0]) + cases(x=bools(5))


class UniqueRunsAndInverse(Equivalence):
    """The elements, or slices along an axis, of which the one before differs, and their places."""

    result = ("values", "inverse")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, dim: Axes = Absent):
        return spellings(
            torch.unique_consecutive(x, return_inverse=True, return_counts=False, dim=dim),
            x.unique_consecutive(return_inverse=True, return_counts=False, dim=dim),
        )

    def in_tensorflow(x: Tensor, dim: Axes = Absent):
        return unique(x, dim=dim, consecutive=True)[:2]

    samples = cases(x=ints(3, 4, high=3), dim=[Absent, 1])


class UniqueRunsAndCounts(Equivalence):
    """The elements, or slices along an axis, of which the one before differs, and how often each occurs."""

    result = ("values", "counts")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, dim: Axes = Absent):
        return spellings(
            torch.unique_consecutive(x, return_inverse=False, return_counts=True, dim=dim),
            x.unique_consecutive(return_inverse=False, return_counts=True, dim=dim),
        )

    def in_tensorflow(x: Tensor, dim: Axes = Absent):
        return unique(x, dim=dim, consecutive=True)[::2]

    samples = cases(x=ints(3, 4, high=3), dim=[Absent, 1])


class UniqueRunsAndAll(Equivalence):
    """The elements, or slices along an axis, of which the one before differs, their places and counts."""

    result = ("values", "inverse", "counts")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, dim: Axes = Absent):
        return spellings(
            torch.unique_consecutive(x, return_inverse=True, return_counts=True, dim=dim),
            x.unique_consecutive(return_inverse=True, return_counts=True, dim=dim),
        )

    def in_tensorflow(x: Tensor, dim: Axes = Absent):
        return unique(x, dim=dim, consecutive=True)

    samples = cases(x=ints(3, 4, high=3), dim=[Absent, 1])
