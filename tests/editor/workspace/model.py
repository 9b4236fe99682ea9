"""A small image classifier and the loss that it is trained with."""

import torch
import torch.nn as nn
import torch.nn.functional as F


# diptych: x=float32[2,16]
def activate(x):
    """Shift, clip and add up."""
    return F.relu(torch.add(x, 1.0)).sum(dim=-1)


# diptych: x=float32[2,3,32,32]
class Classifier(nn.Module):
    """Two convolutions, then a linear layer."""

    def __init__(self, classes=10):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Linear(16 * 8 * 8, classes)

    def forward(self, x):
        x = F.relu(self.norm(self.first(x)))
        x = self.pool(F.relu(self.second(x)))
        return self.head(torch.flatten(x, 1))


# diptych: logits=float32[4,10], labels=int64[4] in 0..9
def loss(logits, labels):
    return F.cross_entropy(logits, labels)
