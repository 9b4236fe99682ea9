"""A generator of images from noise."""

import torch
import torch.nn as nn
import torch.nn.functional as F


# diptych: z=float32[3,6]
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(6, 8 * 2 * 3)
        self.norm0 = nn.BatchNorm2d(8)
        self.up1 = nn.ConvTranspose2d(8, 6, 4, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(6)
        self.up2 = nn.ConvTranspose2d(6, 3, 4, stride=2, padding=1)

    def forward(self, z):
        x = self.project(z)
        x = x.view(-1, 8, 2, 3)
        x = F.relu(self.norm0(x))
        x = self.up1(x)
        x = F.leaky_relu(self.norm1(x), 0.1)
        x = self.up2(x)
        return torch.tanh(x)
