"""The twin is right and rounds far worse. In TensorFlow, the inaccurate side."""

import tensorflow as tf


def variance_by_squares(x):
    return tf.reduce_mean(x * x, axis=-1) - tf.reduce_mean(x, axis=-1) ** 2


def logarithm_near_one(x):
    return tf.math.log(1.0 + x)


def exponential_near_zero(x):
    return tf.exp(x) - 1.0


def distances_by_products(x, y):
    squares = tf.reduce_sum(x * x, 1)[:, None] + tf.reduce_sum(y * y, 1)[None]
    return squares - 2 * tf.matmul(x, y, transpose_b=True)


def one_minus_cosine(x):
    return 1.0 - tf.cos(x)


def deviation_by_squares(x):
    x = x + 30 + tf.range(60.0) / 20
    return tf.sqrt(tf.reduce_mean(x * x, axis=1) - tf.reduce_mean(x, axis=1) ** 2)


def small_quadratic_root(b, c):
    return (tf.sqrt(b * b + 4 * c) - b) / 2


def sum_in_half_precision(x):
    return tf.cast(tf.reduce_sum(tf.cast(x, tf.float16), axis=1), tf.float32)


def product_in_bfloat16(x, w):
    return tf.cast(tf.matmul(tf.cast(x, tf.bfloat16), tf.cast(w, tf.bfloat16)), tf.float32)


def moving_sum_by_differences(x):
    total = tf.cumsum(x * 100, axis=1)
    return (total[:, 4:] - tf.pad(total[:, :-5], [[0, 0], [1, 0]])) / 100 - 700


def hyperbolic_sine(x):
    return (tf.exp(x) - tf.exp(-x)) / 2


def covariance_by_products(x):
    y = x + 200
    mean = tf.reduce_mean(y, axis=0)
    return (tf.matmul(y, y, transpose_a=True) / 30 - mean[:, None] * mean) * (30 / 29)
