"""What stands around Keras' ``fit`` where another library's trainer ran the steps."""

import tensorflow as tf

from diptych.catalog.language import *


@helper
def as_tuples(batch):
    """A batch with tuples in the place of lists, which ``tf.data`` would take for tensors."""
    if isinstance(batch, dict):
        return {name: as_tuples(part) for name, part in batch.items()}
    return tuple(map(as_tuples, batch)) if isinstance(batch, (list, tuple)) else batch


@helper
def dataset_of(loader):
    """The batches of a loader as a ``tf.data.Dataset``, which reads them anew in each epoch."""
    if isinstance(loader, tf.data.Dataset):
        return loader
    if isinstance(loader, (list, tuple, dict)):
        raise TypeError("these are several loaders: join their batches")
    first = as_tuples(next(iter(loader)))

    def described(part):
        return tf.TensorSpec([None, *part.shape[1:]][: len(part.shape)], part.dtype)

    signature = tf.nest.map_structure(described, first)
    batches = tf.data.Dataset.from_generator(lambda: map(as_tuples, loader), output_signature=signature)
    try:
        return batches.apply(tf.data.experimental.assert_cardinality(len(loader)))
    except TypeError:  # it is not known how many there are
        return batches


@helper
def batch_size(batch):
    """The length of a batch's first tensor."""
    while not tf.is_tensor(batch):
        batch = next(iter(batch.values() if isinstance(batch, dict) else batch))
    return len(batch) if len(batch.shape) else 1


@helper
def clipped(optimizer, norm):
    """The optimizer, which clips all gradients together to a norm before it applies them, as PyTorch does."""
    apply = optimizer.apply_gradients

    def apply_gradients(pairs):
        gradients, variables = zip(*pairs, strict=True)
        gradients = [each if each is None else tf.convert_to_tensor(each) for each in gradients]
        gradients, _ = tf.clip_by_global_norm(gradients, norm, tf.linalg.global_norm(gradients) + 1e-6)
        apply(zip(gradients, variables, strict=True))

    optimizer.apply_gradients = apply_gradients
    return optimizer
