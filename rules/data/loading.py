"""Data sets, samplers and loaders, as ``torch.utils.data`` has them: what gives a training loop its batches."""

import tensorflow as tf

from diptych.catalog.language import *


@helper
def collate(samples):
    """A batch of samples as PyTorch's ``default_collate`` makes it: numbers become int64 and float64, tuples lists."""
    first = samples[0]
    if isinstance(first, dict):
        return {key: collate([sample[key] for sample in samples]) for key in first}
    if isinstance(first, (tuple, list)):
        parts = [collate(list(part)) for part in zip(*samples, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    if isinstance(first, (str, bytes)):
        return samples
    if isinstance(first, (int, float)):
        number = tf.bool if isinstance(first, bool) else tf.int64 if isinstance(first, int) else tf.float64
        return tf.constant(samples, number)
    return tf.stack([tf.convert_to_tensor(sample) for sample in samples])


@helper
class DataLoader:
    """Batches of a data set as PyTorch's loader gives them, read in this process."""

    def __init__(
        self,
        dataset,
        batch_size=1,
        shuffle=False,
        sampler=None,
        batch_sampler=None,
        num_workers=0,
        collate_fn=None,
        pin_memory=False,
        drop_last=False,
        **ignored,
    ):
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.by_place = hasattr(dataset, "__getitem__")
        if sampler is None:
            sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.sampler, self.batch_sampler, self.collate_fn = sampler, batch_sampler, collate_fn
        if collate_fn is None:
            self.collate_fn = collate if batch_sampler is not None else lambda sample: sample

    def __len__(self):
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)

    def __iter__(self):
        if not self.by_place:
            whole = self.batch_size is None
            yield from map(
                self.collate_fn, self.dataset if whole else BatchSampler(self.dataset, self.batch_size, self.drop_last)
            )
        elif self.batch_sampler is None:
            yield from (self.collate_fn(self.dataset[place]) for place in self.sampler)
        else:
            yield from (self.collate_fn([self.dataset[place] for place in places]) for places in self.batch_sampler)


@helper
class TensorDataset:
    """Rows of several tensors with the same number of them."""

    def __init__(self, *tensors):
        assert all(len(tensor) == len(tensors[0]) for tensor in tensors), "Size mismatch between tensors"
        self.tensors = tensors

    def __len__(self):
        return len(self.tensors[0])

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)


@helper
class Subset:
    """The rows of a data set at some places."""

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, indices

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, index):
        return self.dataset[self.indices[index]]


@helper
class ConcatDataset:
    """Data sets one after another."""

    def __init__(self, datasets):
        self.datasets = list(datasets)

    def __len__(self):
        return sum(map(len, self.datasets))

    def __getitem__(self, index):
        index = index + len(self) if index < 0 else index
        for dataset in self.datasets:
            if index < len(dataset):
                return dataset[index]
            index -= len(dataset)
        raise IndexError(index)


@helper
def random_split(dataset, lengths, generator=None):
    """Parts of a data set, their rows drawn at random; lengths are numbers of rows, or shares that sum to 1."""
    lengths, rows = list(lengths), len(dataset)
    if sum(lengths) <= 1:
        lengths = [int(rows * share) for share in lengths]
        for place in range(rows - sum(lengths)):
            lengths[place % len(lengths)] += 1
    if sum(lengths) != rows:
        raise ValueError(f"{lengths} are not {rows} rows")
    order = tf.random.shuffle(tf.range(rows)).numpy().tolist()
    ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
    return [Subset(dataset, order[end - length : end]) for length, end in zip(lengths, ends, strict=True)]


@helper
class SequentialSampler:
    """Places in order."""

    def __init__(self, data_source):
        self.data_source = data_source

    def __len__(self):
        return len(self.data_source)

    def __iter__(self):
        return iter(range(len(self.data_source)))


@helper
class RandomSampler:
    """Places at random: each once, or drawn anew each time with ``replacement``."""

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        self.data_source, self.replacement, self.number = data_source, replacement, num_samples

    def __len__(self):
        return self.number or len(self.data_source)

    def __iter__(self):
        rows, wanted = len(self.data_source), len(self)
        if self.replacement:
            yield from tf.random.uniform((wanted,), maxval=rows, dtype=tf.int64).numpy().tolist()
        for start in range(0, 0 if self.replacement else wanted, rows):
            yield from tf.random.shuffle(tf.range(rows)).numpy().tolist()[: wanted - start]


@helper
class SubsetRandomSampler:
    """The given places in random order."""

    def __init__(self, indices, generator=None):
        self.indices = indices

    def __len__(self):
        return len(self.indices)

    def __iter__(self):
        return iter([self.indices[place] for place in tf.random.shuffle(tf.range(len(self.indices))).numpy()])


@helper
class WeightedRandomSampler:
    """Places drawn with the given weights."""

    def __init__(self, weights, num_samples, replacement=True, generator=None):
        self.weights, self.num_samples, self.replacement = tf.cast(weights, tf.float64), num_samples, replacement

    def __len__(self):
        return self.num_samples

    def __iter__(self):
        logits = tf.math.log(self.weights)
        if self.replacement:
            return iter(tf.random.categorical(logits[None], self.num_samples)[0].numpy().tolist())
        noise = -tf.math.log(-tf.math.log(tf.random.uniform(logits.shape, dtype=logits.dtype)))
        return iter(tf.math.top_k(logits + noise, self.num_samples).indices.numpy().tolist())


@helper
class BatchSampler:
    """Runs of what a sampler gives, as lists."""

    def __init__(self, sampler, batch_size, drop_last):
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __len__(self):
        return (len(self.sampler) + (0 if self.drop_last else self.batch_size - 1)) // self.batch_size

    def __iter__(self):
        batch = []
        for place in self.sampler:
            batch.append(place)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch
