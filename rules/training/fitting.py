"""Training as Keras' ``compile``, ``fit``, ``evaluate`` and ``predict`` do it, as loops over batches."""

import torch

from diptych.catalog.language import *


@helper
def of_classes(loss):
    """A loss of scores, with the classes on the last axis, and of the numbers of classes."""
    return lambda prediction, target: loss(prediction.flatten(0, -2), target.flatten().long())


@helper
def of_rows(loss):
    """A loss of scores, with the classes on the last axis, and of the classes' probabilities."""
    return lambda prediction, target: loss(prediction.flatten(0, -2), target.flatten(0, -2))


@helper
def compile_model(model, optimizer, loss, metrics=None):
    """Keep with a model what trains and measures it; without metrics those that it has stay, as in Keras."""
    kept = model.compiled[2] if hasattr(model, "compiled") else []
    model.compiled = optimizer, loss, kept if metrics is None else list(metrics)


@helper
def batches_of(x, y=None, weights=None, batch_size=None, shuffle=False):
    """Batches of inputs, targets and weights, as Keras makes them of arrays, of 32 samples; a pipeline has its own."""
    if not hasattr(x, "shape") and not isinstance(x, (list, tuple, dict)):
        yield from x
        return
    parts = [None if part is None else on_leaves(float_tensor, part) for part in (x, y, weights)]
    first = parts[0]
    while not isinstance(first, torch.Tensor):
        first = next(iter(first.values() if isinstance(first, dict) else first))
    order = torch.randperm(len(first)) if shuffle else torch.arange(len(first))
    for places in order.split(batch_size or 32):
        yield tuple(None if part is None else on_leaves(lambda tensor, at=places: tensor[at], part) for part in parts)


@helper
def parts_of(batch):
    """Inputs, targets and weights of a batch; ``None`` for what it has not."""
    return (*batch, None, None)[:3] if isinstance(batch, (list, tuple)) else (batch, None, None)


@helper
def float_tensor(value):
    """A tensor, in float32 where it is floating."""
    value = torch.as_tensor(value)
    return value.float() if value.is_floating_point() else value


@helper
def predicted(model, x, axes=None):
    """What a model gives for a batch, whose axes are brought to the order that it takes."""
    x = on_leaves(lambda part: float_tensor(part if axes is None else torch.as_tensor(part).permute(axes)), x)
    return model(*x) if isinstance(x, tuple) else model(x)


@helper
def weighted(loss, prediction, target, weights):
    """The mean of the samples' losses times their weights; raises ``ValueError`` where the loss is no such mean."""
    each_one = torch.stack([loss(*pair) for pair in zip(prediction.split(1), target.split(1), strict=True)])
    if not torch.isclose(each_one.mean(), loss(prediction, target)):
        raise ValueError("samples are weighed only where the loss is the mean of their losses")
    return (each_one * weights).mean()


@helper
def pass_over(model, batches, train, axes=None, callbacks=()):
    """The loss and the metrics of all batches, as Keras tells them; with ``train`` each is a training step."""
    optimizer, loss, metrics = model.compiled
    model.train(train)
    measured = [Mean("loss"), *metrics]
    for metric in measured:
        metric.reset_state()
    for step, batch in enumerate(batches):
        for callback in callbacks:
            callback.on_train_batch_begin(step)
        x, y, weights = parts_of(batch)
        with torch.set_grad_enabled(train):
            prediction = predicted(model, x, axes)
            target = matched(y, prediction)
            if weights is None:
                value = loss(prediction, target)
            else:
                value = weighted(loss, prediction, target, weights.to(prediction))
            value = value + sum(penalties_of(model))
        if train:
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        measured[0].update_state(value, sample_weight=len(prediction))
        for metric in metrics:
            metric.update_state(y, prediction)
        for callback in callbacks:
            callback.on_train_batch_end(step, {metric.name: metric.result().item() for metric in measured})
        if train and getattr(model, "stop_training", False):
            break
    model.eval()
    return {metric.name: metric.result().item() for metric in measured}


@helper
def first_and_more(first, rest, count):
    """A batch, and as many as there are up to a number of those that follow."""
    yield first
    for _, batch in zip(range(count), rest, strict=False):
        yield batch


