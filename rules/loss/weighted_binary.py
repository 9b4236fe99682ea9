"""Cross-entropies of yes-or-no probabilities with weights, and the connectionist temporal classification."""

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


@helper
def ctc_loss(log_probs, target, lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """The loss of target sequences (batch, length) without an alignment, from (time, batch, classes)."""
    lengths, target_lengths = tf.cast(lengths, tf.int32), tf.cast(target_lengths, tf.int32)
    losses = tf.nn.ctc_loss(tf.cast(target, tf.int32), log_probs, target_lengths, lengths, blank_index=blank)
    used = tf.transpose(tf.sequence_mask(lengths, tf.shape(log_probs)[0], log_probs.dtype))
    losses -= tf.stop_gradient(tf.reduce_sum(used * tf.reduce_logsumexp(log_probs, -1), 0))  # TensorFlow normalises
    losses = tf.where(tf.math.is_inf(losses), tf.zeros_like(losses), losses) if zero_infinity else losses
    if reduction == "mean":
        return tf.reduce_mean(losses / tf.cast(tf.maximum(target_lengths, 1), losses.dtype))
    return tf.reduce_sum(losses) if reduction == "sum" else losses


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


class CtcLossFunction(Equivalence):
    """The loss of target sequences without an alignment; TensorFlow takes the batch of targets first."""

    one_way = "torch"
    gradient = False  # PyTorch takes for granted that probabilities sum to 1
    dtype = "x"

    def in_torch(
        x: Tensor, target: Tensor, lengths: Any, target_lengths: Any, blank: Int = 0, reduction: Str = "mean",
        finite: Flag = False,
    ):  # fmt: skip
        return spellings(
            F.ctc_loss(x, target, lengths, target_lengths, blank=blank, reduction=reduction, zero_infinity=finite),
        )

    def in_tensorflow(
        x: Tensor, target: Tensor, lengths: Any, target_lengths: Any, blank: Int = 0, reduction: Str = "mean",
        finite: Flag = False,
    ):  # fmt: skip
        if rank(x) == 3 and rank(target) == 2:
            return ctc_loss(x, target, lengths, target_lengths, blank=blank, reduction=reduction, zero_infinity=finite)
        return refuse("TensorFlow wants a batch of targets of one length each: pad them")

    def rank(x, target, lengths, target_lengths, blank, reduction, finite):
        if reduction == "none":
            return 1
        return 0

    samples = cases(
        x=floats(6, 2, 4), target=ints(2, 3, low=1, high=4), lengths=[(6, 5)], target_lengths=[(3, 2)],
        reduction=["mean", "sum", "none"],
    )  # fmt: skip
