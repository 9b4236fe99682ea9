"""Dilated, gated convolutions along time."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Gated(nn.Module):
    def __init__(self, width: int, dilation: int):
        super().__init__()
        self.dilation = dilation
        self.filter = nn.Conv1d(width, width, 2, dilation=dilation)
        self.gate = nn.Conv1d(width, width, 2, dilation=dilation)
        self.skip = nn.Conv1d(width, 3, 1)

    def forward(self, x):
        padded = F.pad(x, (self.dilation, 0))
        out = torch.tanh(self.filter(padded)) * torch.sigmoid(self.gate(padded))
        return x + out, self.skip(out)


# diptych: x=float32[2,4,11]
class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Conv1d(4, 6, 1)
        self.layers = nn.ModuleList([Gated(6, 2**i) for i in range(3)])

    def forward(self, x):
        x = self.start(x)
        total = torch.zeros(2, 3, 11)
        for layer in self.layers:
            x, skip = layer(x)
            total = total + skip
        return F.softplus(total) - 1.0
