"""Pipelines of data: what stands for ``tf.data`` in PyTorch, whose own loader makes batches of samples with numbers."""

import torch

from diptych.catalog.language import *


@helper
def on_leaves(function, *parts):
    """Apply a function to the leaves of structures of tuples and dicts."""
    first = parts[0]
    if isinstance(first, dict):
        return {key: on_leaves(function, *(part[key] for part in parts)) for key in first}
    if isinstance(first, tuple):
        return tuple(on_leaves(function, *leaves) for leaves in zip(*parts, strict=False))
    return function(*parts)


@helper
def tensor_of(value):
    """A new tensor as TensorFlow makes it: of an array's dtype, or int32 and float32 for Python's numbers."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, (bytes, str)):
        return value
    if isinstance(value, list) and value and not isinstance(value[0], (bool, int, float)):
        return torch.stack([tensor_of(part) for part in value])
    tensor = torch.tensor(value)
    return tensor.int() if tensor.dtype == torch.int64 and not hasattr(value, "dtype") else tensor


@helper
def stacked(*parts):
    """Tensors as one, along a new first axis; strings as a list."""
    return list(parts) if isinstance(parts[0], (bytes, str)) else torch.stack(parts)


@helper
class Pipeline(torch.utils.data.IterableDataset):
    """Elements, made anew for each loop over them. A tuple is handed to a function as its arguments."""

    def __init__(self, elements):
        self.elements = elements

    def __iter__(self):
        return iter(self.elements())

    def as_numpy_iterator(self):
        return (on_leaves(lambda tensor: tensor.numpy(), element) for element in self)

    def batch(self, batch_size, drop_remainder=False):
        def batches():
            waiting = []
            for element in self:
                waiting.append(element)
                if len(waiting) == batch_size:
                    yield on_leaves(stacked, *waiting)
                    waiting = []
            if waiting and not drop_remainder:
                yield on_leaves(stacked, *waiting)

        return Pipeline(batches)

    def cache(self):
        kept = []

        def elements():
            if not kept:
                kept.extend(self)
            return kept

        return Pipeline(elements)

    def concatenate(self, other):
        return Pipeline(lambda: (element for part in (self, other) for element in part))

    def enumerate(self, start=0):
        return Pipeline(lambda: ((torch.tensor(place), element) for place, element in enumerate(self, start)))

    def filter(self, function):
        return Pipeline(lambda: (e for e in self if (function(*e) if isinstance(e, tuple) else function(e))))

    def map(self, function):
        def tensor(value):
            return value if isinstance(value, torch.Tensor) else tensor_of(value)

        return Pipeline(
            lambda: (on_leaves(tensor, function(*e) if isinstance(e, tuple) else function(e)) for e in self)
        )

    def reduce(self, state, function):
        for element in self:
            state = function(state, element)
        return state

    def repeat(self, count=None):
        def repeated():
            done = 0
            while count is None or count < 0 or done < count:
                yield from self
                done += 1

        return Pipeline(repeated)

    def shuffle(self, buffer_size, reshuffle_each_iteration=True):
        fixed = int(torch.randint(2**62, ()))

        def shuffled():
            seed = int(torch.randint(2**62, ())) if reshuffle_each_iteration else fixed
            generator, kept = torch.Generator().manual_seed(seed), []
            for element in self:
                kept.append(element)
                if len(kept) == buffer_size:
                    yield kept.pop(int(torch.randint(len(kept), (), generator=generator)))
            while kept:
                yield kept.pop(int(torch.randint(len(kept), (), generator=generator)))

        return Pipeline(shuffled)

    def skip(self, count):
        return Pipeline(lambda: (element for place, element in enumerate(self) if 0 <= count <= place))

    def take(self, count):
        return self if count < 0 else Pipeline(lambda: (e for _, e in zip(range(count), self, strict=False)))

    def unbatch(self):
        return Pipeline(lambda: (element for batch in self for element in slices(batch)))


@helper
def slices(data):
    """A pipeline of the parts of tensors along their first axis."""
    lengths = []

    def kept(value):
        lengths.append(len(value))
        return tensor_of(value)

    data = on_leaves(kept, data)
    return Pipeline(lambda: (on_leaves(lambda tensor, at=place: tensor[at], data) for place in range(lengths[0])))


@helper
def once(data):
    """A pipeline of one element."""
    data = on_leaves(tensor_of, data)
    return Pipeline(lambda: [data])


@helper
def generated(function, dtypes, *args):
    """A pipeline of what a generator function yields, as tensors of these dtypes."""
    return Pipeline(
        lambda: (
            on_leaves(lambda dtype, value: tensor_of(value).to(dtype), dtypes, element) for element in function(*args)
        )
    )


@helper
def side_by_side(*pipelines):
    """A pipeline of tuples, as long as the shortest of these."""
    return Pipeline(lambda: zip(*pipelines, strict=False))
