"""Optimizers with a rate of its own for each weight."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
class TorchRMSprop(keras.optimizers.RMSprop):
    """RMSprop that adds epsilon to the root, as PyTorch does; its momentum sums gradients, not steps."""

    def update_step(self, gradient, variable, learning_rate):
        index, gradient = self._get_variable_index(variable), tf.convert_to_tensor(gradient)
        velocity = self._velocities[index]
        velocity.assign(self.rho * velocity + (1 - self.rho) * tf.square(gradient))
        size = velocity.value
        if self.centered:
            mean = self._average_gradients[index]
            mean.assign(self.rho * mean + (1 - self.rho) * gradient)
            size = size - tf.square(mean)
        gradient = gradient / (tf.sqrt(size) + self.epsilon)
        if self._momentums:
            total = self._momentums[index]
            total.assign(self.momentum * total + gradient)
            gradient = total.value
        variable.assign_sub(tf.cast(learning_rate, variable.dtype) * gradient)


class RmsProp(OptimizerEquivalence):
    """RMSprop. PyTorch adds its epsilon to the root, Keras to what is under it; the other defaults differ too."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.01, rho: Float = 0.99, eps: Float = 1e-8, decay: Float = 0, momentum: Float = 0,
        centered: Flag = False, maximize: Flag = False, foreach: Any = None,
    ):  # fmt: skip
        return torch.optim.RMSprop(
            params, lr=lr, alpha=rho, eps=eps, weight_decay=decay, momentum=momentum, centered=centered,
            maximize=maximize, foreach=foreach,
        )  # fmt: skip

    def in_tensorflow(
        lr: Float = 0.001, rho: Float = 0.9, eps: Float = 1e-7, decay: Float = 0, momentum: Float = 0.0,
        centered: Flag = False, maximize: Flag = False,
    ):  # fmt: skip
        if decay == 0 and maximize is False:
            return TorchRMSprop(learning_rate=lr, rho=rho, momentum=momentum, epsilon=eps, centered=centered)
        return general(
            with_decay(
                TorchRMSprop(learning_rate=lr, rho=rho, momentum=momentum, epsilon=eps, centered=centered),
                decay=decay, maximize=maximize,
            )
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], rho=[Absent, 0.9], eps=[Absent, 1e-3])
        + cases(lr=0.01, rho=0.5, momentum=[0, 0.9], centered=[False, True], decay=[0, 0.1])
        + cases(lr=0.01, maximize=True)
    )


@helper
class KerasRMSprop(torch.optim.Optimizer):
    """RMSprop that adds epsilon under the root, as Keras does; its momentum sums steps."""

    def __init__(self, params, lr=0.001, rho=0.9, momentum=0.0, eps=1e-7, centered=False):
        super().__init__(params, {"lr": lr, "rho": rho, "momentum": momentum, "eps": eps, "centered": centered})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in (p for p in group["params"] if p.grad is not None):
                state = self.state[p]
                size = state.setdefault("velocity", torch.zeros_like(p)).lerp_(p.grad**2, 1 - group["rho"])
                if group["centered"]:
                    size = size - state.setdefault("mean", torch.zeros_like(p)).lerp_(p.grad, 1 - group["rho"]) ** 2
                move = group["lr"] * p.grad / torch.sqrt(size + group["eps"])
                p.sub_(state.setdefault("move", torch.zeros_like(p)).mul_(group["momentum"]).add_(move))


