"""Losses with margins, which TensorFlow does not have. They are averaged, added up or given one by one."""

import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def reduced(losses, reduction="mean"):
    """The mean of the losses, their sum, or the losses themselves."""
    return {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "none": tf.identity}[reduction](losses)


@helper
def cosine_embedding_loss(x, y, target, margin=0.0):
    """1 - cos where the target is 1, what the cosine exceeds the margin by where it is -1, else nothing."""
    target = tf.cast(target, x.dtype)
    product, x2, y2 = (tf.reduce_sum(v, axis=-1) for v in (x * y, x * x, y * y))
    cosine = product / tf.sqrt((x2 + 1e-12) * (y2 + 1e-12))
    return tf.where(target == 1, 1 - cosine, tf.where(target == -1, tf.nn.relu(cosine - margin), 0.0))


@helper
def multi_margin_loss(x, target, p=1, margin=1.0, weight=None):
    """What each other class exceeds the target by, and a margin."""
    single = x.shape.rank == 0
    x = tf.reshape(x, [1, -1]) if x.shape.rank < 2 else x
    classes, target = x.shape[-1], tf.reshape(target, [-1])
    excess = tf.nn.relu(margin - tf.gather(x, target, batch_dims=1)[:, None] + x) ** p
    if weight is not None:
        excess *= tf.gather(weight, target)[:, None]
    losses = tf.reduce_sum(excess * (1 - tf.one_hot(target, classes, dtype=x.dtype)), axis=-1) / classes
    return losses[0] if single else losses


@helper
def multilabel_margin_loss(x, target):
    """What each other class exceeds the targets by, which stand before the first -1."""
    x, target = (tf.reshape(v, [1]) if v.shape.rank == 0 else v for v in (x, target))
    classes = x.shape[-1]
    used = tf.math.cumprod(tf.cast(target >= 0, x.dtype), axis=-1)
    hits = tf.one_hot(tf.where(used > 0, target, -1), classes, dtype=x.dtype)
    others = 1 - tf.reduce_max(hits, axis=-2)
    picked = tf.reduce_sum(hits * x[..., None, :], axis=-1)
    excess = tf.nn.relu(1 - picked[..., None] + x[..., None, :]) * used[..., None] * others[..., None, :]
    return tf.reduce_sum(excess, axis=[-2, -1]) / classes


@helper
def triplet_margin(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, swap=False):
    """How much nearer than the negative, and by a margin, the positive is."""

    def distance(a, b):
        return tf.reduce_sum(tf.abs(a - b + eps) ** p, axis=-1) ** (1 / p)

    far = distance(anchor, negative)
    if swap:
        far = tf.minimum(far, distance(positive, negative))
    return tf.nn.relu(margin + distance(anchor, positive) - far)


class CosineEmbeddingFunction(Equivalence):
    """Cosines of pairs: those that belong together are to point the same way."""

    one_way = "torch"
    promotes = "float"
    dtype = "x"

    def in_torch(x: Tensor, y: Tensor, target: Any, margin: Float = 0.0, reduction: Str = "mean"):
        return F.cosine_embedding_loss(x, y, target, margin=margin, reduction=reduction)

    def in_tensorflow(x: Tensor, y: Tensor, target: Any, margin: Float = 0.0, reduction: Str = "mean"):
        return reduced(cosine_embedding_loss(x, y, target, margin=margin), reduction=reduction)

    def rank(x, y, target, margin, reduction):
        if reduction == "none":
            return rank(target)
        return 0

    samples = cases(
        x=floats(4, 3),
        y=floats(4, 3),
        target=ints(4, low=-1, high=1),
        reduction=[Absent, "sum", "none"],
        margin=[Absent, 0.3],
    )


class CosineEmbeddingLoss(LayerEquivalence):
    """Cosines of pairs: those that belong together are to point the same way."""

    one_way = "torch"
    inputs = 3

    def in_torch(margin: Float = 0.0, reduction: Str = "mean"):
        return nn.CosineEmbeddingLoss(margin=margin, reduction=reduction)

    def in_tensorflow(margin: Float = 0.0, reduction: Str = "mean"):
        return lambda x, y, target: reduced(cosine_embedding_loss(x, y, target, margin=margin), reduction=reduction)

    samples = cases(
        reduction=[Absent, "sum", "none"],
        margin=[Absent, 0.3],
        call=(floats(4, 3), floats(4, 3), ints(4, low=-1, high=1)),
    )


