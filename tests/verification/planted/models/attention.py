"""Multi-head attention, by hand."""

import math

import torch
import torch.nn as nn


# diptych: x=float32[2,5,12], mask=bool[2,5]
class Attention(nn.Module):
    def __init__(self, width: int = 12, heads: int = 3):
        super().__init__()
        self.heads = heads
        self.scale = 1.0 / math.sqrt(width // heads)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def split(self, t):
        B, T, C = t.shape
        return t.reshape(B, T, self.heads, C // self.heads).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        q = self.split(self.query(x))
        k = self.split(self.key(x))
        v = self.split(self.value(x))
        scores = torch.matmul(q, k.transpose(-2, -1)) * self.scale
        scores = scores.masked_fill(mask[:, None, None, :], -1e4)
        weights = torch.softmax(scores, dim=-1)
        mixed = torch.matmul(weights, v)
        mixed = mixed.permute(0, 2, 1, 3).flatten(2)
        return self.out(mixed)
