"""The loss of target sequences that are not aligned with the input (connectionist temporal classification)."""

import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def ctc_loss(log_probs, target, lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """The loss of target sequences, (batch, length) or joined, without an alignment, from (time, batch, classes)."""
    single = log_probs.shape.rank == 2
    if single:
        log_probs, target = log_probs[:, None], target[None]
    lengths, target_lengths = (tf.reshape(tf.cast(v, tf.int32), [-1]) for v in (lengths, target_lengths))
    if target.shape.rank == 1:
        target = tf.RaggedTensor.from_row_lengths(target, target_lengths).to_tensor()
    logits = tf.cast(log_probs, tf.float32)
    losses = tf.nn.ctc_loss(tf.cast(target, tf.int32), logits, target_lengths, lengths, blank_index=blank)
    losses = tf.cast(losses, log_probs.dtype)
    used = tf.transpose(tf.sequence_mask(lengths, tf.shape(log_probs)[0], log_probs.dtype))
    losses -= tf.stop_gradient(tf.reduce_sum(used * tf.reduce_logsumexp(log_probs, -1), 0))  # TensorFlow normalises
    losses = tf.where(tf.math.is_inf(losses), tf.zeros_like(losses), losses) if zero_infinity else losses
    if reduction == "mean":
        return tf.reduce_mean(losses / tf.cast(tf.maximum(target_lengths, 1), losses.dtype))
    losses = losses[0] if single else losses
    return tf.reduce_sum(losses) if reduction == "sum" else losses


class CtcLossFunction(Equivalence):
    """The loss of target sequences without an alignment; TensorFlow normalises the probabilities once more."""

    one_way = "torch"
    gradient = False  # PyTorch takes for granted that probabilities sum to 1
    dtype = "x"
    tolerance = 1e-6

    def in_torch(
        x: Tensor, target: Tensor, lengths: Any, target_lengths: Any, blank: Int = 0, reduction: Str = "mean",
        finite: Flag = False,
    ):  # fmt: skip
        return F.ctc_loss(x, target, lengths, target_lengths, blank=blank, reduction=reduction, zero_infinity=finite)

    def in_tensorflow(
        x: Tensor, target: Tensor, lengths: Any, target_lengths: Any, blank: Int = 0, reduction: Str = "mean",
        finite: Flag = False,
    ):  # fmt: skip
        return ctc_loss(x, target, lengths, target_lengths, blank=blank, reduction=reduction, zero_infinity=finite)

    def rank(x, target, lengths, target_lengths, blank, reduction, finite):
        if reduction == "none":
            return rank(x) - 2
        return 0

    samples = (
        cases(
            x=floats(6, 2, 4), target=ints(2, 3, low=1, high=4), lengths=[(6, 5)], target_lengths=[(3, 2)],
            reduction=["mean", "sum", "none"],
        )
        + cases(x=floats(6, 2, 4), target=ints(5, low=1, high=4), lengths=[(6, 5)], target_lengths=[(3, 2)])
        + cases(x=floats(6, 4), target=ints(2, low=1, high=4), lengths=[(6,)], target_lengths=[(2,)])
    )  # fmt: skip


class CTCLoss(LayerEquivalence):
    """The object of the loss of target sequences without an alignment."""

    one_way = "torch"
    gradient = False  # PyTorch takes for granted that probabilities sum to 1
    inputs = 4

    def in_torch(blank: Int = 0, reduction: Str = "mean", finite: Flag = False):
        return nn.CTCLoss(blank=blank, reduction=reduction, zero_infinity=finite)

    def in_tensorflow(blank: Int = 0, reduction: Str = "mean", finite: Flag = False):
        return lambda x, target, lengths, target_lengths: ctc_loss(
            x, target, lengths, target_lengths, blank=blank, reduction=reduction, zero_infinity=finite
        )

    samples = cases(
        reduction=[Absent, "sum", "none"],
        call=(floats(6, 2, 4), ints(2, 3, low=1, high=4), ints(2, low=5, high=6), ints(2, low=2, high=3)),
    )
