"""Runs batches of short snippets in one framework: ``python -m diptych.worker.snippets FRAMEWORK``.

Writes to standard output whether it is ready: a pickled ``None``, or why it cannot be. Then reads pickled lists of jobs
from standard input and writes a pickled list of results for each.

A job is a dict: ``text``, ``kind`` ("function", "class" or "step"), ``entry``, ``arrays``, ``constructor``, ``outputs``
(the permutation of each output, or one for all), ``modes``, ``gradients``, ``weights`` (whether there are any), ``map``
(where the rule says that they stand), ``state`` (their values, by torch's names), ``traced`` (whether to run under
``tf.function`` too) and ``wide`` (whether torch is to run with these weights in float64). A result has ``runs``,
``state`` and what was asked for besides, or ``error`` alone.
"""

from __future__ import annotations

import importlib
import linecache
import os
import pickle
import signal
import sys
import types
from typing import Any

import numpy as np

from .weights import at

LIMIT = 120  # seconds for one snippet
STEPS = 7  # of training: PyTorch's RAdam does something new at the sixth


def main() -> None:
    """Serve batches until standard input ends."""
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a snippet prints goes nowhere
    try:
        side = importlib.import_module(f"diptych.worker.{sys.argv[1]}_side")
    except ImportError as error:
        pickle.dump(_message(error), stream)
        stream.flush()
        return
    prepare = _prepare_torch if side.NAME == "torch" else _prepare_tensorflow
    prepare()
    pickle.dump(None, stream)
    stream.flush()
    signal.signal(signal.SIGALRM, _late)
    while True:
        try:
            jobs = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump([_guarded(side, job) for job in jobs], stream)
        stream.flush()


def _prepare_torch() -> None:
    import torch

    torch.set_num_threads(1)


def _prepare_tensorflow() -> None:
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.random.set_seed(0)  # once: it also throws away the compiled kernels, which each snippet would pay for again


def _late(*_: Any) -> None:
    raise TimeoutError(f"no end after {LIMIT} s")


def _guarded(side: Any, job: dict[str, Any]) -> dict[str, Any]:
    signal.alarm(LIMIT)
    try:
        return _run(side, job)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"error": _message(error)}
    finally:
        signal.alarm(0)


def _message(error: BaseException) -> str:
    lines = [line for line in str(error).strip().split("\n") if 'File "' not in line]
    return f"{type(error).__name__}: {' '.join(' '.join(lines).split())[:400]}"


def _run(side: Any, job: dict[str, Any]) -> dict[str, Any]:
    name = f"<sample {job['id']}>"
    linecache.cache[name] = (len(job["text"]), None, job["text"].splitlines(keepends=True), name)
    module = sys.modules["sample"] = types.ModuleType("sample")  # where pickle looks for the sample's classes
    namespace = vars(module)
    if side.NAME == "torch":
        side.torch.manual_seed(0)
    exec(compile(job["text"], name, "exec"), namespace)
    if job["kind"] == "function":
        function = namespace[job["entry"]]
        result = {"runs": [_evaluated(side, job, function, None, None)], "state": {}}
        return {**result, "traced": _traced(side, job, function)} if job.get("traced") else result
    if job["kind"] == "class":
        return _class(side, job, namespace)
    return _steps(side, job, namespace)


def _tensors(side: Any, arrays: list[Any]) -> list[Any]:
    """The arrays as tensors; what is no array stays as it is."""
    return [side.tensor(item, str(item.dtype)) if isinstance(item, np.ndarray) else item for item in arrays]


def _class(side: Any, job: dict[str, Any], namespace: dict[str, Any]) -> dict[str, Any]:
    model = namespace[job["entry"]](*_tensors(side, job["constructor"]))
    if side.NAME == "torch" and job.get("wide"):
        model.double()
    state = _with_weights(side, job, model)
    unlike = [] if side.NAME == "torch" else _unlike_map(model, job)
    runs = []
    traced = {}
    for training in job["modes"]:
        if side.NAME == "torch":
            model.train(training)
        runs.append(_evaluated(side, job, model, model, training))
        if job.get("traced") and not traced:  # before a training step moves the running statistics
            traced = {"traced": _traced(side, job, lambda *inputs: model(*inputs, training=False))}
    after = _state(side, job, model) if job["modes"][-1] and state else {}
    return {"runs": runs, "state": state, "after": after, "unlike": unlike, **traced}


def _unlike_map(model: Any, job: dict[str, Any]) -> list[str]:
    """Names of weights that do not stand in the layer where the rule's weight map has them."""
    wrong: list[str] = []
    layers = model._flatten_layers()
    for path in {path for path, _ in job["map"].values()}:
        names = [name for name, (other, _) in job["map"].items() if other == path and f"layer.{name}" in job["state"]]
        found = [value for value in (at(layer, path) for layer in layers) if value is not None]
        if not names or not found:
            continue
        arrays = [_stepped(job["state"][f"layer.{name}"], job["map"][name][1]) for name in names]
        if not any(_made_of(arrays, np.asarray(value)) for value in found):  # one of several layers of a kind
            wrong += names
    return wrong


