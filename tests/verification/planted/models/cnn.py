"""A small image classifier."""

import torch
import torch.nn as nn
import torch.nn.functional as F


# diptych: x=float32[2,3,12,10]
class SmallCNN(nn.Module):
    def __init__(self, classes: int = 5):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 8, 3, stride=2)
        self.norm = nn.BatchNorm2d(8, momentum=0.2)
        self.fc = nn.Linear(8 * 2 * 2, classes)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(x, 2)
        x = self.norm(self.conv2(x))
        x = F.leaky_relu(x, 0.2)
        x = torch.flatten(x, 1)
        x = self.fc(x)
        return x * 0.5
