"""A small convolutional network for 32x32 images."""

import torch
import torch.nn as nn
import torch.nn.functional as F


# diptych: x=float32[2,3,32,32]
class SmallCNN(nn.Module):
    def __init__(self, num_classes: int = 10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1)  # 32 -> 16
        self.norm = nn.BatchNorm2d(32)
        self.pool = nn.MaxPool2d(2)  # 16 -> 8
        self.head = nn.Linear(32 * 8 * 8, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv1(x))
        x = F.relu(self.norm(self.conv2(x)))
        x = self.pool(x)
        x = torch.flatten(x, 1)
        return self.head(x)
