"""An axis, a layout or an order is another in the twin. In PyTorch."""

import torch
import torch.nn.functional as F
from torch import nn


# diptych: x=float32[6,6]
def softmax_axis(x):
    return torch.softmax(x, dim=0)


# diptych: x=float32[5,5]
def running_sum_axis(x):
    return torch.cumsum(x, -1)


# diptych: x=float32[4,6]
def reshaped_for_transposed(x):
    return x.t().reshape(4, 6)


# diptych: x=float32[2,4,8]
def heads_taken_apart(x):
    return x.view(2, 4, 2, 4).transpose(1, 2).reshape(2, 2, 16)


# diptych: x=float32[2,8,3,3]
def pixel_shuffle(x):
    return F.pixel_shuffle(x, 2)


# diptych: x=float32[2,3,4,4], w=float32[48,5]
def flattened_image(x, w):
    return x.flatten(1) @ w


# diptych: x=float32[6]
def repeated(x):
    return x.repeat(2)


# diptych: x=float32[5,7]
def largest_first(x):
    return torch.sort(x, dim=1, descending=True).values


# diptych: x=float32[8,8]
def spectral_norm(x):
    return torch.linalg.norm(x, ord=2)


# diptych: x=float32[4,4], y=float32[4,4]
def product_order(x, y):
    return x @ y


# diptych: x=float32[5,9], ids=int64[5] in 0..8
def taken_along_rows(x, ids):
    return x.gather(1, ids[:, None])[:, 0]


# diptych: x=float32[6,4]
def rolled(x):
    return torch.roll(x, 1, dims=0)


# diptych: x=float32[4,4]
def lower_triangle(x):
    return torch.tril(x)


# diptych: x=float32[3,10]
def halves_swapped(x):
    a, b = x.chunk(2, dim=1)
    return torch.cat([a, b * 2], dim=1)


# diptych: x=float32[3,4,4]
def layer_norm_axes(x):
    return F.layer_norm(x, (4, 4))


# diptych: x=float32[2,5,4]
class GateOrder(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 12)

    def forward(self, x):
        r, z, n = self.inner(x).chunk(3, -1)
        return torch.sigmoid(z) * torch.tanh(torch.sigmoid(r) * n)


# diptych: x=float32[2,6,8]
class HeadsBeforePositions(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(8, 24)

    def forward(self, x):
        q, k, v = (part.view(2, 6, 2, 4).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(2, 6, 8)


# diptych: x=float32[2,4,6,6], weight=float32[4], bias=float32[4]
def channel_axis_of_batch_norm(x, weight, bias):
    return F.batch_norm(x, None, None, weight, bias, training=True)
