"""Adam and AdamW."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
class TorchAdam(keras.optimizers.Adam):
    """Adam that adds epsilon after the bias correction, as PyTorch does."""

    def update_step(self, gradient, variable, learning_rate):
        epsilon, step = self.epsilon, tf.cast(self.iterations + 1, variable.dtype)
        self.epsilon = epsilon * tf.sqrt(1 - self.beta_2**step)
        super().update_step(tf.convert_to_tensor(gradient), variable, learning_rate)
        self.epsilon = epsilon


class Adam(OptimizerEquivalence):
    """Adam. PyTorch adds its epsilon (1e-8) after the bias correction, Keras before it (1e-7)."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0,
        amsgrad: Flag = False, maximize: Flag = False, foreach: Any = None, fused: Any = None,
    ):  # fmt: skip
        return spellings(
            torch.optim.Adam(
                params, lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay, amsgrad=amsgrad, maximize=maximize,
                foreach=foreach, fused=fused,
            ),
            torch.optim.Adam(
                params, lr=lr, eps=eps, weight_decay=decay, amsgrad=amsgrad, maximize=maximize, foreach=foreach,
                fused=fused,
            ),
        )  # fmt: skip

    def in_tensorflow(
        lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0,
        amsgrad: Flag = False, maximize: Flag = False,
    ):  # fmt: skip
        if decay == 0 and maximize is False:
            return TorchAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, amsgrad=amsgrad)
        return general(
            with_decay(
                TorchAdam(learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, amsgrad=amsgrad), decay=decay,
                maximize=maximize,
            )
        )  # fmt: skip

    samples = (
        cases(lr=[Absent, 0.1], decay=[0, 0.1])
        + cases(lr=0.1, b1=0.5, b2=0.9)
        + cases(lr=0.1, eps=1e-3)
        + cases(lr=0.5, b2=0.5, amsgrad=True)
        + cases(lr=0.01, decay=[0, 0.1], maximize=True)
        + cases(lr=0.1, foreach=False, fused=[None, True])
    )


@helper
class KerasAdam(torch.optim.Adam):
    """Adam that adds epsilon before the bias correction, as Keras does."""

    def step(self, closure=None):
        kept = [group["eps"] for group in self.param_groups]
        for group in self.param_groups:
            group["steps"] = group.get("steps", 0) + 1
            group["eps"] /= (1 - group["betas"][1] ** group["steps"]) ** 0.5
        result = super().step(closure)
        for group, eps in zip(self.param_groups, kept, strict=True):
            group["eps"] = eps
        return result


