"""Reductions of `torch.masked`: of the elements where a mask is true."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def masked(x, fill, mask=None):
    """The elements where the mask is true, else what does not count: a number, "lowest" or "highest"."""
    if mask is None:
        return x
    if isinstance(fill, str):
        sign = 1 if fill == "highest" else -1
        fill = sign * float("inf") if x.dtype.is_floating else x.dtype.max if sign > 0 else x.dtype.min
    return tf.where(mask, x, tf.cast(fill, x.dtype))


@helper
def reduce_masked(reduce, x, fill, mask=None, dim=None, keepdim=False):
    """A reduction of the elements where the mask is true; of all axes where none is named."""
    everything = x.shape.rank == 0 or dim == ()
    return reduce(masked(x, fill, mask), axis=None if everything else dim, keepdims=keepdim)


@helper
def log_sum_exp_masked(x, mask=None, dim=None, keepdim=False):
    """log(sum(exp(x))) of the elements where the mask is true, in the dtype of x."""
    y = masked(x, "lowest", mask)
    y = y if y.dtype.is_floating else tf.cast(y, tf.float32)
    return tf.cast(reduce_masked(tf.reduce_logsumexp, y, 0, dim=dim, keepdim=keepdim), x.dtype)


@helper
def masked_mean(x, mask=None, dim=None, keepdim=False):
    """The mean of the elements where the mask is true."""
    total = reduce_masked(tf.reduce_sum, x, 0, mask, dim, keepdim)
    return total / reduce_masked(tf.reduce_sum, tf.ones_like(x), 0, mask, dim, keepdim)


@helper
def masked_variance(x, mask=None, dim=None, unbiased=None, correction=None, keepdim=False):
    """The variance of the elements where the mask is true."""
    x = x if x.dtype.is_floating else tf.cast(x, tf.float32)
    correction = (1 if correction is None else correction) if unbiased is None else int(unbiased)
    count = reduce_masked(tf.reduce_sum, tf.ones_like(x), 0, mask, dim, keepdim)
    far = (x - masked_mean(x, mask, dim, True)) ** 2
    return reduce_masked(tf.reduce_sum, far, 0, mask, dim, keepdim) / tf.maximum(count - correction, 0)


@helper
def masked_norm(x, ord=2.0, mask=None, dim=None, keepdim=False):
    """The norm of the elements where the mask is true."""
    x = masked(x, "highest" if ord == -float("inf") else 0, mask)
    axis = None if x.shape.rank == 0 or dim == () else dim
    if abs(ord) == float("inf"):
        return (tf.reduce_max if ord > 0 else tf.reduce_min)(tf.abs(x), axis=axis, keepdims=keepdim)
    if ord == 2:
        return tf.math.reduce_euclidean_norm(x, axis=axis, keepdims=keepdim)
    return vector_norm(x, ord, axis, keepdim)


@helper
def masked_place(find, x, fill, mask=None, dim=None, keepdim=False):
    """The place of an extreme among the elements where the mask is true, in the dtype of x."""
    y = masked(x, fill, mask)
    y = masked(y, "highest" if fill == "lowest" else "lowest", y == y)  # NaN is the extreme
    if dim is None or x.shape.rank == 0:
        place = find(tf.reshape(y, [-1]), output_type=tf.int64)
        place = tf.reshape(place, [1] * x.shape.rank) if keepdim else place
    else:
        place = find(y, axis=dim, output_type=tf.int64)
        place = tf.expand_dims(place, dim) if keepdim else place
    return tf.cast(place, x.dtype)


@helper
def masked_median(x, dim=-1, mask=None, keepdim=False):
    """The middle of the elements along an axis where the mask is true, NaN where there is none."""
    y = masked(x if x.dtype.is_floating else tf.cast(x, tf.float32), float("nan"), mask)
    return tf.cast(nanmedian(y, dim, keepdim)[0], x.dtype)


class MaskedSum(Equivalence):
    """The sum of the elements where a mask is true; integers and booleans are summed in int64."""

    one_way = "torch"
    promotes = "int64"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.sum(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return reduce_masked(tf.reduce_sum, x, 0, mask=mask, dim=dim, keepdim=keepdim)

    def rank(x, dim, keepdim, mask):
        if keepdim:
            return rank(x)
        if rank(x) == 0 or dim is Absent or dim == ():
            return 0
        return rank(x) - (1 if isinstance(dim, int) else len(dim))

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[Absent, 1, -1, (0, 1), ()], keepdim=[False, True]) + cases(
        x=[floats(2, 3), ints(2, 3)], mask=[bools(2, 3), bools(3)], dim=[Absent, 1]
    )


class MaskedProduct(Equivalence):
    """The product of the elements where a mask is true; integers and booleans are multiplied in int64."""

    one_way = "torch"
    promotes = "int64"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.prod(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return reduce_masked(tf.reduce_prod, x, 1, mask=mask, dim=dim, keepdim=keepdim)

    def rank(x, dim, keepdim, mask):
        if keepdim:
            return rank(x)
        if rank(x) == 0 or dim is Absent or dim == ():
            return 0
        return rank(x) - (1 if isinstance(dim, int) else len(dim))

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[Absent, 1, -1, (0, 1), ()], keepdim=[False, True]) + cases(
        x=[floats(2, 3), ints(2, 3)], mask=[bools(2, 3), bools(3)], dim=[Absent, 1]
    )


class MaskedLargest(Equivalence):
    """The largest of the elements where a mask is true."""

    one_way = "torch"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.amax(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return reduce_masked(tf.reduce_max, x, "lowest", mask=mask, dim=dim, keepdim=keepdim)

    def rank(x, dim, keepdim, mask):
        if keepdim:
            return rank(x)
        if rank(x) == 0 or dim is Absent or dim == ():
            return 0
        return rank(x) - (1 if isinstance(dim, int) else len(dim))

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[Absent, 1, -1, (0, 1), ()], keepdim=[False, True]) + cases(
        x=[floats(2, 3), ints(2, 3)], mask=[bools(2, 3), bools(3)], dim=[Absent, 1]
    )


class MaskedSmallest(Equivalence):
    """The smallest of the elements where a mask is true."""

    one_way = "torch"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.amin(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return reduce_masked(tf.reduce_min, x, "highest", mask=mask, dim=dim, keepdim=keepdim)

    def rank(x, dim, keepdim, mask):
        if keepdim:
            return rank(x)
        if rank(x) == 0 or dim is Absent or dim == ():
            return 0
        return rank(x) - (1 if isinstance(dim, int) else len(dim))

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[Absent, 1, -1, (0, 1), ()], keepdim=[False, True]) + cases(
        x=[floats(2, 3), ints(2, 3)], mask=[bools(2, 3), bools(3)], dim=[Absent, 1]
    )


class MaskedMean(Equivalence):
    """The mean of the elements where a mask is true."""

    one_way = "torch"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.mean(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return masked_mean(x, mask=mask, dim=dim, keepdim=keepdim)

    def rank(x, dim, keepdim, mask):
        if keepdim:
            return rank(x)
        if rank(x) == 0 or dim is Absent or dim == ():
            return 0
        return rank(x) - (1 if isinstance(dim, int) else len(dim))

    samples = cases(x=floats(2, 3), dim=[Absent, 1, -1, (0, 1), ()], keepdim=[False, True]) + cases(
        x=floats(2, 3), mask=[bools(2, 3), bools(3)], dim=[Absent, 1]
    )


class MaskedLogSumExp(Equivalence):
    """log(sum(exp(x))) of the elements where a mask is true; integers in PyTorch come back cut off."""

    one_way = "torch"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.logsumexp(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return log_sum_exp_masked(x, mask=mask, dim=dim, keepdim=keepdim)

    def rank(x, dim, keepdim, mask):
        if keepdim:
            return rank(x)
        if rank(x) == 0 or dim is Absent or dim == ():
            return 0
        return rank(x) - (1 if isinstance(dim, int) else len(dim))

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[Absent, 1, -1, (0, 1), ()], keepdim=[False, True]) + cases(
        x=[floats(2, 3), ints(2, 3)], mask=[bools(2, 3), bools(3)], dim=[Absent, 1]
    )


class PlaceLargestMasked(Equivalence):
    """The place of the largest element where a mask is true; PyTorch gives it in the dtype of x."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, dim: Axis = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.argmax(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axis = Absent, keepdim: Flag = False, mask: Any = Absent):
        return masked_place(tf.argmax, x, "lowest", mask=mask, dim=dim, keepdim=keepdim)

    samples = cases(x=floats(2, 3), dim=[Absent, 1, -1], keepdim=[False, True], mask=[Absent, bools(2, 3)])


