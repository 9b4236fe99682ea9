"""Random numbers of TensorFlow whose seed stands in the call, or that come from other distributions."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def seeded(seed):
    """A generator that always starts from this seed; its numbers are not TensorFlow's."""
    number = 0
    for part in seed if isinstance(seed, (list, tuple)) else (seed,):
        number = (number * 1000003 + int(part)) % 2**63
    return torch.Generator().manual_seed(number)


class StatelessNormal(Equivalence):
    """Normal numbers that a seed in the call settles: the same at each call, though not TensorFlow's."""

    one_way = "tensorflow"
    random = True
    dtype = "float32"

    def in_torch(shape: Shape, seed: Any, mean: Number = 0.0, std: Number = 1.0):
        return mean + std * torch.randn(shape, generator=seeded(seed))

    def in_tensorflow(shape: Shape, seed: Any, mean: Number = 0.0, std: Number = 1.0):
        return tf.random.stateless_normal(shape, seed, mean=mean, stddev=std)

    def rank(shape, seed, mean, std):
        return len(shape)

    samples = cases(shape=[(3, 4)], seed=[(1, 2)], mean=[Absent, 1.0], std=[Absent, 2.0])


class StatelessUniform(Equivalence):
    """Uniform numbers that a seed in the call settles: the same at each call, though not TensorFlow's."""

    one_way = "tensorflow"
    random = True
    dtype = "float32"

    def in_torch(shape: Shape, seed: Any, low: Number = 0, high: Number = 1):
        return low + (high - low) * torch.rand(shape, generator=seeded(seed))

    def in_tensorflow(shape: Shape, seed: Any, low: Number = 0, high: Number = 1):
        return tf.random.stateless_uniform(shape, seed, minval=low, maxval=high)

    def rank(shape, seed, low, high):
        return len(shape)

    samples = cases(shape=[(3, 4)], seed=[(1, 2)], low=[Absent, -1.0], high=[1.0, 2.0])


class RandomPoisson(Equivalence):
    """Numbers of events at one mean rate."""

    one_way = "tensorflow"
    random = True
    dtype = "float32"

    def in_torch(shape: Shape, rate: Number):
        return torch.poisson(torch.full(shape, float(rate)))

    def in_tensorflow(shape: Shape, rate: Number):
        return tf.random.poisson(shape, rate)

    def rank(shape, rate):
        return len(shape)

    samples = cases(shape=[(3, 4)], rate=[2.0])


@helper
def gamma_numbers(shape, alpha, beta=1.0):
    """Gamma numbers of a shape parameter and a rate."""
    return torch.distributions.Gamma(alpha, beta).sample(shape)


class RandomGamma(Equivalence):
    """Gamma numbers of one shape and rate."""

    one_way = "tensorflow"
    random = True
    dtype = "float32"

    def in_torch(shape: Shape, alpha: Float, beta: Float = 1.0):
        return gamma_numbers(shape, alpha, beta=beta)

    def in_tensorflow(shape: Shape, alpha: Float, beta: Float = 1.0):
        if beta == 1.0:
            return tf.random.gamma(shape, alpha)
        return tf.random.gamma(shape, alpha, beta=beta)

    def rank(shape, alpha, beta):
        return len(shape)

    samples = cases(shape=[(3, 4)], alpha=[2.0], beta=[Absent, 3.0])
