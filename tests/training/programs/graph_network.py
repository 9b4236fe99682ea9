"""Node classification with a graph network whose messages are scattered, and early stopping."""

import argparse
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


class GCNConv(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.lin = nn.Linear(in_channels, out_channels, bias=False)
        self.bias = nn.Parameter(torch.empty(out_channels))
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.xavier_uniform_(self.lin.weight)
        nn.init.zeros_(self.bias)

    # diptych: x=float32[12,6], edge_index=int64[2,24]
    def forward(self, x, edge_index):
        row, col = edge_index
        deg = torch.zeros(x.size(0), device=x.device).scatter_add_(0, col, torch.ones_like(col, dtype=x.dtype))
        deg_inv_sqrt = deg.pow(-0.5)
        deg_inv_sqrt = deg_inv_sqrt.masked_fill(deg_inv_sqrt == float("inf"), 0)
        norm = deg_inv_sqrt[row] * deg_inv_sqrt[col]
        x = self.lin(x)
        messages = norm.unsqueeze(-1) * x[row]
        out = torch.zeros_like(x)
        out = out.scatter_add(0, col.unsqueeze(-1).expand_as(messages), messages)
        return out + self.bias


class GCN(nn.Module):
    def __init__(self, in_channels, hidden_channels, out_channels, dropout=0.5):
        super().__init__()
        self.conv1 = GCNConv(in_channels, hidden_channels)
        self.conv2 = GCNConv(hidden_channels, out_channels)
        self.dropout = dropout

    def forward(self, x, edge_index):
        x = F.dropout(x, p=self.dropout, training=self.training)
        x = F.relu(self.conv1(x, edge_index))
        x = F.dropout(x, p=self.dropout, training=self.training)
        return self.conv2(x, edge_index)


class EarlyStopping:
    def __init__(self, patience=3, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.counter = 0
        self.best = float("inf")
        self.best_state = None

    def __call__(self, loss, model):
        if loss < self.best - self.min_delta:
            self.best = loss
            self.counter = 0
            self.best_state = copy.deepcopy(model.state_dict())
        else:
            self.counter += 1
        return self.counter >= self.patience


def train(model, optimizer, x, edge_index, y, train_mask):
    model.train()
    optimizer.zero_grad()
    out = model(x, edge_index)
    loss = F.cross_entropy(out[train_mask], y[train_mask])
    loss.backward()
    optimizer.step()
    return float(loss)


# diptych: pred=int64[12], y=int64[12], mask=bool[12]
def accuracy(pred, y, mask):
    return int((pred[mask] == y[mask]).sum()) / int(mask.sum())


@torch.no_grad()
def test(model, x, edge_index, y, masks):
    model.eval()
    out = model(x, edge_index)
    pred = out.argmax(dim=-1)
    accs = []
    for mask in masks:
        accs.append(accuracy(pred, y, mask))
    val_loss = F.cross_entropy(out[masks[1]], y[masks[1]]).item()
    return accs, val_loss


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden_channels", type=int, default=8)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--epochs", type=int, default=5)
    args = parser.parse_args(argv)

    n = 12
    x = torch.randn(n, 6)
    y = torch.arange(n) % 3
    ring = torch.arange(n)
    edge_index = torch.stack([torch.cat([ring, ring]), torch.cat([(ring + 1) % n, (ring + 3) % n])])
    train_mask = torch.zeros(n, dtype=torch.bool)
    train_mask[:8] = True
    val_mask = ~train_mask

    model = GCN(6, args.hidden_channels, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr, weight_decay=5e-4)
    stopper = EarlyStopping(patience=5)

    history = []
    best_val_acc = 0.0
    for epoch in range(1, args.epochs + 1):
        loss = train(model, optimizer, x, edge_index, y, train_mask)
        (train_acc, val_acc), val_loss = test(model, x, edge_index, y, [train_mask, val_mask])
        best_val_acc = max(best_val_acc, val_acc)
        print(f"Epoch: {epoch:03d}, Loss: {loss:.4f}, Train: {train_acc:.4f}, Val: {val_acc:.4f}")
        history.append(loss)
        if stopper(val_loss, model):
            print("early stopping")
            break
    return history, best_val_acc


if __name__ == "__main__":
    main()
