"""What optimizers do with gradients and weights before each step."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def with_decay(optimizer, decay=0.0, maximize=False):
    """Let a Keras optimizer turn gradients round, and add ``decay`` times the weights to them, as PyTorch's do."""
    update = optimizer.update_step

    def update_step(gradient, variable, learning_rate):
        gradient = tf.convert_to_tensor(gradient)
        update((-gradient if maximize else gradient) + decay * variable, variable, learning_rate)

    optimizer.update_step = update_step
    return optimizer


@helper
def with_options(optimizer, schedule=None, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None):
    """Let an optimizer set its rate by a function of the step, clip gradients and shrink weights first, as Keras' do."""
    take = optimizer.step

    @torch.no_grad()
    def step(closure=None):
        taken = optimizer.param_groups[0].get("taken", 0)
        weights = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        norms = [weight.grad.norm() for weight in weights]
        for weight, norm in zip(weights, norms, strict=True):
            if clipnorm:
                weight.grad.mul_((clipnorm / norm).clamp(max=1))
            elif global_clipnorm:
                weight.grad.mul_((global_clipnorm / torch.stack(norms).norm()).clamp(max=1))
            elif clipvalue:
                weight.grad.clamp_(-clipvalue, clipvalue)
        for group in optimizer.param_groups:
            group["taken"] = taken + 1
            group["lr"] = group["lr"] if schedule is None else float(schedule(torch.tensor(taken)))
            for weight in group["params"]:
                if weight_decay and weight.grad is not None:
                    weight.mul_(1 - group["lr"] * weight_decay)
        return take(closure)

    optimizer.step = step
    return optimizer
