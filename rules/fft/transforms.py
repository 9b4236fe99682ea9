"""Fourier transforms. `tf.signal` knows the last axes alone, one normalisation, and complex numbers."""

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


class FourierTransform(Equivalence):
    """The discrete Fourier transform along one axis."""

    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        return torch.fft.fft(x, n=n, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        if n is Absent or n is None:
            return fourier(x, dim=dim, norm=norm)
        return general(fourier(x, s=n, dim=dim, norm=norm))

    def rank(x, n, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), n=[Absent, 5], norm=[Absent, "ortho"]) + cases(x=floats(4, 2), n=3, dim=0)


class FourierTransform2(Equivalence):
    """The discrete Fourier transform along two axes."""

    reads_back = False  # the transform along any axes has the same helper
    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        return torch.fft.fft2(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        if s is Absent or s is None:
            return fourier(x, dim=dim, norm=norm)
        return general(fourier(x, s=s, dim=dim, norm=norm))

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], norm="ortho") + cases(x=floats(2, 4, 3), dim=(0, 1))


class FourierTransformN(Equivalence):
    """The discrete Fourier transform along several axes."""

    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        return torch.fft.fftn(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        if (s is Absent or s is None) and (dim is Absent or dim is None):
            return fourier(x, norm=norm)
        if s is Absent or s is None:
            return fourier(x, dim=dim, norm=norm)
        if dim is Absent or dim is None:
            return fourier(x, s=s, norm=norm)
        return general(fourier(x, s=s, dim=dim, norm=norm))

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], dim=[Absent, (1, 0)], norm="forward")


class InverseFourierTransform(Equivalence):
    """The inverse discrete Fourier transform along one axis."""

    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        return torch.fft.ifft(x, n=n, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        if n is Absent or n is None:
            return fourier(x, dim=dim, norm=norm, inverse=True)
        return general(fourier(x, s=n, dim=dim, norm=norm, inverse=True))

    def rank(x, n, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), n=[Absent, 5], norm=[Absent, "ortho"]) + cases(x=floats(4, 2), n=3, dim=0)


class InverseFourierTransform2(Equivalence):
    """The inverse discrete Fourier transform along two axes."""

    reads_back = False  # the transform along any axes has the same helper
    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        return torch.fft.ifft2(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        if s is Absent or s is None:
            return fourier(x, dim=dim, norm=norm, inverse=True)
        return general(fourier(x, s=s, dim=dim, norm=norm, inverse=True))

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], norm="ortho") + cases(x=floats(2, 4, 3), dim=(0, 1))


class InverseFourierTransformN(Equivalence):
    """The inverse discrete Fourier transform along several axes."""

    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        return torch.fft.ifftn(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        if (s is Absent or s is None) and (dim is Absent or dim is None):
            return fourier(x, norm=norm, inverse=True)
        if s is Absent or s is None:
            return fourier(x, dim=dim, norm=norm, inverse=True)
        if dim is Absent or dim is None:
            return fourier(x, s=s, norm=norm, inverse=True)
        return general(fourier(x, s=s, dim=dim, norm=norm, inverse=True))

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], dim=[Absent, (1, 0)], norm="forward")


class RealFourierTransform(Equivalence):
    """The discrete Fourier transform of real numbers, without the mirrored half along one axis."""

    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        return torch.fft.rfft(x, n=n, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        if (n is Absent or n is None) and dim == -1 and (norm is Absent or norm is None):
            return tf.signal.rfft(x)
        if n is Absent or n is None:
            return fourier(x, dim=dim, norm=norm, real=True)
        return general(fourier(x, s=n, dim=dim, norm=norm, real=True))

    def rank(x, n, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), n=[Absent, 5], norm=[Absent, "ortho"]) + cases(x=floats(4, 2), n=3, dim=0)


class RealFourierTransform2(Equivalence):
    """The discrete Fourier transform of real numbers, without the mirrored half along two axes."""

    reads_back = False  # the transform along any axes has the same helper
    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        return torch.fft.rfft2(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        if s is Absent or s is None:
            return fourier(x, dim=dim, norm=norm, real=True)
        return general(fourier(x, s=s, dim=dim, norm=norm, real=True))

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], norm="ortho") + cases(x=floats(2, 4, 3), dim=(0, 1))


class RealFourierTransformN(Equivalence):
    """The discrete Fourier transform of real numbers, without the mirrored half along several axes."""

    dtype = "complex"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        return torch.fft.rfftn(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        if (s is Absent or s is None) and (dim is Absent or dim is None):
            return fourier(x, norm=norm, real=True)
        if s is Absent or s is None:
            return fourier(x, dim=dim, norm=norm, real=True)
        if dim is Absent or dim is None:
            return fourier(x, s=s, norm=norm, real=True)
        return general(fourier(x, s=s, dim=dim, norm=norm, real=True))

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], dim=[Absent, (1, 0)], norm="forward")


class InverseRealFourierTransform(Equivalence):
    """The inverse of the transform of real numbers along one axis."""

    dtype = "float"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        return torch.fft.irfft(x, n=n, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, n: Int = Absent, dim: Axis = -1, norm: Str = Absent):
        if n is Absent or n is None:
            return fourier(x, dim=dim, norm=norm, inverse=True, real=True)
        return general(fourier(x, s=n, dim=dim, norm=norm, inverse=True, real=True))

    def rank(x, n, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), n=[Absent, 5], norm=[Absent, "ortho"]) + cases(x=floats(4, 2), n=3, dim=0)


class InverseRealFourierTransform2(Equivalence):
    """The inverse of the transform of real numbers along two axes."""

    reads_back = False  # the transform along any axes has the same helper
    dtype = "float"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        return torch.fft.irfft2(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = (-2, -1), norm: Str = Absent):
        if s is Absent or s is None:
            return fourier(x, dim=dim, norm=norm, inverse=True, real=True)
        return general(fourier(x, s=s, dim=dim, norm=norm, inverse=True, real=True))

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], norm="ortho") + cases(x=floats(2, 4, 3), dim=(0, 1))


class InverseRealFourierTransformN(Equivalence):
    """The inverse of the transform of real numbers along several axes."""

    dtype = "float"
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        return torch.fft.irfftn(x, s=s, dim=dim, norm=norm)

    def in_tensorflow(x: Tensor, s: Any = Absent, dim: Axes = Absent, norm: Str = Absent):
        if (s is Absent or s is None) and (dim is Absent or dim is None):
            return fourier(x, norm=norm, inverse=True, real=True)
        if s is Absent or s is None:
            return fourier(x, dim=dim, norm=norm, inverse=True, real=True)
        if dim is Absent or dim is None:
            return fourier(x, s=s, norm=norm, inverse=True, real=True)
        return general(fourier(x, s=s, dim=dim, norm=norm, inverse=True, real=True))

    def rank(x, s, dim, norm):
        return rank(x)

    samples = cases(x=floats(3, 4), s=[Absent, (4, 3)], dim=[Absent, (1, 0)], norm="forward")
