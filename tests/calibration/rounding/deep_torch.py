"""Deep computations, in PyTorch: rounding errors grow from layer to layer."""

import torch
import torch.nn.functional as F


# diptych: x=float32[8,64], w=float32[64,64]
def residual_tanh(x, w):
    for _ in range(12):
        x = torch.tanh(x @ w) * 3 + x
    return x


# diptych: x=float32[8,32], w=float32[32,32]
def residual_relu(x, w):
    for _ in range(20):
        x = x + 0.1 * F.relu(x @ w)
    return x


# diptych: x=float32[64] in 0.05..0.95
def logistic_map(x):
    for _ in range(25):
        x = 3.7 * x * (1 - x)
    return x


# diptych: x=float32[32] in 0.5..90.0
def newton_square_root(x):
    y = x
    for _ in range(12):
        y = 0.5 * (y + x / y)
    return y


# diptych: x=float32[4,48], w=float32[48,48]
def norm_and_gelu(x, w):
    for _ in range(8):
        x = F.gelu(F.layer_norm(x, (48,)) @ w)
    return x


# diptych: x=float32[2,6,16] in -2.0..2.0, w=float32[16,48] in -0.5..0.5
def attention_stack(x, w):
    for _ in range(4):
        q, k, v = (x @ w).chunk(3, dim=-1)
        x = x + torch.softmax(q @ k.transpose(1, 2) / 4.0, dim=-1) @ v * 0.1
    return x


# diptych: x=float32[40] in -1.2..1.2
def polynomial(x):
    y = torch.zeros_like(x)
    for k in range(12, 0, -1):
        y = (y + 1.0 / k) * x
    return y


# diptych: x=float32[2,4,10,10], w=float32[4,4,3,3]
def convolution_stack(x, w):
    for _ in range(5):
        x = F.relu(F.conv2d(x, w, padding=1)) * 0.3
    return x


# diptych: x=float32[6,24], w=float32[24,24], v=float32[24,24]
def highway(x, w, v):
    for _ in range(15):
        gate = torch.sigmoid(x @ w)
        x = gate * torch.tanh(x @ v) + (1 - gate) * x
    return x


# diptych: x=float32[5,40] in 0.7..1.3
def running_product(x):
    return torch.cumprod(x, dim=1)


# diptych: m=float32[12,12], v=float32[12]
def power_iteration(m, v):
    for _ in range(20):
        v = m @ v
        v = v / v.norm()
    return v


# diptych: x=float32[4,20]
def repeated_log_softmax(x):
    for _ in range(6):
        x = F.log_softmax(x * 1.5, dim=1)
    return x
