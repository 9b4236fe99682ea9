"""Relatives of Adam."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
class TorchAdamax(keras.optimizers.Adamax):
    """Adamax that adds epsilon to each gradient's size, as PyTorch does, not to their maximum."""

    def update_step(self, gradient, variable, learning_rate):
        index, gradient = self._get_variable_index(variable), tf.convert_to_tensor(gradient)
        mean, largest, step = self._m[index], self._u[index], tf.cast(self.iterations + 1, variable.dtype)
        mean.assign_add((gradient - mean) * (1 - self.beta_1))
        largest.assign(tf.maximum(self.beta_2 * largest, tf.abs(gradient) + self.epsilon))
        rate = tf.cast(learning_rate, variable.dtype) / (1 - self.beta_1**step)
        variable.assign_sub(rate * mean / largest)


class Adamax(OptimizerEquivalence):
    """Adam with the largest gradient. PyTorch adds epsilon to each gradient's size, Keras to the largest."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.002, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0,
        maximize: Flag = False, foreach: Any = None,
    ):  # fmt: skip
        return spellings(
            torch.optim.Adamax(
                params, lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay, maximize=maximize, foreach=foreach
            ),
            torch.optim.Adamax(params, lr=lr, eps=eps, weight_decay=decay, maximize=maximize, foreach=foreach),
        )

    def in_tensorflow(
        lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, decay: Float = 0,
        maximize: Flag = False,
    ):  # fmt: skip
        if decay == 0 and maximize is False:
            return TorchAdamax(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps)
        return general(
            with_decay(TorchAdamax(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps), decay=decay, maximize=maximize)
        )

    samples = (
        cases(lr=[Absent, 0.1], b1=0.5, b2=0.6, eps=[1e-8, 0.1])
        + cases(lr=0.1, decay=[0, 0.1], maximize=[False, True])
    )  # fmt: skip


@helper
class KerasAdamax(torch.optim.Optimizer):
    """Adamax that adds epsilon to the largest gradient, as Keras does."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-7):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "steps": 0})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            group["steps"] += 1
            b1, b2 = group["betas"]
            for p in (p for p in group["params"] if p.grad is not None):
                mean = self.state[p].setdefault("mean", torch.zeros_like(p)).lerp_(p.grad, 1 - b1)
                largest = self.state[p].setdefault("largest", torch.zeros_like(p))
                largest.copy_(torch.maximum(b2 * largest, p.grad.abs()))
                p.sub_(group["lr"] / (1 - b1 ** group["steps"]) * mean / (largest + group["eps"]))


class AdamaxOfKeras(OptimizerEquivalence):
    """Keras' Adamax, which adds epsilon to the largest gradient."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, decay: Any = None,
        clip: Any = None, clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasAdamax(params, betas=(b1, b2), eps=eps), schedule=lr, weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if decay is None and clip is None and clip_value is None and clip_all is None:
            return KerasAdamax(params, lr=lr, betas=(b1, b2), eps=eps)
        return general(
            with_options(
                KerasAdamax(params, lr=lr, betas=(b1, b2), eps=eps), weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.Adamax(
            learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, weight_decay=decay, clipnorm=clip,
            clipvalue=clip_value, global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], b1=0.5, b2=0.6, eps=[1e-7, 0.1])
        + cases(lr=0.1, decay=0.1, clip=[None, 0.1])
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(0.5, 3)"))
    )


@helper
class TorchNAdam(keras.optimizers.Adam):
    """NAdam whose momentum grows as slowly as ``momentum_decay`` says; Keras' Nadam grows as for 1."""

    def __init__(
        self, learning_rate=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-8, momentum_decay=0.004, weight_decay=None
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, weight_decay=weight_decay)
        self.momentum_decay = momentum_decay

    def build(self, variables):
        super().build(variables)
        self.products = [self.add_variable((), "ones", variable.dtype, name="product") for variable in variables]

    def update_step(self, gradient, variable, learning_rate):
        index, gradient = self._get_variable_index(variable), tf.convert_to_tensor(gradient)
        mean, square, product = self._momentums[index], self._velocities[index], self.products[index]
        step = tf.cast(self.iterations + 1, variable.dtype)
        now, then = (self.beta_1 * (1 - 0.5 * 0.96 ** (n * self.momentum_decay)) for n in (step, step + 1))
        product.assign(product * now)
        mean.assign_add((gradient - mean) * (1 - self.beta_1))
        square.assign_add((gradient**2 - square) * (1 - self.beta_2))
        ahead = (1 - now) / (1 - product) * gradient + then / (1 - product * then) * mean
        size = tf.sqrt(square / (1 - self.beta_2**step)) + self.epsilon
        variable.assign_sub(tf.cast(learning_rate, variable.dtype) * ahead / size)