class MarginRankingFunction(Equivalence):
    """Ranks of pairs: the first is to be larger where the target is 1."""

    one_way = "torch"
    promotes = "float"
    dtype = "x"

    def in_torch(x: Tensor, y: Tensor, target: Any, margin: Float = 0.0, reduction: Str = "mean"):
        return F.margin_ranking_loss(x, y, target, margin=margin, reduction=reduction)

    def in_tensorflow(x: Tensor, y: Tensor, target: Any, margin: Float = 0.0, reduction: Str = "mean"):
        return reduced(tf.nn.relu(margin - tf.cast(target, x.dtype) * (x - y)), reduction=reduction)

    def rank(x, y, target, margin, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(
        x=floats(4, 3), y=floats(4, 3), target=floats(4, 3), reduction=[Absent, "sum", "none"], margin=[Absent, 0.3]
    )


class MarginRankingLoss(LayerEquivalence):
    """Ranks of pairs: the first is to be larger where the target is 1."""

    one_way = "torch"
    inputs = 3

    def in_torch(margin: Float = 0.0, reduction: Str = "mean"):
        return nn.MarginRankingLoss(margin=margin, reduction=reduction)

    def in_tensorflow(margin: Float = 0.0, reduction: Str = "mean"):
        return lambda x, y, target: reduced(
            tf.nn.relu(margin - tf.cast(target, x.dtype) * (x - y)), reduction=reduction
        )

    samples = cases(
        reduction=[Absent, "sum", "none"], margin=[Absent, 0.3], call=(floats(4, 3), floats(4, 3), floats(4, 3))
    )


class SoftMarginFunction(Equivalence):
    """The logistic loss of targets 1 and -1."""

    one_way = "torch"
    gradient = False  # PyTorch differentiates neither targets nor weights
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor, reduction: Str = "mean"):
        return F.soft_margin_loss(x, target, reduction=reduction)

    def in_tensorflow(x: Tensor, target: Tensor, reduction: Str = "mean"):
        return reduced(tf.math.log1p(tf.exp(-target * x)), reduction=reduction)

    def rank(x, target, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(x=floats(4, 3), target=floats(4, 3), reduction=[Absent, "sum", "none"])


class SoftMarginLoss(LayerEquivalence):
    """The logistic loss of targets 1 and -1."""

    one_way = "torch"
    gradient = False  # PyTorch differentiates neither targets nor weights
    inputs = 2

    def in_torch(reduction: Str = "mean"):
        return nn.SoftMarginLoss(reduction=reduction)

    def in_tensorflow(reduction: Str = "mean"):
        return lambda x, target: reduced(tf.math.log1p(tf.exp(-target * x)), reduction=reduction)

    samples = cases(reduction=[Absent, "sum", "none"], call=(floats(4, 3), floats(4, 3)))


class HingeEmbeddingFunction(Equivalence):
    """The distance itself where the target is 1, what it lacks to a margin where it is -1."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor, margin: Float = 1.0, reduction: Str = "mean"):
        return F.hinge_embedding_loss(x, target, margin=margin, reduction=reduction)

    def in_tensorflow(x: Tensor, target: Tensor, margin: Float = 1.0, reduction: Str = "mean"):
        return reduced(
            tf.where(target != -1, x, 0) + tf.where(target != 1, tf.nn.relu(margin - x), 0), reduction=reduction
        )

    def rank(x, target, margin, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(
        x=floats(4, 3), target=ints(4, 3, low=-1, high=2), reduction=[Absent, "sum", "none"], margin=[Absent, 0.3]
    )


class HingeEmbeddingLoss(LayerEquivalence):
    """The distance itself where the target is 1, what it lacks to a margin where it is -1."""

    one_way = "torch"
    inputs = 2

    def in_torch(margin: Float = 1.0, reduction: Str = "mean"):
        return nn.HingeEmbeddingLoss(margin=margin, reduction=reduction)

    def in_tensorflow(margin: Float = 1.0, reduction: Str = "mean"):
        return lambda x, target: reduced(
            tf.where(target != -1, x, 0) + tf.where(target != 1, tf.nn.relu(margin - x), 0), reduction=reduction
        )

    samples = cases(
        reduction=[Absent, "sum", "none"], margin=[Absent, 0.3], call=(floats(4, 3), ints(4, 3, low=-1, high=2))
    )


class MultiLabelMarginFunction(Equivalence):
    """Margins between the classes that a sample has and those that it has not."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor, reduction: Str = "mean"):
        return F.multilabel_margin_loss(x, target, reduction=reduction)

    def in_tensorflow(x: Tensor, target: Tensor, reduction: Str = "mean"):
        return reduced(multilabel_margin_loss(x, target), reduction=reduction)

    def rank(x, target, reduction):
        if reduction == "none":
            return rank(x) - 1
        return 0

    samples = cases(x=floats(4, 5), target=ints(4, 5, low=-1, high=5), reduction=[Absent, "sum", "none"])


class MultiLabelMarginLoss(LayerEquivalence):
    """Margins between the classes that a sample has and those that it has not."""

    one_way = "torch"
    inputs = 2

    def in_torch(reduction: Str = "mean"):
        return nn.MultiLabelMarginLoss(reduction=reduction)

    def in_tensorflow(reduction: Str = "mean"):
        return lambda x, target: reduced(multilabel_margin_loss(x, target), reduction=reduction)

    samples = cases(reduction=[Absent, "sum", "none"], call=(floats(4, 5), ints(4, 5, low=-1, high=5)))


class MultiMarginFunction(Equivalence):
    """Margins between the class that a sample has and the others."""

    one_way = "torch"
    gradient = False  # PyTorch differentiates neither targets nor weights
    dtype = "x"

    def in_torch(
        x: Tensor, target: Tensor, p: Int = 1, margin: Float = 1.0, weight: Tensor = Absent, reduction: Str = "mean"
    ):
        return F.multi_margin_loss(x, target, p=p, margin=margin, weight=weight, reduction=reduction)

    def in_tensorflow(
        x: Tensor, target: Tensor, p: Int = 1, margin: Float = 1.0, weight: Tensor = Absent, reduction: Str = "mean"
    ):
        return reduced(multi_margin_loss(x, target, p=p, margin=margin, weight=weight), reduction=reduction)

    def rank(x, target, p, margin, weight, reduction):
        if reduction == "none":
            return rank(target)
        return 0

    samples = cases(
        x=floats(4, 5),
        target=ints(4, high=5),
        reduction=[Absent, "sum", "none"],
        p=[Absent, 2],
        margin=[Absent, 0.5],
        weight=[Absent, drawn(5)],
    )


class MultiMarginLoss(LayerEquivalence):
    """Margins between the class that a sample has and the others."""

    one_way = "torch"
    gradient = False  # PyTorch differentiates neither targets nor weights
    inputs = 2

    def in_torch(p: Int = 1, margin: Float = 1.0, weight: Tensor = Absent, reduction: Str = "mean"):
        return nn.MultiMarginLoss(p=p, margin=margin, weight=weight, reduction=reduction)

    def in_tensorflow(p: Int = 1, margin: Float = 1.0, weight: Tensor = Absent, reduction: Str = "mean"):
        return lambda x, target: reduced(
            multi_margin_loss(x, target, p=p, margin=margin, weight=weight), reduction=reduction
        )

    samples = cases(
        reduction=[Absent, "sum", "none"],
        p=[Absent, 2],
        margin=[Absent, 0.5],
        weight=[Absent, drawn(5)],
        call=(floats(4, 5), ints(4, high=5)),
    )


class TripletMarginFunction(Equivalence):
    """Distances of an anchor to what belongs to it and to what does not."""

    one_way = "torch"
    promotes = "float"
    dtype = "x"

    def in_torch(
        x: Tensor,
        y: Tensor,
        z: Tensor,
        margin: Float = 1.0,
        p: Float = 2.0,
        eps: Float = 1e-6,
        swap: Flag = False,
        reduction: Str = "mean",
    ):
        return F.triplet_margin_loss(x, y, z, margin=margin, p=p, eps=eps, swap=swap, reduction=reduction)

    def in_tensorflow(
        x: Tensor,
        y: Tensor,
        z: Tensor,
        margin: Float = 1.0,
        p: Float = 2.0,
        eps: Float = 1e-6,
        swap: Flag = False,
        reduction: Str = "mean",
    ):
        return reduced(triplet_margin(x, y, z, margin=margin, p=p, eps=eps, swap=swap), reduction=reduction)

    def rank(x, y, z, margin, p, eps, swap, reduction):
        if reduction == "none":
            return rank(x) - 1
        return 0

    samples = cases(
        x=floats(4, 3),
        y=floats(4, 3),
        z=floats(4, 3),
        reduction=[Absent, "sum", "none"],
        margin=[Absent, 0.5],
        swap=[Absent, True],
    )


class TripletMarginLoss(LayerEquivalence):
    """Distances of an anchor to what belongs to it and to what does not."""

    one_way = "torch"
    inputs = 3

    def in_torch(margin: Float = 1.0, p: Float = 2.0, eps: Float = 1e-6, swap: Flag = False, reduction: Str = "mean"):
        return nn.TripletMarginLoss(margin=margin, p=p, eps=eps, swap=swap, reduction=reduction)

    def in_tensorflow(
        margin: Float = 1.0, p: Float = 2.0, eps: Float = 1e-6, swap: Flag = False, reduction: Str = "mean"
    ):
        return lambda x, y, z: reduced(
            triplet_margin(x, y, z, margin=margin, p=p, eps=eps, swap=swap), reduction=reduction
        )

    samples = cases(
        reduction=[Absent, "sum", "none"],
        margin=[Absent, 0.5],
        swap=[Absent, True],
        call=(floats(4, 3), floats(4, 3), floats(4, 3)),
    )
