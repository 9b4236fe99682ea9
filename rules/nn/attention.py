"""Attention."""

import keras
import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def attend(query, key, value, mask=None, dropout=0.0, is_causal=False, scale=None):
    """Scaled dot-product attention over (..., length, width). A boolean mask says where to attend, a float one is added."""
    scores = tf.matmul(query, key, transpose_b=True) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        mask = tf.linalg.band_part(tf.ones(tf.shape(scores)[-2:], tf.bool), -1, 0)
    if mask is not None:
        scores = tf.where(mask, scores, -float("inf")) if mask.dtype == tf.bool else scores + mask
    seen = tf.reduce_max(scores, axis=-1, keepdims=True) > -float("inf")
    weights = tf.where(seen, tf.nn.softmax(tf.where(seen, scores, 0.0)), 0.0)
    return tf.matmul(tf.nn.dropout(weights, dropout) if dropout else weights, value)


@helper
def attend_to_all(query, key, value):
    """Scaled dot-product attention over (..., length, width), without a mask."""
    return tf.matmul(tf.nn.softmax(tf.matmul(query, key, transpose_b=True) * query.shape[-1] ** -0.5), value)


class ScaledDotProductAttention(Equivalence):
    """softmax(q k^T / sqrt(width)) v. Keras' attention wants the heads after the time and drops out on its own."""

    dtype = "q"

    def in_torch(
        q: Tensor, k: Tensor, v: Tensor, mask: Tensor = Absent, dropout: Float = 0.0, is_causal: Flag = False,
        scale: Float = Absent,
    ):  # fmt: skip
        return F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, dropout_p=dropout, is_causal=is_causal, scale=scale
        )

    def in_tensorflow(
        q: Tensor, k: Tensor, v: Tensor, mask: Tensor = Absent, dropout: Float = 0.0, is_causal: Flag = False,
        scale: Float = Absent,
    ):  # fmt: skip
        if not given(mask) and dropout == 0 and is_causal is False and not given(scale):
            return attend_to_all(q, k, v)
        return general(attend(q, k, v, mask=mask, dropout=dropout, is_causal=is_causal, scale=scale))

    def rank(q, k, v, mask, dropout, is_causal, scale):
        return rank(q)

    samples = (
        cases(q=floats(2, 3, 5, 4), k=floats(2, 3, 5, 4), v=floats(2, 3, 5, 4), is_causal=[False, True])
        + cases(q=floats(2, 3, 4), k=floats(2, 5, 4), v=floats(2, 5, 6), mask=[floats(3, 5), bools(2, 3, 5)])
        + cases(q=floats(2, 3, 4), k=floats(2, 5, 4), v=floats(2, 5, 4), is_causal=True, scale=0.7)
    )
