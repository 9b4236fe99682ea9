"""Code that rounds to float32 in ways that the float64 run cannot reach, in PyTorch. Counted separately."""

import struct

import numpy as np
import torch
import torch.nn.functional as F


# diptych: x=float32[4,30]
def through_numpy(x):
    narrow = np.asarray(x.detach().numpy(), dtype=np.float32)
    return torch.from_numpy(np.tanh(narrow)).sum(1)


# diptych: x=float32[4,20], w=float32[20,20]
def stack_of_exact_gelus(x, w):
    for _ in range(5):
        x = F.gelu(x @ w) * 0.3
    return x


# diptych: x=float32[4,20], w=float32[20,20]
def stack_of_leaky_relus(x, w):
    for _ in range(5):
        x = F.leaky_relu(x @ w, 0.2) * 0.3
    return x


# diptych: x=float32[2,3,8,8]
def resized(x):
    return F.interpolate(x, size=(16, 16), mode="bilinear", align_corners=False)


# diptych: x=float32[12]
def packed_as_float32(x):
    values = struct.unpack("12f", struct.pack("12f", *x.tolist()))
    return torch.tensor(values).cumsum(0)


# diptych: x=float32[3,40]
def scaled_by_a_numpy_constant(x):
    scale = float(np.float32(0.1))
    return (x * scale).sum(1)


# diptych: x=float32[4,24]
def half_precision_inside(x):
    return (x.half().float() * 0.5).sum(1)


# diptych: x=float32[5,16]
def norm_in_float32(x):
    wide = x.to(torch.float32)
    return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-6)).type_as(x)