def _made_of(arrays: list[np.ndarray], value: np.ndarray) -> bool:
    """Whether the value is these arrays, stacked where it has an axis more, else their sum."""
    expected = np.stack(arrays) if value.ndim > arrays[0].ndim else np.sum(arrays, axis=0)
    return expected.size == value.size and np.allclose(expected.reshape(value.shape), value, atol=1e-6)


def _stepped(array: np.ndarray, steps: Any) -> np.ndarray:
    for kind, argument in steps:
        if kind == "permute":
            array = array.transpose(argument)
        elif kind == "blocks":
            parts = np.split(array, len(argument))
            array = np.concatenate([parts[place] for place in argument])
    return array


def _traced(side: Any, job: dict[str, Any], function: Any) -> Any:
    """The results under ``tf.function`` with an unknown length of the first axis, or the error as text."""
    tf = side.tf
    items = _tensors(side, job["arrays"])
    tensors = [item for item in items if side.is_tensor(item)]

    def call(*given: Any) -> Any:
        rest = iter(given)
        return function(*[next(rest) if side.is_tensor(item) else item for item in items])

    specs = [tf.TensorSpec([None, *item.shape[1:]] if item.shape.rank else [], item.dtype) for item in tensors]
    error: Exception | None = None
    for autograph in (False, True):  # which is slower and hardly ever needed
        try:
            return _leaves(side, tf.function(call, input_signature=specs, autograph=autograph)(*tensors))
        except Exception as problem:
            error = problem
    assert error is not None
    return _message(error)


def _with_weights(side: Any, job: dict[str, Any], model: Any) -> dict[str, np.ndarray]:
    """Build a model and give it the weights of the job, or random ones; what they are, under torch's names."""
    inputs = _tensors(side, job["arrays"])
    if side.NAME == "torch":
        torch = side.torch
        model.eval()
        with torch.no_grad():
            model(*inputs)
            if not job["weights"] and not any(True for _ in model.parameters()):
                return {}  # the buffers of a loss are its arguments
            for value in [*model.parameters(), *model.buffers()]:
                if value.is_floating_point():
                    value.add_(torch.rand_like(value) * 0.3)  # so that no scale is 1 and no shift 0
            if job["state"]:
                side.load_state(model, job["state"])
        return _state(side, job, model)
    if job["kind"] == "class":
        model.built = True  # or Keras calls it once more, symbolically, to build what the call below builds as well
    _called(model, inputs, False)
    if job["state"]:
        side.weights.load(model, _slots(side, job, model), job["state"])
    return job["state"]


def _slots(side: Any, job: dict[str, Any], model: Any) -> Any:
    return side.weights.slots(model, list(job["state"]) or None)


def _state(side: Any, job: dict[str, Any], model: Any) -> dict[str, np.ndarray]:
    """The weights under torch's names and in torch's axes."""
    return side.state_of(model, 0) if side.NAME == "torch" else _exported(side, job, model)


def _exported(side: Any, job: dict[str, Any], model: Any, read: Any = None) -> dict[str, np.ndarray]:
    """Weights or, with ``read``, gradients of a Keras model under the names that the job's weights have."""
    slots = _slots(side, job, model)
    arrays = side.weights.export(slots, read=read, gradient=read is not None)
    if not job["state"]:
        return arrays
    own = side.weights.export(slots)
    shapes = {name: tuple(array.shape) for name, array in job["state"].items()}
    fitted = side.weights.fit_names(own, shapes)
    names = {id(array): name for name, array in fitted.items()}
    return {names[id(own[name])]: array for name, array in arrays.items() if id(own[name]) in names}


def _steps(side: Any, job: dict[str, Any], namespace: dict[str, Any]) -> dict[str, Any]:
    arrays = _tensors(side, job["arrays"])
    model = namespace["model"]
    state = _with_weights(side, {**job, "arrays": job["arrays"][:1]}, model)
    runs = []
    for _ in range(STEPS):
        value = namespace["step"](*arrays)
        runs.append({"outputs": _leaves(side, value), "gradients": {}})
    return {"runs": runs, "state": state, "after": _state(side, job, model)}


def _evaluated(side: Any, job: dict[str, Any], target: Any, model: Any, training: bool | None) -> dict[str, Any]:
    if side.NAME == "torch":
        return _in_torch(side, job, target, model)
    return _in_tensorflow(side, job, target, model, training)


