"""Bags of embeddings: rows of a table, reduced for each bag."""

import keras
import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def embedding_bag(ids, table, offsets=None, mode="mean", weights=None, whole=False, padding=None):
    """The rows of each bag averaged, summed or the largest; bags begin at `offsets`, or are the rows of ids."""
    if ids.shape.rank == 2:
        bags = tf.repeat(tf.range(tf.shape(ids)[0]), tf.shape(ids)[1])
        n, ids = tf.shape(ids)[0], tf.reshape(ids, [-1])
    else:
        offsets = offsets[:-1] if whole else offsets
        bags = tf.searchsorted(offsets, tf.range(tf.shape(ids)[0], dtype=offsets.dtype), side="right") - 1
        n = tf.shape(offsets)[0]
    rows = tf.gather(table, ids)
    rows = rows if weights is None else rows * tf.reshape(weights, [-1, 1])
    counted = tf.ones_like(ids, tf.bool) if padding is None else ids != padding % table.shape[0]
    count = tf.math.unsorted_segment_sum(tf.cast(counted, rows.dtype), bags, n)[:, None]
    if mode == "max":
        largest = tf.math.unsorted_segment_max(tf.where(counted[:, None], rows, rows.dtype.min), bags, n)
        return tf.where(count > 0, largest, 0)
    total = tf.math.unsorted_segment_sum(tf.where(counted[:, None], rows, 0), bags, n)
    return total / tf.maximum(count, 1) if mode == "mean" else total


@helper
class EmbeddingBag(keras.layers.Layer):
    """A table of embeddings, whose rows are reduced for each bag of ids."""

    def __init__(self, rows, width, mode="mean", whole=False, padding=None):
        super().__init__()
        self.weight = self.add_weight(shape=(rows, width), initializer="random_normal", name="weight")
        self.mode, self.whole, self.padding = mode, whole, padding

    def call(self, ids, offsets=None, weights=None):
        return embedding_bag(ids, self.weight.value, offsets, self.mode, weights, self.whole, self.padding)


class EmbeddingBagFunction(Equivalence):
    """Rows of a table, reduced for each bag of ids."""

    one_way = "torch"
    dtype = "table"

    def in_torch(
        ids: Tensor, table: Tensor, offsets: Tensor = Absent, mode: Str = "mean", weights: Tensor = Absent,
        whole: Flag = False, padding: Int = Absent,
    ):  # fmt: skip
        return F.embedding_bag(
            ids, table, offsets=offsets, mode=mode, per_sample_weights=weights, include_last_offset=whole,
            padding_idx=padding,
        )  # fmt: skip

    def in_tensorflow(
        ids: Tensor, table: Tensor, offsets: Tensor = Absent, mode: Str = "mean", weights: Tensor = Absent,
        whole: Flag = False, padding: Int = Absent,
    ):  # fmt: skip
        return embedding_bag(ids, table, offsets=offsets, mode=mode, weights=weights, whole=whole, padding=padding)

    def rank(ids, table, offsets, mode, weights, whole, padding):
        return 2

    samples = (
        cases(ids=ints(3, 4, high=6), table=floats(6, 2), mode=[Absent, "sum", "max"], padding=[Absent, 2])
        + cases(ids=ints(3, 4, high=6), table=floats(6, 2), mode="sum", weights=floats(3, 4))
        + cases(ids=ints(6, high=6), table=floats(6, 2), offsets=ints(1, high=1), mode=[Absent, "sum"])
    )


class EmbeddingBagLayer(LayerEquivalence):
    """A table of embeddings whose rows are reduced for each bag of ids."""

    one_way = "torch"
    dtype = "float"
    inputs = (1, 2)
    weights = {"weight": at("weight")}

    def in_torch(rows: Int, width: Int, mode: Str = "mean", whole: Flag = False, padding: Int = Absent):
        return nn.EmbeddingBag(rows, width, mode=mode, include_last_offset=whole, padding_idx=padding)

    def in_tensorflow(rows: Int, width: Int, mode: Str = "mean", whole: Flag = False, padding: Int = Absent):
        return EmbeddingBag(rows, width, mode=mode, whole=whole, padding=padding)

    samples = cases(rows=6, width=2, mode=[Absent, "sum", "max"], call=ints(3, 4, high=6)) + cases(
        rows=6, width=2, mode="sum", call=(ints(6, high=6), ints(1, high=1))
    )