@helper
class History:
    """What each epoch gave: the numbers of the epochs, and lists of values by name."""

    def __init__(self):
        self.epoch, self.history = [], {}

    def add(self, epoch, values):
        self.epoch.append(epoch)
        for name, value in sorted(values.items()):
            self.history.setdefault(name, []).append(value)


@helper
def fit(
    model, x, y=None, batch_size=None, epochs=1, verbose=1, callbacks=None, validation_split=0.0, validation_data=None,
    shuffle=True, class_weight=None, sample_weight=None, initial_epoch=0, steps_per_epoch=None, validation_steps=None,
    validation_batch_size=None, validation_freq=1, axes=None, over=pass_over,
):  # fmt: skip
    """Train as Keras' ``fit`` does, and return what each epoch gave."""
    if validation_split and validation_data is None:
        first = x if hasattr(x, "shape") else next(iter(x.values() if isinstance(x, dict) else x))
        end = int(len(first) * (1 - validation_split))
        parts = (x, y, sample_weight)
        validation_data = [None if part is None else on_leaves(lambda array: array[end:], part) for part in parts]
        x, y, sample_weight = (None if part is None else on_leaves(lambda array: array[:end], part) for part in parts)
    if class_weight is not None:
        classes = torch.as_tensor(y) if y.ndim < 2 or y.shape[-1] == 1 else torch.as_tensor(y).argmax(-1)
        by_class = torch.tensor([float(class_weight.get(int(label), 1.0)) for label in classes.flatten()])
        sample_weight = by_class if sample_weight is None else by_class * torch.as_tensor(sample_weight)
    history, callbacks, waiting = History(), list(callbacks or ()), None
    model.stop_training = False
    for callback in callbacks:
        callback.model = model
        callback.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        for callback in callbacks:
            callback.on_epoch_begin(epoch)
        batches = batches_of(x, y, sample_weight, batch_size, shuffle)
        if steps_per_epoch is not None:
            first = None if waiting is None else next(waiting, None)
            if first is None:
                waiting, first = batches, next(batches)
            batches = first_and_more(first, waiting, steps_per_epoch - 1)
        values = over(model, batches, True, axes, callbacks)
        if validation_data is not None and (epoch + 1) % validation_freq == 0:
            parts = validation_data if isinstance(validation_data, (list, tuple)) else (validation_data,)
            x_, y_, weights = (*parts, None, None)[:3]
            size = validation_batch_size or batch_size
            found = evaluate(model, x_, y_, size, 0, weights, validation_steps, True, axes, over)
            values |= {f"val_{name}": value for name, value in found.items()}
        history.add(epoch, values)
        if verbose:
            print(f"Epoch {epoch + 1}/{epochs}", *(f"{name}: {value:.4f}" for name, value in values.items()), sep=" - ")
        for callback in callbacks:
            callback.on_epoch_end(epoch, values)
        if model.stop_training:
            break
    for callback in callbacks:
        callback.on_train_end(values)
    return history


@helper
def evaluate(
    model, x, y=None, batch_size=None, verbose=1, sample_weight=None, steps=None, return_dict=False, axes=None,
    over=pass_over,
):  # fmt: skip
    """The loss of all samples, or with metrics a list of the loss and the metrics, as Keras' ``evaluate`` gives them."""
    batches = batches_of(x, y, sample_weight, batch_size)
    if steps is not None:
        batches = (batch for _, batch in zip(range(steps), batches, strict=False))
    values = over(model, batches, False, axes)
    if verbose:
        print(*(f"{name}: {value:.4f}" for name, value in values.items()), sep=" - ")
    if return_dict:
        return dict(sorted(values.items()))
    found = list(values.values())
    return found if len(found) > 1 else found[0]


@helper
def predict(model, x, batch_size=None, verbose=1, steps=None, axes=None):
    """What a model gives in evaluation mode for all samples, as an array."""
    batches = batches_of(x, batch_size=batch_size)
    if steps is not None:
        batches = (batch for _, batch in zip(range(steps), batches, strict=False))
    model.eval()
    with torch.no_grad():
        found = [predicted(model, parts_of(batch)[0], axes) for batch in batches]
    return on_leaves(lambda *parts: torch.cat(parts).numpy(), *found)
