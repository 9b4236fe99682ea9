"""Rows of numbers in dicts: a schedule that steps with each batch, the loader of the module, an incomplete batch."""

import numpy as np
import torch
from lightning import LightningModule, Trainer
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader


class Regression(LightningModule):
    def __init__(self, rows, width, total):
        super().__init__()
        self.save_hyperparameters(ignore=["rows"])
        self.rows = rows
        self.body = nn.Sequential(nn.Linear(6, width), nn.LayerNorm(width), nn.GELU())
        self.head = nn.Linear(width, 1)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(-1)

    def train_dataloader(self):
        return DataLoader(self.rows, batch_size=4, drop_last=True)

    def training_step(self, batch, batch_idx):
        error = self(batch["x"]) - batch["y"]
        self.log("train_loss", F.huber_loss(self(batch["x"]), batch["y"]))
        self.log("train_error", error.abs().mean(), on_step=True, on_epoch=True, batch_size=len(batch["y"]))
        if self.training:
            error = error * 2
        return {"loss": error.pow(2).mean() + 0.1 * error.abs().max()}

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=0.01, weight_decay=0.1)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.hparams["total"])
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]


def main():
    rng = np.random.default_rng(1)
    x = torch.tensor(rng.standard_normal((14, 6)), dtype=torch.float32)
    y = x[:, 0] - x[:, 1] * 2
    rows = [{"x": x[place], "y": y[place]} for place in range(14)]
    model = Regression(rows, 10, total=9)
    trainer = Trainer(max_epochs=3, accelerator="cpu", logger=False, enable_checkpointing=False)
    trainer.fit(model)
    return trainer.predict(model, DataLoader(x, batch_size=7))
