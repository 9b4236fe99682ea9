"""Schedules of the learning rate."""

import math

import torch

from diptych.catalog.language import *


@helper
class Scheduler:
    """Sets the learning rate to ``rate(first rate, epoch)``, as PyTorch's schedulers do."""

    def __init__(self, optimizer, rate):
        self.optimizer, self.rate, self.last_epoch = optimizer, rate, -1
        if not hasattr(optimizer, "first_rate"):
            optimizer.first_rate = float(optimizer.learning_rate)
        self.step()

    def step(self, epoch=None):
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self.optimizer.learning_rate = self.rate(self.optimizer.first_rate, self.last_epoch)

    def get_last_lr(self):
        return [float(self.optimizer.learning_rate)]

    def state_dict(self):
        return {"last_epoch": self.last_epoch, "first_rate": self.optimizer.first_rate}

    def load_state_dict(self, state):
        self.last_epoch, self.optimizer.first_rate = state["last_epoch"], state["first_rate"]


class LambdaLR(SchedulerEquivalence):
    """The first learning rate times a function of the epoch."""

    one_way = "torch"

    def in_torch(optimizer: Any, factor: Any):
        return spellings(
            torch.optim.lr_scheduler.LambdaLR(optimizer, factor), torch.optim.lr_scheduler.LambdaLR(optimizer, [factor])
        )

    def in_tensorflow(optimizer: Any, factor: Any):
        return Scheduler(optimizer, lambda first, epoch: first * factor(epoch))

    samples = cases(factor=expression("lambda epoch: 0.5 ** epoch"))


class StepLR(SchedulerEquivalence):
    """The learning rate times gamma after every so many epochs."""

    one_way = "torch"

    def in_torch(optimizer: Any, size: Int, gamma: Float = 0.1):
        return torch.optim.lr_scheduler.StepLR(optimizer, size, gamma=gamma)

    def in_tensorflow(optimizer: Any, size: Int, gamma: Float = 0.1):
        return Scheduler(optimizer, lambda first, epoch: first * gamma ** (epoch // size))

    samples = cases(size=[1, 2], gamma=[Absent, 0.5])


class MultiStepLR(SchedulerEquivalence):
    """The learning rate times gamma at each milestone."""

    one_way = "torch"

    def in_torch(optimizer: Any, milestones: Any, gamma: Float = 0.1):
        return torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones, gamma=gamma)

    def in_tensorflow(optimizer: Any, milestones: Any, gamma: Float = 0.1):
        return Scheduler(optimizer, lambda first, epoch: first * gamma ** sum(epoch >= m for m in milestones))

    samples = cases(milestones=[[1, 3]], gamma=[Absent, 0.5])


class ExponentialLR(SchedulerEquivalence):
    """The learning rate times gamma at each epoch."""

    one_way = "torch"

    def in_torch(optimizer: Any, gamma: Float):
        return torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)

    def in_tensorflow(optimizer: Any, gamma: Float):
        return Scheduler(optimizer, lambda first, epoch: first * gamma**epoch)

    samples = cases(gamma=0.5)


class ConstantLR(SchedulerEquivalence):
    """A share of the learning rate for the first epochs."""

    one_way = "torch"

    def in_torch(optimizer: Any, factor: Float = 0.3333333333333333, epochs: Int = 5):
        return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=factor, total_iters=epochs)

    def in_tensorflow(optimizer: Any, factor: Float = 0.3333333333333333, epochs: Int = 5):
        return Scheduler(optimizer, lambda first, epoch: first * factor if epoch < epochs else first)

    samples = cases(factor=0.5, epochs=[Absent, 2])


