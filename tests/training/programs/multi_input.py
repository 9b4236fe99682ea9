"""A model of images and tables with two heads, two losses and learned weights for them."""

import argparse
import csv
import tempfile
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


class Patients(Dataset):
    def __init__(self, n):
        self.images = torch.rand(n, 1, 8, 8)
        self.tables = torch.randn(n, 5)
        self.age = self.tables.sum(dim=1) + self.images.mean(dim=(1, 2, 3))
        self.diagnosis = (self.age > 0).long()

    def __len__(self):
        return self.images.shape[0]

    def __getitem__(self, index):
        return {
            "image": self.images[index],
            "table": self.tables[index],
            "age": self.age[index],
            "diagnosis": self.diagnosis[index],
        }


class Fusion(nn.Module):
    def __init__(self, n_table=5, width=8):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),
            nn.GroupNorm(2, width),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.table = nn.Sequential(nn.Linear(n_table, width), nn.ReLU())
        self.gate = nn.Linear(2 * width, width)
        self.age_head = nn.Linear(width, 1)
        self.diagnosis_head = nn.Linear(width, 2)

    def forward(self, image, table=None):
        features = self.backbone(image)
        if table is None:
            other = torch.zeros_like(features)
        else:
            other = self.table(table)
        gate = torch.sigmoid(self.gate(torch.cat([features, other], dim=-1)))
        fused = gate * features + (1 - gate) * other
        return {"age": self.age_head(fused).squeeze(-1), "diagnosis": self.diagnosis_head(fused)}


class UncertaintyWeights(nn.Module):
    """Learned weights of several losses."""

    def __init__(self, n):
        super().__init__()
        self.log_vars = nn.Parameter(torch.zeros(n))

    def forward(self, losses):
        total = 0
        for i, loss in enumerate(losses):
            total = total + torch.exp(-self.log_vars[i]) * loss + self.log_vars[i]
        return total


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=4)
    args = parser.parse_args(argv)

    loader = DataLoader(Patients(20), batch_size=args.batch_size, shuffle=True)
    model = Fusion()
    weights = UncertaintyWeights(2)
    optimizer = torch.optim.Adam(list(model.parameters()) + list(weights.parameters()), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)

    history = []
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "loss", "age", "diagnosis"])
        for _ in range(args.epochs):
            for step, batch in enumerate(loader):
                batch = {name: value.to("cpu") for name, value in batch.items()}
                outputs = model(batch["image"], table=batch["table"])
                age_loss = F.mse_loss(outputs["age"], batch["age"])
                diagnosis_loss = F.cross_entropy(outputs["diagnosis"], batch["diagnosis"])
                loss = weights([age_loss, diagnosis_loss])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                scheduler.step()
                row = (loss.item(), age_loss.item(), diagnosis_loss.item())
                writer.writerow([step, *row])
                history.append(row)
    return history


if __name__ == "__main__":
    main()
