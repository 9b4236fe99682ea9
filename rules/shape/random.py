"""Random tensors. The same seed gives other numbers in the other framework."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def draw(weights, n):
    """Draw n positions in each row by its weights, with replacement."""
    rows = tf.random.categorical(tf.math.log(tf.reshape(weights, (-1, tf.shape(weights)[-1]))), n)
    return tf.reshape(rows, (*keras.ops.shape(weights)[:-1], n))


class RandomUniform(Equivalence):
    """Uniform between 0 and 1. PyTorch takes the sizes in a row, TensorFlow one shape."""

    dtype = "dtype"
    default_dtype = "float32"
    random = True

    def in_torch(shape: Shape, dtype: Dtype = Absent):
        return torch.rand(*shape, dtype=dtype)

    def in_tensorflow(shape: Shape, dtype: Dtype = Absent):
        return spellings(tf.random.uniform(shape, dtype=dtype), keras.random.uniform(shape, dtype=dtype))

    def rank(shape, dtype):
        return len(shape)

    samples = cases(shape=[(2, 3), (4,)], dtype=[Absent, torch.float64])


class RandomUniformBetween(Equivalence):
    """Uniform between two numbers."""

    dtype = "dtype"
    default_dtype = "float32"
    random = True

    def in_torch(shape: Shape, low: Float, high: Float, dtype: Dtype = Absent):
        if low == 0 and high == 1:
            return torch.rand(*shape, dtype=dtype)
        return torch.rand(*shape, dtype=dtype) * (high - low) + low

    def in_tensorflow(shape: Shape, low: Float = 0.0, high: Float = 1.0, dtype: Dtype = Absent):
        return spellings(
            tf.random.uniform(shape, minval=low, maxval=high, dtype=dtype),
            keras.random.uniform(shape, minval=low, maxval=high, dtype=dtype),
        )

    def rank(shape, low, high, dtype):
        return len(shape)

    one_way = "tensorflow"
    samples = cases(shape=(2, 3), low=-1.0, high=2.0, dtype=[Absent, torch.float64]) + cases(
        shape=(2, 3), low=0.0, high=1.0, dtype=torch.float64
    )


class RandomUniformBelow(Equivalence):
    """Uniform between 0 and a number."""

    dtype = "float32"
    random = True

    def in_torch(shape: Shape, high: Float):
        return torch.rand(*shape) * high

    def in_tensorflow(shape: Shape, high: Float):
        return spellings(tf.random.uniform(shape, maxval=high), keras.random.uniform(shape, maxval=high))

    def rank(shape, high):
        return len(shape)

    one_way = "tensorflow"
    samples = cases(shape=(2, 3), high=2.0)


class RandomNormal(Equivalence):
    """Normally distributed. PyTorch takes the sizes in a row, TensorFlow one shape."""

    dtype = "dtype"
    default_dtype = "float32"
    random = True

    def in_torch(shape: Shape, dtype: Dtype = Absent):
        return torch.randn(*shape, dtype=dtype)

    def in_tensorflow(shape: Shape, dtype: Dtype = Absent):
        return spellings(tf.random.normal(shape, dtype=dtype), keras.random.normal(shape, dtype=dtype))

    def rank(shape, dtype):
        return len(shape)

    samples = cases(shape=[(2, 3), (4,)], dtype=[Absent, torch.float64])


class RandomNormalWith(Equivalence):
    """Normally distributed with a mean and a standard deviation; PyTorch takes the shape last, TensorFlow first."""

    dtype = "dtype"
    default_dtype = "float32"
    random = True

    def in_torch(mean: Float, std: Float, shape: Shape, dtype: Dtype = Absent):
        return torch.normal(mean, std, shape, dtype=dtype)

    def in_tensorflow(mean: Float, std: Float, shape: Shape, dtype: Dtype = Absent):
        return spellings(
            tf.random.normal(shape, mean=mean, stddev=std, dtype=dtype),
            keras.random.normal(shape, mean=mean, stddev=std, dtype=dtype),
        )

    def rank(mean, std, shape, dtype):
        return len(shape)

    samples = cases(mean=5.0, std=2.0, shape=(2, 3), dtype=[Absent, torch.float64])


class RandomNormalScaled(Equivalence):
    """Normally distributed about 0 with a standard deviation."""

    dtype = "float32"
    random = True

    def in_torch(shape: Shape, std: Float):
        return torch.randn(*shape) * std

    def in_tensorflow(shape: Shape, std: Float):
        return spellings(tf.random.normal(shape, stddev=std), keras.random.normal(shape, stddev=std))

    def rank(shape, std):
        return len(shape)

    one_way = "tensorflow"
    samples = cases(shape=(2, 3), std=0.1)


class RandomNormalOf(Equivalence):
    """Normally distributed with a mean, and a standard deviation, for each element."""

    random = True

    def in_torch(mean: Tensor, std: Operand = 1.0):
        return torch.normal(mean, std)

    def in_tensorflow(mean: Tensor, std: Operand = 1.0):
        if is_number(std):
            return mean + std * tf.random.normal(tf.shape(mean), dtype=mean.dtype)
        return general(mean + std * tf.random.normal(tf.shape(mean + std), dtype=mean.dtype))

    def rank(mean, std):
        if is_number(std):
            return rank(mean)
        return max(rank(mean), rank(std))

    one_way = "torch"
    samples = cases(mean=floats(2, 3), std=[drawn(2, 3), 0.5, Absent])


class RandomNormalAround(Equivalence):
    """Normally distributed about one mean with a standard deviation for each element."""

    random = True

    def in_torch(mean: Number, std: Tensor):
        return torch.normal(mean, std)

    def in_tensorflow(mean: Number, std: Tensor):
        return mean + std * tf.random.normal(tf.shape(std), dtype=std.dtype)

    def rank(mean, std):
        return rank(std)

    dtype = "std"
    one_way = "torch"
    samples = cases(mean=1.5, std=drawn(2, 3))


class RandomTruncatedNormal(Equivalence):
    """Normally distributed, redrawn beyond two standard deviations; PyTorch has it as an initialiser alone."""

    dtype = "float32"
    random = True

    def in_torch(shape: Shape, mean: Float = 0.0, std: Float = 1.0):
        return torch.nn.init.trunc_normal_(torch.empty(*shape), mean, std, mean - 2 * std, mean + 2 * std)

    def in_tensorflow(shape: Shape, mean: Float = 0.0, std: Float = 1.0):
        return spellings(
            tf.random.truncated_normal(shape, mean=mean, stddev=std),
            keras.random.truncated_normal(shape, mean=mean, stddev=std),
        )

    def rank(shape, mean, std):
        return len(shape)

    one_way = "tensorflow"
    samples = cases(shape=(2, 3), mean=[Absent, 1.0], std=[Absent, 0.5])


class RandomIntegers(Equivalence):
    """Integers below a bound. Without an integer dtype `tf.random.uniform` draws floats."""

    dtype = "int64"
    random = True

    def in_torch(high: Int, shape: Shape):
        return torch.randint(high, shape)

    def in_tensorflow(high: Int, shape: Shape):
        return tf.random.uniform(shape, maxval=high, dtype=tf.int64)

    def rank(high, shape):
        return len(shape)

    samples = cases(high=5, shape=[(2, 3), (4,)])


class RandomIntegersBetween(Equivalence):
    """Integers from a bound to below another. Without an integer dtype `tf.random.uniform` draws floats."""

    dtype = "int64"
    random = True

    def in_torch(low: Int, high: Int, shape: Shape):
        return torch.randint(low, high, shape)

    def in_tensorflow(low: Int, high: Int, shape: Shape):
        return tf.random.uniform(shape, minval=low, maxval=high, dtype=tf.int64)

    def rank(low, high, shape):
        return len(shape)

    samples = cases(low=[0, 2], high=5, shape=[(2, 3), (4,)])


class RandomIntegersTyped(Equivalence):
    """Integers from a bound to below another, of a given dtype."""

    dtype = "dtype"
    random = True

    def in_torch(low: Int, high: Int, shape: Shape, dtype: Dtype):
        if low == 0:
            return spellings(torch.randint(high, shape, dtype=dtype), torch.randint(0, high, shape, dtype=dtype))
        return general(torch.randint(low, high, shape, dtype=dtype))

    def in_tensorflow(low: Int, high: Int, shape: Shape, dtype: Dtype):
        return tf.cast(tf.random.uniform(shape, minval=low, maxval=high, dtype=tf.int64), dtype)

    def rank(low, high, shape, dtype):
        return len(shape)

    samples = cases(low=[0, 2], high=5, shape=(2, 3), dtype=[torch.int32, torch.float32])


class RandomIntegersInt32(Equivalence):
    """Integers from a bound to below another as int32."""

    dtype = "int32"
    random = True

    def in_torch(low: Int, high: Int, shape: Shape):
        return torch.randint(low, high, shape, dtype=torch.int32)

    def in_tensorflow(low: Int, high: Int, shape: Shape):
        return spellings(
            tf.random.uniform(shape, minval=low, maxval=high, dtype=tf.int32), keras.random.randint(shape, low, high)
        )

    def rank(low, high, shape):
        return len(shape)

    samples = cases(low=2, high=5, shape=(2, 3))


class RandomPermutation(Equivalence):
    """The integers below n in random order."""

    dtype = "int64"
    random = True

    def in_torch(n: Int):
        return torch.randperm(n)

    def in_tensorflow(n: Int):
        return tf.random.shuffle(tf.range(n, dtype=tf.int64))

    def rank(n):
        return 1

    samples = cases(n=6)


class Shuffle(Equivalence):
    """Slices along the first axis in random order."""

    random = True

    def in_torch(x: Tensor):
        return x[torch.randperm(x.shape[0])]

    def in_tensorflow(x: Tensor):
        return spellings(tf.random.shuffle(x), keras.random.shuffle(x))

    def rank(x):
        return rank(x)

    samples = cases(x=floats(5, 2))


class RandomUniformLike(Equivalence):
    """Uniform between 0 and 1 in the shape and dtype of a tensor."""

    random = True

    def in_torch(x: Tensor):
        return torch.rand_like(x)

    def in_tensorflow(x: Tensor):
        return tf.random.uniform(tf.shape(x), dtype=x.dtype)

    def rank(x):
        return rank(x)

    samples = cases(x=floats(2, 3))


class RandomNormalLike(Equivalence):
    """Normally distributed in the shape and dtype of a tensor."""

    random = True

    def in_torch(x: Tensor):
        return torch.randn_like(x)

    def in_tensorflow(x: Tensor):
        return tf.random.normal(tf.shape(x), dtype=x.dtype)

    def rank(x):
        return rank(x)

    samples = cases(x=floats(2, 3))


class RandomUniformOfShape(Equivalence):
    """Uniform between 0 and 1 in the shape of a tensor, in float32 whatever its dtype."""

    dtype = "float32"
    random = True

    def in_torch(x: Tensor):
        return spellings(torch.rand(x.shape), torch.rand(x.size()))

    def in_tensorflow(x: Tensor):
        return spellings(tf.random.uniform(tf.shape(x)), tf.random.uniform(x.shape))

    def rank(x):
        return rank(x)

    samples = cases(x=floats(2, 3))


class RandomNormalOfShape(Equivalence):
    """Normally distributed in the shape of a tensor, in float32 whatever its dtype."""

    dtype = "float32"
    random = True

    def in_torch(x: Tensor):
        return spellings(torch.randn(x.shape), torch.randn(x.size()))

    def in_tensorflow(x: Tensor):
        return spellings(tf.random.normal(tf.shape(x)), tf.random.normal(x.shape))

    def rank(x):
        return rank(x)

    samples = cases(x=floats(2, 3))


class Bernoulli(Equivalence):
    """1 with the probability that each element gives, else 0."""

    random = True

    def in_torch(p: Tensor):
        return spellings(torch.bernoulli(p), p.bernoulli())

    def in_tensorflow(p: Tensor):
        return tf.cast(tf.random.uniform(tf.shape(p), dtype=p.dtype) < p, p.dtype)

    def rank(p):
        return rank(p)

    samples = cases(p=drawn(2, 3))


class DrawWithReplacement(Equivalence):
    """Positions drawn by weights in each row, with replacement. TensorFlow takes logarithms of the weights."""

    dtype = "int64"
    random = True

    def in_torch(weights: Tensor, n: Int):
        return spellings(torch.multinomial(weights, n, replacement=True), weights.multinomial(n, replacement=True))

    def in_tensorflow(weights: Tensor, n: Int):
        if rank(weights) == 1:
            return tf.random.categorical(tf.math.log(weights[None]), n)[0]
        if rank(weights) == 2:
            return tf.random.categorical(tf.math.log(weights), n)
        return general(draw(weights, n))

    def rank(weights, n):
        return rank(weights)

    samples = cases(weights=[drawn(2, 5), drawn(5), unranked(5, kind="unit")], n=[1, 7])


class DrawOne(Equivalence):
    """One position drawn by weights in each row."""

    dtype = "int64"
    random = True

    def in_torch(weights: Tensor):
        return spellings(torch.multinomial(weights, 1), weights.multinomial(1))

    def in_tensorflow(weights: Tensor):
        if rank(weights) == 1:
            return tf.random.categorical(tf.math.log(weights[None]), 1)[0]
        if rank(weights) == 2:
            return tf.random.categorical(tf.math.log(weights), 1)
        return general(draw(weights, 1))

    def rank(weights):
        return rank(weights)

    one_way = "torch"
    samples = cases(weights=[drawn(2, 5), drawn(5), unranked(5, kind="unit")])


class DrawWithoutReplacement(Equivalence):
    """Positions drawn by weights, none twice, which TensorFlow has no function for: the largest of noisy log weights."""

    dtype = "int64"
    random = True

    def in_torch(weights: Tensor, n: Int):
        return spellings(torch.multinomial(weights, n), weights.multinomial(n))

    def in_tensorflow(weights: Tensor, n: Int):
        return tf.math.top_k(
            tf.math.log(weights) - tf.math.log(-tf.math.log(tf.random.uniform(tf.shape(weights), dtype=weights.dtype))),
            n,
            index_type=tf.int64,
        ).indices

    def rank(weights, n):
        return rank(weights)

    one_way = "torch"
    samples = cases(weights=[drawn(2, 5), drawn(5)], n=3)


class DrawByLogits(Equivalence):
    """Positions drawn by logits in each row, with replacement. PyTorch takes probabilities."""

    dtype = "int64"
    random = True

    def in_torch(logits: Tensor, n: Int):
        return torch.multinomial(torch.softmax(logits, -1), n, replacement=True)

    def in_tensorflow(logits: Tensor, n: Int):
        return spellings(tf.random.categorical(logits, n), keras.random.categorical(logits, n, dtype="int64"))

    def rank(logits, n):
        return 2

    one_way = "tensorflow"
    samples = cases(logits=floats(2, 5), n=[1, 7])