class NAdam(OptimizerEquivalence):
    """Adam with Nesterov's momentum, which grows more slowly in PyTorch than in Keras' Nadam."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.002, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0,
        growth: Float = 0.004, decoupled: Flag = False, maximize: Flag = False, foreach: Any = None,
    ):  # fmt: skip
        return spellings(
            torch.optim.NAdam(
                params, lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay, momentum_decay=growth,
                decoupled_weight_decay=decoupled, maximize=maximize, foreach=foreach,
            ),
            torch.optim.NAdam(
                params, lr=lr, eps=eps, weight_decay=decay, momentum_decay=growth, decoupled_weight_decay=decoupled,
                maximize=maximize, foreach=foreach,
            ),
        )  # fmt: skip

    def in_tensorflow(
        lr: Float = 0.002, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0,
        growth: Float = 0.004, decoupled: Flag = False, maximize: Flag = False,
    ):  # fmt: skip
        if decay == 0 and maximize is False:
            return TorchNAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, momentum_decay=growth)
        if decoupled is False:
            return with_decay(
                TorchNAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, momentum_decay=growth), decay=decay,
                maximize=maximize,
            )  # fmt: skip
        if maximize is False:
            return TorchNAdam(
                learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, momentum_decay=growth, weight_decay=decay
            )
        return with_decay(
            TorchNAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, momentum_decay=growth, weight_decay=decay),
            maximize=maximize,
        )

    samples = (
        cases(lr=[Absent, 0.1], b1=0.5, b2=0.6, eps=[Absent, 0.1], growth=[Absent, 0.5])
        + cases(lr=0.01, decay=0.1, decoupled=[False, True], maximize=[False, True])
        + cases(lr=0.01, maximize=True)
    )


@helper
class KerasNadam(torch.optim.Optimizer):
    """NAdam whose momentum grows fast, as that of Keras does."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-7):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "steps": 0, "product": 1.0})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            group["steps"] += 1
            step, (b1, b2) = group["steps"], group["betas"]
            now, then = (b1 * (1 - 0.5 * 0.96**n) for n in (step, step + 1))
            group["product"] *= now
            for p in (p for p in group["params"] if p.grad is not None):
                mean = self.state[p].setdefault("mean", torch.zeros_like(p)).lerp_(p.grad, 1 - b1)
                square = self.state[p].setdefault("square", torch.zeros_like(p)).lerp_(p.grad**2, 1 - b2)
                ahead = (1 - now) / (1 - group["product"]) * p.grad + then / (1 - group["product"] * then) * mean
                p.sub_(group["lr"] * ahead / ((square / (1 - b2**step)).sqrt() + group["eps"]))


