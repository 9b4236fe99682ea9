"""Training loops: SGD with momentum on a classifier, Adam on a regression."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, features: int = 12, classes: int = 3):
        super().__init__()
        self.hidden = nn.Linear(features, 32)
        self.out = nn.Linear(32, classes)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


def train_classifier():
    """Return the loss of each of five steps of SGD with momentum."""
    model = Classifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    inputs = torch.linspace(-1.0, 1.0, 8 * 12).view(8, 12)
    labels = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    losses = []
    model.train()
    for step in range(5):
        optimizer.zero_grad()
        logits = model(inputs)
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def train_regression():
    """Return the loss of each of five steps of Adam."""
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    x = torch.linspace(-2.0, 2.0, 6 * 4).view(6, 4)
    y = x.pow(2).sum(dim=1, keepdim=True)
    losses = []
    for epoch in range(5):
        prediction = model(x)
        loss = criterion(prediction, y)
        # gradients from the last step must not add up
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def train_step(model, optimizer, inputs, labels):
    """One step of training; returns the loss before it."""
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(inputs), labels)
    loss.backward()
    optimizer.step()
    return loss
