"""A name that looks the same means something else in the twin. In TensorFlow."""

import keras
import tensorflow as tf


def remainder_of_negatives(x):
    return tf.math.mod(x, 2.0)


def division_of_negatives(x):
    return x // 4


def rounded_to_digits(x):
    return tf.round(x * 0.123 * 10) / 10


def padding_at_stride_two(x, w):
    out = tf.nn.conv2d(tf.transpose(x, [0, 2, 3, 1]), tf.transpose(w, [2, 3, 1, 0]), 2, "SAME")
    return tf.transpose(out, [0, 3, 1, 2])


def pooling_at_stride_two(x):
    out = tf.nn.max_pool2d(tf.transpose(x, [0, 2, 3, 1]), 3, 2, "SAME")
    return tf.transpose(out, [0, 3, 1, 2])


def average_with_padding(x):
    out = tf.nn.avg_pool2d(tf.transpose(x, [0, 2, 3, 1]), 3, 1, "SAME")
    return tf.transpose(out, [0, 3, 1, 2])


def corners_aligned(x):
    out = tf.image.resize(tf.transpose(x, [0, 2, 3, 1]), [9, 9])
    return tf.transpose(out, [0, 3, 1, 2])


def nearest_pixel(x):
    out = tf.image.resize(tf.transpose(x, [0, 2, 3, 1]), [8, 9], "nearest")
    return tf.transpose(out, [0, 3, 1, 2])


def bicubic(x):
    out = tf.image.resize(tf.transpose(x, [0, 2, 3, 1]), [9, 9], "bicubic")
    return tf.transpose(out, [0, 3, 1, 2])


def logits_for_probabilities(x, y):
    return keras.losses.SparseCategoricalCrossentropy()(y, x)


def order_of_loss_arguments(x, y):
    return keras.losses.BinaryCrossentropy()(x, y)


def mean_of_divergence(x, y):
    p = tf.nn.softmax(y)
    return tf.reduce_mean(p * (tf.math.log(p) - tf.nn.log_softmax(x)))


def poisson_of_logarithms(x, y):
    return keras.losses.Poisson()(y, x)


def bins(x):
    return tf.cast(tf.searchsorted([-1.0, 0.0, 1.0], tf.round(x), side="right"), tf.int64)


def added_where_ids_repeat(x, ids):
    return tf.tensor_scatter_nd_update(tf.zeros([8], x.dtype), ids[:, None], x[:5])


def masked(x, mask):
    return tf.where(mask, x, -1.0)


def mask_of_attention(x, mask):
    scores = tf.matmul(x, x, transpose_b=True)
    return tf.matmul(tf.nn.softmax(tf.where(mask, scores, -1e4)), x)


def causal_mask_with_diagonal(x):
    allowed = tf.linalg.band_part(tf.ones([5, 5]), -1, 0) - tf.eye(5) * tf.constant([0.0, 1, 1, 1, 1])
    return tf.nn.softmax(tf.where(allowed > 0, x, -float("inf")))


def sign_with_zero(x):
    return tf.where(x >= 0, tf.ones_like(x), -tf.ones_like(x))


def heaviside_at_zero(x):
    return tf.cast(x > 0, x.dtype)


def padded_by_reflection(x):
    return tf.pad(x, [[0, 0], [2, 2]], mode="SYMMETRIC")


def unique_in_order(x):
    return tf.unique(tf.round(x))[0]


def negative_cosine(x):
    return keras.losses.CosineSimilarity()(x, tf.roll(x, 1, axis=0))
