"""The TensorFlow side of a worker: precision, tensors, models, calls and gradients."""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from keras.src.layers.layer import Layer
from keras.src.utils.python_utils import is_default
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import context

from . import tensorflow_draws, tensorflow_wide, weights
from .build import build_leaves
from .draws import SESSION

NAME = "tensorflow"
EXTRAS = (".tensorflow_wide:prepare", "numpy.random", "gast", "keras.src.trainers.trainer")
WIDER = {"float32": "float64", "float16": "float64", "bfloat16": "float64", "complex64": "complex128"}
PRECISION = {"name": "float32"}
BUILDING: list[Any] | None = None  # the layers taken as built during a first call
SLOTS: list[list[weights.Slot]] = []  # of each outermost model of the run, in order of first call


def versions() -> dict[str, str]:
    """The versions that a verdict depends on."""
    return {"tensorflow": tf.__version__, "keras": keras.__version__}


def setup(precision: str, device: str) -> dict[str, Any]:
    """Prepare this process, once: deterministic kernels, no TF32, the precision; gives the device and the flags."""
    PRECISION["name"] = precision
    found = _configure(device)
    if precision == "float64":
        tensorflow_wide.install()
    if found["device"] == "cpu":
        _make_kernels_plainly()
    tensorflow_draws.install()
    _watch_layers()
    return found


def _make_kernels_plainly() -> None:
    """TensorFlow wraps each new eager operation in a function, at six times the cost of its kernel; the kernel, and
    with it what is computed, is the same without.
    """
    wrap = getattr(pywrap_tfe, "TFE_ContextOptionsSetRunEagerOpAsFunction", None)
    if wrap is not None:
        pywrap_tfe.TFE_ContextOptionsSetRunEagerOpAsFunction = lambda options, wrapped: wrap(options, False)