class PlaceSmallestMasked(Equivalence):
    """The place of the smallest element where a mask is true; PyTorch gives it in the dtype of x."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, dim: Axis = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.argmin(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axis = Absent, keepdim: Flag = False, mask: Any = Absent):
        return masked_place(tf.argmin, x, "highest", mask=mask, dim=dim, keepdim=keepdim)

    samples = cases(x=floats(2, 3), dim=[Absent, 1, -1], keepdim=[False, True], mask=[Absent, bools(2, 3)])


class MaskedVariance(Equivalence):
    """The variance of the elements where a mask is true."""

    one_way = "torch"
    dtype = "float"

    def in_torch(
        x: Tensor, dim: Axes = Absent, unbiased: Flag = Absent, correction: Number = Absent, keepdim: Flag = False,
        mask: Any = Absent,
    ):  # fmt: skip
        return torch.masked.var(x, dim=dim, unbiased=unbiased, correction=correction, keepdim=keepdim, mask=mask)

    def in_tensorflow(
        x: Tensor, dim: Axes = Absent, unbiased: Flag = Absent, correction: Number = Absent, keepdim: Flag = False,
        mask: Any = Absent,
    ):  # fmt: skip
        return masked_variance(x, mask=mask, dim=dim, unbiased=unbiased, correction=correction, keepdim=keepdim)

    samples = cases(x=floats(2, 3), dim=[Absent, 1, (0, 1)], unbiased=[Absent, False], keepdim=[False, True]) + cases(
        x=floats(2, 5), dim=1, correction=[0, 2], mask=[Absent, bools(5)]
    )


class MaskedDeviation(Equivalence):
    """The standard deviation of the elements where a mask is true."""

    one_way = "torch"
    dtype = "float"

    def in_torch(
        x: Tensor, dim: Axes = Absent, unbiased: Flag = Absent, correction: Number = Absent, keepdim: Flag = False,
        mask: Any = Absent,
    ):  # fmt: skip
        return torch.masked.std(x, dim=dim, unbiased=unbiased, correction=correction, keepdim=keepdim, mask=mask)

    def in_tensorflow(
        x: Tensor, dim: Axes = Absent, unbiased: Flag = Absent, correction: Number = Absent, keepdim: Flag = False,
        mask: Any = Absent,
    ):  # fmt: skip
        return masked_variance(x, mask=mask, dim=dim, unbiased=unbiased, correction=correction, keepdim=keepdim) ** 0.5

    samples = cases(x=floats(2, 3), dim=[Absent, 1, (0, 1)], unbiased=[Absent, False], keepdim=[False, True]) + cases(
        x=floats(2, 5), dim=1, correction=[0, 2], mask=[Absent, bools(5)]
    )


class MaskedNorm(Equivalence):
    """The norm of the elements where a mask is true."""

    one_way = "torch"

    def in_torch(x: Tensor, ord: Number = 2.0, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.norm(x, ord, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, ord: Number = 2.0, dim: Axes = Absent, keepdim: Flag = False, mask: Any = Absent):
        return masked_norm(x, ord, mask=mask, dim=dim, keepdim=keepdim)

    samples = cases(x=floats(2, 3), ord=[2.0, 1, 0], dim=[Absent, 1, (0, 1)], mask=[Absent, bools(2, 3)])


class MaskedNormalize(Equivalence):
    """x, with zeros where a mask is false, divided by its norm along one axis."""

    one_way = "torch"

    def in_torch(x: Tensor, ord: Number, dim: Axis, eps: Float = 1e-12, mask: Any = Absent):
        return torch.masked.normalize(x, ord, dim, eps=eps, mask=mask)

    def in_tensorflow(x: Tensor, ord: Number, dim: Axis, eps: Float = 1e-12, mask: Any = Absent):
        return masked(x, 0, mask=mask) / tf.maximum(masked_norm(x, ord, mask=mask, dim=dim, keepdim=True), eps)

    def rank(x, ord, dim, eps, mask):
        return rank(x)

    samples = cases(x=floats(2, 3), ord=[2.0, 1], dim=[0, -1], mask=[Absent, bools(2, 3)])


class MaskedMedian(Equivalence):
    """The middle of the elements along an axis where a mask is true."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, dim: Axis = -1, keepdim: Flag = False, mask: Any = Absent):
        return torch.masked.median(x, dim, keepdim=keepdim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axis = -1, keepdim: Flag = False, mask: Any = Absent):
        return masked_median(x, dim, mask=mask, keepdim=keepdim)

    samples = cases(x=floats(2, 5), dim=[Absent, 0], keepdim=[False, True], mask=[Absent, bools(2, 5)])


