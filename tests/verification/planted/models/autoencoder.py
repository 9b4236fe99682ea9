"""A convolutional autoencoder."""

import torch
import torch.nn as nn


# diptych: x=float32[2,1,8,12]
class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(4, 6, 3, stride=2, padding=1),
            nn.ELU(0.5),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(6, 4, 2, stride=2),
            nn.ReLU(),
            nn.ConvTranspose2d(4, 1, 2, stride=2),
        )

    def forward(self, x):
        code = self.encoder(x)
        code = code * torch.sigmoid(code)
        out = self.decoder(code)
        error = (out - x).abs().mean(dim=(1, 2, 3))
        return out, error
