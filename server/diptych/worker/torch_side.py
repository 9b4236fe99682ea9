"""The torch side of a worker: precision, tensors, modules, calls and gradients."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Optional

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import UninitializedTensorMixin  # pyright: ignore[reportAttributeAccessIssue]
from torch.overrides import TorchFunctionMode

from . import torch_draws
from .draws import SESSION
from .weights import fit_names, plain

NAME = "torch"
EXTRAS = ("torch.fx.experimental.symbolic_shapes", "torch._dynamo", "torch.optim")
WIDER = {
    torch.float32: torch.float64,
    torch.float16: torch.float64,
    torch.bfloat16: torch.float64,
    torch.complex64: torch.complex128,
}
FACTORIES = {torch.tensor, torch.as_tensor, torch.asarray, torch.scalar_tensor}
PRECISION = {"name": "float32"}
DEVICE = {"name": "cpu"}


class Promote(TorchFunctionMode):
    """Turns the code's own float32 requests into float64."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run ``func`` with every narrow dtype among its arguments widened."""
        options = {key: self._wide(value) for key, value in (kwargs or {}).items()}
        if func in (torch.Tensor.float, torch.Tensor.half, torch.Tensor.bfloat16):
            return torch.Tensor.double(*args, **options)
        if getattr(func, "__name__", "") == "cfloat":
            return args[0].to(torch.complex128)
        result = func(*[self._wide(value) for value in args], **options)
        if func in FACTORIES and isinstance(result, torch.Tensor) and result.dtype in WIDER:
            return result.to(WIDER[result.dtype])
        return result

    @staticmethod
    def _wide(value: Any) -> Any:
        return WIDER.get(value, value) if isinstance(value, torch.dtype) else value


def versions() -> dict[str, str]:
    """The versions that a verdict depends on."""
    return {"torch": torch.__version__}


def setup(precision: str, device: str) -> dict[str, Any]:
    """Prepare this process, once: deterministic kernels, no TF32, the precision; gives the device and the flags."""
    cuda = device != "cpu" and torch.cuda.is_available()
    if device.startswith("cuda") and not cuda:
        raise RuntimeError(f"torch sees no device {device}")
    DEVICE["name"] = "cuda" if cuda else "cpu"
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 4))  # four processes share the machine
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    PRECISION["name"] = precision
    if precision == "float64":
        torch.set_default_dtype(torch.float64)
        _widen_numpy()
    torch_draws.install()
    _watch_modules()
    if cuda:
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.set_default_device("cuda")
    name = torch.cuda.get_device_name() if cuda else "cpu"
    return {"device": name, "flags": ["deterministic algorithms", "TF32 off"] if cuda else ["TF32 off"]}


def seed(number: int) -> None:
    """Seed the generators of this process."""
    torch.manual_seed(number)


def example() -> tuple[nn.Module, tuple[int, ...]]:
    """A small model of the commonest layers and the shape of its input, to warm a process up with."""
    layers = (nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))
    return nn.Sequential(*layers), (2, 3, 4, 4)


@contextmanager
def forgotten() -> Iterator[None]:
    """What is done inside leaves nothing that user code could see, but for the generators of random numbers."""
    yield


def devices() -> list[str]:
    """The devices that torch sees."""
    return ["cpu"] + [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]


def _widen_numpy() -> None:
    from_numpy = torch.from_numpy

    @functools.wraps(from_numpy)
    def wide(array: Any) -> torch.Tensor:
        result = from_numpy(array)
        return result.to(WIDER[result.dtype]) if result.dtype in WIDER else result

    torch.from_numpy = wide
    torch.FloatTensor = torch.HalfTensor = torch.DoubleTensor  # type: ignore[misc,assignment]
    autocast = torch.autocast.__init__

    @functools.wraps(autocast)
    def disabled(self: Any, *arguments: Any, **options: Any) -> None:
        options["enabled"] = False
        autocast(self, *arguments[:2], **options)

    torch.autocast.__init__ = disabled  # type: ignore[method-assign]


@contextmanager
def precision() -> Iterator[None]:
    """The context in which user code runs."""
    with ExitStack() as stack:
        stack.enter_context(torch.enable_grad())
        if PRECISION["name"] == "float64":
            stack.enter_context(Promote())
        yield


def is_tensor(value: Any) -> bool:
    """Whether ``value`` is a tensor of this framework."""
    return isinstance(value, torch.Tensor)


def is_model(value: Any) -> bool:
    """Whether ``value`` can be called and has weights."""
    return isinstance(value, nn.Module)


