"""Embeddings."""

import keras
import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class PaddedEmbedding(keras.layers.Embedding):
    """An embedding whose row ``padding`` starts at zero and is not trained."""

    def __init__(self, rows, width, padding):
        super().__init__(rows, width)
        self.padding = padding % rows

    def build(self, shape=None):
        super().build(shape)
        self._embeddings.assign(self._embeddings * (1 - tf.one_hot([self.padding], self.input_dim, axis=0)))

    def call(self, ids):
        rows = super().call(ids)
        return tf.where((ids == self.padding)[..., None], tf.stop_gradient(rows), rows)


class Embedding(LayerEquivalence):
    """One row of a table for each index. Keras has no row that is left out of training."""

    reads = {"num_embeddings": "input_dim", "embedding_dim": "output_dim"}
    width = "width"
    more_axes = 1
    weights = {"weight": at("embeddings")}

    def in_torch(rows: Int, width: Int, padding: Int = Absent):
        return nn.Embedding(rows, width, padding_idx=padding)

    def in_tensorflow(rows, width, padding=Absent):
        if not given(padding) or padding is None:
            return keras.layers.Embedding(rows, width)
        return PaddedEmbedding(rows, width, padding)

    samples = cases(rows=10, width=4, padding=[Absent, 0, -1], call=[ints(3), ints(2, 5)])


class EmbeddingFunction(Equivalence):
    """One row of a given table for each index."""

    dtype = "table"

    def in_torch(ids: Tensor, table: Tensor):
        return F.embedding(ids, table)

    def in_tensorflow(ids: Tensor, table: Tensor):
        return tf.nn.embedding_lookup(table, ids)

    def rank(ids, table):
        return rank(ids) + 1

    samples = cases(ids=[ints(3), ints(2, 5)], table=floats(10, 4))
