"""An encoder and a decoder with skips."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def block(width: int, out: int):
    return nn.Sequential(
        nn.Conv2d(width, out, 3, padding=1),
        nn.GroupNorm(2, out),
        nn.SiLU(),
    )


# diptych: x=float32[1,3,16,8]
class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1 = block(3, 4)
        self.down2 = block(4, 8)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.merge = block(8, 4)
        self.last = nn.Conv2d(4, 2, 1)

    def forward(self, x):
        first = self.down1(x)
        second = self.down2(F.avg_pool2d(first, 2))
        wide = self.up(second)
        both = torch.cat([first, wide], dim=1)
        both = self.merge(both)
        gate = torch.sigmoid(first - wide)
        out = self.last(both * gate)
        return torch.tanh(out / 2.0)