def is_model_class(value: Any) -> bool:
    """Whether ``value`` is a class of models."""
    return isinstance(value, type) and issubclass(value, nn.Module)


def tensor(array: np.ndarray, dtype: str) -> torch.Tensor:
    """A tensor of ``array`` in the dtype of that name, or its wider form in the float64 run."""
    kind = getattr(torch, dtype)
    if PRECISION["name"] == "float64":
        kind = WIDER.get(kind, kind)
    with torch._C.DisableTorchFunction():
        return torch.tensor(array).to(device=DEVICE["name"], dtype=kind)


def to_numpy(value: torch.Tensor) -> tuple[np.ndarray, str]:
    """The values of a tensor and the name of its dtype; bfloat16 is widened to float32."""
    with torch._C.DisableTorchFunction():
        name = str(value.dtype).replace("torch.", "")
        value = value.detach().to("cpu")
        if value.is_sparse or value.is_quantized:
            value = value.to_dense() if value.is_sparse else value.dequantize()
        if value.dtype == torch.bfloat16:
            value = value.float()
        return value.resolve_conj().resolve_neg().numpy().copy(), name


def set_mode(model: nn.Module, training: bool | None) -> None:
    """Switch a model between train and eval mode."""
    if training is not None:
        model.train(training)


def invoke(target: Any, training: Optional[bool], arguments: list, named: dict, traced: bool) -> Any:
    """Call a model, whose mode was set by :func:`set_mode`, or a function."""
    return target(*arguments, **named)


def run(
    function: Callable[[dict[str, Any]], Any], leaves: dict[str, Any], traced: str | None, differentiate: bool
) -> tuple[Any, Any, dict[str, Any]]:
    """Run ``function`` on ``leaves`` (name -> tensor). Gives its result, what :func:`gradients` needs, and the leaves
    as the function saw them. The function gets copies, so that it may change its arguments in place.
    """
    roots: dict[str, Any] = {}
    given: dict[str, Any] = {}
    for name, leaf in leaves.items():
        if differentiate and (leaf.is_floating_point() or leaf.is_complex()):
            roots[name] = leaf.detach().requires_grad_()
            given[name] = roots[name].clone()
        else:
            given[name] = leaf.clone()
    with precision():
        result = function(given)
    return result, roots, given


def compiled(function: Callable) -> Callable:
    """``function`` as it is: torch twins run eagerly."""
    return function


def finish(result: Any) -> None:
    """Wait until what was computed is there."""
    if DEVICE["name"] != "cpu":
        torch.cuda.synchronize()


def weights_of(model: nn.Module) -> dict[str, Any]:
    """The trainable weights of a model by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def gradients(
    outputs: Sequence[torch.Tensor],
    cotangents: Sequence[np.ndarray],
    roots: dict[str, Any],
    models: Sequence[nn.Module],
) -> dict[str, np.ndarray | None]:
    """Gradients of ``sum(output * cotangent)`` by input name and by ``index:weight``; ``None`` where there is none.

    Raises ``LookupError`` when no output can be differentiated, ``RuntimeError`` when torch refuses.
    """
    pairs = [(out, cot) for out, cot in zip(outputs, cotangents) if out.requires_grad]
    targets = dict(roots)
    for index, model in enumerate(models):
        targets.update({f"{index}:{name}": weight for name, weight in weights_of(model).items()})
    if not targets:
        return {}
    if not pairs:
        raise LookupError("no output depends on the inputs in a differentiable way")
    seeds = [torch.as_tensor(cot).to(out.device, out.dtype) for out, cot in pairs]
    grads = torch.autograd.grad([out for out, _ in pairs], list(targets.values()), seeds, allow_unused=True)
    return {name: None if grad is None else to_numpy(grad)[0] for name, grad in zip(targets, grads)}


def differentiable(value: torch.Tensor) -> bool:
    """Whether a gradient can flow into this output."""
    return value.is_floating_point() or value.is_complex()


def state_of(model: nn.Module, index: int) -> dict[str, np.ndarray]:
    """The ``state_dict`` as numpy arrays, without the batch counters that Keras does not keep and the buffers that the
    model's recorded state does not have.
    """
    state = {name: value for name, value in model.state_dict(keep_vars=False).items() if _is_kept(name, value)}
    if index < len(SESSION.snapshots):
        state = _kept(model, state, {plain(name) for name in SESSION.snapshots[index]})
    return {name: to_numpy(value)[0] for name, value in state.items()}


def _is_kept(name: str, value: Any) -> bool:
    return isinstance(value, torch.Tensor) and not name.endswith("num_batches_tracked")


def load_state(model: nn.Module, state: dict[str, np.ndarray]) -> None:
    """Put a state into a module; raises ``ValueError`` naming what is missing, unexpected or of another shape."""
    own = {name: value for name, value in model.state_dict().items() if isinstance(value, torch.Tensor)}
    shapes = {
        name: None if isinstance(value, UninitializedTensorMixin) else tuple(value.shape)
        for name, value in own.items()
        if not name.endswith("num_batches_tracked")
    }
    held = {plain(name) for name in own}
    constants = {name for name, value in state.items() if plain(name) not in held and _constant(model, name, value)}
    state = {name: value for name, value in state.items() if name not in constants}
    fitted = fit_names(state, _kept(model, shapes, {plain(name) for name in state}))
    tensors = {name: torch.tensor(array) for name, array in fitted.items()}
    with torch.no_grad(), torch._C.DisableTorchFunction():
        outcome = model.load_state_dict(tensors, strict=False)
    if outcome.unexpected_keys:
        raise ValueError("the weights do not fit: " + ", ".join(outcome.unexpected_keys))


def _kept(model: nn.Module, shapes: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The shapes without what is not trained and has no name in a state, if the others are those in it, or as many."""
    weights = dict(model.named_parameters(remove_duplicate=False))
    trained = {name for name, weight in weights.items() if weight.requires_grad}
    kept = {name: shape for name, shape in shapes.items() if name in trained or plain(name) in names}
    if {plain(name) for name in kept} == names:
        return kept
    unfrozen = {name: shape for name, shape in shapes.items() if name in trained or name not in weights}
    return unfrozen if len(unfrozen) == len(names) else shapes