class MaskedLogAddExp(Equivalence):
    """log(exp(x) + exp(y)) of the elements where masks are true."""

    one_way = "torch"

    def in_torch(x: Tensor, y: Tensor, mask: Any = Absent, other_mask: Any = Absent):
        return torch.masked.logaddexp(x, y, input_mask=mask, other_mask=other_mask)

    def in_tensorflow(x: Tensor, y: Tensor, mask: Any = Absent, other_mask: Any = Absent):
        return tf.reduce_logsumexp([masked(x, "lowest", mask=mask), masked(y, "lowest", mask=other_mask)], axis=0)

    def rank(x, y, mask, other_mask):
        return rank(x)

    samples = cases(x=floats(2, 3), y=floats(2, 3), mask=[Absent, bools(2, 3)])


class MaskedSoftmax(Equivalence):
    """`softmax` along one axis, of the elements where a mask is true."""

    one_way = "torch"
    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, mask: Any = Absent):
        return torch.masked.softmax(x, dim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axis, mask: Any = Absent):
        return tf.nn.softmax(masked(x, "lowest", mask=mask), axis=dim)

    def rank(x, dim, mask):
        return rank(x)

    samples = cases(x=[floats(2, 3), floats()], dim=[0, -1]) + cases(
        x=floats(2, 3), dim=1, mask=[bools(2, 3), bools(3)]
    )