class NadamOfKeras(OptimizerEquivalence):
    """Keras' Adam with Nesterov's momentum, which grows faster than PyTorch's by default."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, decay: Any = None,
        clip: Any = None, clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasNadam(params, betas=(b1, b2), eps=eps), schedule=lr, weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if decay is None and clip is None and clip_value is None and clip_all is None:
            return KerasNadam(params, lr=lr, betas=(b1, b2), eps=eps)
        return general(
            with_options(
                KerasNadam(params, lr=lr, betas=(b1, b2), eps=eps), weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.Nadam(
            learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, weight_decay=decay, clipnorm=clip,
            clipvalue=clip_value, global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], b1=0.5, b2=0.6, eps=[1e-7, 0.1])
        + cases(lr=0.1, decay=0.1, clip=[None, 0.1])
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(0.5, 3)"))
    )


@helper
class TorchRAdam(keras.optimizers.Adam):
    """Adam that divides by the size of gradients only once it has seen enough of them, as PyTorch's RAdam."""

    def update_step(self, gradient, variable, learning_rate):
        index, gradient = self._get_variable_index(variable), tf.convert_to_tensor(gradient)
        mean, square, b2 = self._momentums[index], self._velocities[index], self.beta_2
        mean.assign_add((gradient - mean) * (1 - self.beta_1))
        square.assign_add((gradient**2 - square) * (1 - b2))
        step = tf.cast(self.iterations + 1, "float64")
        longest = 2 / (1 - b2) - 1
        length = longest - 2 * step * b2**step / (1 - b2**step)
        part = tf.maximum(length - 4, 0) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        factor = tf.cast(tf.sqrt(part * (1 - b2**step)), variable.dtype)
        size = tf.where(length > 5, factor / (tf.sqrt(square) + self.epsilon), tf.ones_like(gradient))
        rate = tf.cast(learning_rate / tf.cast(1 - self.beta_1**step, learning_rate.dtype), variable.dtype)
        variable.assign_sub(rate * mean * size)


class RAdam(OptimizerEquivalence):
    """Rectified Adam, which Keras does not have."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0,
        decoupled: Flag = False, maximize: Flag = False, foreach: Any = None,
    ):  # fmt: skip
        return spellings(
            torch.optim.RAdam(
                params, lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay, decoupled_weight_decay=decoupled,
                maximize=maximize, foreach=foreach,
            ),
            torch.optim.RAdam(
                params, lr=lr, eps=eps, weight_decay=decay, decoupled_weight_decay=decoupled, maximize=maximize,
                foreach=foreach,
            ),
        )  # fmt: skip

    def in_tensorflow(
        lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0,
        decoupled: Flag = False, maximize: Flag = False,
    ):  # fmt: skip
        if decay == 0 and maximize is False:
            return TorchRAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps)
        if decoupled is False:
            return with_decay(
                TorchRAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps), decay=decay, maximize=maximize
            )
        if maximize is False:
            return TorchRAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, weight_decay=decay)
        return with_decay(
            TorchRAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, weight_decay=decay), maximize=maximize
        )

    samples = (
        cases(lr=[Absent, 0.1], b1=0.5, b2=[0.8, 0.9], eps=[Absent, 0.1])
        + cases(lr=0.01, decay=0.1, decoupled=[False, True], maximize=[False, True])
        + cases(lr=0.01, maximize=True)
    )


@helper
class KerasLion(torch.optim.Optimizer):
    """Steps of one size by the sign of a running mean of gradients, as Keras' Lion."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.99)):
        super().__init__(params, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in (p for p in group["params"] if p.grad is not None):
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                p.sub_(group["lr"] * (b1 * mean + (1 - b1) * p.grad).sign())
                mean.lerp_(p.grad, 1 - b2)


class LionOfKeras(OptimizerEquivalence):
    """Keras' Lion, which PyTorch does not have."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, b1: Float = 0.9, b2: Float = 0.99, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasLion(params, betas=(b1, b2)), schedule=lr, weight_decay=decay, clipnorm=clip,
                clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if decay is None and clip is None and clip_value is None and clip_all is None:
            return KerasLion(params, lr=lr, betas=(b1, b2))
        return general(
            with_options(
                KerasLion(params, lr=lr, betas=(b1, b2)), weight_decay=decay, clipnorm=clip, clipvalue=clip_value,
                global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, b1: Float = 0.9, b2: Float = 0.99, decay: Any = None, clip: Any = None,
        clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.Lion(
            learning_rate=lr, beta_1=b1, beta_2=b2, weight_decay=decay, clipnorm=clip, clipvalue=clip_value,
            global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], b1=[0.9, 0.5], b2=0.6)
        + cases(lr=0.1, decay=0.1)
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(0.5, 3)"))
    )
