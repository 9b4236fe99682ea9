"""Optimizers."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
class TorchSGD(keras.optimizers.SGD):
    """SGD as PyTorch has it: the momentum sums gradients, not steps, ``decay`` times the weights among them."""

    def __init__(self, learning_rate=0.001, momentum=0.0, dampening=0.0, decay=0.0, nesterov=False):
        super().__init__(learning_rate, float(momentum), nesterov)
        self.dampening, self.decay = dampening, decay

    def update_step(self, gradient, variable, learning_rate):
        gradient = tf.convert_to_tensor(gradient) + self.decay * variable
        if self.momentum:
            total = self.momentums[self._get_variable_index(variable)]
            share = tf.where(self.iterations == 0, tf.ones_like(gradient), 1 - self.dampening)
            total.assign(self.momentum * total + share * gradient)
            gradient = gradient + self.momentum * total if self.nesterov else total.value
        variable.assign_sub(tf.cast(learning_rate, variable.dtype) * gradient)


class Sgd(OptimizerEquivalence):
    """Gradient descent. With momentum the two agree only while the learning rate stays the same. Weight decay differs."""

    one_way = "torch"
    context = ("scheduled",)

    def in_torch(
        params: Any, lr: Float = 0.001, momentum: Float = 0, dampening: Float = 0, decay: Float = 0,
        nesterov: Flag = False, scheduled: Flag = False,
    ):  # fmt: skip
        return torch.optim.SGD(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=decay, nesterov=nesterov
        )

    def in_tensorflow(
        lr: Float = 0.01, momentum: Float = 0.0, dampening: Float = 0, decay: Float = 0, nesterov: Flag = False,
        scheduled: Flag = False,
    ):  # fmt: skip
        if decay == 0 and dampening == 0 and (momentum == 0 or not scheduled):
            return keras.optimizers.SGD(learning_rate=lr, momentum=momentum, nesterov=nesterov)
        return general(
            TorchSGD(learning_rate=lr, momentum=momentum, dampening=dampening, decay=decay, nesterov=nesterov)
        )

    samples = (
        cases(lr=[Absent, 0.1], momentum=[0.0, 0.9], decay=[0, 0.1])
        + cases(lr=0.1, momentum=0.9, nesterov=True, decay=[0, 0.1])
        + cases(lr=0.1, momentum=[0.0, 0.9], scheduled=True)
        + cases(lr=0.1, momentum=0.9, dampening=0.5)
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

    def in_torch(params: Any, lr: Float = 0.01, momentum: Float = 0.0, nesterov: Flag = False, scheduled: Flag = False):
        if scheduled and momentum != 0:
            return KerasSGD(params, lr=lr, momentum=momentum, nesterov=nesterov)
        return general(torch.optim.SGD(params, lr=lr, momentum=momentum, nesterov=nesterov))

    def in_tensorflow(lr: Float = 0.01, momentum: Float = 0.0, nesterov: Flag = False, scheduled: Flag = False):
        return keras.optimizers.SGD(learning_rate=lr, momentum=momentum, nesterov=nesterov)

    samples = cases(lr=[Absent, 0.1], momentum=[0.0, 0.9]) + cases(
        lr=0.1, momentum=0.9, nesterov=[False, True], scheduled=[False, True]
    )


@helper
class TorchAdam(keras.optimizers.Adam):
    """Adam that adds epsilon after the bias correction, as PyTorch does."""

    def update_step(self, gradient, variable, learning_rate):
        epsilon, step = self.epsilon, tf.cast(self.iterations + 1, variable.dtype)
        self.epsilon = epsilon * tf.sqrt(1 - self.beta_2**step)
        super().update_step(gradient, variable, learning_rate)
        self.epsilon = epsilon


@helper
class TorchAdamL2(keras.optimizers.Adam):
    """Adam that adds epsilon after the bias correction, and ``decay`` times the weights to their gradients, as PyTorch does."""

    def __init__(self, learning_rate=0.001, decay=0.0, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        super().__init__(learning_rate, beta_1, beta_2, epsilon)
        self.decay = decay

    def update_step(self, gradient, variable, learning_rate):
        epsilon, step = self.epsilon, tf.cast(self.iterations + 1, variable.dtype)
        self.epsilon = epsilon * tf.sqrt(1 - self.beta_2**step)
        super().update_step(tf.convert_to_tensor(gradient) + self.decay * variable, variable, learning_rate)
        self.epsilon = epsilon


class Adam(OptimizerEquivalence):
    """Adam. PyTorch adds its epsilon (1e-8) after the bias correction, Keras before it (1e-7)."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0
    ):
        return spellings(
            torch.optim.Adam(params, lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay),
            torch.optim.Adam(params, lr=lr, eps=eps, weight_decay=decay),
        )

    def in_tensorflow(lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0):
        if decay == 0:
            return TorchAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps)
        return general(TorchAdamL2(learning_rate=lr, decay=decay, beta_1=b1, beta_2=b2, epsilon=eps))

    samples = cases(lr=[Absent, 0.1], decay=[0, 0.1]) + cases(lr=0.1, b1=0.5, b2=0.9) + cases(lr=0.1, eps=1e-3)


