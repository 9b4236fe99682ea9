"""A variational autoencoder with KL annealing."""

from __future__ import annotations

import argparse

import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self, n_in: int = 64, n_hidden: int = 32, n_latent: int = 4):
        super().__init__()
        self.n_in = n_in
        self.fc1 = nn.Linear(n_in, n_hidden)
        self.fc21 = nn.Linear(n_hidden, n_latent)
        self.fc22 = nn.Linear(n_hidden, n_latent)
        self.fc3 = nn.Linear(n_latent, n_hidden)
        self.fc4 = nn.Linear(n_hidden, n_in)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, self.n_in))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def loss_function(recon_x, x, mu, logvar, beta):
    """Reconstruction and KL divergence, summed over all elements and the batch."""
    bce = F.binary_cross_entropy(recon_x, x.view(recon_x.shape), reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + beta * kld


def train(epoch, model, loader, optimizer, args, device, history):
    model.train()
    train_loss = 0
    for batch_idx, (data, _) in enumerate(loader):
        data = data.to(device)
        beta = min(1.0, (epoch * len(loader) + batch_idx + 1) / args.warmup)
        optimizer.zero_grad()
        recon_batch, mu, logvar = model(data)
        loss = loss_function(recon_batch, data, mu, logvar, beta)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
        history.append(loss.item() / len(data))
        if batch_idx % args.log_interval == 0:
            print(f"epoch {epoch} [{batch_idx * len(data)}/{len(loader.dataset)}] loss {loss.item() / len(data):.6f}")
    return train_loss / len(loader.dataset)


def test(model, loader, device):
    model.eval()
    test_loss = 0
    with torch.no_grad():
        for data, _ in loader:
            data = data.to(device)
            recon_batch, mu, logvar = model(data)
            test_loss += loss_function(recon_batch, data, mu, logvar, 1.0).item()
    return test_loss / len(loader.dataset)


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser(description="VAE example")
    parser.add_argument("--batch-size", type=int, default=4, metavar="N")
    parser.add_argument("--epochs", type=int, default=1, metavar="N")
    parser.add_argument("--warmup", type=int, default=4, help="steps until the KL term counts fully")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--log-interval", type=int, default=2, metavar="N")
    args = parser.parse_args(argv)
    device = torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")

    images = torch.rand(20, 1, 8, 8)
    labels = torch.zeros(20, dtype=torch.long)
    train_set = torch.utils.data.TensorDataset(images, labels)
    test_set = torch.utils.data.TensorDataset(images[:6], labels[:6])
    train_loader = torch.utils.data.DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    test_loader = torch.utils.data.DataLoader(test_set, batch_size=args.batch_size, shuffle=False)

    model = VAE().to(device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)

    history = []
    for epoch in range(args.epochs):
        average = train(epoch, model, train_loader, optimizer, args, device, history)
        held_out = test(model, test_loader, device)
        print(f"====> epoch {epoch}: average {average:.4f}, test {held_out:.4f}")
        with torch.no_grad():
            sample = torch.randn(3, 4).to(device)
            sample = model.decode(sample).cpu()
        history.append(held_out)
    return history, sample


if __name__ == "__main__":
    main()
