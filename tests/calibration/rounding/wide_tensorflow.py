"""Sums of thousands of terms, in TensorFlow: the order of summation differs."""

import tensorflow as tf


def matrix_product(x, w):
    return tf.reduce_sum(x[:, :, None] * w[None, :, :], axis=1)


def linear_by_parts(x, w, b):
    parts = zip(tf.split(x, 5, axis=1), tf.split(w, 5, axis=1), strict=True)
    return tf.add_n([tf.matmul(a, c, transpose_b=True) for a, c in parts]) + b


def softmax_of_many(x):
    e = tf.exp(x - tf.reduce_max(x, axis=1, keepdims=True))
    return e / tf.reduce_sum(e, axis=1, keepdims=True)


def logsumexp_of_many(x):
    top = tf.stop_gradient(tf.reduce_max(x, axis=1, keepdims=True))
    return tf.math.log(tf.reduce_sum(tf.exp(x - top), axis=1)) + top[:, 0]


def layer_norm_of_many(x):
    mean, variance = tf.nn.moments(x, [1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, None, None, 1e-5)


def cross_entropy_of_many(x, y):
    picked = tf.gather(x, y, axis=1, batch_dims=1)
    return tf.reduce_mean(tf.reduce_logsumexp(x, axis=1) - picked)


def mean_square(x, y):
    return tf.reduce_mean(tf.reduce_mean(tf.math.squared_difference(x, y), axis=0))


def bilinear_form(x, w, y):
    return tf.reduce_sum(tf.matmul(x, w) * y, axis=1)


def long_attention(q, k, v):
    scores = tf.matmul(q, k, transpose_b=True) * 0.25
    return tf.matmul(tf.nn.softmax(scores), v)


def wide_convolution(x, w):
    x = tf.transpose(x, [0, 2, 3, 1])
    out = tf.nn.conv2d(x, tf.transpose(w, [2, 3, 1, 0]), strides=1, padding="VALID")
    return tf.transpose(out, [0, 3, 1, 2])


def cosine(x, y):
    squares = tf.reduce_sum(x * x, axis=1) * tf.reduce_sum(y * y, axis=1)
    return tf.reduce_sum(x * y, axis=1) / tf.sqrt(tf.maximum(squares, 1e-16))


def mean_of_embeddings(ids, table):
    counts = tf.reduce_sum(tf.one_hot(ids, 50, dtype=table.dtype), axis=1)
    return tf.matmul(counts, table) / 200.0
