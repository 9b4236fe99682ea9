"""Keras' schedules: functions of the number of steps taken, that an optimizer is made with."""

import math

import keras

from diptych.catalog.language import *


@helper
def exponential_decay(rate, decay_steps, decay_rate, staircase=False):
    """The rate times ``decay_rate`` in every ``decay_steps`` steps."""
    return lambda step: rate * decay_rate ** (step // decay_steps if staircase else step / decay_steps)


class ExponentialDecay(RateEquivalence):
    """A rate that falls by one factor again and again."""

    one_way = "tensorflow"

    def in_torch(rate: Float, steps: Number, factor: Float, staircase: Flag = False):
        return exponential_decay(rate, steps, factor, staircase=staircase)

    def in_tensorflow(rate: Float, steps: Number, factor: Float, staircase: Flag = False):
        return keras.optimizers.schedules.ExponentialDecay(rate, steps, factor, staircase=staircase)

    samples = cases(rate=0.5, steps=2, factor=0.9, staircase=[False, True])


@helper
def piecewise_constant(boundaries, values):
    """The first value up to the first boundary, and so on."""
    return lambda step: values[sum(step > boundary for boundary in boundaries)]


class PiecewiseConstantDecay(RateEquivalence):
    """One rate up to and including a step, then another."""

    one_way = "tensorflow"

    def in_torch(boundaries: Any, values: Any):
        return piecewise_constant(boundaries, values)

    def in_tensorflow(boundaries: Any, values: Any):
        return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)

    samples = cases(boundaries=[[1, 3]], values=[[0.5, 0.2, 0.1]])


@helper
def polynomial_decay(rate, decay_steps, end=0.0001, power=1.0, cycle=False):
    """From the rate to ``end`` by a power of the steps left; with ``cycle`` again, over a multiple of the steps."""

    def at(step):
        length = decay_steps * max(1, math.ceil(step / decay_steps)) if cycle else decay_steps
        return (rate - end) * (1 - min(step, length) / length) ** power + end

    return at


class PolynomialDecay(RateEquivalence):
    """A rate that falls by a power of the steps that are left."""

    one_way = "tensorflow"

    def in_torch(rate: Float, steps: Number, end: Float = 0.0001, power: Float = 1.0, cycle: Flag = False):
        return polynomial_decay(rate, steps, end=end, power=power, cycle=cycle)

    def in_tensorflow(rate: Float, steps: Number, end: Float = 0.0001, power: Float = 1.0, cycle: Flag = False):
        return keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=end, power=power, cycle=cycle)

    samples = cases(rate=0.5, steps=2, end=[Absent, 0.1], power=[Absent, 2.0], cycle=[False, True])


@helper
def inverse_time_decay(rate, decay_steps, decay_rate, staircase=False):
    """The rate divided by one more than ``decay_rate`` times the number of ``decay_steps``."""
    return lambda step: rate / (1 + decay_rate * (step // decay_steps if staircase else step / decay_steps))


class InverseTimeDecay(RateEquivalence):
    """A rate that is divided by a growing number."""

    one_way = "tensorflow"

    def in_torch(rate: Float, steps: Number, factor: Float, staircase: Flag = False):
        return inverse_time_decay(rate, steps, factor, staircase=staircase)

    def in_tensorflow(rate: Float, steps: Number, factor: Float, staircase: Flag = False):
        return keras.optimizers.schedules.InverseTimeDecay(rate, steps, factor, staircase=staircase)

    samples = cases(rate=0.5, steps=2, factor=0.9, staircase=[False, True])


@helper
def cosine_decay(rate, decay_steps, alpha=0.0, warmup_target=None, warmup_steps=0):
    """Up to ``warmup_target`` in a line, if there is one, then down along half a cosine to the share ``alpha``."""
    top = rate if warmup_target is None else warmup_target

    def at(step):
        if warmup_target is not None:
            if step < warmup_steps:
                return rate + (warmup_target - rate) * step / warmup_steps
            step -= warmup_steps
        share = (1 + math.cos(math.pi * min(step, decay_steps) / decay_steps)) / 2
        return top * ((1 - alpha) * share + alpha)

    return at


class CosineDecay(RateEquivalence):
    """A rate that falls along half a cosine, after a warm-up if there is one."""

    one_way = "tensorflow"

    def in_torch(rate: Float, steps: Number, alpha: Float = 0.0, target: Any = None, warmup: Number = 0):
        return cosine_decay(rate, steps, alpha=alpha, warmup_target=target, warmup_steps=warmup)

    def in_tensorflow(rate: Float, steps: Number, alpha: Float = 0.0, target: Any = None, warmup: Number = 0):
        return keras.optimizers.schedules.CosineDecay(
            rate, steps, alpha=alpha, warmup_target=target, warmup_steps=warmup
        )

    samples = cases(rate=0.5, steps=[3, 10], alpha=[Absent, 0.1]) + cases(
        rate=0.1, steps=3, alpha=[0.0, 0.1], target=0.5, warmup=2
    )


@helper
def cosine_restarts(rate, decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0):
    """Down along half a cosine to the share ``alpha`` again and again, ``t_mul`` as long and ``m_mul`` as high."""

    def at(step):
        length, top = decay_steps, 1.0
        while step >= length:
            step, length, top = step - length, length * t_mul, top * m_mul
        return rate * ((1 - alpha) * top * (1 + math.cos(math.pi * step / length)) / 2 + alpha)

    return at


class CosineDecayRestarts(RateEquivalence):
    """A rate that falls along half a cosine, again and again."""

    one_way = "tensorflow"

    def in_torch(rate: Float, steps: Number, longer: Float = 2.0, higher: Float = 1.0, alpha: Float = 0.0):
        return cosine_restarts(rate, steps, t_mul=longer, m_mul=higher, alpha=alpha)

    def in_tensorflow(rate: Float, steps: Number, longer: Float = 2.0, higher: Float = 1.0, alpha: Float = 0.0):
        return keras.optimizers.schedules.CosineDecayRestarts(rate, steps, t_mul=longer, m_mul=higher, alpha=alpha)

    samples = cases(rate=0.5, steps=2, longer=[Absent, 1.0], higher=[Absent, 0.5], alpha=[Absent, 0.1])
