"""Schedules of the learning rate and the momentum, one against the other."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def with_momentum(scheduler, momentum):
    """Let a scheduler set the momentum, or Adam's first beta, to ``momentum(epoch)``, as well as the learning rate.

    Raises ``TypeError`` where the momentum would sum steps: PyTorch's sums gradients.
    """
    optimizer, step = scheduler.optimizer, scheduler.step
    if type(optimizer) is keras.optimizers.SGD:
        raise TypeError("the momentum of Keras' SGD is not that of PyTorch while the learning rate changes")
    held = tf.Variable(momentum(0), trainable=False)
    setattr(optimizer, "beta_1" if hasattr(optimizer, "beta_1") else "momentum", held)

    def both(epoch=None):
        step(epoch)
        held.assign(momentum(scheduler.last_epoch))

    scheduler.step = both
    return scheduler


@helper
def one_cycle(
    optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3, anneal_strategy="cos",
    cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0, final_div_factor=10000.0,
    three_phase=False,
):  # fmt: skip
    """A scheduler that takes the learning rate up and down again, and the momentum down and up."""
    total, first = total_steps or epochs * steps_per_epoch, max_lr / div_factor
    ends = [0.0, pct_start * total - 1, *([2 * pct_start * total - 2] if three_phase else []), total - 1]
    rates = [first, max_lr, *([first] if three_phase else []), first / final_div_factor]
    momenta = [max_momentum, base_momentum, max_momentum, *([max_momentum] if three_phase else [])]

    def between(values, step):
        if step > total:
            raise ValueError(f"step {step} of {total}")
        phase = next((n for n in range(1, len(ends)) if step <= ends[n]), len(ends) - 1)
        share = (step - ends[phase - 1]) / (ends[phase] - ends[phase - 1])
        share = share if anneal_strategy == "linear" else (1 - math.cos(math.pi * share)) / 2
        return values[phase - 1] + (values[phase] - values[phase - 1]) * share

    scheduler = Scheduler(optimizer, lambda _, step: between(rates, step))
    return with_momentum(scheduler, lambda step: between(momenta, step)) if cycle_momentum else scheduler


class OneCycleLR(SchedulerEquivalence):
    """The learning rate up and down again, and the momentum, or Adam's first beta, the other way."""

    one_way = "torch"

    def in_torch(
        optimizer: Any, highest: Float, steps: Any = None, epochs: Any = None, each: Any = None, part: Float = 0.3,
        shape: Str = "cos", cycled: Flag = True, low: Float = 0.85, high: Float = 0.95, first: Float = 25.0,
        last: Float = 10000.0, three: Flag = False,
    ):  # fmt: skip
        return torch.optim.lr_scheduler.OneCycleLR(
            optimizer, highest, total_steps=steps, epochs=epochs, steps_per_epoch=each, pct_start=part,
            anneal_strategy=shape, cycle_momentum=cycled, base_momentum=low, max_momentum=high, div_factor=first,
            final_div_factor=last, three_phase=three,
        )  # fmt: skip

    def in_tensorflow(
        optimizer: Any, highest: Float, steps: Any = None, epochs: Any = None, each: Any = None, part: Float = 0.3,
        shape: Str = "cos", cycled: Flag = True, low: Float = 0.85, high: Float = 0.95, first: Float = 25.0,
        last: Float = 10000.0, three: Flag = False,
    ):  # fmt: skip
        return one_cycle(
            optimizer, highest, total_steps=steps, epochs=epochs, steps_per_epoch=each, pct_start=part,
            anneal_strategy=shape, cycle_momentum=cycled, base_momentum=low, max_momentum=high, div_factor=first,
            final_div_factor=last, three_phase=three,
        )  # fmt: skip

    samples = (
        cases(highest=0.1, steps=[8, 20], cycled=[False, True])
        + cases(highest=0.1, epochs=4, each=2, part=0.4, shape="linear", first=5.0, last=10.0)
        + cases(highest=0.1, steps=9, three=True, low=0.5, high=0.9)
    )


@helper
def cyclic(
    optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0, scale_fn=None,
    scale_mode="cycle", cycle_momentum=True, base_momentum=0.8, max_momentum=0.9,
):  # fmt: skip
    """A scheduler that takes the learning rate up and down again and again, and the momentum down and up."""
    down = step_size_down or step_size_up

    def height(step):
        cycle, place = 1 + step // (step_size_up + down), step % (step_size_up + down)
        share = place / step_size_up if place <= step_size_up else (step_size_up + down - place) / down
        if scale_fn is not None:
            return share * scale_fn(cycle if scale_mode == "cycle" else step)
        return share * {"triangular": 1.0, "triangular2": 2.0 ** (1 - cycle), "exp_range": gamma**step}[mode]

    scheduler = Scheduler(optimizer, lambda _, step: base_lr + (max_lr - base_lr) * height(step))
    if not cycle_momentum:
        return scheduler
    return with_momentum(scheduler, lambda step: max_momentum - (max_momentum - base_momentum) * height(step))


class CyclicLR(SchedulerEquivalence):
    """The learning rate up and down again and again, and the momentum, or Adam's first beta, the other way."""

    one_way = "torch"

    def in_torch(
        optimizer: Any, low: Float, high: Float, up: Any = 2000, down: Any = None, mode: Str = "triangular",
        gamma: Float = 1.0, scale: Any = None, of: Str = "cycle", cycled: Flag = True, least: Float = 0.8,
        most: Float = 0.9,
    ):  # fmt: skip
        return torch.optim.lr_scheduler.CyclicLR(
            optimizer, low, high, step_size_up=up, step_size_down=down, mode=mode, gamma=gamma, scale_fn=scale,
            scale_mode=of, cycle_momentum=cycled, base_momentum=least, max_momentum=most,
        )  # fmt: skip

    def in_tensorflow(
        optimizer: Any, low: Float, high: Float, up: Any = 2000, down: Any = None, mode: Str = "triangular",
        gamma: Float = 1.0, scale: Any = None, of: Str = "cycle", cycled: Flag = True, least: Float = 0.8,
        most: Float = 0.9,
    ):  # fmt: skip
        return cyclic(
            optimizer, low, high, step_size_up=up, step_size_down=down, mode=mode, gamma=gamma, scale_fn=scale,
            scale_mode=of, cycle_momentum=cycled, base_momentum=least, max_momentum=most,
        )  # fmt: skip

    samples = (
        cases(low=0.01, high=0.2, up=[2, 3], down=[None, 1], cycled=[True, False])
        + cases(low=0.01, high=0.2, up=1, mode=["triangular2", "exp_range"], gamma=0.9)
        + cases(low=0.01, high=0.2, up=2, scale=expression("lambda n: 0.5 ** n"), of=["cycle", "iterations"])
    )
