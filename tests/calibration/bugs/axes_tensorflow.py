"""An axis, a layout or an order is another in the twin. In TensorFlow."""

import keras
import tensorflow as tf


def softmax_axis(x):
    return tf.nn.softmax(x)


def running_sum_axis(x):
    return tf.cumsum(x)


def reshaped_for_transposed(x):
    return tf.reshape(x, [4, 6])


def heads_taken_apart(x):
    return tf.reshape(tf.reshape(x, [2, 2, 4, 4]), [2, 2, 16])


def pixel_shuffle(x):
    out = tf.nn.depth_to_space(tf.transpose(x, [0, 2, 3, 1]), 2)
    return tf.transpose(out, [0, 3, 1, 2])


def flattened_image(x, w):
    return tf.matmul(tf.reshape(tf.transpose(x, [0, 2, 3, 1]), [-1, 48]), w)


def repeated(x):
    return tf.repeat(x, 2)


def largest_first(x):
    return tf.sort(x, axis=1)


def spectral_norm(x):
    return tf.norm(x, ord=2)


def product_order(x, y):
    return tf.matmul(y, x)


def taken_along_rows(x, ids):
    return tf.gather(x[0], ids)


def rolled(x):
    return tf.roll(x, -1, axis=0)


def lower_triangle(x):
    return tf.linalg.band_part(x, 0, -1)


def halves_swapped(x):
    a, b = tf.split(x, 2, axis=1)
    return tf.concat([b * 2, a], axis=1)


def layer_norm_axes(x):
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-5)


class GateOrder(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = keras.layers.Dense(12)

    def call(self, x):
        z, r, n = tf.split(self.inner(x), 3, axis=-1)
        return tf.sigmoid(z) * tf.tanh(tf.sigmoid(r) * n)


class HeadsBeforePositions(keras.Model):
    def __init__(self):
        super().__init__()
        self.qkv = keras.layers.Dense(24)

    def call(self, x):
        q, k, v = (tf.reshape(part, [-1, 6, 2, 4]) for part in tf.split(self.qkv(x), 3, axis=-1))
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * 0.5)
        return tf.reshape(tf.matmul(weights, v), [-1, 6, 8])


def channel_axis_of_batch_norm(x, weight, bias):
    mean, variance = tf.nn.moments(x, [0, 1, 2], keepdims=True)
    y = (x - mean) * tf.math.rsqrt(variance + 1e-5)
    return y * weight[:, None, None] + bias[:, None, None]