class MaskedLogSoftmax(Equivalence):
    """`log_softmax` along one axis, of the elements where a mask is true."""

    one_way = "torch"
    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, mask: Any = Absent):
        return torch.masked.log_softmax(x, dim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axis, mask: Any = Absent):
        return tf.nn.log_softmax(masked(x, "lowest", mask=mask), axis=dim)

    def rank(x, dim, mask):
        return rank(x)

    samples = cases(x=[floats(2, 3), floats()], dim=[0, -1]) + cases(
        x=floats(2, 3), dim=1, mask=[bools(2, 3), bools(3)]
    )


class MaskedSoftmin(Equivalence):
    """`softmin` along one axis, of the elements where a mask is true."""

    one_way = "torch"
    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, mask: Any = Absent):
        return torch.masked.softmin(x, dim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axis, mask: Any = Absent):
        return tf.nn.softmax(-masked(x, "highest", mask=mask), axis=dim)

    def rank(x, dim, mask):
        return rank(x)

    samples = cases(x=[floats(2, 3), floats()], dim=[0, -1]) + cases(
        x=floats(2, 3), dim=1, mask=[bools(2, 3), bools(3)]
    )


class MaskedCumulativeSum(Equivalence):
    """`cumsum` along one axis, of the elements where a mask is true."""

    one_way = "torch"
    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, mask: Any = Absent):
        return torch.masked.cumsum(x, dim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axis, mask: Any = Absent):
        return tf.cumsum(masked(x, 0, mask=mask), axis=dim)

    def rank(x, dim, mask):
        return rank(x)

    samples = cases(x=[floats(2, 3), floats()], dim=[0, -1]) + cases(
        x=floats(2, 3), dim=1, mask=[bools(2, 3), bools(3)]
    )


class MaskedCumulativeProduct(Equivalence):
    """`cumprod` along one axis, of the elements where a mask is true."""

    one_way = "torch"
    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, mask: Any = Absent):
        return torch.masked.cumprod(x, dim, mask=mask)

    def in_tensorflow(x: Tensor, dim: Axis, mask: Any = Absent):
        return tf.math.cumprod(masked(x, 1, mask=mask), axis=dim)

    def rank(x, dim, mask):
        return rank(x)

    samples = cases(x=[floats(2, 3), floats()], dim=[0, -1]) + cases(
        x=floats(2, 3), dim=1, mask=[bools(2, 3), bools(3)]
    )
