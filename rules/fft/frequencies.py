"""The order of the frequencies of a Fourier transform."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


class ShiftToCentre(Equivalence):
    """The zero frequency moved to the middle."""

    def in_torch(x: Tensor, dim: Axes = Absent):
        return torch.fft.fftshift(x, dim=dim)

    def in_tensorflow(x: Tensor, dim: Axes = Absent):
        return tf.signal.fftshift(x, axes=dim)

    def rank(x, dim):
        return rank(x)

    samples = cases(x=floats(3, 4), dim=[Absent, 0, (0, 1)])


class ShiftFromCentre(Equivalence):
    """The zero frequency moved from the middle to the front."""

    def in_torch(x: Tensor, dim: Axes = Absent):
        return torch.fft.ifftshift(x, dim=dim)

    def in_tensorflow(x: Tensor, dim: Axes = Absent):
        return tf.signal.ifftshift(x, axes=dim)

    def rank(x, dim):
        return rank(x)

    samples = cases(x=floats(3, 4), dim=[Absent, 0, (0, 1)])


class FourierFrequencies(Equivalence):
    """The frequencies of the parts of a transform."""

    dtype = "float32"
    one_way = "torch"

    def in_torch(n: Int, d: Number = 1.0):
        return torch.fft.fftfreq(n, d)

    def in_tensorflow(n: Int, d: Number = 1.0):
        return tf.signal.ifftshift(tf.range(-(n // 2), n - n // 2, dtype=tf.float32)) / (n * d)

    def rank(n, d):
        return 1

    samples = cases(n=[4, 5], d=[Absent, 0.5])


class RealFourierFrequencies(Equivalence):
    """The frequencies of the parts of a transform of real numbers."""

    dtype = "float32"
    one_way = "torch"

    def in_torch(n: Int, d: Number = 1.0):
        return torch.fft.rfftfreq(n, d)

    def in_tensorflow(n: Int, d: Number = 1.0):
        return tf.range(n // 2 + 1, dtype=tf.float32) / (n * d)

    def rank(n, d):
        return 1

    samples = cases(n=[4, 5], d=[Absent, 0.5])