@helper
class KerasAdam(torch.optim.Adam):
    """Adam that adds epsilon before the bias correction, as Keras does."""

    def step(self, closure=None):
        self.steps = getattr(self, "steps", 0) + 1
        kept = [group["eps"] for group in self.param_groups]
        for group in self.param_groups:
            group["eps"] /= (1 - group["betas"][1] ** self.steps) ** 0.5
        result = super().step(closure)
        for group, eps in zip(self.param_groups, kept, strict=True):
            group["eps"] = eps
        return result


class AdamOfKeras(OptimizerEquivalence):
    """Keras' Adam, which adds its epsilon (1e-7) before the bias correction."""

    def in_torch(
        params: Any, lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, amsgrad: Flag = False
    ):
        if b1 == 0.9 and b2 == 0.999 and amsgrad is False:
            return KerasAdam(params, lr=lr, eps=eps)
        return general(KerasAdam(params, lr=lr, betas=(b1, b2), eps=eps, amsgrad=amsgrad))

    def in_tensorflow(lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, amsgrad: Flag = False):
        return keras.optimizers.Adam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, amsgrad=amsgrad)

    samples = cases(lr=[0.001, 0.1], b1=[0.9, 0.5], eps=[1e-7, 1e-3])


@helper
class TorchAdamW(keras.optimizers.AdamW):
    """AdamW that adds epsilon after the bias correction, as PyTorch does."""

    def update_step(self, gradient, variable, learning_rate):
        epsilon, step = self.epsilon, tf.cast(self.iterations + 1, variable.dtype)
        self.epsilon = epsilon * tf.sqrt(1 - self.beta_2**step)
        super().update_step(gradient, variable, learning_rate)
        self.epsilon = epsilon


class AdamW(OptimizerEquivalence):
    """Adam with decoupled weight decay: 0.01 by default in PyTorch, 0.004 in Keras; the epsilons stand elsewhere."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0.01
    ):
        return spellings(
            torch.optim.AdamW(params, lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay),
            torch.optim.AdamW(params, lr=lr, eps=eps, weight_decay=decay),
        )

    def in_tensorflow(lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, decay: Float = 0.004):
        if b1 == 0.9 and b2 == 0.999:
            return TorchAdamW(learning_rate=lr, weight_decay=decay, epsilon=eps)
        return general(TorchAdamW(learning_rate=lr, weight_decay=decay, beta_1=b1, beta_2=b2, epsilon=eps))

    samples = cases(lr=[Absent, 0.1], decay=[Absent, 0.1], b2=[0.999, 0.9])


@helper
class KerasAdamW(torch.optim.AdamW):
    """AdamW that adds epsilon before the bias correction, as Keras does."""

    def step(self, closure=None):
        self.steps = getattr(self, "steps", 0) + 1
        kept = [group["eps"] for group in self.param_groups]
        for group in self.param_groups:
            group["eps"] /= (1 - group["betas"][1] ** self.steps) ** 0.5
        result = super().step(closure)
        for group, eps in zip(self.param_groups, kept, strict=True):
            group["eps"] = eps
        return result


class AdamWOfKeras(OptimizerEquivalence):
    """Keras' Adam with decoupled weight decay, which adds its epsilon (1e-7) before the bias correction."""

    def in_torch(
        params: Any, lr: Float = 0.001, decay: Float = 0.004, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7
    ):
        if b1 == 0.9 and b2 == 0.999:
            return KerasAdamW(params, lr=lr, weight_decay=decay, eps=eps)
        return general(KerasAdamW(params, lr=lr, weight_decay=decay, betas=(b1, b2), eps=eps))

    def in_tensorflow(lr: Float = 0.001, decay: Float = 0.004, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7):
        return keras.optimizers.AdamW(learning_rate=lr, weight_decay=decay, beta_1=b1, beta_2=b2, epsilon=eps)

    samples = cases(lr=[0.001, 0.1], decay=[0.004, 0.1], b2=[0.999, 0.9])


@helper
class TorchRMSprop(keras.optimizers.RMSprop):
    """RMSprop that adds epsilon to the root, as PyTorch does, and has no momentum."""

    def update_step(self, gradient, variable, learning_rate):
        gradient = tf.convert_to_tensor(gradient)
        velocity = self._velocities[self._get_variable_index(variable)]
        velocity.assign(self.rho * velocity + (1 - self.rho) * tf.square(gradient))
        rate = tf.cast(learning_rate, variable.dtype)
        variable.assign_sub(rate * gradient / (tf.sqrt(velocity.value) + self.epsilon))