def _configure(device: str) -> dict[str, Any]:
    """Settings of TensorFlow's context."""
    gpus = tf.config.list_physical_devices("GPU") if device != "cpu" else []
    if device.startswith("cuda") and not gpus:
        raise RuntimeError(f"TensorFlow sees no device {device}")
    if device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    flags = ["TF32 off"]
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.threading.set_intra_op_parallelism_threads(max(1, (os.cpu_count() or 1) // 4))  # four processes share
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if gpus:
        tf.config.experimental.enable_op_determinism()
        flags += ["op determinism", "memory growth"]
    tf.config.experimental.enable_tensor_float_32_execution(False)
    return {
        "device": tf.config.experimental.get_device_details(gpus[0]).get("device_name", "gpu") if gpus else "cpu",
        "flags": flags,
    }


def seed(number: int) -> None:
    """Seed the generators of this process."""
    tf.random.set_seed(number)


def example() -> tuple[Layer, tuple[int, ...]]:
    """A small model of the commonest layers and the shape of its input, to warm a process up with."""
    padded = [keras.layers.ZeroPadding2D(1), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization()]
    return keras.Sequential([*padded, keras.layers.ReLU(), keras.layers.Flatten(), keras.layers.Dense(2)]), (2, 4, 4, 3)


@contextmanager
def forgotten() -> Iterator[None]:
    """What is done inside, on the CPU, leaves nothing that user code could see, but for the generators of random
    numbers: names of layers count from the start, and the context is a new one, which may still be configured. Unless
    it is, it takes over what the old one has made: kernels, each of which costs more than a millisecond, and threads.
    """
    kept = {name: copy.copy(value) for name, value in vars(global_state.GLOBAL_STATE_TRACKER).items()}
    yield
    state = vars(global_state.GLOBAL_STATE_TRACKER)
    state.clear()
    state.update(kept)
    SLOTS.clear()
    handle = _context()._handle
    context._reset_context()
    _configure("cpu")
    _hand_on(handle)


def _hand_on(handle: Any) -> None:
    """Let the context start with ``handle`` if it is configured then as it is now."""
    start, configured = pywrap_tfe.TFE_NewContext, _configuration()

    def new(options: Any) -> Any:
        pywrap_tfe.TFE_NewContext = start
        return handle if _configuration() == configured else start(options)

    pywrap_tfe.TFE_NewContext = new


def _context() -> context.Context:
    current = context.context()
    assert current is not None
    return current


def _configuration() -> tuple[Any, ...]:
    """All that TensorFlow's context starts from."""
    names = ("_device_policy", "_mirroring_policy", "_default_is_async", "_use_tfrt", "_jit_compile_rewrite")
    current = _context()
    return (current.config.SerializeToString(deterministic=True), *(getattr(current, name, None) for name in names))


def devices() -> list[str]:
    """The devices that TensorFlow sees."""
    details = tf.config.experimental.get_device_details
    return ["cpu"] + [details(gpu).get("device_name", "gpu") for gpu in tf.config.list_physical_devices("GPU")]


@contextmanager
def precision() -> Iterator[None]:
    """The context in which user code runs."""
    with ExitStack() as stack:
        if PRECISION["name"] == "float64":
            stack.enter_context(tf.variable_creator_scope(tensorflow_wide.wide_variable))
        yield


def is_tensor(value: Any) -> bool:
    """Whether ``value`` is a tensor or variable of this framework."""
    return isinstance(
        value, (tf.Tensor, tf.Variable, keras.Variable, tf.IndexedSlices, tf.RaggedTensor, tf.SparseTensor)
    )


def is_model(value: Any) -> bool:
    """Whether ``value`` can be called and has weights."""
    return isinstance(value, Layer)


def is_model_class(value: Any) -> bool:
    """Whether ``value`` is a class of models or layers."""
    return isinstance(value, type) and issubclass(value, Layer)


def tensor(array: np.ndarray, dtype: str) -> Any:
    """A tensor of ``array`` in the dtype of that name, or its wider form in the float64 run."""
    if PRECISION["name"] == "float64":
        dtype = WIDER.get(dtype, dtype)
    return tf.convert_to_tensor(array.astype(tf.as_dtype(dtype).as_numpy_dtype))


def to_numpy(value: Any) -> tuple[np.ndarray, str]:
    """The values of a tensor and the name of its dtype; bfloat16 is widened to float32."""
    if isinstance(value, tf.RaggedTensor):
        value = value.to_tensor()
    if isinstance(value, (tf.IndexedSlices, keras.Variable)):
        value = tf.convert_to_tensor(value)
    if isinstance(value, tf.SparseTensor):
        value = tf.sparse.to_dense(value)
    name = getattr(value.dtype, "name", str(value.dtype)).replace("_ref", "")
    return np.array(tf.cast(value, tf.float32) if name == "bfloat16" else value), name


def set_mode(model: Any, training: bool | None) -> None:
    """Nothing: Keras takes the mode with each call."""


def invoke(target: Any, training: bool | None, arguments: list, named: dict, traced: bool) -> Any:
    """Call a model (what is not a tensor goes by name, as Keras wants it) or a function; ``traced`` lets autograph
    convert the user's function, and it alone.
    """
    if not is_model(target):
        return (tf.function(target) if traced and not _is_traced(target) else target)(*arguments, **named)
    names = list(inspect.signature(target.call).parameters)
    passed, named = list(arguments), dict(named)
    while passed and not _tensors_only(passed[-1]) and len(passed) <= len(names):
        named[names[len(passed) - 1]] = passed.pop()
    return target(*passed, **named) if training is None else target(*passed, training=training, **named)


def _is_traced(function: Any) -> bool:
    return hasattr(function, "get_concrete_function")


def _tensors_only(value: Any) -> bool:
    return all(item is None or is_tensor(item) for item in tf.nest.flatten(value))


def run(
    function: Callable[[dict[str, Any]], Any], leaves: dict[str, Any], traced: str | None, differentiate: bool
) -> tuple[Any, Any, dict[str, Any]]:
    """Run ``function`` on ``leaves`` (name -> tensor), under a tape where gradients are wanted, inside ``tf.function``
    where ``traced`` is set (``":batch"`` leaves the first axis of every tensor unknown).
    """
    given = {name: tf.identity(leaf) for name, leaf in leaves.items()}
    watched = {name: leaf for name, leaf in given.items() if leaf.dtype.is_floating or leaf.dtype.is_complex}
    if traced:
        batch = traced.endswith(":batch")
        specs = {
            name: tf.TensorSpec(
                [None if batch and axis == 0 else size for axis, size in enumerate(leaf.shape)], leaf.dtype
            )
            for name, leaf in given.items()
        }
        graph = tf.function(lambda items: function(items), input_signature=[specs], autograph=False)
        compiled: Callable = graph
    else:
        compiled = function
    tape = None
    with precision():
        if differentiate:
            with tf.GradientTape() as tape:
                tape.watch(list(watched.values()))
                result = compiled(given)
        else:
            result = compiled(given)
    return result, (tape, watched), given


def compiled(function: Callable) -> Callable:
    """``function`` as a graph."""
    return tf.function(function, autograph=False)


def finish(result: Any) -> None:
    """Wait until what was computed is there."""
    for item in tf.nest.flatten(result):
        if isinstance(item, tf.Tensor) and "GPU" in item.device:
            item.numpy()


def gradients(
    outputs: Sequence[Any], cotangents: Sequence[np.ndarray], roots: Any, models: Sequence[Any]
) -> dict[str, np.ndarray | None]:
    """Gradients of ``sum(output * cotangent)`` by input name and by ``index:weight``; ``None`` where there is none."""
    tape, watched = roots
    if tape is None:
        raise LookupError("gradients were not asked for")
    variables = [variable for index, model in enumerate(models) for variable in _trainable(model, SLOTS[index])]
    seeds = [tf.convert_to_tensor(cot.astype(out.dtype.as_numpy_dtype)) for out, cot in zip(outputs, cotangents)]
    found = tape.gradient(list(outputs), [list(watched.values()), variables], output_gradients=seeds)
    result = {name: None if grad is None else to_numpy(grad)[0] for name, grad in zip(watched, found[0])}
    by_variable = {id(variable): grad for variable, grad in zip(variables, found[1])}
    if not any(value is not None for value in result.values()) and not any(g is not None for g in found[1]):
        raise LookupError("no output depends on the inputs in a differentiable way")
    for index in range(len(models)):

        def read(variable: Any) -> Any:
            grad = by_variable.get(id(_raw(variable)))
            return None if grad is None else to_numpy(grad)[0]

        exported = weights.export(SLOTS[index], read=read, gradient=True)
        result.update({f"{index}:{name}": value for name, value in exported.items()})
    return result


def _raw(variable: Any) -> Any:
    return variable.value if isinstance(variable, keras.Variable) else variable


def _trainable(model: Any, slots: Sequence[weights.Slot]) -> list[Any]:
    found = [_raw(variable) for variable in model.trainable_variables]
    known = {id(variable) for variable in found}
    for slot in slots:
        raw = _raw(slot.variable)
        if (
            id(raw) not in known
            and isinstance(raw, tf.Variable)
            and raw.trainable
            and not isinstance(slot.variable, keras.Variable)
        ):
            known.add(id(raw))
            found.append(raw)
    return found


def _hint(index: int) -> list[str] | None:
    return list(SESSION.snapshots[index]) if index < len(SESSION.snapshots) else None


def differentiable(value: Any) -> bool:
    """Whether a gradient can flow into this output."""
    return isinstance(value, tf.Tensor) and (value.dtype.is_floating or value.dtype.is_complex)


def state_of(model: Any, index: int) -> dict[str, np.ndarray]:
    """The weights of the ``index``-th model of the run under torch's names and in torch's axes."""
    return weights.export(SLOTS[index])


def sums_of(index: int) -> list[list[str]]:
    """Torch names of which this side keeps only the sum, in the ``index``-th model of the run."""
    return weights.sums(SLOTS[index])


def _enter(model: Any, call: Callable, arguments: tuple, named: dict) -> None:
    """At the first call of an outermost model: record its state, or give it the recorded one."""
    if not _ready(model):
        _build(model, call, arguments, {key: value for key, value in named.items() if key != "training"})
    index = len(SESSION.models)
    if index < len(SESSION.snapshots):
        build_leaves(model, SESSION.snapshots[index])  # layers that the model has and never calls
    slots = weights.slots(model, _hint(index))
    if not slots:
        return
    SESSION.models.append(model)
    SLOTS[index:] = [slots]
    tensors = [item for item in arguments if isinstance(item, tf.Tensor)]
    shapes = [[int(size or 2) for size in item.shape] for item in tensors]
    SESSION.input_shapes.append([{"shape": shape, "dtype": item.dtype.name} for shape, item in zip(shapes, tensors)])
    if index >= len(SESSION.snapshots) and SESSION.recording:
        SESSION.snapshots.append(state_of(model, index))
    if index < len(SESSION.snapshots):
        with tf.init_scope():
            weights.load(model, slots, SESSION.nudged(SESSION.snapshots[index]))


def _build(model: Any, call: Callable, arguments: tuple, named: dict) -> None:
    """Build a model by calling it once. A model without a ``build`` of its own would first be called symbolically, at
    several times the cost: it is taken as built, and locked afterwards as Keras does.
    """
    global BUILDING
    BUILDING = []
    try:
        with SESSION.pause():
            _take_as_built(model)
            call(model, *arguments, **named)
        for layer in BUILDING:
            layer._lock_state()
    finally:
        BUILDING = None


def _take_as_built(layer: Any) -> None:
    if BUILDING is not None and not layer.built and is_default(layer.build):
        layer.built = True
        BUILDING.append(layer)


def _ready(model: Any) -> bool:
    layers = model._flatten_layers() if hasattr(model, "_flatten_layers") else [model]
    return all(layer.built for layer in layers)


def _watch_layers() -> None:
    call = Layer.__call__

    def watched(self: Any, *arguments: Any, **named: Any) -> Any:
        if SESSION.draws is None or SESSION.paused or _symbolic(arguments, named):
            _take_as_built(self)
            return call(self, *arguments, **named)
        if SESSION.depth == 0 and not any(self is model for model in SESSION.models):
            _enter(self, call, arguments, named)
        SESSION.depth += 1
        try:
            return call(self, *arguments, **named)
        finally:
            SESSION.depth -= 1

    watched.autograph_info__ = {}  # type: ignore[attr-defined]  # autograph calls it as it is
    Layer.__call__ = watched  # type: ignore[method-assign]


def _symbolic(arguments: tuple, named: dict) -> bool:
    return any(isinstance(item, keras.KerasTensor) for item in tf.nest.flatten([list(arguments), named]))


def generator_state() -> Any:
    """TensorFlow keeps no one generator whose state could be watched."""
    return None


def unrecorded_draws(before: Any) -> bool:
    """Unknown here: the draws that cannot be replayed say so themselves."""
    return False


def model_inputs(model: Any) -> list[dict[str, Any]] | None:
    """The inputs that a functional or built Sequential model declares, unknown axes as ``None``."""
    try:
        inputs = model.inputs
    except Exception:
        return None
    if not inputs:
        return None
    return [{"shape": list(item.shape), "dtype": str(item.dtype)} for item in inputs]
