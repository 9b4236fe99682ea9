"""Fourier transforms of signals of which half is the mirror of the other."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def fourier(x, s=None, dim=None, norm=None, inverse=False, real=False):
    """The Fourier transform along axes, each cut or filled with zeros to its size in `s`."""
    s, dim = (s,) if isinstance(s, int) else s, (dim,) if isinstance(dim, int) else dim
    dim = tuple(range(-len(s or x.shape), 0)) if dim is None else dim
    x = tf.cast(x, tf.complex128 if x.dtype in (tf.float64, tf.complex128) else tf.complex64)
    for place, (axis, size) in enumerate(zip(dim, s or [None] * len(dim), strict=True)):
        x, last = tf.experimental.numpy.swapaxes(x, axis, -1), real and place == len(dim) - 1
        n = 2 * (tf.shape(x)[-1] - 1) if last and inverse else tf.shape(x)[-1]
        n = n if size is None else size
        size = n // 2 + 1 if last and inverse else n
        x = tf.pad(x[..., :size], [[0, 0]] * (x.shape.rank - 1) + [[0, tf.maximum(size - tf.shape(x)[-1], 0)]])
        if inverse:
            x = tf.signal.irfft(x, [n]) if last else tf.signal.ifft(x)
        else:
            x = tf.signal.fft(x)[..., : n // 2 + 1 if last else n]
        length = tf.cast(n, x.dtype)
        power = {"ortho": 0.5, "forward": 1.0}.get(norm, 0.0)
        x = tf.experimental.numpy.swapaxes(x * (length**power if inverse else length**-power), axis, -1)
    return x


class HermitianFourierTransform(Equivalence):
    """The Fourier transform of a signal of which half is given, the other being its mirror along one axis."""

    dtype = "float"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        return torch.fft.hfft(x, n=n, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        if norm == "ortho" and (n is Absent or n is None):
            return fourier(tf.math.conj(x), dim=dim, norm="ortho", inverse=True, real=True)
        if norm == "ortho":
            return fourier(tf.math.conj(x), s=n, dim=dim, norm="ortho", inverse=True, real=True)
        if norm == "forward" and (n is Absent or n is None):
            return fourier(tf.math.conj(x), dim=dim, inverse=True, real=True)
        if norm == "forward":
            return fourier(tf.math.conj(x), s=n, dim=dim, inverse=True, real=True)
        if (norm is Absent or norm is None or norm == "backward") and (n is Absent or n is None):
            return fourier(tf.math.conj(x), dim=dim, norm="forward", inverse=True, real=True)
        if norm is Absent or norm is None or norm == "backward":
            return fourier(tf.math.conj(x), s=n, dim=dim, norm="forward", inverse=True, real=True)
        return refuse("the normalisation must be known when the code is converted")

    def rank(x, n, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), n=[Absent, 5], norm=[Absent, "ortho", "forward"]) + cases(
        x=floats(4, 2), n=3, dim=0
    )


class HermitianFourierTransform2(Equivalence):
    """The Fourier transform of a signal of which half is given, the other being its mirror along two axes."""

    reads_back = False  # the transform along any axes has the same helper
    dtype = "float"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        return torch.fft.hfft2(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        if norm == "ortho" and (s is Absent or s is None):
            return fourier(tf.math.conj(x), dim=dim, norm="ortho", inverse=True, real=True)
        if norm == "ortho":
            return fourier(tf.math.conj(x), s=s, dim=dim, norm="ortho", inverse=True, real=True)
        if norm == "forward" and (s is Absent or s is None):
            return fourier(tf.math.conj(x), dim=dim, inverse=True, real=True)
        if norm == "forward":
            return fourier(tf.math.conj(x), s=s, dim=dim, inverse=True, real=True)
        if (norm is Absent or norm is None or norm == "backward") and (s is Absent or s is None):
            return fourier(tf.math.conj(x), dim=dim, norm="forward", inverse=True, real=True)
        if norm is Absent or norm is None or norm == "backward":
            return fourier(tf.math.conj(x), s=s, dim=dim, norm="forward", inverse=True, real=True)
        return refuse("the normalisation must be known when the code is converted")

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], norm=[Absent, "ortho", "forward"]) + cases(
        x=floats(2, 4, 3), dim=(0, 1), norm=[Absent, "ortho", "forward"]
    )


class HermitianFourierTransformN(Equivalence):
    """The Fourier transform of a signal of which half is given, the other being its mirror along several axes."""

    dtype = "float"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        return torch.fft.hfftn(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        if norm == "ortho" and ((s is Absent or s is None) and (dim is Absent or dim is None)):
            return fourier(tf.math.conj(x), norm="ortho", inverse=True, real=True)
        if norm == "ortho" and (s is Absent or s is None):
            return fourier(tf.math.conj(x), dim=dim, norm="ortho", inverse=True, real=True)
        if norm == "ortho" and (dim is Absent or dim is None):
            return fourier(tf.math.conj(x), s=s, norm="ortho", inverse=True, real=True)
        if norm == "ortho":
            return fourier(tf.math.conj(x), s=s, dim=dim, norm="ortho", inverse=True, real=True)
        if norm == "forward" and ((s is Absent or s is None) and (dim is Absent or dim is None)):
            return fourier(tf.math.conj(x), inverse=True, real=True)
        if norm == "forward" and (s is Absent or s is None):
            return fourier(tf.math.conj(x), dim=dim, inverse=True, real=True)
        if norm == "forward" and (dim is Absent or dim is None):
            return fourier(tf.math.conj(x), s=s, inverse=True, real=True)
        if norm == "forward":
            return fourier(tf.math.conj(x), s=s, dim=dim, inverse=True, real=True)
        if (norm is Absent or norm is None or norm == "backward") and (
            (s is Absent or s is None) and (dim is Absent or dim is None)
        ):
            return fourier(tf.math.conj(x), norm="forward", inverse=True, real=True)
        if (norm is Absent or norm is None or norm == "backward") and (s is Absent or s is None):
            return fourier(tf.math.conj(x), dim=dim, norm="forward", inverse=True, real=True)
        if (norm is Absent or norm is None or norm == "backward") and (dim is Absent or dim is None):
            return fourier(tf.math.conj(x), s=s, norm="forward", inverse=True, real=True)
        if norm is Absent or norm is None or norm == "backward":
            return fourier(tf.math.conj(x), s=s, dim=dim, norm="forward", inverse=True, real=True)
        return refuse("the normalisation must be known when the code is converted")

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], dim=[Absent, (1, 0)], norm=[Absent, "ortho", "forward"])


class InverseHermitianFourierTransform(Equivalence):
    """The inverse of `hfft` along one axis."""

    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        return torch.fft.ihfft(x, n=n, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        if norm == "ortho" and (n is Absent or n is None):
            return tf.math.conj(fourier(x, dim=dim, norm="ortho", real=True))
        if norm == "ortho":
            return tf.math.conj(fourier(x, s=n, dim=dim, norm="ortho", real=True))
        if norm == "forward" and (n is Absent or n is None):
            return tf.math.conj(fourier(x, dim=dim, real=True))
        if norm == "forward":
            return tf.math.conj(fourier(x, s=n, dim=dim, real=True))
        if (norm is Absent or norm is None or norm == "backward") and (n is Absent or n is None):
            return tf.math.conj(fourier(x, dim=dim, norm="forward", real=True))
        if norm is Absent or norm is None or norm == "backward":
            return tf.math.conj(fourier(x, s=n, dim=dim, norm="forward", real=True))
        return refuse("the normalisation must be known when the code is converted")

    def rank(x, n, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), n=[Absent, 5], norm=[Absent, "ortho", "forward"]) + cases(
        x=floats(4, 2), n=3, dim=0
    )


class InverseHermitianFourierTransform2(Equivalence):
    """The inverse of `hfft` along two axes."""

    reads_back = False  # the transform along any axes has the same helper
    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        return torch.fft.ihfft2(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        if norm == "ortho" and (s is Absent or s is None):
            return tf.math.conj(fourier(x, dim=dim, norm="ortho", real=True))
        if norm == "ortho":
            return tf.math.conj(fourier(x, s=s, dim=dim, norm="ortho", real=True))
        if norm == "forward" and (s is Absent or s is None):
            return tf.math.conj(fourier(x, dim=dim, real=True))
        if norm == "forward":
            return tf.math.conj(fourier(x, s=s, dim=dim, real=True))
        if (norm is Absent or norm is None or norm == "backward") and (s is Absent or s is None):
            return tf.math.conj(fourier(x, dim=dim, norm="forward", real=True))
        if norm is Absent or norm is None or norm == "backward":
            return tf.math.conj(fourier(x, s=s, dim=dim, norm="forward", real=True))
        return refuse("the normalisation must be known when the code is converted")

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], norm=[Absent, "ortho", "forward"]) + cases(
        x=floats(2, 4, 3), dim=(0, 1), norm=[Absent, "ortho", "forward"]
    )


class InverseHermitianFourierTransformN(Equivalence):
    """The inverse of `hfft` along several axes."""

    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        return torch.fft.ihfftn(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        if norm == "ortho" and ((s is Absent or s is None) and (dim is Absent or dim is None)):
            return tf.math.conj(fourier(x, norm="ortho", real=True))
        if norm == "ortho" and (s is Absent or s is None):
            return tf.math.conj(fourier(x, dim=dim, norm="ortho", real=True))
        if norm == "ortho" and (dim is Absent or dim is None):
            return tf.math.conj(fourier(x, s=s, norm="ortho", real=True))
        if norm == "ortho":
            return tf.math.conj(fourier(x, s=s, dim=dim, norm="ortho", real=True))
        if norm == "forward" and ((s is Absent or s is None) and (dim is Absent or dim is None)):
            return tf.math.conj(fourier(x, real=True))
        if norm == "forward" and (s is Absent or s is None):
            return tf.math.conj(fourier(x, dim=dim, real=True))
        if norm == "forward" and (dim is Absent or dim is None):
            return tf.math.conj(fourier(x, s=s, real=True))
        if norm == "forward":
            return tf.math.conj(fourier(x, s=s, dim=dim, real=True))
        if (norm is Absent or norm is None or norm == "backward") and (
            (s is Absent or s is None) and (dim is Absent or dim is None)
        ):
            return tf.math.conj(fourier(x, norm="forward", real=True))
        if (norm is Absent or norm is None or norm == "backward") and (s is Absent or s is None):
            return tf.math.conj(fourier(x, dim=dim, norm="forward", real=True))
        if (norm is Absent or norm is None or norm == "backward") and (dim is Absent or dim is None):
            return tf.math.conj(fourier(x, s=s, norm="forward", real=True))
        if norm is Absent or norm is None or norm == "backward":
            return tf.math.conj(fourier(x, s=s, dim=dim, norm="forward", real=True))
        return refuse("the normalisation must be known when the code is converted")

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], dim=[Absent, (1, 0)], norm=[Absent, "ortho", "forward"])