def _in_torch(side: Any, job: dict[str, Any], target: Any, model: Any) -> dict[str, Any]:
    torch = side.torch
    roots = _tensors(side, job["arrays"])
    for place, root in enumerate(roots):
        if side.is_tensor(root) and root.is_floating_point() and _wanted(job["gradients"], place):
            root.requires_grad_()
    value = target(*[root.clone() if side.is_tensor(root) else root for root in roots])
    outputs = _leaves(side, value)
    gradients: dict[str, Any] = {}
    if job["gradients"]:
        pairs = [
            (torch.view_as_real(out.resolve_conj()) if out.is_complex() else out, number)
            for number, out in enumerate(_tensor_leaves(side, value))
            if out.requires_grad
        ]
        if pairs:
            weights = dict(model.named_parameters()) if model is not None else {}
            named = {
                str(place): root for place, root in enumerate(roots) if getattr(root, "requires_grad", False)
            } | weights
            total = sum(
                (out * torch.tensor(_cotangent(job, tuple(out.shape), number)).to(out.dtype)).sum()
                for out, number in pairs
            )
            found = torch.autograd.grad(total, list(named.values()), allow_unused=True)
            gradients = {
                name: None if grad is None else side.to_numpy(grad.to_dense() if grad.is_sparse else grad)[0]
                for name, grad in zip(named, found)
            }
    return {"outputs": outputs, "gradients": gradients}


def _wanted(gradients: Any, place: int) -> bool:
    return gradients if isinstance(gradients, bool) else place in gradients


def _in_tensorflow(side: Any, job: dict[str, Any], target: Any, model: Any, training: bool | None) -> dict[str, Any]:
    tf = side.tf
    roots = _tensors(side, job["arrays"])
    floating = {str(place): root for place, root in enumerate(roots) if side.is_tensor(root) and root.dtype.is_floating}
    with tf.GradientTape() as tape:
        tape.watch(list(floating.values()))
        value = target(*roots) if model is None else _called(target, roots, training)
        total = None
        if job["gradients"]:
            for number, out in enumerate(_tensor_leaves(side, value)):
                if out.dtype.is_complex:
                    out = tf.stack([tf.math.real(out), tf.math.imag(out)], axis=-1)
                if out.dtype.is_floating:
                    weight = tf.convert_to_tensor(_cotangent(job, tuple(out.shape), number), out.dtype)
                    part = tf.cast(tf.reduce_sum(out * weight), tf.float64)
                    total = part if total is None else total + part
    outputs = _leaves(side, value)
    gradients: dict[str, Any] = {}
    if total is not None:
        variables = [] if model is None else model.trainable_variables
        raw = [variable.value for variable in variables]
        found, of_weights = tape.gradient(total, [list(floating.values()), raw])
        gradients = {name: None if grad is None else side.to_numpy(grad)[0] for name, grad in zip(floating, found)}
        if model is not None:
            by_variable = {id(variable.value): grad for variable, grad in zip(variables, of_weights)}

            def read(variable: Any) -> Any:
                grad = by_variable.get(id(getattr(variable, "value", variable)))
                return None if grad is None else side.to_numpy(grad)[0]

            gradients.update(_exported(side, job, model, read))
    return {"outputs": outputs, "gradients": gradients}


def _called(model: Any, inputs: list[Any], training: bool | None) -> Any:
    """A Keras model's results; a functional model takes several inputs as one list."""
    several = len(inputs) > 1 and any(kind.__name__ == "Functional" for kind in type(model).__mro__)
    return model(inputs, training=training) if several else model(*inputs, training=training)


def _cotangent(job: dict[str, Any], shape: tuple[int, ...], number: int) -> np.ndarray:
    """The same random array on both sides, though their axes may stand in another order."""
    places = job["outputs"]
    permutation = (
        (places[number] if number < len(places) else places[0] if len(places) == 1 else None) if places else None
    )
    rng = np.random.default_rng(number)
    if permutation is None or len(permutation) != len(shape):
        return rng.standard_normal(shape).astype(np.float32)
    source = [0] * len(shape)
    for place, axis in enumerate(permutation):
        source[axis] = shape[place]
    return rng.standard_normal(source).astype(np.float32).transpose(permutation)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _flat(item)]
    if type(value).__name__ == "TensorShape":
        return list(value)
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _flat(item)]
    return [value]


def _tensor_leaves(side: Any, value: Any) -> list[Any]:
    return [leaf for leaf in _flat(value) if side.is_tensor(leaf)]


def _leaves(side: Any, value: Any) -> list[Any]:
    """Each result as ``(array, dtype)``, or ``(value, None)`` where it is no tensor."""
    found: list[Any] = []
    for leaf in _flat(value):
        if side.is_tensor(leaf):
            found.append(side.to_numpy(leaf))
        elif isinstance(leaf, np.ndarray):
            found.append((leaf, str(leaf.dtype)))
        elif leaf is None or isinstance(leaf, (bool, int, float, complex, str)):
            found.append((leaf, None))
        else:
            found.append((getattr(leaf, "name", str(leaf).replace("torch.", "")), None))
    return found


if __name__ == "__main__":
    main()
