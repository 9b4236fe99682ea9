"""Windows for signals. `tf.signal` has three of them, and counts their points differently."""

import math

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def cosine_window(n, weights, sym=True, dtype=tf.float32):
    """A sum of cosines of whole periods with alternating signs, the last point left out without `sym`."""
    if n == 1:
        return tf.ones((1,), dtype)
    angles = tf.range(n, dtype=tf.float64) * (2 * math.pi / (n - 1 if sym else max(n, 1)))
    terms = [(-1) ** k * weight * tf.cos(k * angles) for k, weight in enumerate(weights)]
    return tf.cast(tf.add_n(terms), dtype)


@helper
def window(n, shape, sym=True, dtype=tf.float32):
    """A window of n points; `shape` gives its height from the place, -1 to 1, and half its length."""
    half = (n - 1) / 2 if sym or n == 1 else n / 2
    return tf.cast(shape((tf.range(n, dtype=tf.float64) - half) / max(half, 0.5), half), dtype)


class HannWindow(Equivalence):
    """Hann's window."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.hann(n, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return cosine_window(n, (0.5, 0.5), sym=sym, dtype=dtype)

    def rank(n, sym, dtype):
        return 1

    samples = cases(n=[1, 6], sym=[Absent, False]) + cases(n=5, dtype=torch.float64)


class HammingWindow(Equivalence):
    """Hamming's window."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.hamming(n, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return cosine_window(n, (0.54, 0.46), sym=sym, dtype=dtype)

    def rank(n, sym, dtype):
        return 1

    samples = cases(n=[1, 6], sym=[Absent, False]) + cases(n=5, dtype=torch.float64)


class BlackmanWindow(Equivalence):
    """Blackman's window."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.blackman(n, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return cosine_window(n, (0.42, 0.5, 0.08), sym=sym, dtype=dtype)

    def rank(n, sym, dtype):
        return 1

    samples = cases(n=[1, 6], sym=[Absent, False]) + cases(n=5, dtype=torch.float64)


class NuttallWindow(Equivalence):
    """Nuttall's window."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.nuttall(n, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return cosine_window(n, (0.3635819, 0.4891775, 0.1365995, 0.0106411), sym=sym, dtype=dtype)

    def rank(n, sym, dtype):
        return 1

    samples = cases(n=[1, 6], sym=[Absent, False]) + cases(n=5, dtype=torch.float64)


class GeneralHammingWindow(Equivalence):
    """Hamming's window with a weight of one's own."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, alpha: Float = 0.54, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.general_hamming(n, alpha=alpha, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, alpha: Float = 0.54, sym: Flag = True, dtype: Dtype = Absent):
        return cosine_window(n, (alpha, 1 - alpha), sym=sym, dtype=dtype)

    def rank(n, alpha, sym, dtype):
        return 1

    samples = cases(n=[1, 6], alpha=0.7, sym=[Absent, False]) + cases(n=5, alpha=0.7, dtype=torch.float64)


class GeneralCosineWindow(Equivalence):
    """A sum of cosines with weights of one's own."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, a: Any, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.general_cosine(n, a=a, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, a: Any, sym: Flag = True, dtype: Dtype = Absent):
        return cosine_window(n, a, sym=sym, dtype=dtype)

    def rank(n, a, sym, dtype):
        return 1

    samples = cases(n=[1, 6], a=(0.5, 0.3, 0.2), sym=[Absent, False]) + cases(
        n=5, a=(0.5, 0.3, 0.2), dtype=torch.float64
    )


class BartlettWindow(Equivalence):
    """Bartlett's window, a triangle."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.bartlett(n, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return window(n, lambda x, half: 1 - tf.abs(x), sym=sym, dtype=dtype)

    def rank(n, sym, dtype):
        return 1

    samples = cases(n=[1, 6], sym=[Absent, False]) + cases(n=5, dtype=torch.float64)


class CosineWindow(Equivalence):
    """Half a period of a sine."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.cosine(n, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, sym: Flag = True, dtype: Dtype = Absent):
        return window(n, lambda x, half: tf.cos(math.pi / 2 * x * half / (half + 0.5)), sym=sym, dtype=dtype)

    def rank(n, sym, dtype):
        return 1

    samples = cases(n=[1, 6], sym=[Absent, False]) + cases(n=5, dtype=torch.float64)


class GaussianWindow(Equivalence):
    """The bell curve."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, std: Float = 1.0, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.gaussian(n, std=std, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, std: Float = 1.0, sym: Flag = True, dtype: Dtype = Absent):
        return window(n, lambda x, half: tf.exp(-((x * half / std) ** 2) / 2), sym=sym, dtype=dtype)

    def rank(n, std, sym, dtype):
        return 1

    samples = cases(n=[1, 6], std=2.0, sym=[Absent, False]) + cases(n=5, std=2.0, dtype=torch.float64)


class KaiserWindow(Equivalence):
    """Kaiser's window."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, beta: Float = 12.0, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.kaiser(n, beta=beta, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, beta: Float = 12.0, sym: Flag = True, dtype: Dtype = Absent):
        return window(
            n,
            lambda x, half: tf.math.bessel_i0(beta * tf.sqrt(1 - x**2)) / tf.math.bessel_i0(tf.cast(beta, x.dtype)),
            sym=sym,
            dtype=dtype,
        )

    def rank(n, beta, sym, dtype):
        return 1

    samples = cases(n=[1, 6], beta=5.0, sym=[Absent, False]) + cases(n=5, beta=5.0, dtype=torch.float64)


class ExponentialWindow(Equivalence):
    """A decay to both sides."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, tau: Float = 1.0, sym: Flag = True, dtype: Dtype = Absent):
        return torch.signal.windows.exponential(n, tau=tau, sym=sym, dtype=dtype)

    def in_tensorflow(n: Int, tau: Float = 1.0, sym: Flag = True, dtype: Dtype = Absent):
        return window(n, lambda x, half: tf.exp(-tf.abs(x) * half / tau), sym=sym, dtype=dtype)

    def rank(n, tau, sym, dtype):
        return 1

    samples = cases(n=[1, 6], tau=2.0, sym=[Absent, False])


class ExponentialWindowAround(Equivalence):
    """A decay to both sides of a place."""

    dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(n: Int, center: Float, tau: Float = 1.0):
        return torch.signal.windows.exponential(n, center=center, tau=tau, sym=False)

    def in_tensorflow(n: Int, center: Float, tau: Float = 1.0):
        return tf.exp(-tf.abs(tf.range(n, dtype=tf.float32) - center) / tau)

    def rank(n, center, tau):
        return 1

    samples = cases(n=6, center=1.5, tau=2.0)
