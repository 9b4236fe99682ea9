"""Bessel functions and their like."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Arccosh(Elementwise):
    """Inverse hyperbolic cosine, NaN below 1."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.acosh(x), x.acosh(), torch.arccosh(x), x.arccosh())

    def in_tensorflow(x: Tensor):
        return spellings(tf.acosh(x), tf.math.acosh(x), keras.ops.arccosh(x))

    samples = cases(x=[floats(2, 3), ints(2, 3, low=2)])


class BesselI0(Elementwise):
    """Modified Bessel function of the first kind, order 0."""

    promotes = "float"

    def in_torch(x: Tensor):
        return spellings(torch.i0(x), x.i0(), torch.special.i0(x))

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.bessel_i0(x), tf.math.special.bessel_i0(x))

    samples = cases(x=floats(2, 3))


class BesselI0e(Elementwise):
    """Modified Bessel function of order 0, scaled by exp(-|x|)."""

    promotes = "float"

    def in_torch(x: Tensor):
        return torch.special.i0e(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.bessel_i0e(x), tf.math.special.bessel_i0e(x))

    samples = cases(x=floats(2, 3))


class BesselI1(Elementwise):
    """Modified Bessel function of the first kind, order 1."""

    promotes = "float"

    def in_torch(x: Tensor):
        return torch.special.i1(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.bessel_i1(x), tf.math.special.bessel_i1(x))

    samples = cases(x=floats(2, 3))


class BesselI1e(Elementwise):
    """Modified Bessel function of order 1, scaled by exp(-|x|)."""

    promotes = "float"

    def in_torch(x: Tensor):
        return torch.special.i1e(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.bessel_i1e(x), tf.math.special.bessel_i1e(x))

    samples = cases(x=floats(2, 3))


class BesselJ0(Elementwise):
    """Bessel function of the first kind, order 0; PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return torch.special.bessel_j0(x)

    def in_tensorflow(x: Tensor):
        return tf.math.special.bessel_j0(x)

    samples = cases(x=drawn(2, 3))


class BesselJ1(Elementwise):
    """Bessel function of the first kind, order 1; PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return torch.special.bessel_j1(x)

    def in_tensorflow(x: Tensor):
        return tf.math.special.bessel_j1(x)

    samples = cases(x=drawn(2, 3))


class BesselY0(Elementwise):
    """Bessel function of the second kind, order 0; PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return torch.special.bessel_y0(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.where(x >= 0, tf.math.special.bessel_y0(x), math.nan), tf.math.special.bessel_y0(x))

    samples = cases(x=drawn(2, 3))


class BesselY1(Elementwise):
    """Bessel function of the second kind, order 1; PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return torch.special.bessel_y1(x)

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.where(x > 0, tf.math.special.bessel_y1(x), tf.math.log(x)),
            tf.math.special.bessel_y1(x),
        )

    samples = cases(x=drawn(2, 3))


class ModifiedBesselI0(Elementwise):
    """Modified Bessel function of the first kind, order 0, in PyTorch without a gradient."""

    promotes = "float"
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor):
        return torch.special.modified_bessel_i0(x)

    def in_tensorflow(x: Tensor):
        return tf.math.bessel_i0(x)

    samples = cases(x=floats(2, 3))


class ModifiedBesselI1(Elementwise):
    """Modified Bessel function of the first kind, order 1, in PyTorch without a gradient."""

    promotes = "float"
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor):
        return torch.special.modified_bessel_i1(x)

    def in_tensorflow(x: Tensor):
        return tf.math.bessel_i1(x)

    samples = cases(x=floats(2, 3))


class ModifiedBesselK0(Elementwise):
    """Modified Bessel function of the second kind, order 0; PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return torch.special.modified_bessel_k0(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.where(x >= 0, tf.math.special.bessel_k0(x), math.nan), tf.math.special.bessel_k0(x))

    samples = cases(x=drawn(2, 3))


class ScaledModifiedBesselK0(Elementwise):
    """Modified Bessel function of the second kind, order 0, scaled by exp(x); PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return torch.special.scaled_modified_bessel_k0(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.where(x >= 0, tf.math.special.bessel_k0e(x), math.nan), tf.math.special.bessel_k0e(x))

    samples = cases(x=drawn(2, 3))


class ModifiedBesselK1(Elementwise):
    """Modified Bessel function of the second kind, order 1; PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return torch.special.modified_bessel_k1(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.where(x >= 0, tf.math.special.bessel_k1(x), math.nan), tf.math.special.bessel_k1(x))

    samples = cases(x=drawn(2, 3))


class ScaledModifiedBesselK1(Elementwise):
    """Modified Bessel function of the second kind, order 1, scaled by exp(x); PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return torch.special.scaled_modified_bessel_k1(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.where(x >= 0, tf.math.special.bessel_k1e(x), math.nan), tf.math.special.bessel_k1e(x))

    samples = cases(x=drawn(2, 3))


class SphericalBesselJ0(Elementwise):
    """sin(x) / x, 1 at 0; PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor):
        return torch.special.spherical_bessel_j0(x)

    def in_tensorflow(x: Tensor):
        return keras.ops.sinc(x / math.pi)

    samples = cases(x=floats(2, 3))


class Sinc(Elementwise):
    """sin(pi x) / (pi x), 1 at 0."""

    promotes = "float"

    def in_torch(x: Tensor):
        return spellings(torch.sinc(x), x.sinc(), torch.special.sinc(x))

    def in_tensorflow(x: Tensor):
        return keras.ops.sinc(x)

    samples = cases(x=floats(2, 3))
