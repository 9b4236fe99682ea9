"""Functions of TensorFlow that PyTorch has under other names, or has not."""

import keras
import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


class DivideNoNan(Elementwise):
    """x / y, and 0 where y is 0."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, y: Tensor):
        return torch.where(y == 0, 0.0, x / torch.where(y == 0, 1.0, y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.math.divide_no_nan(x, y), keras.ops.divide_no_nan(x, y))

    samples = cases(x=floats(3, 4), y=floats(3, 4))


class MultiplyNoNan(Elementwise):
    """x * y, and 0 where y is 0 whatever x is."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, y: Tensor):
        return torch.where(y == 0, 0.0, x * y)

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.math.multiply_no_nan(x, y)

    samples = cases(x=floats(3, 4), y=floats(3, 4))


class ReciprocalNoNan(Elementwise):
    """1 / x, and 0 where x is 0."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return torch.where(x == 0, 0.0, 1 / torch.where(x == 0, 1.0, x))

    def in_tensorflow(x: Tensor):
        return tf.math.reciprocal_no_nan(x)

    samples = cases(x=floats(3, 4))


class ScalarMul(Elementwise):
    """A tensor times a number."""

    one_way = "tensorflow"

    def in_torch(factor: Number, x: Tensor):
        return factor * x

    def in_tensorflow(factor: Number, x: Tensor):
        return tf.scalar_mul(factor, x)

    samples = cases(factor=2.5, x=floats(3, 4))


class Xdivy(Elementwise):
    """x / y, and 0 where x is 0."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, y: Tensor):
        return torch.where(x == 0, 0.0, x / y)

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.math.xdivy(x, y)

    samples = cases(x=floats(3, 4), y=drawn(3, 4))


class ReduceEuclideanNorm(Reduction):
    """The root of the sum of the squares."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, dim: Axes = None, keepdim: Flag = False):
        return torch.linalg.vector_norm(x, dim=dim, keepdim=keepdim)

    def in_tensorflow(x: Tensor, dim: Axes = None, keepdim: Flag = False):
        return tf.math.reduce_euclidean_norm(x, axis=dim, keepdims=keepdim)

    samples = cases(x=floats(3, 4), dim=[Absent, 0, -1, (0, 1)], keepdim=[Absent, True])


class ZeroFraction(Equivalence):
    """The share of zeros."""

    one_way = "tensorflow"
    gradient = False
    dtype = "float32"

    def in_torch(x: Tensor):
        return (x == 0).float().mean()

    def in_tensorflow(x: Tensor):
        return tf.math.zero_fraction(x)

    def rank(x):
        return 0

    samples = cases(x=[ints(3, 4, low=0, high=2), floats(3, 4)])


class L2Loss(Equivalence):
    """Half of the sum of the squares."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return x.square().sum() / 2

    def in_tensorflow(x: Tensor):
        return tf.nn.l2_loss(x)

    def rank(x):
        return 0

    samples = cases(x=floats(3, 4))


class Bincount(Equivalence):
    """How often each integer occurs."""

    one_way = "tensorflow"
    gradient = False
    dtype = "int32"

    def in_torch(x: Tensor):
        return torch.bincount(x.flatten()).int()

    def in_tensorflow(x: Tensor):
        return tf.math.bincount(x)

    def rank(x):
        return 1

    samples = cases(x=[ints(7), int32s(3, 4)])


class ConfusionMatrix(Equivalence):
    """How often each class, by row, was taken for each other, by column."""

    one_way = "tensorflow"
    gradient = False
    dtype = "int32"

    def in_torch(labels: Tensor, predictions: Tensor, classes: Int):
        return torch.bincount(labels.long() * classes + predictions.long(), minlength=classes**2).reshape(
            classes, classes
        ).int()  # fmt: skip

    def in_tensorflow(labels: Tensor, predictions: Tensor, classes: Int):
        return tf.math.confusion_matrix(labels, predictions, num_classes=classes)

    def rank(labels, predictions, classes):
        return 2

    samples = cases(labels=ints(9, high=4), predictions=ints(9, high=4), classes=4)


@helper
def confusion_matrix(labels, predictions):
    """How often each class, by row, was taken for each other, by column; as many as the largest of both says."""
    n = int(max(labels.max(), predictions.max())) + 1
    return torch.bincount(labels.long() * n + predictions.long(), minlength=n * n).reshape(n, n).int()


