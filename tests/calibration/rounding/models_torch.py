"""Models with weights and training steps, in PyTorch."""

import torch
import torch.nn.functional as F
from torch import nn


# diptych: x=float32[5,20]
class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(20, 64)
        self.drop = nn.Dropout(0.3)
        self.second = nn.Linear(64, 64)
        self.last = nn.Linear(64, 4)

    def forward(self, x):
        x = self.drop(F.relu(self.first(x)))
        return self.last(torch.tanh(self.second(x)))


# diptych: x=float32[3,9,16]
class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(16)
        self.tokens = nn.Linear(9, 9)
        self.norm2 = nn.LayerNorm(16)
        self.channels = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))

    def forward(self, x):
        x = x + self.tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.channels(self.norm2(x))


# diptych: x=float32[4,12]
class Normalised(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(12, 24)
        self.norm = nn.LayerNorm(24)
        self.b = nn.Linear(24, 24)
        self.scale = nn.Parameter(torch.ones(24))

    def forward(self, x):
        x = F.silu(self.norm(self.a(x)))
        return F.normalize(self.b(x) * self.scale, dim=-1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(6, 16)
        self.b = nn.Linear(16, 3)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


# diptych: model=Net(), x=float32[8,6], y=int64[8] in 0..2
def step_with_momentum(model, x, y):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses


# diptych: model=Net(), x=float32[8,6], y=float32[8,3]
def step_of_regression(model, x, y):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=0.01)
    loss = F.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    return loss
