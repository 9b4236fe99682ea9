"""A decoder layer with root mean square norms and rotary embeddings."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class RMSNorm(nn.Module):
    def __init__(self, width: int, eps: float = 1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        variance = x.pow(2).mean(-1, keepdim=True)
        x = x * torch.rsqrt(variance + self.eps)
        return x * self.weight


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    turned = torch.cat([-second, first], dim=-1)
    return x * cos + turned * sin


# diptych: x=float32[2,5,8]
class Layer(nn.Module):
    def __init__(self, width: int = 8, heads: int = 2):
        super().__init__()
        self.heads = heads
        self.head_width = width // heads
        self.norm = RMSNorm(width)
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(width, width, bias=False)
        self.v = nn.Linear(width, width, bias=False)
        self.o = nn.Linear(width, width, bias=False)
        self.gate = nn.Linear(width, 16, bias=False)
        self.up = nn.Linear(width, 16, bias=False)
        self.down = nn.Linear(16, width, bias=False)
        self.norm2 = RMSNorm(width)

    def forward(self, x):
        B, T, C = x.shape
        h = self.norm(x)
        q = self.q(h).view(B, T, self.heads, self.head_width).transpose(1, 2)
        k = self.k(h).view(B, T, self.heads, self.head_width).transpose(1, 2)
        v = self.v(h).view(B, T, self.heads, self.head_width).transpose(1, 2)
        steps = torch.arange(0, self.head_width, 2).float() / self.head_width
        inverse = 1.0 / (10000.0**steps)
        angles = torch.outer(torch.arange(T).float(), inverse)
        angles = torch.cat([angles, angles], dim=-1)
        q = rotate(q, angles.cos(), angles.sin())
        k = rotate(k, angles.cos(), angles.sin())
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(y.transpose(1, 2).reshape(B, T, C))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))
