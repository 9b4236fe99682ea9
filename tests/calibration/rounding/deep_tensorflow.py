"""Deep computations, in TensorFlow: rounding errors grow from layer to layer."""

import tensorflow as tf


def residual_tanh(x, w):
    for _ in range(12):
        x = x + 3 * tf.tanh(tf.matmul(x, w))
    return x


def residual_relu(x, w):
    for _ in range(20):
        x = x + tf.nn.relu(tf.linalg.matmul(x, 0.1 * w))
    return x


def logistic_map(x):
    for _ in range(25):
        x = 3.7 * (x - x * x)
    return x


def newton_square_root(x):
    y = x
    for _ in range(12):
        y = y - (y * y - x) / (2.0 * y)
    return y


def norm_and_gelu(x, w):
    for _ in range(8):
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        y = tf.matmul((x - mean) * tf.math.rsqrt(variance + 1e-5), w)
        x = 0.5 * y * (1.0 + tf.math.erf(y / tf.sqrt(tf.constant(2.0, y.dtype))))
    return x


def attention_stack(x, w):
    for _ in range(4):
        q, k, v = tf.split(tf.einsum("bnc,cd->bnd", x, w), 3, axis=-1)
        weights = tf.nn.softmax(tf.einsum("bnd,bmd->bnm", q, k) * 0.25)
        x = x + 0.1 * tf.einsum("bnm,bmd->bnd", weights, v)
    return x


def polynomial(x):
    terms = [x**k / k for k in range(1, 13)]
    return tf.add_n(terms)


def convolution_stack(x, w):
    x = tf.transpose(x, [0, 2, 3, 1])
    w = tf.transpose(w, [2, 3, 1, 0])
    for _ in range(5):
        x = 0.3 * tf.nn.relu(tf.nn.conv2d(x, w, strides=1, padding="SAME"))
    return tf.transpose(x, [0, 3, 1, 2])


def highway(x, w, v):
    for _ in range(15):
        gate = tf.sigmoid(tf.matmul(x, w))
        x = x + gate * (tf.tanh(tf.matmul(x, v)) - x)
    return x


def running_product(x):
    return tf.exp(tf.cumsum(tf.math.log(x), axis=1))


def power_iteration(m, v):
    for _ in range(20):
        v = tf.linalg.matvec(m, v)
        v = v * tf.math.rsqrt(tf.reduce_sum(v * v))
    return v


def repeated_log_softmax(x):
    for _ in range(6):
        x = 1.5 * x
        x = x - tf.reduce_logsumexp(x, axis=1, keepdims=True)
    return x
