"""Gradients of several batches for one step: with a loader whose last group is smaller, clipped, in three ways."""

import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, n_in=6, width=12, n_out=3):
        super().__init__()
        self.first = nn.Linear(n_in, width)
        self.norm = nn.BatchNorm1d(width)
        self.last = nn.Linear(width, n_out)

    def forward(self, x):
        return self.last(torch.relu(self.norm(self.first(x))))


class Trainer:
    """Leaves the gradients of an incomplete group to the next epoch."""

    def __init__(self, model, lr, accumulate):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, 2, gamma=0.5)
        self.accumulate = accumulate

    def train_epoch(self, loader):
        self.model.train()
        losses = []
        for i, (x, y) in enumerate(loader):
            loss = nn.functional.cross_entropy(self.model(x), y)
            (loss / self.accumulate).backward()
            if (i + 1) % self.accumulate == 0:
                self.optimizer.step()
                self.optimizer.zero_grad()
                self.scheduler.step()
            losses.append(loss.item())
        return losses


def train_clipped(model, loader, optimizer, steps):
    """Clips what there is after each batch; drops what is left at the end of an epoch."""
    model.train()
    losses = []
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    for _ in range(2):
        optimizer.zero_grad(set_to_none=True)
        for step, (x, y) in enumerate(loader):
            with torch.autocast("cpu", enabled=False):
                loss = nn.functional.cross_entropy(model(x), y) / steps
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            norm = nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            if (step + 1) % steps == 0:
                scaler.step(optimizer)
                scaler.update()
                optimizer.zero_grad(set_to_none=True)
            losses.append((loss.item(), norm.item()))
    return losses


def train_to_the_end(model, loader, steps):
    """Takes a smaller step with what is left."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model.train()
    total = 0.0
    for i, (x, y) in enumerate(loader):
        loss = nn.functional.cross_entropy(model(x), y)
        total += loss.item()
        loss = loss / steps
        loss.backward()
        if (i + 1) % steps == 0:
            optimizer.step()
            model.zero_grad()
    optimizer.step()
    model.zero_grad()
    return total


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--accumulate", type=int, default=2)
    parser.add_argument("--lr", type=float, default=0.05)
    args = parser.parse_args(argv)
    loader = DataLoader(TensorDataset(torch.randn(20, 6), torch.randint(0, 3, (20,))), batch_size=4, shuffle=True)
    model = Net()
    total = train_to_the_end(model, loader, args.accumulate)
    trainer = Trainer(model, args.lr, args.accumulate)
    losses = [loss for _ in range(3) for loss in trainer.train_epoch(loader)]
    clipped = train_clipped(model, loader, torch.optim.Adam(model.parameters(), lr=1e-2), 3)
    model.eval()
    with torch.no_grad():
        return losses, clipped, total, model(torch.ones(2, 6))


if __name__ == "__main__":
    main()