class AdamOfKeras(OptimizerEquivalence):
    """Keras' Adam, which adds its epsilon (1e-7) before the bias correction."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, amsgrad: Flag = False,
        decay: Any = None, clip: Any = None, clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasAdam(params, betas=(b1, b2), eps=eps, amsgrad=amsgrad), schedule=lr, weight_decay=decay,
                clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if decay is None and clip is None and clip_value is None and clip_all is None:
            return KerasAdam(params, lr=lr, betas=(b1, b2), eps=eps, amsgrad=amsgrad)
        return general(
            with_options(
                KerasAdam(params, lr=lr, betas=(b1, b2), eps=eps, amsgrad=amsgrad), weight_decay=decay,
                clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, amsgrad: Flag = False,
        decay: Any = None, clip: Any = None, clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.Adam(
            learning_rate=lr, beta_1=b1, beta_2=b2, epsilon=eps, amsgrad=amsgrad, weight_decay=decay, clipnorm=clip,
            clipvalue=clip_value, global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[0.001, 0.1], b1=[0.9, 0.5], eps=[1e-7, 1e-3])
        + cases(lr=0.5, b2=0.5, amsgrad=True)
        + cases(lr=0.1, decay=0.1, clip=[None, 0.1])
        + cases(lr=0.1, eps=1.0, clip_value=0.1)
        + cases(lr=0.1, eps=1.0, clip_all=0.1)
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(0.5, 3)"), decay=[None, 0.1])
    )


@helper
class TorchAdamW(keras.optimizers.AdamW):
    """AdamW that adds epsilon after the bias correction, as PyTorch does."""

    def update_step(self, gradient, variable, learning_rate):
        epsilon, step = self.epsilon, tf.cast(self.iterations + 1, variable.dtype)
        self.epsilon = epsilon * tf.sqrt(1 - self.beta_2**step)
        super().update_step(tf.convert_to_tensor(gradient), variable, learning_rate)
        self.epsilon = epsilon


class AdamW(OptimizerEquivalence):
    """Adam with decoupled weight decay: 0.01 by default in PyTorch, 0.004 in Keras; the epsilons stand elsewhere."""

    one_way = "torch"

    def in_torch(
        params: Any, lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, decay: Float = 0.01,
        amsgrad: Flag = False, maximize: Flag = False, foreach: Any = None, fused: Any = None,
    ):  # fmt: skip
        return spellings(
            torch.optim.AdamW(
                params, lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay, amsgrad=amsgrad, maximize=maximize,
                foreach=foreach, fused=fused,
            ),
            torch.optim.AdamW(
                params, lr=lr, eps=eps, weight_decay=decay, amsgrad=amsgrad, maximize=maximize, foreach=foreach,
                fused=fused,
            ),
        )  # fmt: skip

    def in_tensorflow(
        lr: Float = 0.001, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7, decay: Float = 0.004,
        amsgrad: Flag = False, maximize: Flag = False,
    ):  # fmt: skip
        if maximize is False:
            return TorchAdamW(learning_rate=lr, weight_decay=decay, beta_1=b1, beta_2=b2, epsilon=eps, amsgrad=amsgrad)
        return general(
            with_decay(
                TorchAdamW(learning_rate=lr, weight_decay=decay, beta_1=b1, beta_2=b2, epsilon=eps, amsgrad=amsgrad),
                maximize=maximize,
            )
        )

    samples = (
        cases(lr=[Absent, 0.1], decay=[Absent, 0.1], b2=[0.999, 0.9])
        + cases(lr=0.5, b2=0.5, amsgrad=True)
        + cases(lr=0.01, maximize=True)
        + cases(lr=0.1, foreach=False, fused=[None, True])
    )


@helper
class KerasAdamW(torch.optim.AdamW):
    """AdamW that adds epsilon before the bias correction, as Keras does."""

    def step(self, closure=None):
        kept = [group["eps"] for group in self.param_groups]
        for group in self.param_groups:
            group["steps"] = group.get("steps", 0) + 1
            group["eps"] /= (1 - group["betas"][1] ** group["steps"]) ** 0.5
        result = super().step(closure)
        for group, eps in zip(self.param_groups, kept, strict=True):
            group["eps"] = eps
        return result


class AdamWOfKeras(OptimizerEquivalence):
    """Keras' Adam with decoupled weight decay, which adds its epsilon (1e-7) before the bias correction."""

    one_way = "tensorflow"

    def in_torch(
        params: Any, lr: Any = 0.001, decay: Float = 0.004, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7,
        amsgrad: Flag = False, clip: Any = None, clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        if is_schedule(lr):
            return with_options(
                KerasAdamW(params, weight_decay=decay, betas=(b1, b2), eps=eps, amsgrad=amsgrad), schedule=lr,
                clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )  # fmt: skip
        if clip is None and clip_value is None and clip_all is None:
            return KerasAdamW(params, lr=lr, weight_decay=decay, betas=(b1, b2), eps=eps, amsgrad=amsgrad)
        return general(
            with_options(
                KerasAdamW(params, lr=lr, weight_decay=decay, betas=(b1, b2), eps=eps, amsgrad=amsgrad),
                clipnorm=clip, clipvalue=clip_value, global_clipnorm=clip_all,
            )
        )  # fmt: skip

    def in_tensorflow(
        lr: Any = 0.001, decay: Float = 0.004, b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-7,
        amsgrad: Flag = False, clip: Any = None, clip_value: Any = None, clip_all: Any = None,
    ):  # fmt: skip
        return keras.optimizers.AdamW(
            learning_rate=lr, weight_decay=decay, beta_1=b1, beta_2=b2, epsilon=eps, amsgrad=amsgrad, clipnorm=clip,
            clipvalue=clip_value, global_clipnorm=clip_all,
        )  # fmt: skip

    samples = (
        cases(lr=[0.001, 0.1], decay=[0.004, 0.1], b2=[0.999, 0.9])
        + cases(lr=0.5, b2=0.5, amsgrad=True)
        + cases(lr=0.1, eps=1.0, clip=0.1)
        + cases(lr=0.1, eps=1.0, clip_value=0.1)
        + cases(lr=0.1, eps=1.0, clip_all=0.1)
        + cases(lr=expression("keras.optimizers.schedules.CosineDecay(0.5, 3)"), decay=0.1)
    )
