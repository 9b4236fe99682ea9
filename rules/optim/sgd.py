"""Optimizers that follow the gradient itself or its sign."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
class TorchSGD(keras.optimizers.SGD):
    """SGD as PyTorch has it: the momentum sums gradients, not steps, ``decay`` times the weights among them."""

    def __init__(self, learning_rate=0.001, momentum=0.0, dampening=0.0, decay=0.0, nesterov=False, maximize=False):
        super().__init__(learning_rate, float(momentum), nesterov)
        self.dampening, self.decay, self.sign = dampening, decay, -1 if maximize else 1

    def update_step(self, gradient, variable, learning_rate):
        gradient = self.sign * tf.convert_to_tensor(gradient) + self.decay * variable
        if self.momentums:
            total = self.momentums[self._get_variable_index(variable)]
            share = tf.where(self.iterations == 0, tf.ones_like(gradient), 1 - self.dampening)
            total.assign(self.momentum * total + share * gradient)
            gradient = gradient + self.momentum * total if self.nesterov else total.value
        variable.assign_sub(tf.cast(learning_rate, variable.dtype) * gradient)


class Sgd(OptimizerEquivalence):
    """Gradient descent. With momentum the two agree only while the learning rate stays the same. Weight decay differs."""

    one_way = "torch"
    context = ("scheduled", "cycled")

    def in_torch(
        params: Any, lr: Float = 0.001, momentum: Float = 0, dampening: Float = 0, decay: Float = 0,
        nesterov: Flag = False, maximize: Flag = False, foreach: Any = None, fused: Any = None, scheduled: Flag = False,
        cycled: Flag = False,
    ):  # fmt: skip
        return torch.optim.SGD(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=decay, nesterov=nesterov,
            maximize=maximize, foreach=foreach, fused=fused,
        )  # fmt: skip

    def in_tensorflow(
        lr: Float = 0.01, momentum: Float = 0.0, dampening: Float = 0, decay: Float = 0, nesterov: Flag = False,
        maximize: Flag = False, scheduled: Flag = False,
        cycled: Flag = False,
    ):  # fmt: skip
        if decay == 0 and dampening == 0 and maximize is False and not cycled and (momentum == 0 or not scheduled):
            return keras.optimizers.SGD(learning_rate=lr, momentum=momentum, nesterov=nesterov)
        return general(
            TorchSGD(
                learning_rate=lr, momentum=momentum, dampening=dampening, decay=decay, nesterov=nesterov,
                maximize=maximize,
            )
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], momentum=[0.0, 0.9], decay=[0, 0.1])
        + cases(lr=0.1, momentum=0.9, nesterov=True, decay=[0, 0.1])
        + cases(lr=0.1, momentum=[0.0, 0.9], scheduled=True)
        + cases(lr=0.1, momentum=[0.0, 0.9], scheduled=True, cycled=True)
        + cases(lr=0.1, momentum=0.9, dampening=0.5)
        + cases(lr=0.01, momentum=[0.0, 0.9], decay=0.1, maximize=True)
        + cases(lr=0.1, foreach=False, fused=[None, True])
    )


@helper
class KerasSGD(torch.optim.SGD):
    """SGD whose momentum sums steps, not gradients, as Keras has it; the two differ where the learning rate changes."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            rate, momentum = group["lr"], group["momentum"]
            for p in (p for p in group["params"] if p.grad is not None):
                move = self.state[p].setdefault("move", torch.zeros_like(p)).mul_(momentum).sub_(rate * p.grad)
                p.add_(momentum * move - rate * p.grad if group["nesterov"] else move)


class SgdOfKeras(OptimizerEquivalence):
    """Gradient descent in Keras, whose momentum sums steps, not gradients; weight decay shrinks the weights first."""

    one_way = "tensorflow"
    context = ("scheduled",)

    def in_torch(
        params: Any, lr: Any = 0.01, momentum: Float = 0.0, nesterov: Flag = False, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None, scheduled: Flag = False,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasSGD(params, momentum=momentum, nesterov=nesterov), schedule=lr, weight_decay=decay,
                clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if not (decay is None and clip is None and clip_value is None and clip_all is None):
            return with_options(
                KerasSGD(params, lr=lr, momentum=momentum, nesterov=nesterov), weight_decay=decay,
                clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if scheduled and momentum != 0:
            return KerasSGD(params, lr=lr, momentum=momentum, nesterov=nesterov)
        return general(torch.optim.SGD(params, lr=lr, momentum=momentum, nesterov=nesterov))

    def in_tensorflow(
        lr: Any = 0.01, momentum: Float = 0.0, nesterov: Flag = False, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None, scheduled: Flag = False,
    ):  # fmt: skip
        return keras.optimizers.SGD(
            learning_rate=lr, momentum=momentum, nesterov=nesterov, weight_decay=decay, clipnorm=clip,
            clipvalue=clip_value, global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], momentum=[0.0, 0.9])
        + cases(lr=0.1, momentum=0.9, nesterov=[False, True], scheduled=[False, True])
        + cases(lr=0.1, momentum=[0.0, 0.9], decay=0.1)
        + cases(lr=0.5, clip=[0.1, 1.0])
        + cases(lr=0.5, clip_value=0.1)
        + cases(lr=0.5, momentum=0.9, decay=0.1, clip_all=0.1)
        + cases(lr=expression("keras.optimizers.schedules.ExponentialDecay(0.5, 2, 0.5)"), momentum=[0.0, 0.9])
    )


