"""Max pooling by windows at random places, and the way back from max pooling."""

import keras
import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def fractional_max_pool(x, n, k, size=None, ratio=None, samples=None, return_indices=False):
    """The largest over windows of k that lie at random distances, drawn for each channel."""
    k = each(k, n)
    sides = x.shape[-n:]
    size = each(size, n) if ratio is None else [int(a * b) for a, b in zip(sides, each(ratio, n), strict=True)]
    lead = tf.shape(x)[:-n]
    if samples is None:
        samples = tf.random.uniform(tf.concat([lead, [n]], 0), dtype=x.dtype)
    samples = tf.reshape(tf.cast(samples, x.dtype), tf.concat([lead, [n]], 0))
    places = []
    for axis in range(n):
        u = samples[..., n - 1 - axis if n == 2 else axis, None]
        step = (sides[axis] - k[axis]) / max(size[axis] - 1, 1)
        start = tf.cast((tf.range(size[axis] - 1, dtype=x.dtype) + u) * step, tf.int32) - tf.cast(u * step, tf.int32)
        start = tf.concat([start, tf.fill(tf.concat([lead, [1]], 0), sides[axis] - k[axis])], -1)
        places.append(start[..., None] + tf.range(k[axis]))
    return largest(x, places, return_indices=return_indices)


@helper
def max_unpool(x, indices, n, k, stride=None, padding=0, size=None):
    """The elements put back where max pooling took them from, among zeros."""
    k, stride, padding = (each(value, n) for value in (k, stride or k, padding))
    if size is None:
        size = [(x.shape[i - n] - 1) * stride[i] - 2 * padding[i] + k[i] for i in range(n)]
    size = list(size)[-n:]
    lead, area = tf.shape(x)[:-n], tf.reduce_prod(size)
    flat, places = (
        tf.reshape(v, tf.stack([tf.reduce_prod(lead), tf.reduce_prod(tf.shape(x)[-n:])])) for v in (x, indices)
    )
    rows = tf.broadcast_to(tf.range(tf.shape(flat)[0], dtype=places.dtype)[:, None], tf.shape(places))
    empty = tf.zeros([tf.shape(flat)[0], area], x.dtype)
    filled = tf.tensor_scatter_nd_update(empty, tf.stack([rows, places], -1), flat)
    return tf.reshape(filled, tf.concat([lead, size], 0))