class RmsPropOfKeras(OptimizerEquivalence):
    """Keras' RMSprop, which adds its epsilon under the root."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, rho: Float = 0.9, momentum: Float = 0.0, eps: Float = 1e-7,
        centered: Flag = False, decay: Any = None, clip: Any = None, clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasRMSprop(params, rho=rho, momentum=momentum, eps=eps, centered=centered), schedule=lr,
                weight_decay=decay, clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if decay is None and clip is None and clip_value is None and clip_all is None:
            return KerasRMSprop(params, lr=lr, rho=rho, momentum=momentum, eps=eps, centered=centered)
        return general(
            with_options(
                KerasRMSprop(params, lr=lr, rho=rho, momentum=momentum, eps=eps, centered=centered),
                weight_decay=decay, clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, rho: Float = 0.9, momentum: Float = 0.0, eps: Float = 1e-7, centered: Flag = False,
        decay: Any = None, clip: Any = None, clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.RMSprop(
            learning_rate=lr, rho=rho, momentum=momentum, epsilon=eps, centered=centered, weight_decay=decay,
            clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[0.001, 0.1], rho=[0.9, 0.5], eps=[1e-7, 1e-3])
        + cases(lr=0.01, rho=0.5, momentum=[0.0, 0.9], centered=[False, True])
        + cases(lr=0.1, eps=1.0, decay=0.1, clip=[None, 0.1])
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(0.1, 3)"), momentum=0.9)
    )


@helper
class TorchAdagrad(keras.optimizers.Adagrad):
    """Adagrad that adds epsilon to the root, as PyTorch does; its rate may fall at each step."""

    def __init__(self, learning_rate=0.01, initial_accumulator_value=0.0, epsilon=1e-10, lr_decay=0.0):
        super().__init__(learning_rate, initial_accumulator_value, epsilon)
        self.lr_decay = lr_decay

    def update_step(self, gradient, variable, learning_rate):
        gradient = tf.convert_to_tensor(gradient)
        total = self._accumulators[self._get_variable_index(variable)]
        total.assign_add(tf.square(gradient))
        steps = tf.cast(self.iterations, variable.dtype)
        rate = tf.cast(learning_rate, variable.dtype) / (1 + steps * self.lr_decay)
        variable.assign_sub(rate * gradient / (tf.sqrt(total.value) + self.epsilon))


class Adagrad(OptimizerEquivalence):
    """Adagrad. PyTorch adds its epsilon to the root and starts at 0; Keras adds it under the root and starts at 0.1."""

    reads_back = False  # it wants its weights at once, and the twin's may be made at the first call
    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.01, fall: Float = 0, decay: Float = 0, start: Float = 0, eps: Float = 1e-10,
        maximize: Flag = False, foreach: Any = None, fused: Any = None,
    ):  # fmt: skip
        return torch.optim.Adagrad(
            params, lr=lr, lr_decay=fall, weight_decay=decay, initial_accumulator_value=start, eps=eps,
            maximize=maximize, foreach=foreach, fused=fused,
        )  # fmt: skip

    def in_tensorflow(
        lr: Float = 0.01, fall: Float = 0, decay: Float = 0, start: Float = 0, eps: Float = 1e-10,
        maximize: Flag = False,
    ):  # fmt: skip
        if decay == 0 and maximize is False:
            return TorchAdagrad(learning_rate=lr, initial_accumulator_value=start, epsilon=eps, lr_decay=fall)
        return general(
            with_decay(
                TorchAdagrad(learning_rate=lr, initial_accumulator_value=start, epsilon=eps, lr_decay=fall),
                decay=decay, maximize=maximize,
            )
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], start=[Absent, 0.1], eps=[Absent, 1e-3])
        + cases(lr=0.1, fall=[0, 0.5], decay=0.1, maximize=[False, True])
        + cases(lr=0.1, foreach=False, fused=[None, True])
    )


@helper
class KerasAdagrad(torch.optim.Optimizer):
    """Adagrad that adds epsilon under the root, as Keras does."""

    def __init__(self, params, lr=0.001, start=0.1, eps=1e-7):
        super().__init__(params, {"lr": lr, "start": start, "eps": eps})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in (p for p in group["params"] if p.grad is not None):
                total = self.state[p].setdefault("total", torch.full_like(p, group["start"])).addcmul_(p.grad, p.grad)
                p.sub_(group["lr"] * p.grad / torch.sqrt(total + group["eps"]))


class AdagradOfKeras(OptimizerEquivalence):
    """Keras' Adagrad, which adds its epsilon under the root and starts at 0.1."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, start: Float = 0.1, eps: Float = 1e-7, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasAdagrad(params, start=start, eps=eps), schedule=lr, weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if decay is None and clip is None and clip_value is None and clip_all is None:
            return KerasAdagrad(params, lr=lr, start=start, eps=eps)
        return general(
            with_options(
                KerasAdagrad(params, lr=lr, start=start, eps=eps), weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, start: Float = 0.1, eps: Float = 1e-7, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.Adagrad(
            learning_rate=lr, initial_accumulator_value=start, epsilon=eps, weight_decay=decay, clipnorm=clip,
            clipvalue=clip_value, global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[0.001, 0.1], start=[0.1, 0.5], eps=[1e-7, 1e-3])
        + cases(lr=0.1, decay=0.1, clip=[None, 0.1])
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(0.1, 3)"))
    )


class Adadelta(OptimizerEquivalence):
    """Adadelta, by the same formula; the default learning rates are 1.0 and 0.001. Keras squares an embedding's gradients
    row by row before it adds up those of the same row, so that they are added up first.
    """

    one_way = "torch"
    context = ("embedded",)

    def in_torch(
        params: Any, lr: Float = 1.0, rho: Float = 0.9, eps: Float = 1e-6, decay: Float = 0, maximize: Flag = False,
        foreach: Any = None, embedded: Flag = False,
    ):  # fmt: skip
        return torch.optim.Adadelta(
            params, lr=lr, rho=rho, eps=eps, weight_decay=decay, maximize=maximize, foreach=foreach
        )

    def in_tensorflow(
        lr: Float = 0.001, rho: Float = 0.95, eps: Float = 1e-7, decay: Float = 0, maximize: Flag = False,
        embedded: Flag = False,
    ):  # fmt: skip
        if decay == 0 and maximize is False and not embedded:
            return keras.optimizers.Adadelta(learning_rate=lr, rho=rho, epsilon=eps)
        return general(
            with_decay(
                keras.optimizers.Adadelta(learning_rate=lr, rho=rho, epsilon=eps), decay=decay, maximize=maximize
            )
        )

    samples = (
        cases(lr=[1.0, 0.1], rho=[0.9, 0.95], eps=[1e-6, 1e-3])
        + cases(decay=[0, 0.1], maximize=True)
        + cases(lr=1.0, embedded=True)
    )


class AdadeltaOfKeras(OptimizerEquivalence):
    """Keras' Adadelta; its weight decay shrinks the weights before each step."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, rho: Float = 0.95, eps: Float = 1e-7, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                torch.optim.Adadelta(params, rho=rho, eps=eps), schedule=lr, weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if decay is None and clip is None and clip_value is None and clip_all is None:
            return torch.optim.Adadelta(params, lr=lr, rho=rho, eps=eps)
        return general(
            with_options(
                torch.optim.Adadelta(params, lr=lr, rho=rho, eps=eps), weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, rho: Float = 0.95, eps: Float = 1e-7, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.Adadelta(
            learning_rate=lr, rho=rho, epsilon=eps, weight_decay=decay, clipnorm=clip, clipvalue=clip_value,
            global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 1.0], rho=[Absent, 0.9], eps=[Absent, 1e-3])
        + cases(lr=1.0, decay=0.1, clip=[None, 0.1])
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(1.0, 3)"))
    )


@helper
class KerasFtrl(torch.optim.Optimizer):
    """Follow the regularized leader, by Keras' formula."""

    def __init__(self, params, lr=0.001, power=-0.5, start=0.1, l1=0.0, l2=0.0, shrinkage=0.0, beta=0.0):
        settings = {"power": power, "start": start, "l1": l1, "l2": l2, "shrinkage": shrinkage, "beta": beta}
        super().__init__(params, {"lr": lr, **settings})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            rate, power, l1 = group["lr"], -group["power"], group["l1"]
            for p in (p for p in group["params"] if p.grad is not None):
                linear = self.state[p].setdefault("linear", torch.zeros_like(p))
                total = self.state[p].setdefault("total", torch.full_like(p, group["start"]))
                before = total**power
                after = total.addcmul_(p.grad, p.grad) ** power
                linear.add_(p.grad + 2 * group["shrinkage"] * p - (after - before) / rate * p)
                quadratic = after / rate + 2 * group["l2"] + group["beta"] / rate
                p.copy_((linear.clamp(-l1, l1) - linear) / quadratic)


class FtrlOfKeras(OptimizerEquivalence):
    """Keras' Ftrl, which PyTorch does not have."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, power: Float = -0.5, start: Float = 0.1, l1: Float = 0.0, l2: Float = 0.0,
        shrinkage: Float = 0.0, beta: Float = 0.0, decay: Any = None, clip: Any = None, clip_value: Any = None,
        clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasFtrl(params, power=power, start=start, l1=l1, l2=l2, shrinkage=shrinkage, beta=beta),
                schedule=lr, weight_decay=decay, clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if decay is None and clip is None and clip_value is None and clip_all is None:
            return KerasFtrl(params, lr=lr, power=power, start=start, l1=l1, l2=l2, shrinkage=shrinkage, beta=beta)
        return general(
            with_options(
                KerasFtrl(params, lr=lr, power=power, start=start, l1=l1, l2=l2, shrinkage=shrinkage, beta=beta),
                weight_decay=decay, clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, power: Float = -0.5, start: Float = 0.1, l1: Float = 0.0, l2: Float = 0.0,
        shrinkage: Float = 0.0, beta: Float = 0.0, decay: Any = None, clip: Any = None, clip_value: Any = None,
        clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.Ftrl(
            learning_rate=lr, learning_rate_power=power, initial_accumulator_value=start,
            l1_regularization_strength=l1, l2_regularization_strength=l2, l2_shrinkage_regularization_strength=shrinkage,
            beta=beta, weight_decay=decay, clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], power=[Absent, -0.3], start=[Absent, 0.5])
        + cases(lr=0.1, l1=[0.0, 0.1], l2=0.2, shrinkage=0.1, beta=0.3)
        + cases(lr=0.1, decay=0.1)
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(0.1, 20)"))
    )