class LinearLR(SchedulerEquivalence):
    """The learning rate times a factor that moves from one value to another."""

    one_way = "torch"

    def in_torch(optimizer: Any, start: Float, end: Float = 1.0, epochs: Int = 5):
        return torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=start, end_factor=end, total_iters=epochs)

    def in_tensorflow(optimizer: Any, start: Float, end: Float = 1.0, epochs: Int = 5):
        return Scheduler(optimizer, lambda first, epoch: first * (start + (end - start) * min(epoch, epochs) / epochs))

    samples = cases(start=0.1, end=[Absent, 0.5], epochs=[Absent, 2])


class PolynomialLR(SchedulerEquivalence):
    """The learning rate times a power of what is left of the epochs."""

    one_way = "torch"

    def in_torch(optimizer: Any, epochs: Int = 5, power: Float = 1.0):
        return torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=epochs, power=power)

    def in_tensorflow(optimizer: Any, epochs: Int = 5, power: Float = 1.0):
        return Scheduler(optimizer, lambda first, epoch: first * (1 - min(epoch, epochs) / epochs) ** power)

    samples = cases(epochs=[Absent, 2], power=[Absent, 2.0])


class CosineAnnealingLR(SchedulerEquivalence):
    """The learning rate along half a cosine, and back."""

    one_way = "torch"

    def in_torch(optimizer: Any, half: Int, low: Float = 0.0):
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, half, eta_min=low)

    def in_tensorflow(optimizer: Any, half: Int, low: Float = 0.0):
        return Scheduler(
            optimizer, lambda first, epoch: low + (first - low) * (1 + math.cos(math.pi * epoch / half)) / 2
        )

    samples = cases(half=[2, 5], low=[Absent, 0.01])


@helper
def warm_restarts(first, epoch, length, growth=1, low=0.0):
    """The learning rate along half a cosine, again and again, each ``growth`` times as long."""
    while epoch >= length:
        epoch, length = epoch - length, length * growth
    return low + (first - low) * (1 + math.cos(math.pi * epoch / length)) / 2


class CosineAnnealingWarmRestarts(SchedulerEquivalence):
    """The learning rate along half a cosine, again and again."""

    one_way = "torch"

    def in_torch(optimizer: Any, length: Int, growth: Int = 1, low: Float = 0.0):
        return torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, length, T_mult=growth, eta_min=low)

    def in_tensorflow(optimizer: Any, length: Int, growth: Int = 1, low: Float = 0.0):
        return Scheduler(optimizer, lambda first, epoch: warm_restarts(first, epoch, length, growth=growth, low=low))

    samples = cases(length=[1, 2], growth=[Absent, 2], low=[Absent, 0.01])


@helper
class Plateau:
    """Multiplies the learning rate by ``factor`` when a measure has not improved for ``patience`` epochs."""

    def __init__(
        self,
        optimizer,
        mode="min",
        factor=0.1,
        patience=10,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0.0,
        eps=1e-8,
    ):
        self.optimizer, self.sign, self.factor, self.patience = optimizer, 1 if mode == "min" else -1, factor, patience
        self.threshold, self.relative, self.cooldown = threshold, threshold_mode == "rel", cooldown
        self.min_lr, self.eps, self.best, self.bad, self.waiting = min_lr, eps, float("inf"), 0, 0

    def step(self, metrics):
        value = self.sign * float(metrics)
        limit = self.best * (1 - self.sign * self.threshold) if self.relative else self.best - self.threshold
        better = value < limit
        self.best, self.bad = (value, 0) if better else (self.best, self.bad + 1)
        if self.waiting > 0:
            self.waiting, self.bad = self.waiting - 1, 0
        if self.bad > self.patience:
            rate = float(self.optimizer.learning_rate)
            lower = max(rate * self.factor, self.min_lr)
            self.optimizer.learning_rate = lower if rate - lower > self.eps else rate
            self.waiting, self.bad = self.cooldown, 0

    def get_last_lr(self):
        return [float(self.optimizer.learning_rate)]

    def state_dict(self):
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state):
        vars(self).update(state)


