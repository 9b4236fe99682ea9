"""TensorFlow's and Keras's random functions, replaced so that every draw goes through the session's record."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import variables as keras_variables
from keras.src.backend.tensorflow import random as backend_random
from tensorflow.python.framework import tensor_util

from .draws import SESSION, Draws


def _shape(size: Any) -> tuple[int | None, ...]:
    """The static shape of a ``shape`` argument; an axis that is only known when it runs is ``None``."""
    if isinstance(size, (tf.Tensor, tf.TensorShape)):
        static = tf.get_static_value(size) if isinstance(size, tf.Tensor) else size.as_list()
        if static is None:
            known = tensor_util.constant_value_as_shape(size)
            return tuple(known.as_list()) if known.rank is not None else ()
        return tuple(None if item is None else int(item) for item in np.asarray(static).reshape(-1).tolist())
    if isinstance(size, (int, np.integer)):
        return (int(size),)
    result: list[int | None] = []
    for item in size:
        static = tf.get_static_value(item) if isinstance(item, tf.Tensor) else item
        result.append(None if static is None else int(static))
    return tuple(result)


def _tensor(array: np.ndarray, dtype: Any) -> Any:
    name = keras.backend.floatx() if dtype is None else tf.as_dtype(dtype).name
    if keras.backend.floatx() == "float64" and name in ("float32", "float16", "bfloat16"):
        name = "float64"
    return tf.cast(tf.constant(array), name)


def _normal(draws: Draws, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None) -> Any:
    drawn = draws.take("normal", _shape(shape), lambda rng, size: rng.standard_normal(size, dtype="float32"))
    drawn = _tensor(drawn, dtype)
    return drawn * tf.cast(stddev, drawn.dtype) + tf.cast(mean, drawn.dtype)


def _uniform(draws: Draws, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = None) -> Any:
    if dtype is not None and tf.as_dtype(dtype).is_integer:
        return _randint(draws, shape, minval, maxval, dtype)
    drawn = _tensor(draws.take("uniform", _shape(shape), lambda rng, size: rng.random(size, dtype="float32")), dtype)
    low, high = tf.cast(minval, drawn.dtype), tf.cast(1 if maxval is None else maxval, drawn.dtype)
    return drawn * (high - low) + low


def _randint(draws: Draws, shape: Any, minval: Any, maxval: Any, dtype: Any = "int32") -> Any:
    low, high = int(minval), int(maxval)
    drawn = draws.take(
        "integers", _shape(shape), lambda rng, size: rng.integers(low, high, size), f"range {low}..{high}"
    )
    return tf.cast(tf.constant(drawn), tf.as_dtype(dtype or "int32"))


def _dropout(draws: Draws, inputs: Any, rate: Any, noise_shape: Any = None) -> Any:
    static = tf.get_static_value(rate) if isinstance(rate, tf.Tensor) else rate
    if static is None:
        draws.unsupported("dropout with a rate that is only known when it runs")
        return inputs
    rate = float(static)
    inputs = tf.convert_to_tensor(inputs)
    if rate == 0:
        return inputs
    full = tuple(inputs.shape.as_list())
    shape = (
        full
        if noise_shape is None
        else _shape([full[i] if item is None else item for i, item in enumerate(_listed(noise_shape))])
    )
    mask = draws.take("dropout mask", shape, lambda rng, size: rng.random(size) >= rate, f"rate {round(rate, 6)}")
    return (
        inputs
        * tf.cast(tf.constant(np.ascontiguousarray(mask)), inputs.dtype)
        * tf.cast(0.0 if rate == 1 else 1 / (1 - rate), inputs.dtype)
    )


def _listed(noise_shape: Any) -> list[Any]:
    return list(_shape(noise_shape)) if isinstance(noise_shape, tf.Tensor) else list(noise_shape)


def _permutation(draws: Draws, value: Any, axis: int = 0) -> Any:
    value = tf.convert_to_tensor(value)
    order = draws.take("permutation", (value.shape[axis],), lambda rng, size: rng.permutation(size[0]))
    return tf.gather(value, tf.constant(order), axis=axis)


def _categorical(draws: Draws, logits: Any, num_samples: Any, dtype: Any = None) -> Any:
    shape = (tf.convert_to_tensor(logits).shape[0], int(num_samples))
    drawn = draws.take("choice", shape, lambda rng, size: rng.random(size, dtype="float32"))
    ends = tf.cumsum(tf.nn.softmax(tf.cast(logits, tf.float64), -1), axis=-1)
    below = tf.cast(tf.constant(drawn), tf.float64)[:, :, None] >= ends[:, None, :]
    found = tf.minimum(tf.reduce_sum(tf.cast(below, tf.int64), -1), logits.shape[-1] - 1)
    return tf.cast(found, tf.int64 if dtype is None else dtype)


def _replace(owner: Any, name: str, handle: Callable) -> None:
    original = getattr(owner, name, None)
    if original is None:
        return

    @functools.wraps(original)
    def drawing(*arguments: Any, **options: Any) -> Any:
        draws = SESSION.active
        if draws is None:
            return original(*arguments, **options)
        return handle(draws, *arguments, **options)

    drawing.autograph_info__ = {}  # type: ignore[attr-defined]  # autograph calls it as it is
    setattr(owner, name, drawing)


def _named(handle: Callable, *order: str, drop: tuple[str, ...] = ("seed", "name", "alg", "rng_alg")) -> Callable:
    """Give positional arguments their names, then leave out what does not bear on the numbers."""

    def call(draws: Draws, *arguments: Any, **options: Any) -> Any:
        named = {**dict(zip(order, arguments)), **options}
        return handle(draws, **{key: value for key, value in named.items() if key not in drop})

    return call


def _refuse(owner: Any, name: str, title: str) -> None:
    original = getattr(owner, name, None)

    def handle(draws: Draws, *arguments: Any, **options: Any) -> Any:
        draws.unsupported(title)
        with SESSION.pause():
            return original(*arguments, **options)  # type: ignore[misc]

    _replace(owner, name, handle)


def install() -> None:
    """Replace the random functions in this process, for good."""
    normal = ("shape", "mean", "stddev", "dtype", "seed", "name")
    uniform = ("shape", "minval", "maxval", "dtype", "seed", "name")
    stateless_normal = ("shape", "seed", "mean", "stddev", "dtype", "name")
    stateless_uniform = ("shape", "seed", "minval", "maxval", "dtype", "name")
    drop = ("x", "rate", "noise_shape", "seed", "name")

    def dropped(draws: Draws, x: Any, rate: Any, noise_shape: Any = None) -> Any:
        return _dropout(draws, x, rate, noise_shape)

    for random, nn in ((tf.random, tf.nn), (tf.compat.v1.random, tf.compat.v1.nn)):
        _replace(random, "normal", _named(_normal, *normal))
        _replace(random, "uniform", _named(_uniform, *uniform))
        _replace(random, "stateless_normal", _named(_normal, *stateless_normal))
        _replace(random, "stateless_uniform", _named(_uniform, *stateless_uniform))
        _replace(random, "shuffle", _named(_permutation, "value", "seed", "name"))
        _replace(random, "categorical", _named(_categorical, "logits", "num_samples", "dtype", "seed", "name"))
        if nn is tf.nn:
            _replace(nn, "dropout", _named(dropped, *drop))
            _replace(
                nn.experimental,
                "stateless_dropout",
                _named(dropped, "x", "rate", "seed", "rng_alg", "noise_shape", "name"),
            )
        for name in (
            "truncated_normal",
            "stateless_truncated_normal",
            "stateless_categorical",
            "gamma",
            "poisson",
        ):
            _refuse(random, name, f"tf.random.{name}")
    for name, handle in (("normal", _normal), ("uniform", _uniform)):
        method = normal if name == "normal" else uniform
        _replace_method(tf.random.Generator, name, _named(handle, *method))
    _replace(backend_random, "normal", _named(_normal, "shape", "mean", "stddev", "dtype", "seed"))
    _replace(backend_random, "uniform", _named(_uniform, "shape", "minval", "maxval", "dtype", "seed"))
    _replace(backend_random, "randint", _named(_randint, "shape", "minval", "maxval", "dtype", "seed"))
    _replace(backend_random, "dropout", _named(_dropout, "inputs", "rate", "noise_shape", "seed"))
    _replace(
        backend_random, "shuffle", _named(lambda draws, x, axis=0: _permutation(draws, x, axis), "x", "axis", "seed")
    )
    _replace(backend_random, "categorical", _named(_categorical, "logits", "num_samples", "dtype", "seed"))
    for name in ("truncated_normal", "gamma", "binomial", "beta"):
        _refuse(backend_random, name, f"keras.random.{name}")
    _refuse(tf.data.Dataset, "shuffle", "tf.data.Dataset.shuffle")
    _quiet_initialisation()


def _replace_method(owner: Any, name: str, handle: Callable) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def drawing(self: Any, *arguments: Any, **options: Any) -> Any:
        draws = SESSION.active
        return original(self, *arguments, **options) if draws is None else handle(draws, *arguments, **options)

    drawing.autograph_info__ = {}  # type: ignore[attr-defined]
    setattr(owner, name, drawing)


def _quiet_initialisation() -> None:
    """Weights draw their first values by themselves: the claim carries its own."""
    for name in ("_initialize_with_initializer", "__init__"):
        original = getattr(keras_variables.Variable, name, None)
        if original is not None:
            setattr(keras_variables.Variable, name, _paused(original))


def _paused(original: Callable) -> Callable:
    @functools.wraps(original)
    def quiet(*arguments: Any, **options: Any) -> Any:
        with SESSION.pause():
            return original(*arguments, **options)

    quiet.autograph_info__ = {}  # type: ignore[attr-defined]
    return quiet
