"""Gradients as lists of their own, which a tape gives and an optimizer is handed."""

import torch

from diptych.catalog.language import *


@helper
def gradients_of(loss, weights):
    """The gradients of a loss with respect to parameters or views of them, ``None`` where there is none."""
    weights = list(weights)
    trained = [weight for weight in weights if weight.requires_grad]
    bases = [weight if weight._base is None else weight._base for weight in trained]
    found = iter(torch.autograd.grad(loss, bases, retain_graph=True, allow_unused=True))
    gradients = [next(found) if weight.requires_grad else None for weight in weights]
    return [
        gradient if gradient is None else gradient.contiguous().as_strided(weight.shape, weight.stride())
        for gradient, weight in zip(gradients, weights, strict=True)
    ]


@helper
def apply_gradients(optimizer, pairs):
    """Take a step with gradients that stand beside parameters or views of them, as Keras' optimizers do."""
    optimizer.zero_grad()
    for gradient, weight in pairs:
        if gradient is not None:
            assert gradient.shape == weight.shape, "a gradient does not have its weight's shape"
            parameter = weight if weight._base is None else weight._base
            parameter.grad = torch.empty_like(parameter)
            parameter.grad.as_strided(weight.shape, weight.stride()).copy_(gradient.detach())
    optimizer.step()


@helper
def clip_by_global_norm(gradients, limit, norm=None):
    """Gradients made shorter where they are longer than a bound, all by the same factor; and their length before."""
    if norm is None:
        norm = torch.stack([gradient.norm() for gradient in gradients if gradient is not None]).norm()
    factor = limit * torch.minimum(1 / norm, torch.ones_like(norm) / limit) + (norm - norm)
    return [gradient if gradient is None else gradient * factor for gradient in gradients], norm


@helper
def global_norm(gradients):
    """The length of all gradients together."""
    return torch.stack([gradient.norm() for gradient in gradients if gradient is not None]).norm()
