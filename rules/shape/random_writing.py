"""Random numbers written over the elements of a tensor."""

import math

import tensorflow as tf
import torch

from diptych.catalog.language import *


class FillNormal(Equivalence):
    """Normally distributed numbers."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, mean: Number = 0.0, std: Number = 1.0):
        return x.normal_(mean, std)

    def in_tensorflow(x: Tensor, mean: Number = 0.0, std: Number = 1.0):
        return tf.random.normal(tf.shape(x), mean, std, dtype=x.dtype)

    def rank(x, mean, std):
        return rank(x)

    samples = cases(x=floats(3, 4), mean=[Absent, 1.0], std=[Absent, 0.02])


class FillUniform(Equivalence):
    """Numbers drawn evenly between two bounds."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, low: Number = 0.0, high: Number = 1.0):
        return x.uniform_(low, high)

    def in_tensorflow(x: Tensor, low: Number = 0.0, high: Number = 1.0):
        return tf.random.uniform(tf.shape(x), low, high, dtype=x.dtype)

    def rank(x, low, high):
        return rank(x)

    samples = cases(x=floats(3, 4), low=[Absent, -1.0], high=[Absent, 2.0])


class FillCauchy(Equivalence):
    """Numbers with the Cauchy distribution, which TensorFlow does not draw: the tangent of an even angle."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, median: Number = 0.0, sigma: Number = 1.0):
        return x.cauchy_(median, sigma)

    def in_tensorflow(x: Tensor, median: Number = 0.0, sigma: Number = 1.0):
        return median + sigma * tf.tan(math.pi * (tf.random.uniform(tf.shape(x), dtype=x.dtype) - 0.5))

    def rank(x, median, sigma):
        return rank(x)

    samples = cases(x=floats(3, 4), median=[Absent, 1.0], sigma=[Absent, 0.5])


class FillExponential(Equivalence):
    """Numbers with the exponential distribution, which TensorFlow does not draw: a logarithm of even ones."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, lambd: Number = 1.0):
        return x.exponential_(lambd)

    def in_tensorflow(x: Tensor, lambd: Number = 1.0):
        return -tf.math.log1p(-tf.random.uniform(tf.shape(x), dtype=x.dtype)) / lambd

    def rank(x, lambd):
        return rank(x)

    samples = cases(x=floats(3, 4), lambd=[Absent, 0.5])


class FillGeometric(Equivalence):
    """How many trials there are up to the first success, at least one: a logarithm of even numbers."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, p: Number):
        return x.geometric_(p)

    def in_tensorflow(x: Tensor, p: Number):
        return tf.cast(1 + tf.math.log1p(-tf.random.uniform(tf.shape(x), dtype=tf.float64)) // math.log1p(-p), x.dtype)

    def rank(x, p):
        return rank(x)

    samples = cases(x=[floats(3, 4), ints(5)], p=0.2)


class FillLogNormal(Equivalence):
    """Numbers whose logarithms are normally distributed."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, mean: Number = 1.0, std: Number = 2.0):
        return x.log_normal_(mean, std)

    def in_tensorflow(x: Tensor, mean: Number = 1.0, std: Number = 2.0):
        return tf.exp(tf.random.normal(tf.shape(x), mean, std, dtype=x.dtype))

    def rank(x, mean, std):
        return rank(x)

    samples = cases(x=floats(3, 4), mean=[Absent, 0.0], std=[Absent, 0.25])


class FillBernoulli(Equivalence):
    """1 with a probability, of its own for each element where it is a tensor, else 0."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, p: Operand = 0.5):
        return x.bernoulli_(p)

    def in_tensorflow(x: Tensor, p: Operand = 0.5):
        if is_number(p):
            return tf.cast(tf.random.uniform(tf.shape(x)) < p, x.dtype)
        return general(tf.cast(tf.random.uniform(tf.shape(x), dtype=p.dtype) < p, x.dtype))

    def rank(x, p):
        return rank(x)

    samples = cases(x=[floats(3, 4), ints(5)], p=[Absent, 0.2]) + cases(x=floats(3, 4), p=drawn(3, 4))


class FillIntegers(Equivalence):
    """Integers from 0 up to a bound."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, high: Int):
        return x.random_(high)

    def in_tensorflow(x: Tensor, high: Int):
        return tf.cast(tf.random.uniform(tf.shape(x), maxval=high, dtype=tf.int64), x.dtype)

    def rank(x, high):
        return rank(x)

    samples = cases(x=[floats(3, 4), ints(5)], high=9)


class FillIntegersBetween(Equivalence):
    """Integers from one bound up to another."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, low: Int, high: Int):
        return x.random_(low, high)

    def in_tensorflow(x: Tensor, low: Int, high: Int):
        return tf.cast(tf.random.uniform(tf.shape(x), low, high, dtype=tf.int64), x.dtype)

    def rank(x, low, high):
        return rank(x)

    samples = cases(x=[floats(3, 4), ints(5)], low=2, high=9)


class DrawByProbability(Equivalence):
    """1 with one probability in every place, else 0."""

    random = True
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, p: Number):
        return spellings(torch.bernoulli(x, p), x.bernoulli(p))

    def in_tensorflow(x: Tensor, p: Number):
        return tf.cast(tf.random.uniform(tf.shape(x)) < p, x.dtype)

    def rank(x, p):
        return rank(x)

    samples = cases(x=[floats(3, 4), ints(5)], p=0.2)
