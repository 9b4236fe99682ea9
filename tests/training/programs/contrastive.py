"""Contrastive learning: two views of each sample, and a learned temperature."""

import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


class Encoder(nn.Module):
    def __init__(self, n_in=12, width=16, dim=8):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_in, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.head = nn.Linear(width, dim)

    def forward(self, x):
        return self.head(self.body(x))


class SimCLR(nn.Module):
    """An encoder, and the scores of every pair of two views of a batch."""

    def __init__(self, dim=8, temperature=0.2):
        super().__init__()
        self.encoder = Encoder(dim=dim)
        self.log_scale = nn.Parameter(torch.tensor(1.0 / temperature).log())

    def forward(self, view1, view2):
        n = view1.shape[0]
        z = F.normalize(self.encoder(torch.cat([view1, view2], dim=0)), dim=1)
        similarity = torch.matmul(z, z.T)
        # discard the main diagonal: a view is no pair of itself
        mask = torch.eye(2 * n, dtype=torch.bool, device=z.device)
        logits = similarity.masked_fill(mask, -1e9) * self.log_scale.exp()
        labels = torch.cat([torch.arange(n) + n, torch.arange(n)]).to(z.device)
        return logits, labels


def accuracy(output, target, topk=(1,)):
    """Computes the accuracy over the k top predictions for the specified values of k"""
    with torch.no_grad():
        maxk = max(topk)
        batch_size = target.size(0)
        _, pred = output.topk(maxk, 1, True, True)
        pred = pred.t()
        correct = pred.eq(target.view(1, -1).expand_as(pred))
        res = []
        for k in topk:
            correct_k = correct[:k].reshape(-1).float().sum(0, keepdim=True)
            res.append(correct_k.mul_(100.0 / batch_size))
        return res


def augment(x, noise=0.1):
    return x + noise * torch.randn_like(x)


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--lr", type=float, default=0.03)
    args = parser.parse_args(argv)

    loader = DataLoader(TensorDataset(torch.randn(20, 12)), batch_size=args.batch_size, shuffle=True, drop_last=True)
    model = SimCLR()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[2, 4], gamma=0.1)

    history = []
    for epoch in range(args.epochs):
        model.train()
        for i, (x,) in enumerate(loader):
            output, target = model(augment(x), augment(x))
            loss = criterion(output, target)
            acc1, acc5 = accuracy(output, target, topk=(1, 5))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            history.append(loss.item())
            print(f"epoch {epoch} step {i} loss {loss.item():.4f} acc@1 {acc1[0]:.1f} acc@5 {acc5[0]:.1f}")
    model.eval()
    with torch.no_grad():
        features = model.encoder(torch.ones(2, 12))
    return history, features


if __name__ == "__main__":
    main()
