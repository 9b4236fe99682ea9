"""A variational autoencoder with its loss."""

import torch
import torch.nn as nn
import torch.nn.functional as F


# diptych: x=float32[4,10] in 0..1
class VAE(nn.Module):
    def __init__(self, width: int = 10, latent: int = 3):
        super().__init__()
        self.encoder = nn.Linear(width, 8)
        self.mean = nn.Linear(8, latent)
        self.logvar = nn.Linear(8, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 8), nn.Tanh(), nn.Linear(8, width))

    def encode(self, x):
        h = torch.tanh(self.encoder(x))
        return self.mean(h), self.logvar(h)

    def sample(self, mean, logvar):
        std = torch.exp(0.5 * logvar)
        noise = torch.randn_like(std)
        return mean + noise * std

    def forward(self, x):
        mean, logvar = self.encode(x)
        z = self.sample(mean, logvar)
        logits = self.decoder(z)
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = -0.5 * torch.sum(1 + logvar - mean.pow(2) - logvar.exp())
        loss = reconstruction + kl
        return loss / x.shape[0]
