"""torch's random functions, replaced so that every draw goes through the session's record."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.utils.data.dataloader as dataloader
import torch.utils.data.dataset as dataset
from torch import nn
from torch.nn import functional, init
from torch.utils.data import RandomSampler

from .draws import SESSION, Draws


def normal(rng: Any, shape: tuple) -> Any:
    """Standard normals in float32."""
    return rng.standard_normal(shape, dtype="float32")


def uniform(rng: Any, shape: tuple) -> Any:
    """Uniforms of [0, 1) in float32."""
    return rng.random(shape, dtype="float32")


def _size(arguments: tuple, options: dict) -> tuple:
    size = options.pop("size", None)
    if size is None:
        size = arguments[0] if len(arguments) == 1 and not isinstance(arguments[0], int) else arguments
    return tuple(int(item) for item in size)


def _made(array: Any, options: dict, dtype: Any = None, like: Any = None) -> torch.Tensor:
    dtype = options.get("dtype") or dtype or (like.dtype if like is not None else torch.get_default_dtype())
    device = options.get("device") or (like.device if like is not None else None)
    result = torch.as_tensor(array).to(device=device, dtype=dtype)
    return result.requires_grad_() if options.get("requires_grad") else result


def _factory(kind: str, make: Callable) -> Callable:
    def handle(draws: Draws, *size: Any, **options: Any) -> torch.Tensor:
        return _made(draws.take(kind, _size(size, options), make), options)

    return handle


def _like(kind: str, make: Callable) -> Callable:
    def handle(draws: Draws, input: torch.Tensor, **options: Any) -> torch.Tensor:
        return _made(draws.take(kind, tuple(input.shape), make), options, like=input)

    return handle


def _integers(draws: Draws, low: int, high: int, shape: tuple) -> Any:
    return draws.take("integers", shape, lambda rng, size: rng.integers(low, high, size), f"range {low}..{high}")


def _randint(draws: Draws, *arguments: Any, **options: Any) -> torch.Tensor:
    names = (
        ["low", "high", "size"] if len(arguments) + ("size" in options) + ("high" in options) >= 3 else ["high", "size"]
    )
    values = dict(zip([name for name in names if name not in options], arguments))
    values.update({name: options.pop(name) for name in ("low", "high", "size") if name in options})
    array = _integers(draws, int(values.get("low", 0)), int(values["high"]), tuple(values["size"]))
    return _made(array, options, dtype=torch.int64)


def _randperm(draws: Draws, n: int, **options: Any) -> torch.Tensor:
    return _made(draws.take("permutation", (n,), lambda rng, _: rng.permutation(n)), options, dtype=torch.int64)


def _normal(draws: Draws, mean: Any = 0.0, std: Any = 1.0, size: Any = None, **options: Any) -> torch.Tensor:
    if size is None:
        mean_t, std_t = torch.as_tensor(mean), torch.as_tensor(std)
        size = torch.broadcast_shapes(mean_t.shape, std_t.shape)
        like = mean_t if isinstance(mean, torch.Tensor) else std_t
        return _made(draws.take("normal", tuple(size), normal), options, like=like) * std + mean
    return _made(draws.take("normal", tuple(size), normal), options) * std + mean


def _bernoulli(draws: Draws, input: torch.Tensor, p: Any = None, **options: Any) -> torch.Tensor:
    drawn = torch.as_tensor(draws.take("uniform", tuple(input.shape), uniform), device=input.device)
    return (drawn < (input if p is None else p)).to(input.dtype)


def _multinomial(draws: Draws, input: torch.Tensor, num_samples: int, replacement: bool = False) -> torch.Tensor:
    if num_samples > 1 and not replacement:
        draws.unsupported("torch's multinomial without replacement")
    rows = input.reshape(-1, input.shape[-1]).double()
    drawn = torch.as_tensor(draws.take("choice", (len(rows), num_samples), uniform)).to(rows)
    ends = torch.cumsum(rows / rows.sum(-1, keepdim=True), -1)
    found = (drawn[:, :, None] >= ends[:, None, :]).sum(-1).clamp(max=input.shape[-1] - 1)
    return found.reshape(*input.shape[:-1], num_samples)


def _places(self: RandomSampler) -> Iterator[int]:
    """The places that a sampler gives, drawn by the functions replaced here instead of a generator of its own."""
    rows, wanted = len(self.data_source), self.num_samples
    if self.replacement:
        yield from torch.randint(rows, (wanted,)).tolist()
        return
    for start in range(0, wanted, rows):
        yield from torch.randperm(rows).tolist()[: wanted - start]


def _fill(kind: str, make: Callable, scale: Callable) -> Callable:
    def handle(draws: Draws, self: torch.Tensor, *arguments: Any, **options: Any) -> torch.Tensor:
        drawn = torch.as_tensor(draws.take(kind, tuple(self.shape), make)).to(self.device, self.dtype)
        with torch.no_grad():
            return self.copy_(scale(drawn, *arguments, **options))

    return handle


def _scale_normal(drawn: torch.Tensor, mean: float = 0.0, std: float = 1.0, **_: Any) -> torch.Tensor:
    return drawn * std + mean


def _scale_uniform(drawn: torch.Tensor, *bounds: float, **options: Any) -> torch.Tensor:
    low = bounds[0] if bounds else options.get("from", 0.0)
    high = bounds[1] if len(bounds) > 1 else options.get("to", 1.0)
    return drawn * (high - low) + low


def _scale_bernoulli(drawn: torch.Tensor, p: Any = 0.5, **_: Any) -> torch.Tensor:
    return (drawn < p).to(drawn.dtype)


def _mask(draws: Draws, shape: tuple, p: float) -> Any:
    return draws.take("dropout mask", shape, lambda rng, size: rng.random(size) >= p, f"rate {round(float(p), 6)}")


def _dropout(draws: Draws, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    return _drop(draws, input, p, training, inplace, tuple(input.shape))


def _dropout_channels(spatial: int) -> Callable:
    def handle(draws: Draws, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        kept = input.dim() - spatial
        return _drop(draws, input, p, training, inplace, tuple(input.shape[:kept]) + (1,) * spatial)

    return handle


def _drop(draws: Draws, input: torch.Tensor, p: float, training: bool, inplace: bool, shape: tuple) -> torch.Tensor:
    if not training or p == 0:
        return input
    mask = torch.as_tensor(_mask(draws, shape, p)).to(input.device)
    factor = mask.to(input.dtype) * (0.0 if p == 1 else 1 / (1 - p))
    return input.mul_(factor) if inplace else input * factor


def _attention(
    draws: Draws,
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: Any = None,
    enable_gqa: bool = False,
) -> Any:
    """The documented definition of the fused kernel, with the dropout mask made visible."""
    if dropout_p == 0:
        options: dict[str, Any] = {"enable_gqa": True} if enable_gqa else {}
        return ATTENTION(query, key, value, attn_mask, dropout_p, is_causal, scale=scale, **options)
    length, other = query.size(-2), key.size(-2)
    bias = torch.zeros(length, other, dtype=query.dtype, device=query.device)
    if is_causal:
        allowed = torch.ones(length, other, dtype=torch.bool, device=query.device).tril()
        bias = bias.masked_fill(~allowed, float("-inf"))
    if attn_mask is not None:
        blocked = bias.masked_fill(~attn_mask, float("-inf")) if attn_mask.dtype == torch.bool else bias + attn_mask
        bias = blocked
    if enable_gqa:
        key = key.repeat_interleave(query.size(-3) // key.size(-3), -3)
        value = value.repeat_interleave(query.size(-3) // value.size(-3), -3)
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.size(-1)) if scale is None else scale) + bias
    return _dropout(draws, torch.softmax(scores, dim=-1), dropout_p) @ value


ATTENTION = functional.scaled_dot_product_attention


def _replace(owner: Any, name: str, handle: Callable) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def drawing(*arguments: Any, **options: Any) -> Any:
        draws = SESSION.active
        if draws is None:
            return original(*arguments, **options)
        options.pop("generator", None)
        return handle(draws, *arguments, **options)

    setattr(owner, name, drawing)


def _pausing(owner: Any, name: str) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def quiet(*arguments: Any, **options: Any) -> Any:
        state = torch.get_rng_state()
        with SESSION.pause():
            result = original(*arguments, **options)
        if SESSION.active is not None:
            torch.set_rng_state(state)
        return result

    setattr(owner, name, quiet)


def _refused(owner: Any, name: str) -> None:
    def handle(draws: Draws, *arguments: Any, **options: Any) -> Any:
        draws.unsupported(f"torch's {name}")
        with SESSION.pause():
            return original(*arguments, **options)

    original = getattr(owner, name)
    _replace(owner, name, handle)


def install() -> None:
    """Replace torch's random functions in this process, for good."""
    _replace(torch, "randn", _factory("normal", normal))
    _replace(torch, "rand", _factory("uniform", uniform))
    _replace(torch, "randn_like", _like("normal", normal))
    _replace(torch, "rand_like", _like("uniform", uniform))
    _replace(torch, "randint", _randint)
    _replace(torch, "randperm", _randperm)
    _replace(torch, "normal", _normal)
    _replace(torch, "bernoulli", _bernoulli)
    _replace(torch.Tensor, "bernoulli", _bernoulli)
    _replace(torch.Tensor, "normal_", _fill("normal", normal, _scale_normal))
    _replace(torch.Tensor, "uniform_", _fill("uniform", uniform, _scale_uniform))
    _replace(torch.Tensor, "bernoulli_", _fill("uniform", uniform, _scale_bernoulli))
    _replace(functional, "dropout", _dropout)
    for spatial in (1, 2, 3):
        _replace(functional, f"dropout{spatial}d", _dropout_channels(spatial))
    _replace(functional, "scaled_dot_product_attention", _attention)
    _replace(torch, "multinomial", _multinomial)
    _replace(torch.Tensor, "multinomial", _multinomial)
    _replace(RandomSampler, "__iter__", lambda draws, sampler: _places(sampler))
    for owner, names in (
        (torch, ("poisson", "randint_like")),
        (torch.Tensor, ("exponential_", "random_", "geometric_", "log_normal_", "cauchy_")),
        (functional, ("alpha_dropout", "feature_alpha_dropout", "rrelu")),
    ):
        for name in names:
            _refused(owner, name)
    for name in dir(init):
        if name.endswith("_") and not name.startswith("_"):
            _pausing(init, name)
            for module in (nn.modules.activation, nn.modules.transformer):  # which import some by their names
                if hasattr(module, name):
                    setattr(module, name, getattr(init, name))
    dataset.randperm = torch.randperm  # type: ignore[attr-defined]  # it was imported there by its name
    _pausing(dataloader._BaseDataLoaderIter, "__init__")
    _pausing(torch, "manual_seed")
    _watch_recurrent()


def _watch_recurrent() -> None:
    """Dropout between recurrent layers happens inside a kernel."""

    def wrap(cls: Any) -> None:
        forward = cls.forward

        @functools.wraps(forward)
        def checked(self: Any, *arguments: Any, **options: Any) -> Any:
            if self.training and self.dropout > 0 and self.num_layers > 1 and SESSION.active is not None:
                SESSION.active.unsupported(f"dropout between the layers of nn.{cls.__name__}")
            return forward(self, *arguments, **options)

        cls.forward = checked

    for cls in (nn.RNN, nn.LSTM, nn.GRU):
        wrap(cls)
