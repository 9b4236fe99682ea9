"""What Keras' layers that join or repeat other things become."""

from torch import nn

from diptych.catalog.language import *


@helper
def batch_dot(x, y, axes, normalize=False):
    """The dot products along one axis of each tensor, batch by batch."""
    first, second = axes if isinstance(axes, (tuple, list)) else (axes, axes)
    x, y = x.movedim(first, -1), y.movedim(second, -1)
    if normalize:
        x = x * x.square().sum(-1, keepdim=True).clamp(min=1e-12).rsqrt()
        y = y * y.square().sum(-1, keepdim=True).clamp(min=1e-12).rsqrt()
    shape = (*x.shape[:-1], *y.shape[1:-1])
    product = x.reshape(len(x), -1, x.shape[-1]) @ y.reshape(len(y), -1, y.shape[-1]).transpose(1, 2)
    return product.reshape(shape if len(shape) > 1 else (len(x), 1))


@helper
class TimeDistributed(nn.Module):
    """A layer applied to each step of (batch, time, ...)."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])