class RmsProp(OptimizerEquivalence):
    """RMSprop. PyTorch adds its epsilon to the root, Keras to what is under it; the other defaults differ too."""

    one_way = "torch"

    def in_torch(params: Any, lr: Float = 0.01, rho: Float = 0.99, eps: Float = 1e-8):
        return torch.optim.RMSprop(params, lr=lr, alpha=rho, eps=eps)

    def in_tensorflow(lr: Float = 0.001, rho: Float = 0.9, eps: Float = 1e-7):
        return TorchRMSprop(learning_rate=lr, rho=rho, epsilon=eps)

    samples = cases(lr=[Absent, 0.1], rho=[Absent, 0.9], eps=[Absent, 1e-3])


@helper
class KerasRMSprop(torch.optim.Optimizer):
    """RMSprop that adds epsilon under the root, as Keras does, and has no momentum."""

    def __init__(self, params, lr=0.001, rho=0.9, eps=1e-7):
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in (p for p in group["params"] if p.grad is not None):
                velocity = self.state[p].setdefault("velocity", torch.zeros_like(p))
                velocity.mul_(group["rho"]).addcmul_(p.grad, p.grad, value=1 - group["rho"])
                p.sub_(group["lr"] * p.grad / torch.sqrt(velocity + group["eps"]))


class RmsPropOfKeras(OptimizerEquivalence):
    """Keras' RMSprop, which adds its epsilon under the root."""

    def in_torch(params: Any, lr: Float = 0.001, rho: Float = 0.9, eps: Float = 1e-7):
        return KerasRMSprop(params, lr=lr, rho=rho, eps=eps)

    def in_tensorflow(lr: Float = 0.001, rho: Float = 0.9, eps: Float = 1e-7):
        return keras.optimizers.RMSprop(learning_rate=lr, rho=rho, epsilon=eps)

    samples = cases(lr=[0.001, 0.1], rho=[0.9, 0.5], eps=[1e-7, 1e-3])


@helper
class TorchAdagrad(keras.optimizers.Adagrad):
    """Adagrad that adds epsilon to the root, as PyTorch does."""

    def update_step(self, gradient, variable, learning_rate):
        gradient = tf.convert_to_tensor(gradient)
        total = self._accumulators[self._get_variable_index(variable)]
        total.assign_add(tf.square(gradient))
        rate = tf.cast(learning_rate, variable.dtype)
        variable.assign_sub(rate * gradient / (tf.sqrt(total.value) + self.epsilon))


class Adagrad(OptimizerEquivalence):
    """Adagrad. PyTorch adds its epsilon to the root and starts at 0; Keras adds it under the root and starts at 0.1."""

    one_way = "torch"

    def in_torch(params: Any, lr: Float = 0.01, start: Float = 0, eps: Float = 1e-10):
        return torch.optim.Adagrad(params, lr=lr, initial_accumulator_value=start, eps=eps)

    def in_tensorflow(lr: Float = 0.001, start: Float = 0.1, eps: Float = 1e-7):
        return TorchAdagrad(learning_rate=lr, initial_accumulator_value=start, epsilon=eps)

    samples = cases(lr=[Absent, 0.1], start=[Absent, 0.1], eps=[Absent, 1e-3])


@helper
class KerasAdagrad(torch.optim.Optimizer):
    """Adagrad that adds epsilon under the root, as Keras does."""

    def __init__(self, params, lr=0.001, start=0.1, eps=1e-7):
        super().__init__(params, {"lr": lr, "start": start, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in (p for p in group["params"] if p.grad is not None):
                total = self.state[p].setdefault("total", torch.full_like(p, group["start"])).addcmul_(p.grad, p.grad)
                p.sub_(group["lr"] * p.grad / torch.sqrt(total + group["eps"]))


class AdagradOfKeras(OptimizerEquivalence):
    """Keras' Adagrad, which adds its epsilon under the root and starts at 0.1."""

    def in_torch(params: Any, lr: Float = 0.001, start: Float = 0.1, eps: Float = 1e-7):
        return KerasAdagrad(params, lr=lr, start=start, eps=eps)

    def in_tensorflow(lr: Float = 0.001, start: Float = 0.1, eps: Float = 1e-7):
        return keras.optimizers.Adagrad(learning_rate=lr, initial_accumulator_value=start, epsilon=eps)

    samples = cases(lr=[0.001, 0.1], start=[0.1, 0.5], eps=[1e-7, 1e-3])


class Adadelta(OptimizerEquivalence):
    """Adadelta, by the same formula; the default learning rates are 1.0 and 0.001."""

    def in_torch(params: Any, lr: Float = 1.0, rho: Float = 0.9, eps: Float = 1e-6):
        return torch.optim.Adadelta(params, lr=lr, rho=rho, eps=eps)

    def in_tensorflow(lr: Float = 0.001, rho: Float = 0.95, eps: Float = 1e-7):
        return keras.optimizers.Adadelta(learning_rate=lr, rho=rho, epsilon=eps)

    samples = cases(lr=[1.0, 0.1], rho=[0.9, 0.95], eps=[1e-6, 1e-3])