class ConfusionMatrixOfAll(Equivalence):
    """How often each class, by row, was taken for each other, by column; their number is found."""

    one_way = "tensorflow"
    gradient = False
    dtype = "int32"

    def in_torch(labels: Tensor, predictions: Tensor):
        return confusion_matrix(labels, predictions)

    def in_tensorflow(labels: Tensor, predictions: Tensor):
        return tf.math.confusion_matrix(labels, predictions)

    def rank(labels, predictions):
        return 2

    samples = cases(labels=ints(9, high=4), predictions=ints(9, high=4))


class ClipByNorm(Equivalence):
    """A tensor made shorter where its length is above a bound."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, bound: Number):
        return x * bound / torch.linalg.vector_norm(x).clamp(min=bound)

    def in_tensorflow(x: Tensor, bound: Number):
        return tf.clip_by_norm(x, bound)

    def rank(x, bound):
        return rank(x)

    samples = cases(x=floats(3, 4), bound=[1.0, 100.0])


class MatrixRankInt32(Equivalence):
    """The number of singular values that are not nearly zero."""

    one_way = "tensorflow"
    gradient = False
    dtype = "int32"

    def in_torch(x: Tensor):
        return torch.linalg.matrix_rank(x).int()

    def in_tensorflow(x: Tensor):
        return tf.linalg.matrix_rank(x)

    def rank(x):
        return rank(x) - 2

    samples = cases(x=[floats(3, 4), floats(2, 3, 3)])


class SegmentSum(Equivalence):
    """The sums of the rows of each segment; their numbers may stand in any order."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, segments: Tensor, n: Int):
        return x.new_zeros(n, *x.shape[1:]).index_add(0, segments, x)

    def in_tensorflow(x: Tensor, segments: Tensor, n: Int):
        return tf.math.unsorted_segment_sum(x, segments, n)

    def rank(x, segments, n):
        return rank(x)

    samples = cases(x=[floats(6, 3), floats(6)], segments=ints(6, high=4), n=4)


class SaturateCast(Elementwise):
    """A cast to integers that stops at the smallest and the largest instead of starting again."""

    one_way = "tensorflow"
    gradient = False
    dtype = "uint8"

    def in_torch(x: Tensor):
        return x.clamp(0, 255).to(torch.uint8)

    def in_tensorflow(x: Tensor):
        return tf.saturate_cast(x, tf.uint8)

    samples = cases(x=[floats(3, 4), ints(3, 4, low=-9, high=400)])


class EnsureShape(View):
    """The tensor itself, whose shape is checked in TensorFlow."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, shape: Any):
        return x.view_as(x)

    def in_tensorflow(x: Tensor, shape: Any):
        return tf.ensure_shape(x, shape)

    def rank(x, shape):
        return rank(x)

    samples = cases(x=floats(3, 4), shape=[(3, 4), (None, 4)])


class CReLU(Equivalence):
    """The rectified tensor beside its rectified negative, on the last axis."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return F.relu(torch.cat([x, -x], dim=-1))

    def in_tensorflow(x: Tensor):
        return tf.nn.crelu(x)

    def rank(x):
        return rank(x)

    samples = cases(x=floats(3, 4))


class DepthToSpace(Equivalence):
    """Blocks of channels as larger images; PyTorch's pixel_shuffle takes them in another order."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, block: Int):
        return x.unflatten(-1, (block, block, -1)).permute(0, 1, 3, 2, 4, 5).flatten(3, 4).flatten(1, 2)

    def in_tensorflow(x: Tensor, block: Int):
        return tf.nn.depth_to_space(x, block)

    def rank(x, block):
        return 4

    samples = cases(x=floats(2, 3, 4, 8), block=2)


class SpaceToDepth(Equivalence):
    """Blocks of pixels as channels; PyTorch's pixel_unshuffle gives them in another order."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, block: Int):
        return x.unflatten(2, (-1, block)).unflatten(1, (-1, block)).permute(0, 1, 3, 2, 4, 5).flatten(3)

    def in_tensorflow(x: Tensor, block: Int):
        return tf.nn.space_to_depth(x, block)

    def rank(x, block):
        return 4

    samples = cases(x=floats(2, 4, 6, 3), block=2)
