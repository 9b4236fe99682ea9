"""One encoder on two inputs, and a contrastive loss."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(8, 12)
        self.second = nn.Linear(12, 4)

    def forward(self, x):
        h = F.relu(self.first(x))
        h = self.second(h)
        return F.normalize(h, dim=-1)


# diptych: a=float32[5,8], b=float32[5,8], same=float32[5] in 0..1
class Siamese(nn.Module):
    def __init__(self, margin: float = 0.8):
        super().__init__()
        self.encoder = Encoder()
        self.margin = margin

    def forward(self, a, b, same):
        left = self.encoder(a)
        right = self.encoder(b)
        distance = (left - right).pow(2).sum(dim=1)
        near = same * distance
        far = (1 - same) * torch.relu(self.margin - distance)
        loss = near + far
        return loss.mean()