def _constant(model: nn.Module, name: str, value: np.ndarray) -> bool:
    """Whether the module keeps this buffer as a plain constant of the same value."""
    owner: Any = model
    for part in name.split("."):
        found = getattr(owner, part, getattr(owner, f"{part}_", None))
        owner = owner[int(part)] if found is None and part.isdigit() and isinstance(owner, (list, tuple)) else found
    plain_tensor = isinstance(owner, torch.Tensor) and not isinstance(owner, nn.Parameter)
    if not plain_tensor or tuple(owner.shape) != np.shape(value):
        return False
    held = to_numpy(owner.detach())[0]
    return np.allclose(held, value, rtol=1e-5, atol=1e-6, equal_nan=True)


def sums_of(index: int) -> list[list[str]]:
    """Weights that only count as a sum on this side: none."""
    return []


def _unready(model: nn.Module) -> bool:
    return any(isinstance(item, UninitializedTensorMixin) for item in [*model.parameters(), *model.buffers()])


def _enter(model: nn.Module, call: Callable, arguments: tuple, named: dict) -> None:
    """At the first call of an outermost model: record its state, or give it the recorded one."""
    if not any(True for _ in model.parameters()) and not any(True for _ in model.buffers()):
        return
    index = len(SESSION.models)
    SESSION.models.append(model)
    SESSION.input_shapes.append(
        [{"shape": list(item.shape), "dtype": to_numpy(item.detach())[1]} for item in arguments if is_tensor(item)]
    )
    known = index < len(SESSION.snapshots)
    if not known and _unready(model):
        training = model.training
        model.eval()
        with SESSION.pause(), torch.no_grad():
            call(model, *arguments, **named)
        model.train(training)
    if not known and SESSION.recording:
        SESSION.snapshots.append(state_of(model, index))
        known = True
    if known:
        load_state(model, SESSION.nudged(SESSION.snapshots[index]))


def _watch_modules() -> None:
    call = nn.Module.__call__

    def watched(self: nn.Module, *arguments: Any, **named: Any) -> Any:
        if SESSION.draws is None or SESSION.paused:
            return call(self, *arguments, **named)
        if SESSION.depth == 0 and not any(self is model for model in SESSION.models):
            _enter(self, call, arguments, named)
        SESSION.depth += 1
        try:
            return call(self, *arguments, **named)
        finally:
            SESSION.depth -= 1

    nn.Module.__call__ = watched  # type: ignore[method-assign]


def unrecorded_draws(before: Any) -> bool:
    """Whether torch's own generator moved since ``before`` (from :func:`generator_state`)."""
    return not torch.equal(before, torch.get_rng_state())


def generator_state() -> Any:
    """The state of torch's own generator."""
    return torch.get_rng_state()


def model_inputs(model: nn.Module) -> list[dict[str, Any]] | None:
    """The inputs that a model declares: torch models do not."""
    return None