class FractionalMaxPool2dFunction(Equivalence):
    """Max pooling of images by windows at random places."""

    one_way = "torch"
    random = True
    dtype = "x"

    def in_torch(x: Tensor, k: Size2, size: Size2 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return F.fractional_max_pool2d(x, k, output_size=size, output_ratio=ratio, _random_samples=draws)

    def in_tensorflow(x: Tensor, k: Size2, size: Size2 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return fractional_max_pool(x, 2, k, size=size, ratio=ratio, samples=draws)

    def rank(x, k, size, ratio, draws):
        return rank(x)

    samples = cases(x=floats(2, 3, 7, 8), k=2, size=3) + cases(x=floats(2, 3, 7, 8), k=2, ratio=(0.5, 0.5))


class FractionalMaxPool2dIndices(Equivalence):
    """Max pooling of images by windows at random places, with the place of each element that was taken."""

    one_way = "torch"
    random = True
    dtype = "x"
    result = ("values", "indices")

    def in_torch(x: Tensor, k: Size2, size: Size2 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return F.fractional_max_pool2d(
            x, k, output_size=size, output_ratio=ratio, return_indices=True, _random_samples=draws
        )

    def in_tensorflow(x: Tensor, k: Size2, size: Size2 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return fractional_max_pool(x, 2, k, size=size, ratio=ratio, samples=draws, return_indices=True)

    def rank(x, k, size, ratio, draws):
        return rank(x)

    samples = cases(x=floats(2, 3, 7, 8), k=2, size=3) + cases(x=floats(2, 3, 7, 8), k=2, ratio=(0.5, 0.5))


class FractionalMaxPool3dFunction(Equivalence):
    """Max pooling of volumes by windows at random places."""

    one_way = "torch"
    random = True
    dtype = "x"

    def in_torch(x: Tensor, k: Size3, size: Size3 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return F.fractional_max_pool3d(x, k, output_size=size, output_ratio=ratio, _random_samples=draws)

    def in_tensorflow(x: Tensor, k: Size3, size: Size3 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return fractional_max_pool(x, 3, k, size=size, ratio=ratio, samples=draws)

    def rank(x, k, size, ratio, draws):
        return rank(x)

    samples = cases(x=floats(1, 2, 5, 6, 5), k=2, size=3) + cases(x=floats(1, 2, 5, 6, 5), k=2, ratio=(0.5, 0.5, 0.5))


class FractionalMaxPool3dIndices(Equivalence):
    """Max pooling of volumes by windows at random places, with the place of each element that was taken."""

    one_way = "torch"
    random = True
    dtype = "x"
    result = ("values", "indices")

    def in_torch(x: Tensor, k: Size3, size: Size3 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return F.fractional_max_pool3d(
            x, k, output_size=size, output_ratio=ratio, return_indices=True, _random_samples=draws
        )

    def in_tensorflow(x: Tensor, k: Size3, size: Size3 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return fractional_max_pool(x, 3, k, size=size, ratio=ratio, samples=draws, return_indices=True)

    def rank(x, k, size, ratio, draws):
        return rank(x)

    samples = cases(x=floats(1, 2, 5, 6, 5), k=2, size=3) + cases(x=floats(1, 2, 5, 6, 5), k=2, ratio=(0.5, 0.5, 0.5))


class MaxUnpool1d(Equivalence):
    """Elements put back where max pooling took them from, among zeros."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, places: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0, size: Any = Absent):
        return F.max_unpool1d(x, places, k, stride=stride, padding=padding, output_size=size)

    def in_tensorflow(
        x: Tensor, places: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0, size: Any = Absent
    ):
        return max_unpool(x, places, 1, k, stride=stride, padding=padding, size=size)

    def rank(x, places, k, stride, padding, size):
        return rank(x)

    samples = cases(x=floats(2, 3, 1), places=ints(2, 3, 1, high=2), k=2) + cases(
        x=floats(3, 1), places=ints(3, 1, high=2), k=2, stride=2
    )


class MaxUnpool2d(Equivalence):
    """Elements put back where max pooling took them from, among zeros."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, places: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0, size: Any = Absent):
        return F.max_unpool2d(x, places, k, stride=stride, padding=padding, output_size=size)

    def in_tensorflow(
        x: Tensor, places: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0, size: Any = Absent
    ):
        return max_unpool(x, places, 2, k, stride=stride, padding=padding, size=size)

    def rank(x, places, k, stride, padding, size):
        return rank(x)

    samples = cases(x=floats(2, 3, 1, 1), places=ints(2, 3, 1, 1, high=4), k=2) + cases(
        x=floats(3, 1, 1), places=ints(3, 1, 1, high=4), k=2, stride=2
    )


class MaxUnpool3d(Equivalence):
    """Elements put back where max pooling took them from, among zeros."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, places: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0, size: Any = Absent):
        return F.max_unpool3d(x, places, k, stride=stride, padding=padding, output_size=size)

    def in_tensorflow(
        x: Tensor, places: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0, size: Any = Absent
    ):
        return max_unpool(x, places, 3, k, stride=stride, padding=padding, size=size)

    def rank(x, places, k, stride, padding, size):
        return rank(x)

    samples = cases(x=floats(2, 3, 1, 1, 1), places=ints(2, 3, 1, 1, 1, high=8), k=2) + cases(
        x=floats(3, 1, 1, 1), places=ints(3, 1, 1, 1, high=8), k=2, stride=2
    )


class FractionalMaxPool2d(LayerEquivalence):
    """The layer of max pooling of images by windows at random places."""

    one_way = "torch"
    random = True
    ranks = "any"

    def in_torch(k: Size2, size: Size2 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return nn.FractionalMaxPool2d(k, output_size=size, output_ratio=ratio, _random_samples=draws)

    def in_tensorflow(k: Size2, size: Size2 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return keras.layers.Lambda(lambda x: fractional_max_pool(x, 2, k, size=size, ratio=ratio, samples=draws))

    samples = cases(k=2, size=3, call=floats(2, 3, 7, 8)) + cases(k=2, ratio=(0.5, 0.5), call=floats(2, 3, 7, 8))


class FractionalMaxPool3d(LayerEquivalence):
    """The layer of max pooling of volumes by windows at random places."""

    one_way = "torch"
    random = True
    ranks = "any"

    def in_torch(k: Size3, size: Size3 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return nn.FractionalMaxPool3d(k, output_size=size, output_ratio=ratio, _random_samples=draws)

    def in_tensorflow(k: Size3, size: Size3 = Absent, ratio: Any = Absent, draws: Tensor = Absent):
        return keras.layers.Lambda(lambda x: fractional_max_pool(x, 3, k, size=size, ratio=ratio, samples=draws))

    samples = cases(k=2, size=3, call=floats(1, 2, 5, 6, 5)) + cases(
        k=2, ratio=(0.5, 0.5, 0.5), call=floats(1, 2, 5, 6, 5)
    )


class MaxUnpool1dLayer(LayerEquivalence):
    """The layer that puts elements back where max pooling took them from."""

    one_way = "torch"
    inputs = 2

    def in_torch(k: Size1, stride: Size1 = Absent, padding: Size1 = 0):
        return nn.MaxUnpool1d(k, stride=stride, padding=padding)

    def in_tensorflow(k: Size1, stride: Size1 = Absent, padding: Size1 = 0):
        return lambda x, places: max_unpool(x, places, 1, k, stride=stride, padding=padding)

    samples = cases(k=2, stride=[Absent, 2], call=(floats(2, 3, 1), ints(2, 3, 1, high=2)))


class MaxUnpool2dLayer(LayerEquivalence):
    """The layer that puts elements back where max pooling took them from."""

    one_way = "torch"
    inputs = 2

    def in_torch(k: Size2, stride: Size2 = Absent, padding: Size2 = 0):
        return nn.MaxUnpool2d(k, stride=stride, padding=padding)

    def in_tensorflow(k: Size2, stride: Size2 = Absent, padding: Size2 = 0):
        return lambda x, places: max_unpool(x, places, 2, k, stride=stride, padding=padding)

    samples = cases(k=2, stride=[Absent, 2], call=(floats(2, 3, 1, 1), ints(2, 3, 1, 1, high=4)))


class MaxUnpool3dLayer(LayerEquivalence):
    """The layer that puts elements back where max pooling took them from."""

    one_way = "torch"
    inputs = 2

    def in_torch(k: Size3, stride: Size3 = Absent, padding: Size3 = 0):
        return nn.MaxUnpool3d(k, stride=stride, padding=padding)

    def in_tensorflow(k: Size3, stride: Size3 = Absent, padding: Size3 = 0):
        return lambda x, places: max_unpool(x, places, 3, k, stride=stride, padding=padding)

    samples = cases(k=2, stride=[Absent, 2], call=(floats(2, 3, 1, 1, 1), ints(2, 3, 1, 1, 1, high=8)))
