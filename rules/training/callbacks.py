"""What Keras' ``fit`` tells while it trains, as objects for the loop that stands for it."""

import torch

from diptych.catalog.language import *


@helper
class Callback:
    """Is told at each stage of training."""

    model = None

    def on_train_begin(self, logs=None):
        pass

    def on_train_end(self, logs=None):
        pass

    def on_epoch_begin(self, epoch, logs=None):
        pass

    def on_epoch_end(self, epoch, logs=None):
        pass

    def on_batch_begin(self, batch, logs=None):
        pass

    def on_batch_end(self, batch, logs=None):
        pass

    def on_train_batch_begin(self, batch, logs=None):
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        self.on_batch_end(batch, logs)


@helper
def better(value, best, monitor, mode="auto", min_delta=0.0):
    """Whether a value is better than the best so far; accuracies and what ``mode`` says are to grow, others to fall."""
    if best is None:
        return True
    grows = mode == "max" or (mode == "auto" and "acc" in monitor)
    return value - min_delta > best if grows else value + min_delta < best


@helper
class EarlyStopping(Callback):
    """Stops training after ``patience`` epochs without a better value."""

    def __init__(
        self, monitor="val_loss", min_delta=0.0, patience=0, mode="auto", baseline=None, restore_best_weights=False,
        start_from_epoch=0,
    ):  # fmt: skip
        self.monitor, self.min_delta, self.patience, self.mode = monitor, abs(min_delta), patience, mode
        self.baseline, self.restore, self.start = baseline, restore_best_weights, start_from_epoch

    def on_train_begin(self, logs=None):
        self.wait, self.best, self.weights = 0, None, None

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor not in logs or epoch < self.start:
            return
        value = logs[self.monitor]
        improved = better(value, self.best, self.monitor, self.mode, self.min_delta)
        if self.restore and (improved or self.weights is None):
            self.weights = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.wait += 1
        if improved:
            self.best = value
            if self.baseline is None or better(value, self.baseline, self.monitor, self.mode, self.min_delta):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.weights is not None:
            self.model.load_state_dict(self.weights)


@helper
class ModelCheckpoint(Callback):
    """Saves the model's state after each epoch, or after each that was better than all before."""

    def __init__(self, filepath, monitor="val_loss", save_best_only=False, mode="auto"):
        self.filepath, self.monitor, self.best_only, self.mode, self.best = (
            filepath,
            monitor,
            save_best_only,
            mode,
            None,
        )

    def on_epoch_end(self, epoch, logs=None):
        value = logs.get(self.monitor)
        if not self.best_only or value is None or better(value, self.best, self.monitor, self.mode):
            self.best = value
            torch.save(self.model.state_dict(), str(self.filepath).format(epoch=epoch + 1, **logs))


@helper
class LearningRateScheduler(Callback):
    """Sets the learning rate at the beginning of each epoch by a function of the epoch and the rate."""

    def __init__(self, schedule):
        self.schedule = schedule

    def on_epoch_begin(self, epoch, logs=None):
        for group in self.model.compiled[0].param_groups:
            try:
                group["lr"] = float(self.schedule(epoch, group["lr"]))
            except TypeError:
                group["lr"] = float(self.schedule(epoch))
