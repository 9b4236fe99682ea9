"""One constant is another in the twin: a default, an epsilon, a factor. In TensorFlow."""

import keras
import tensorflow as tf


def leaky_slope(x):
    return tf.nn.leaky_relu(x)


def layer_norm_epsilon(x):
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-3)


def small_layer_norm_epsilon(x):
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-5)


def tanh_gelu(x):
    return keras.ops.gelu(x)


def softplus_beta(x):
    return tf.nn.softplus(x)


def elu_alpha(x):
    return tf.nn.elu(x)


def old_hard_sigmoid(x):
    return tf.clip_by_value(0.2 * x + 0.5, 0.0, 1.0)


def sample_variance(x):
    return tf.math.reduce_variance(x, axis=1)


def sample_deviation_of_many(x):
    return tf.math.reduce_std(x, axis=1)


def attention_scale(x, w):
    q, k, v = tf.split(tf.matmul(x, w), 3, axis=-1)
    return tf.matmul(tf.nn.softmax(tf.matmul(q, k, transpose_b=True)), v)


def huber_delta(x, y):
    return keras.losses.Huber(delta=0.5)(y, x)


def label_smoothing(x, y):
    target = tf.one_hot(y, 5, dtype=x.dtype) * 0.9 + 0.1 / 4
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(target, x))


def degrees(x):
    return x * (180.0 / 3.14159)


def last_digit_of_a_constant(x):
    return x * 0.70710698


class NormWithKerasEpsilon(keras.Model):
    def __init__(self):
        super().__init__()
        self.norm = keras.layers.LayerNormalization()
        self.out = keras.layers.Dense(4)

    def call(self, x):
        return self.out(self.norm(x))


class DropoutRate(keras.Model):
    def __init__(self):
        super().__init__()
        self.drop = keras.layers.Dropout(0.2)
        self.out = keras.layers.Dense(4)

    def call(self, x, training=False):
        return self.out(self.drop(x, training=training))


def clipped_at_six(x):
    return tf.clip_by_value(x, 0.0, 5.0)


def cosine_epsilon(x, y):
    x, y = x * 1e-9, y * 1e-9
    return tf.reduce_sum(tf.math.l2_normalize(x, axis=1) * tf.math.l2_normalize(y, axis=1), axis=1)