class ReduceLROnPlateau(SchedulerEquivalence):
    """Lowers the learning rate when a measure stops improving: relatively in PyTorch, by a difference in Keras' callback."""

    one_way = "torch"

    def in_torch(
        optimizer: Any, mode: Str = "min", factor: Float = 0.1, patience: Int = 10, threshold: Float = 1e-4,
        compared: Str = "rel", cooldown: Int = 0, low: Float = 0, eps: Float = 1e-8,
    ):  # fmt: skip
        return torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, mode=mode, factor=factor, patience=patience, threshold=threshold, threshold_mode=compared,
            cooldown=cooldown, min_lr=low, eps=eps,
        )  # fmt: skip

    def in_tensorflow(
        optimizer: Any, mode: Str = "min", factor: Float = 0.1, patience: Int = 10, threshold: Float = 1e-4,
        compared: Str = "rel", cooldown: Int = 0, low: Float = 0, eps: Float = 1e-8,
    ):  # fmt: skip
        return Plateau(
            optimizer, mode=mode, factor=factor, patience=patience, threshold=threshold, threshold_mode=compared,
            cooldown=cooldown, min_lr=low, eps=eps,
        )  # fmt: skip

    samples = (
        cases(mode=["min", "max"], factor=0.5, patience=0, threshold=[0.1, 0.5], cooldown=[0, 1])
        + cases(patience=0, threshold=0.5, compared="abs", low=[0, 0.05], eps=[Absent, 0.06])
    )  # fmt: skip


@helper
class Multiplied:
    """Multiplies the learning rate by ``factor(epoch)`` again and again."""

    def __init__(self, optimizer, factor):
        self.optimizer, self.factor, self.last_epoch = optimizer, factor, 0

    def step(self):
        self.last_epoch += 1
        self.optimizer.learning_rate = float(self.optimizer.learning_rate) * self.factor(self.last_epoch)

    def get_last_lr(self):
        return [float(self.optimizer.learning_rate)]

    def state_dict(self):
        return {"last_epoch": self.last_epoch}

    def load_state_dict(self, state):
        self.last_epoch = state["last_epoch"]


class MultiplicativeLR(SchedulerEquivalence):
    """The learning rate times a function of the epoch, again and again."""

    one_way = "torch"

    def in_torch(optimizer: Any, factor: Any):
        return spellings(
            torch.optim.lr_scheduler.MultiplicativeLR(optimizer, factor),
            torch.optim.lr_scheduler.MultiplicativeLR(optimizer, [factor]),
        )

    def in_tensorflow(optimizer: Any, factor: Any):
        return Multiplied(optimizer, factor)

    samples = cases(factor=expression("lambda epoch: 0.5 ** epoch"))


@helper
def in_turn(optimizer, schedulers, milestones):
    """A scheduler that follows one after the other, each from its own first epoch on."""

    def rate(first, epoch):
        passed = [milestone for milestone in milestones if milestone <= epoch]
        return schedulers[len(passed)].rate(first, epoch - max(passed, default=0))

    return Scheduler(optimizer, rate)


class SequentialLR(SchedulerEquivalence):
    """One schedule after the other."""

    one_way = "torch"

    def in_torch(optimizer: Any, schedulers: Any, milestones: Any):
        return torch.optim.lr_scheduler.SequentialLR(optimizer, schedulers, milestones)

    def in_tensorflow(optimizer: Any, schedulers: Any, milestones: Any):
        return in_turn(optimizer, schedulers, milestones)

    samples = cases(
        schedulers=[
            expression(
                "[torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=2), "
                "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)]"
            ),
            expression(
                "[torch.optim.lr_scheduler.ConstantLR(optimizer, 0.1, 9), "
                "torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)]"
            ),
        ],
        milestones=[[2]],
    ) + cases(
        schedulers=expression(
            "[torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=2), "
            "torch.optim.lr_scheduler.StepLR(optimizer, 1), torch.optim.lr_scheduler.PolynomialLR(optimizer)]"
        ),
        milestones=[[2, 4]],
    )
