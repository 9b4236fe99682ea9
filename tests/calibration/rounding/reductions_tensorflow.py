"""Reductions, in TensorFlow: the same numbers, added by other roads."""

import tensorflow as tf


def total(x):
    return tf.reduce_sum(tf.reduce_sum(x, axis=0))


def mean_over_two_axes(x):
    return tf.reduce_mean(tf.reduce_mean(x, axis=2), axis=1)


def product(x):
    return tf.exp(tf.reduce_sum(tf.math.log(x), axis=1))


def euclidean_norm(x):
    return tf.sqrt(tf.linalg.diag_part(tf.matmul(x, x, transpose_b=True)))


def running_sum(x):
    upper = tf.linalg.band_part(tf.ones([64, 64], x.dtype), 0, -1)
    return tf.matmul(x, upper)


def trace_of_product(a, b):
    return tf.reduce_sum(a * tf.transpose(b))


def weighted_mean(x, w):
    return tf.reduce_sum(x * (w / tf.reduce_sum(w, axis=1, keepdims=True)), axis=1)


def covariance(x):
    centred = x - tf.reduce_mean(x, axis=0)
    return tf.matmul(centred, centred, transpose_a=True) / 29


def correlation(x):
    centred = x - tf.reduce_mean(x, axis=0)
    unit = centred / tf.norm(centred, axis=0)
    return tf.clip_by_value(tf.matmul(unit, unit, transpose_a=True), -1.0, 1.0)


def sums_by_group(x, groups):
    return tf.matmul(tf.one_hot(groups, 5, dtype=x.dtype), x, transpose_a=True)


def pooled(x):
    return tf.reduce_mean(tf.reshape(x, [-1, 4, 4, 3, 4, 3]), axis=[3, 5])


def divergence(x, y):
    p = tf.nn.softmax(y)
    return tf.reduce_mean(tf.reduce_sum(p * (tf.nn.log_softmax(y) - tf.nn.log_softmax(x)), axis=1))


def standard_deviation(x):
    return tf.math.reduce_std(x, axis=1) * (40 / 39) ** 0.5


def sum_of_the_largest(x):
    return tf.reduce_sum(tf.sort(x, axis=1)[:, -7:], axis=1)


def smooth_l1(x, y):
    gap = tf.abs(x - y)
    return tf.reduce_mean(tf.where(gap < 0.5, gap * gap, gap - 0.25))


def batch_norm_of_a_batch(x, weight, bias):
    mean, variance = tf.nn.moments(x, [0, 2, 3], keepdims=True)
    weight, bias = tf.reshape(weight, [1, 6, 1, 1]), tf.reshape(bias, [1, 6, 1, 1])
    return (x - mean) / tf.sqrt(variance + 1e-5) * weight + bias


def group_norm(x, weight, bias):
    y = tf.reshape(x, [-1, 2, 80])
    y = y - tf.reduce_mean(y, axis=-1, keepdims=True)
    y = y * tf.math.rsqrt(tf.reduce_mean(y * y, axis=-1, keepdims=True) + 1e-5)
    return tf.reshape(y, [-1, 8, 20]) * weight[:, None] + bias[:, None]


def centre_of_mass(x):
    return tf.linalg.matvec(tf.nn.softmax(x), tf.range(30.0))
