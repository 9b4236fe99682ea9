"""Regression of tabular data: a plateau, early stopping, and training that resumes from a checkpoint."""

import argparse
import tempfile
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class MLP(nn.Module):
    def __init__(self, n_in, hidden=(16, 8), dropout=0.1):
        super().__init__()
        layers = []
        for width in hidden:
            layers += [nn.Linear(n_in, width), nn.LayerNorm(width), nn.SiLU(), nn.Dropout(dropout)]
            n_in = width
        layers.append(nn.Linear(n_in, 1))
        self.net = nn.Sequential(*layers)
        self.apply(self._init_weights)

    def _init_weights(self, module):
        if isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, x):
        return self.net(x).squeeze(-1)


def train_epoch(model, loader, criterion, optimizer):
    model.train()
    losses = []
    for features, target in loader:
        loss = criterion(model(features), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@torch.inference_mode()
def validate(model, loader, criterion):
    model.eval()
    losses = [criterion(model(features), target).item() for features, target in loader]
    return sum(losses) / len(losses)


def save_checkpoint(path, epoch, model, optimizer, scheduler, best):
    torch.save(
        {
            "epoch": epoch,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "best": best,
        },
        path,
    )


def load_checkpoint(path, model, optimizer, scheduler):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    return checkpoint["epoch"], checkpoint["best"]


def build(args):
    model = MLP(6)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    return model, optimizer, scheduler


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--patience", type=int, default=5)
    args = parser.parse_args(argv)

    x = torch.randn(24, 6)
    y = x @ torch.arange(6, dtype=torch.float32) + 0.1 * torch.randn(24)
    mean, std = x[:16].mean(dim=0), x[:16].std(dim=0)
    x = (x - mean) / std
    train_loader = DataLoader(TensorDataset(x[:16], y[:16]), batch_size=args.batch_size, shuffle=True)
    val_loader = DataLoader(TensorDataset(x[16:], y[16:]), batch_size=args.batch_size)
    criterion = nn.SmoothL1Loss(beta=0.5)

    history = []
    best, bad_epochs = float("inf"), 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "last.pt"
        model, optimizer, scheduler = build(args)
        for epoch in range(args.epochs):
            if path.exists():  # as a run that was cut off goes on
                _, best = load_checkpoint(path, model, optimizer, scheduler)
            train_losses = train_epoch(model, train_loader, criterion, optimizer)
            val_loss = validate(model, val_loader, criterion)
            scheduler.step(val_loss)
            history.append((train_losses[0], val_loss, optimizer.param_groups[0]["lr"]))
            if val_loss < best:
                best, bad_epochs = val_loss, 0
            else:
                bad_epochs += 1
            save_checkpoint(path, epoch, model, optimizer, scheduler, best)
            if bad_epochs >= args.patience:
                break
    return history


if __name__ == "__main__":
    main()
