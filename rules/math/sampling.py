"""Distributions to draw from and to score with, as ``torch.distributions`` has them."""

import math

import tensorflow as tf

from diptych.catalog.language import *


@helper
class Categorical:
    """Numbers of classes, by probabilities or by logits of the last axis."""

    def __init__(self, probs=None, logits=None):
        if probs is None:
            self.logits = logits - tf.reduce_logsumexp(logits, axis=-1, keepdims=True)
            self.probs = tf.nn.softmax(logits, axis=-1)
        else:
            self.probs = probs / tf.reduce_sum(probs, axis=-1, keepdims=True)
            smallest = tf.experimental.numpy.finfo(self.probs.dtype.as_numpy_dtype).eps
            self.logits = tf.math.log(tf.clip_by_value(self.probs, smallest, 1 - smallest))

    def sample(self, sample_shape=()):
        number, shape = math.prod(sample_shape), tf.shape(self.logits)
        flat = tf.random.categorical(tf.reshape(self.logits, (-1, shape[-1])), number)
        return tf.reshape(tf.transpose(flat), tf.concat([tf.cast(sample_shape, tf.int32), shape[:-1]], 0))

    def log_prob(self, value):
        shape = tf.broadcast_dynamic_shape(tf.shape(value), tf.shape(self.logits)[:-1])
        logits = tf.broadcast_to(self.logits, tf.concat([shape, tf.shape(self.logits)[-1:]], 0))
        index = tf.cast(tf.broadcast_to(value, shape), tf.int64)
        return tf.gather(logits, index, batch_dims=len(logits.shape) - 1)

    def entropy(self):
        return -tf.reduce_sum(self.probs * tf.maximum(self.logits, self.logits.dtype.min), axis=-1)


@helper
class Normal:
    """Normally distributed numbers."""

    def __init__(self, loc, scale):
        self.loc, self.scale = tf.convert_to_tensor(loc), tf.convert_to_tensor(scale)
        self.mean, self.stddev, self.variance = self.loc, self.scale, self.scale**2

    def rsample(self, sample_shape=()):
        shape = tf.broadcast_dynamic_shape(tf.shape(self.loc), tf.shape(self.scale))
        drawn = tf.random.normal(tf.concat([tf.cast(sample_shape, tf.int32), shape], 0), dtype=self.loc.dtype)
        return self.loc + drawn * self.scale

    def sample(self, sample_shape=()):
        return tf.stop_gradient(self.rsample(sample_shape))

    def log_prob(self, value):
        away = (value - self.loc) ** 2 / (2 * self.scale**2)
        return -away - tf.math.log(self.scale) - math.log(math.sqrt(2 * math.pi))

    def entropy(self):
        return 0.5 + 0.5 * math.log(2 * math.pi) + tf.math.log(self.scale) + tf.zeros_like(self.loc)


@helper
class Bernoulli:
    """Zeros and ones, by the probability of one or by its logit."""

    def __init__(self, probs=None, logits=None):
        if probs is None:
            self.logits, self.probs = logits, tf.sigmoid(logits)
        else:
            smallest = tf.experimental.numpy.finfo(probs.dtype.as_numpy_dtype).eps
            within = tf.clip_by_value(probs, smallest, 1 - smallest)
            self.probs, self.logits = probs, tf.math.log(within) - tf.math.log1p(-within)

    def sample(self, sample_shape=()):
        shape = tf.concat([tf.cast(sample_shape, tf.int32), tf.shape(self.probs)], 0)
        return tf.cast(tf.random.uniform(shape, dtype=self.probs.dtype) < self.probs, self.probs.dtype)

    def log_prob(self, value):
        return -tf.nn.sigmoid_cross_entropy_with_logits(tf.broadcast_to(value, tf.shape(self.logits)), self.logits)

    def entropy(self):
        return tf.nn.sigmoid_cross_entropy_with_logits(self.probs, self.logits)
