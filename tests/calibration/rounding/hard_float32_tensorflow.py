"""Code that rounds to float32 in ways that the float64 run cannot reach, in TensorFlow. Counted separately."""

import struct

import numpy as np
import tensorflow as tf


def through_numpy(x):
    narrow = np.asarray(x.numpy(), dtype=np.float32)
    return tf.reduce_sum(tf.convert_to_tensor(np.tanh(narrow)), axis=1)


def stack_of_exact_gelus(x, w):
    for _ in range(5):
        x = 0.3 * tf.nn.gelu(tf.matmul(x, w), approximate=False)
    return x


def stack_of_leaky_relus(x, w):
    for _ in range(5):
        x = 0.3 * tf.nn.leaky_relu(tf.matmul(x, w), alpha=0.2)
    return x


def resized(x):
    out = tf.image.resize(tf.transpose(x, [0, 2, 3, 1]), [16, 16], method="bilinear")
    return tf.transpose(out, [0, 3, 1, 2])


def packed_as_float32(x):
    values = struct.unpack("12f", struct.pack("12f", *x.numpy().tolist()))
    return tf.cumsum(tf.constant(values))


def scaled_by_a_numpy_constant(x):
    scale = float(np.float32(0.1))
    return scale * tf.reduce_sum(x, axis=1)


def half_precision_inside(x):
    return 0.5 * tf.reduce_sum(tf.cast(tf.cast(x, tf.float16), tf.float32), axis=1)


def norm_in_float32(x):
    wide = tf.raw_ops.Cast(x=x, DstT=1)
    return tf.cast(wide * tf.math.rsqrt(tf.reduce_mean(tf.square(wide), axis=-1, keepdims=True) + 1e-6), x.dtype)
