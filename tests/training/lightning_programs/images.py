"""Small images: convolutions, batch statistics, a step shared by training and validation, a schedule, clipped norms."""

import lightning as L
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Classifier(L.LightningModule):
    def __init__(self, width: int = 8, classes: int = 5, lr: float = 0.05):
        super().__init__()
        self.save_hyperparameters()
        self.features = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.drop = nn.Dropout(0.0)
        self.head = nn.Linear(width * 16, self.hparams.classes)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

    def forward(self, x):
        return self.head(self.drop(self.features(x).flatten(1)))

    def shared_step(self, batch):
        images, labels = batch
        scores = self(images)
        accuracy = (scores.argmax(1) == labels).float().mean()
        return self.criterion(scores, labels), accuracy

    def training_step(self, batch, batch_idx):
        loss, accuracy = self.shared_step(batch)
        self.log("train_loss", loss, prog_bar=True)
        self.log("train_acc", accuracy, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        loss, accuracy = self.shared_step(batch)
        self.log_dict({"val_loss": loss, "val_acc": accuracy}, prog_bar=True)

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=self.hparams.lr, momentum=0.9, weight_decay=1e-4)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "epoch"}}


def main():
    L.seed_everything(0)
    rng = np.random.default_rng(0)
    images = torch.tensor(rng.standard_normal((16, 3, 8, 8)), dtype=torch.float32)
    labels = torch.tensor(rng.integers(0, 5, 16))
    loader = DataLoader(TensorDataset(images, labels), batch_size=6)
    model = Classifier()
    # the last of three batches is shorter
    trainer = L.Trainer(
        max_epochs=2,
        gradient_clip_val=0.5,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
    )
    trainer.fit(model, loader, val_dataloaders=loader)
    return trainer.predict(model, DataLoader(images, batch_size=4))
