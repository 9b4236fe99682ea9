"""What Keras' models tell of themselves: their weights in Keras' order and axes, and penalties of weights."""

import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def weights_of(module):
    """The weights in Keras' order and axes, as views of the parameters. Raises ``TypeError`` where that is not known."""
    found = []
    for part in module.modules():
        buffers = [buffer for name, buffer in part.named_buffers(recurse=False) if name != "num_batches_tracked"]
        own = [*part.parameters(recurse=False), *buffers]
        plain = isinstance(part, (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm, nn.Embedding))
        if isinstance(part, nn.Linear):
            own[0] = own[0].T
        elif isinstance(part, (nn.Conv1d, nn.Conv2d, nn.Conv3d)) and part.groups == 1:
            own[0] = own[0].permute(*range(2, own[0].ndim), 1, 0)
        elif (
            own
            and not plain
            and any(c.__module__.startswith("torch.") and c is not nn.Module for c in type(part).__mro__)
        ):
            raise TypeError(f"it is not known how Keras keeps the weights of {type(part).__name__}")
        found += own
    return found


@helper
def set_weights(module, values):
    """Give a module weights that stand in Keras' order and axes."""
    for weight, value in zip(weights_of(module), values, strict=True):
        weight.detach().copy_(torch.as_tensor(value))


@helper
def build(model, shape, axes=None):
    """Make lazy weights for inputs of a shape, whose unknown sizes are ``None``."""
    mode, inputs = model.training, torch.zeros([size or 1 for size in shape])
    model.eval()
    with torch.no_grad():
        model(inputs if axes is None else inputs.permute(axes))
    model.train(mode)


@helper
def l1_l2(l1=0.0, l2=0.0):
    """A penalty of a weight: the sum of its absolute values and of its squares, each times a factor."""
    return lambda weight: l1 * weight.abs().sum() + l2 * weight.square().sum()


@helper
def penalised(layer, **penalties):
    """The layer, with functions of its weights that are added to the loss."""
    layer.penalties = penalties
    return layer


@helper
def penalties_of(model):
    """The penalties of all layers' weights."""
    parts = [(part, getattr(part, "penalties", {})) for part in model.modules()]
    return [penalty(getattr(part, name)) for part, penalties in parts for name, penalty in penalties.items()]


@helper
def to_categorical(x, num_classes=None):
    """One-hot rows of an array of numbers of classes, in float64."""
    x = torch.as_tensor(x).long()
    x = x.squeeze(-1) if x.ndim > 1 and x.shape[-1] == 1 else x
    return F.one_hot(x, num_classes or -1).double().numpy()


@helper
def devices(kind=None):
    """The devices that PyTorch sees, of one kind ("CPU", "GPU") or all."""
    found = [torch.device("cpu"), *(torch.device("cuda", place) for place in range(torch.cuda.device_count()))]
    kinds = {"cpu": "CPU", "cuda": "GPU"}
    return [device for device in found if kind in (None, kinds[device.type])]


@helper
class Normalization(nn.Module):
    """To mean 0 and variance 1 of what it was adapted to: all of it, or each place on the last axis by itself."""

    def __init__(self, axis=-1):
        super().__init__()
        self.axis = axis
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("variance", torch.ones(()))

    def adapt(self, data):
        data = torch.as_tensor(data).detach().float()
        if self.axis is not None and data.ndim < 2:
            raise ValueError("data of one axis is normalised as a whole: axis=None")
        axes = tuple(range(data.ndim - (self.axis is not None)))
        self.mean, self.variance = data.mean(axes), data.var(axes, unbiased=False)

    def forward(self, x):
        return (x - self.mean) / self.variance.sqrt().clamp(min=1e-7)
