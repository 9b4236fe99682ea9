"""Cross-entropies of yes-or-no probabilities with weights."""

import tensorflow as tf
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def weighted_binary_cross_entropy(x, target, weight=None, pos_weight=None, reduction="mean", logits=True):
    """Cross-entropy of each logit (or probability), with a weight for each and one for the positive answers."""
    if logits:
        pos_weight = tf.ones([], x.dtype) if pos_weight is None else pos_weight
        losses = tf.nn.weighted_cross_entropy_with_logits(target, x, pos_weight)
    else:
        losses = binary_cross_entropy(x, target)
    losses = losses if weight is None else losses * weight
    return {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "none": tf.identity}[reduction](losses)


class WeightedBinaryCrossEntropyOfEach(Equivalence):
    """The cross-entropy of logits with a weight for each, and one for the positive answers."""

    one_way = "torch"
    gradient = False  # PyTorch does not differentiate weights
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor, weight: Tensor, positive: Tensor = Absent, reduction: Str = "mean"):
        return F.binary_cross_entropy_with_logits(x, target, weight=weight, pos_weight=positive, reduction=reduction)

    def in_tensorflow(x: Tensor, target: Tensor, weight: Tensor, positive: Tensor = Absent, reduction: Str = "mean"):
        return weighted_binary_cross_entropy(x, target, weight, pos_weight=positive, reduction=reduction)

    def rank(x, target, weight, positive, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(
        x=floats(2, 3), target=drawn(2, 3), weight=[drawn(2, 3), drawn(1)], positive=[Absent, drawn(3)],
        reduction=["mean", "sum", "none"],
    )  # fmt: skip


class WeightedBinaryCrossEntropyOfProbabilities(Equivalence):
    """The cross-entropy of probabilities with a weight for each. PyTorch stops the logarithm at -100."""

    one_way = "torch"
    gradient = False  # PyTorch does not differentiate weights
    dtype = "p"

    def in_torch(p: Tensor, target: Tensor, weight: Tensor, reduction: Str = "mean"):
        return F.binary_cross_entropy(p, target, weight=weight, reduction=reduction)

    def in_tensorflow(p: Tensor, target: Tensor, weight: Tensor, reduction: Str = "mean"):
        return weighted_binary_cross_entropy(p, target, weight, reduction=reduction, logits=False)

    def rank(p, target, weight, reduction):
        if reduction == "none":
            return rank(p)
        return 0

    samples = cases(
        p=drawn(2, 3), target=drawn(2, 3), weight=[drawn(2, 3), drawn(1)], reduction=["mean", "sum", "none"]
    )
