"""Ill-conditioned computations, in TensorFlow: small changes of the input move the result a lot."""

import math

import tensorflow as tf


def solution_of_equations(a, b):
    return tf.linalg.solve(a, b)


def determinant(a):
    sign, logarithm = tf.linalg.slogdet(a + 3 * tf.eye(9))
    return sign * tf.exp(logarithm)


def inverse_times_itself(a):
    return tf.linalg.solve(a, tf.transpose(a))


def softmax_of_large_logits(x):
    return tf.exp(tf.nn.log_softmax(50 * x))


def variance_far_from_zero(x):
    y = x + 1000
    gap = y - tf.reduce_mean(y, axis=1, keepdims=True)
    return tf.reduce_sum(gap * gap, axis=1) / 39


def squared_distances(x, y):
    return tf.reduce_sum(tf.math.squared_difference(tf.expand_dims(x, 1), tf.expand_dims(y, 0)), axis=-1)


def cholesky_solution(a, b):
    m = tf.matmul(a, a, transpose_b=True) + 0.1 * tf.eye(6)
    return tf.linalg.solve(m, b)


def tangent(x):
    return tf.sin(x) / tf.cos(x)


def log_sigmoid(x):
    return tf.minimum(x, 0.0) - tf.math.log1p(tf.exp(-tf.abs(x)))


def soft_plus(x):
    return tf.reduce_logsumexp(tf.stack([x, tf.zeros_like(x)]), axis=0)


def stable_quadratic_root(b, c):
    d = tf.sqrt(b**2 + c**2)
    return tf.where(b > 0, -(b + d), d - b)


def angle_of_a_vector(x):
    return tf.atan(tf.sin(x) / (2 + tf.cos(x)))


def centred_sum(x):
    mean = tf.reduce_sum(x, axis=1, keepdims=True) / 30
    return tf.reduce_sum(x - mean, axis=1)


def log_gamma_ratio(x):
    return tf.math.lgamma(0.5 + x) - tf.math.lgamma(x)


def difference_of_squares(x, y):
    return (y + x) * (x - y)


def half_angle(x):
    return 2 * tf.sin(x / 2) ** 2


def standardised_with_tiny_spread(x, scale):
    y = 100 + 0.01 * x
    mean, variance = tf.nn.moments(y, [0])
    return (y - mean) * scale / tf.maximum(tf.sqrt(variance), 1e-3)


def entropy_of_rare_events(x):
    nats = -x * tf.math.log(x) - (1 - x) * tf.math.log1p(-x)
    return nats / math.log(2.0)
