"""Transforms and windows of tf.signal."""

import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


class FftOfTensorflow(Equivalence):
    """The Fourier transform along the last axis of complex numbers."""

    one_way = "tensorflow"
    dtype = "complex64"

    def in_torch(x: Tensor):
        return torch.fft.fft(x.to(torch.complex64))

    def in_tensorflow(x: Tensor):
        return tf.signal.fft(tf.cast(x, tf.complex64))

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(8), floats(3, 8)])


class IfftOfTensorflow(Equivalence):
    """The inverse Fourier transform along the last axis of complex numbers."""

    one_way = "tensorflow"
    dtype = "complex64"

    def in_torch(x: Tensor):
        return torch.fft.ifft(x.to(torch.complex64))

    def in_tensorflow(x: Tensor):
        return tf.signal.ifft(tf.cast(x, tf.complex64))

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(8), floats(3, 8)])


class Fft2OfTensorflow(Equivalence):
    """The Fourier transform along the last two axes of complex numbers."""

    one_way = "tensorflow"
    dtype = "complex64"

    def in_torch(x: Tensor):
        return torch.fft.fft2(x.to(torch.complex64))

    def in_tensorflow(x: Tensor):
        return tf.signal.fft2d(tf.cast(x, tf.complex64))

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(4, 8), floats(3, 4, 8)])


class HannWindowOfTensorflow(Equivalence):
    """The Hann window, periodic unless said otherwise; of odd length it never is in TensorFlow."""

    one_way = "tensorflow"
    gradient = False
    dtype = "float32"

    def in_torch(n: Int, periodic: Flag = True):
        return torch.hann_window(n, periodic=bool(periodic and n % 2 == 0))

    def in_tensorflow(n: Int, periodic: Flag = True):
        return tf.signal.hann_window(n, periodic=periodic)

    def rank(n, periodic):
        return 1

    samples = cases(n=[8, 9], periodic=[Absent, False])


class HammingWindowOfTensorflow(Equivalence):
    """The Hamming window, periodic unless said otherwise; of odd length it never is in TensorFlow."""

    one_way = "tensorflow"
    gradient = False
    dtype = "float32"

    def in_torch(n: Int, periodic: Flag = True):
        return torch.hamming_window(n, periodic=bool(periodic and n % 2 == 0))

    def in_tensorflow(n: Int, periodic: Flag = True):
        return tf.signal.hamming_window(n, periodic=periodic)

    def rank(n, periodic):
        return 1

    samples = cases(n=[8, 9], periodic=[Absent, False])


class FramesOfSignal(Equivalence):
    """Overlapping parts of a signal, on an axis of their own."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, length: Int, step: Int):
        return x.unfold(-1, length, step).clone()

    def in_tensorflow(x: Tensor, length: Int, step: Int):
        return tf.signal.frame(x, length, step)

    def rank(x, length, step):
        return rank(x) + 1

    samples = cases(x=[floats(16), floats(2, 16)], length=6, step=[2, 3])


@helper
def short_time_fourier(x, length, step, n=None):
    """The Fourier transforms of overlapping parts of a signal, each under a Hann window."""
    if n is None:
        n = 1 << (length - 1).bit_length()
    window = torch.hann_window(length, periodic=length % 2 == 0, dtype=x.dtype, device=x.device)
    frames = x.unfold(-1, length, step) * window
    return torch.fft.rfft(F.pad(frames, (0, max(n - length, 0))), n=n)


class StftOfTensorflow(Equivalence):
    """The Fourier transforms of overlapping parts of a signal. TensorFlow has (..., frames, bins), and no centring."""

    one_way = "tensorflow"
    dtype = "complex64"

    def in_torch(x: Tensor, length: Int, step: Int, n: Int = Absent):
        return short_time_fourier(x, length, step, n=n)

    def in_tensorflow(x: Tensor, length: Int, step: Int, n: Int = Absent):
        return tf.signal.stft(x, length, step, fft_length=n)

    def rank(x, length, step, n):
        return rank(x) + 1

    samples = cases(x=[floats(64), floats(2, 64)], length=[16, 11], step=[4, 8], n=[Absent, 32])