@helper
class TorchASGD(keras.optimizers.Optimizer):
    """SGD with weights that shrink and a rate that falls at each step, as PyTorch's ASGD; it keeps no averages."""

    def __init__(self, learning_rate=0.01, lambd=1e-4, alpha=0.75):
        super().__init__(learning_rate)
        self.lambd, self.alpha = lambd, alpha

    def build(self, variables):
        super().build(variables)
        self.rates = [self.add_variable((), dtype=variable.dtype, name="rate") for variable in variables]

    def update_step(self, gradient, variable, learning_rate):
        rate, step = tf.cast(learning_rate, variable.dtype), tf.cast(self.iterations, variable.dtype)
        kept = self.rates[self._get_variable_index(variable)]
        now = tf.where(step == 0, rate, kept)
        variable.assign((1 - self.lambd * now) * variable - now * tf.convert_to_tensor(gradient))
        kept.assign(rate / (1 + self.lambd * rate * (step + 1)) ** self.alpha)


class Asgd(OptimizerEquivalence):
    """Averaged gradient descent; the averages, which PyTorch keeps in the optimizer's state, are not converted."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.01, lambd: Float = 1e-4, alpha: Float = 0.75, t0: Float = 1e6, decay: Float = 0,
        maximize: Flag = False, foreach: Any = None,
    ):  # fmt: skip
        return torch.optim.ASGD(
            params, lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=decay, maximize=maximize, foreach=foreach
        )

    def in_tensorflow(
        lr: Float = 0.01, lambd: Float = 1e-4, alpha: Float = 0.75, t0: Float = 1e6, decay: Float = 0,
        maximize: Flag = False,
    ):  # fmt: skip
        if decay == 0 and maximize is False:
            return TorchASGD(learning_rate=lr, lambd=lambd, alpha=alpha)
        return general(
            with_decay(TorchASGD(learning_rate=lr, lambd=lambd, alpha=alpha), decay=decay, maximize=maximize)
        )

    samples = (
        cases(lr=[Absent, 0.1], lambd=[Absent, 0.5], alpha=[Absent, 2.0])
        + cases(lr=0.1, t0=1, decay=[0, 0.1], maximize=[False, True])
    )  # fmt: skip


@helper
class TorchRprop(keras.optimizers.Optimizer):
    """Steps by the signs of gradients, longer while they stay, shorter where they turn, as PyTorch's Rprop."""

    def __init__(self, learning_rate=0.01, etas=(0.5, 1.2), step_sizes=(1e-6, 50)):
        super().__init__(learning_rate)
        self.etas, self.step_sizes = etas, step_sizes

    def build(self, variables):
        super().build(variables)
        self.before, self.sizes = self.add_optimizer_variables(variables, ["before", "size"])

    def update_step(self, gradient, variable, learning_rate):
        index, gradient = self._get_variable_index(variable), tf.convert_to_tensor(gradient)
        turned = tf.sign(gradient * self.before[index])
        factor = tf.where(turned > 0, self.etas[1], tf.where(turned < 0, self.etas[0], tf.ones_like(gradient)))
        size = tf.where(self.iterations == 0, tf.cast(learning_rate, variable.dtype), self.sizes[index])
        self.sizes[index].assign(tf.clip_by_value(size * factor, *self.step_sizes))
        self.before[index].assign(tf.where(turned < 0, tf.zeros_like(gradient), gradient))
        variable.assign_sub(tf.sign(self.before[index]) * self.sizes[index])


class Rprop(OptimizerEquivalence):
    """Resilient propagation, which looks at the signs of gradients alone."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.01, etas: Any = (0.5, 1.2), sizes: Any = (1e-6, 50), maximize: Flag = False,
        foreach: Any = None,
    ):  # fmt: skip
        return torch.optim.Rprop(params, lr=lr, etas=etas, step_sizes=sizes, maximize=maximize, foreach=foreach)

    def in_tensorflow(lr: Float = 0.01, etas: Any = (0.5, 1.2), sizes: Any = (1e-6, 50), maximize: Flag = False):
        if maximize is False:
            return TorchRprop(learning_rate=lr, etas=etas, step_sizes=sizes)
        return general(with_decay(TorchRprop(learning_rate=lr, etas=etas, step_sizes=sizes), maximize=maximize))

    samples = (
        cases(lr=[Absent, 0.5], etas=[Absent, (0.2, 2.0)], sizes=[Absent, (0.1, 0.4)])
        + cases(lr=0.5, maximize=True)
    )  # fmt: skip
