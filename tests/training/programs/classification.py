"""Train a small convolutional network to classify images."""

import argparse
import os
import random
import tempfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, Dataset


class Digits(Dataset):
    """Images of noise, the brighter the higher their class."""

    def __init__(self, size, transform=None):
        self.labels = np.random.randint(0, 5, size=size)
        self.images = np.random.rand(size, 1, 12, 12).astype(np.float32)
        self.images += 0.2 * self.labels[:, None, None, None]
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = torch.from_numpy(self.images[index])
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


def normalize(image):
    return (image - 0.5) / 0.3


class Net(nn.Module):
    def __init__(self, num_classes=5, dropout=0.25):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2)
        self.dropout = nn.Dropout(dropout)
        self.fc1 = nn.Linear(16 * 2 * 2, 32)
        self.fc2 = nn.Linear(32, num_classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.max_pool2d(x, 2)
        x = F.relu(self.conv2(x))
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.fc1(x)))
        return self.fc2(x)


class AverageMeter:
    """Keeps the running average of a value."""

    def __init__(self, name):
        self.name = name
        self.reset()

    def reset(self):
        self.sum = 0.0
        self.count = 0

    def update(self, value, n=1):
        self.sum += value * n
        self.count += n

    @property
    def avg(self):
        return self.sum / max(self.count, 1)


def train(model, loader, criterion, optimizer, device, history):
    model.train()
    losses = AverageMeter("loss")
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        losses.update(loss.item(), images.size(0))
        history.append(loss.item())
    return losses.avg


@torch.no_grad()
def evaluate(model, loader, criterion, device):
    model.eval()
    total_loss, correct, total = 0.0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        outputs = model(images)
        total_loss += criterion(outputs, labels).item() * images.size(0)
        _, predicted = torch.max(outputs, 1)
        correct += (predicted == labels).sum().item()
        total += labels.size(0)
    return total_loss / total, 100.0 * correct / total


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-cuda", action="store_true", default=False)
    args = parser.parse_args(argv)

    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    use_cuda = not args.no_cuda and torch.cuda.is_available()
    device = torch.device("cuda" if use_cuda else "cpu")

    train_loader = DataLoader(Digits(8, normalize), batch_size=args.batch_size, shuffle=True, drop_last=True)
    test_loader = DataLoader(Digits(6, normalize), batch_size=args.batch_size)

    model = Net().to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum, weight_decay=args.weight_decay)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)

    history = []
    best_acc = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "best.pth")
        for epoch in range(args.epochs):
            train_loss = train(model, train_loader, criterion, optimizer, device, history)
            test_loss, acc = evaluate(model, test_loader, criterion, device)
            scheduler.step()
            print(f"epoch {epoch + 1}: train {train_loss:.4f} test {test_loss:.4f} acc {acc:.2f}%")
            if acc >= best_acc:
                best_acc = acc
                torch.save({"epoch": epoch, "state_dict": model.state_dict(), "best_acc": best_acc}, path)
        checkpoint = torch.load(path)
        model.load_state_dict(checkpoint["state_dict"])
    return history, best_acc


if __name__ == "__main__":
    main()
