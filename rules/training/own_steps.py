"""Models with a ``train_step`` or a ``test_step`` of their own, trained by the loops that stand for Keras' ``fit``."""

import torch

from diptych.catalog.language import *


@helper
class CompiledMetrics:
    """All metrics that ``compile`` was given, as the one metric that Keras lists for them."""

    def __init__(self, metrics):
        self.name, self.metrics = "compile_metrics", metrics

    def reset_state(self):
        for metric in self.metrics:
            metric.reset_state()

    def update_state(self, target, prediction, sample_weight=None):
        for metric in self.metrics:
            metric.update_state(target, prediction)

    def result(self):
        return {metric.name: metric.result() for metric in self.metrics}


@helper
def compile_steps(model, optimizer=None, loss=None, metrics=None):
    """Keep with a model what its own steps train and measure it with, as Keras' ``compile`` does."""
    compile_model(model, optimizer, loss, metrics)
    kept = model.compiled[2]
    model.optimizer, model.trackers = optimizer, [Mean("loss"), *([CompiledMetrics(kept)] if kept else [])]


@helper
def metrics_of(model):
    """The metrics that Keras lists: its own mean of the loss, those that ``compile`` was given, and attributes."""
    if hasattr(type(model), "metrics"):
        return list(model.metrics)
    parts = [value for name, value in vars(model).items() if name != "trackers"]
    parts = [part for value in parts for part in (value if isinstance(value, (list, tuple)) else [value])]
    return [*model.trackers, *(part for part in parts if hasattr(part, "reset_state"))]


@helper
def results_of(metrics):
    """What metrics measured, by name."""
    found = {}
    for metric in metrics:
        result = metric.result()
        found |= result if isinstance(result, dict) else {metric.name: result}
    return found


@helper
def compute_loss(model, x=None, y=None, y_pred=None, sample_weight=None, training=True):
    """The loss that ``compile`` was given, and the penalties of the weights."""
    loss, target = model.compiled[1], matched(y, y_pred)
    if sample_weight is None:
        value = loss(y_pred, target)
    else:
        value = weighted(loss, y_pred, target, sample_weight.to(y_pred))
    return value + sum(penalties_of(model))


@helper
def compute_metrics(model, x, y, y_pred, sample_weight=None):
    """Update the metrics that ``compile`` was given, and give the results of all."""
    for metric in model.trackers[1:]:
        metric.update_state(y, y_pred)
    return results_of(metrics_of(model))


@helper
def data_of(batch):
    """A batch as Keras hands it to a step, with floating tensors in float32: without what ``fit`` was not given."""
    batch = tuple(batch) if isinstance(batch, list) else batch
    if isinstance(batch, tuple) and len(batch) == 3 and batch[2] is None:
        x, y, _ = batch
        batch = (x, y) if y is not None else (x,) if isinstance(x, tuple) else x
    return on_leaves(float_tensor, batch)


@helper
def numbers_of(values):
    """Results by name as Python's numbers; those of several by the names inside."""
    found = {}
    for name, value in values.items():
        found |= numbers_of(value) if isinstance(value, dict) else {name: float(value)}
    return found


@helper
def pass_of_steps(model, batches, train, axes=None, callbacks=()):
    """What a model's own ``train_step``, or ``test_step``, tells of all batches, as Keras takes it from them."""
    step = getattr(model, "train_step" if train else "test_step", None)
    if step is None:
        return pass_over(model, batches, train, axes, callbacks)
    model.train(train)
    metrics, told = metrics_of(model), {}
    for metric in metrics:
        metric.reset_state()
    for place, batch in enumerate(batches):
        for callback in callbacks:
            callback.on_train_batch_begin(place)
        with torch.set_grad_enabled(train):
            told = step(data_of(batch))
        for callback in callbacks:
            callback.on_train_batch_end(place, numbers_of(told))
        if train and getattr(model, "stop_training", False):
            break
    model.eval()
    measured = results_of(metrics)
    values = numbers_of(measured if measured.keys() == told.keys() else told)
    listed = [part.name for metric in metrics for part in getattr(metric, "metrics", [metric])]
    first = [name for name in listed if name in values]
    return {name: values[name] for name in [*first, *sorted(values.keys() - set(first))]}
