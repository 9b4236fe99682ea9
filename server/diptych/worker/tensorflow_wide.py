"""The float64 run of TensorFlow code: its own float32 requests, defaults and constants are made float64.

TensorFlow has no switch for this, so the public functions are wrapped, in a process that does nothing else.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src import dtype_policies

from . import tensorflow_pool, tensorflow_resize

WIDER = {"float32": "float64", "float16": "float64", "bfloat16": "float64", "complex64": "complex128"}
DTYPE_NAMES = ("dtype", "out_type", "output_type", "Tout", "output_dtype")
KEEP_LISTS = ("fractional_max_pool", "fractional_avg_pool")
"""Functions that want a list of numbers as a list; everywhere else one becomes a tensor, of the default dtype."""


def wide_dtype(value: Any) -> Any:
    """The wider form of a narrow float dtype in any of its spellings; everything else as it is."""
    if isinstance(value, str):
        return WIDER.get(value, value)
    if isinstance(value, tf.DType):
        return tf.as_dtype(WIDER[value.name]) if value.name in WIDER else value
    if isinstance(value, type) and issubclass(value, np.generic):
        return np.float64 if value in (np.float32, np.float16) else value
    if isinstance(value, np.dtype):
        return np.dtype(WIDER.get(value.name, value.name))
    return value


def _wide_value(value: Any, lists: bool) -> Any:
    if type(value) is float:
        return np.float64(value)
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.name in WIDER:
        return value.astype(WIDER[value.dtype.name])
    if lists and isinstance(value, (list, tuple)) and value and _floats(value):
        return np.asarray(value, dtype=np.float64)
    return value


def _floats(value: Any) -> bool:
    """Whether nested lists hold numbers only, one of them a float."""
    flat = tf.nest.flatten(value)
    return all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in flat) and any(
        isinstance(item, float) for item in flat
    )


def _wide_result(value: Any) -> Any:
    if isinstance(value, tf.Tensor) and value.dtype.name in WIDER:
        return CAST(value, WIDER[value.dtype.name])
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(_wide_result(item) for item in value)
    return value


CAST = tf.cast


def _wrap(function: Callable) -> Callable:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return function
    places = {parameter.name: index for index, parameter in enumerate(parameters)}
    dtypes = {name: places[name] for name in DTYPE_NAMES if name in places}
    narrow = {
        name for name in dtypes if wide_dtype(parameters[dtypes[name]].default) is not parameters[dtypes[name]].default
    }
    lists = function.__name__ not in KEEP_LISTS

    @functools.wraps(function)
    def wide(*arguments: Any, **options: Any) -> Any:
        given = [_wide_value(value, lists) for value in arguments]
        options = {key: _wide_value(value, lists) for key, value in options.items()}
        for name, place in dtypes.items():
            if place < len(given):
                given[place] = wide_dtype(given[place])
            elif name in options:
                options[name] = wide_dtype(options[name])
            elif name in narrow:
                options[name] = wide_dtype(parameters[place].default)
        return _wide_result(function(*given, **options))

    wide.autograph_info__ = {}  # type: ignore[attr-defined]  # autograph calls it as it is
    return wide


def wide_variable(next_creator: Callable, **options: Any) -> Any:
    """A variable creator that makes every narrow float variable a float64 one."""
    initial = options.get("initial_value")
    wanted: Any | None = wide_dtype(options.get("dtype"))
    options["dtype"] = wanted

    def widened(value: Any) -> Any:
        if wanted is not None and not callable(value):
            return CAST(value, wanted)
        return _wide_result(tf.convert_to_tensor(_wide_value(value, True)))

    if callable(initial):
        options["initial_value"] = lambda: widened(initial())
    elif initial is not None:
        options["initial_value"] = widened(initial)
    return next_creator(**options)


PREPARED: list[tuple[Any, str, Callable]] = []


def prepare() -> None:
    """Make the wrappers, which takes half a second, without putting them in place."""
    if PREPARED:
        return
    wrapped: dict[int, Callable] = {}
    spaces = (tf, tf.math, tf.linalg, tf.nn, tf.image, tf.signal, tf.random, tf.dtypes)
    for space in (*spaces, keras.ops, tf.keras.ops, keras.random):
        for name, value in list(vars(space).items()):
            if inspect.isfunction(value) and not name.startswith("_") and name not in ("as_dtype", "function"):
                if id(value) not in wrapped:
                    wrapped[id(value)] = _wrap(value)
                PREPARED.append((space, name, wrapped[id(value)]))


def install() -> None:
    """Make this process a float64 one, for good."""
    prepare()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    get = dtype_policies.get
    dtype_policies.get = lambda identifier: get(_wide_policy(identifier))
    for space, name, function in PREPARED:
        setattr(space, name, function)
    tensorflow_resize.install()
    tensorflow_pool.install()
    for space in (tf, tf.dtypes):
        for name in ("float32", "float16", "bfloat16", "complex64"):
            setattr(space, name, getattr(tf, WIDER[name]))


def _wide_policy(identifier: Any) -> Any:
    if isinstance(identifier, str):
        return "float64" if identifier.startswith("mixed_") else WIDER.get(identifier, identifier)
    if isinstance(identifier, keras.DTypePolicy) and identifier.compute_dtype in WIDER:
        return keras.DTypePolicy("float64")
    return wide_dtype(identifier)
