"""Write the signatures of the public APIs of the installed frameworks: ``python rules/signatures/generate.py``.

Each file maps a name to its overloads; an overload is a list of ``[name, kind]`` or ``[name, kind, default]``, with kind
"p" positional only, "a" positional or keyword, "k" keyword only, "*" the rest by position, "**" the rest by keyword,
and "i" integers that may be written in a row (``x.view(2, 3)``) or as one tuple. Only literal defaults are written.
"""

from __future__ import annotations

import inspect
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "p",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "a",
    inspect.Parameter.KEYWORD_ONLY: "k",
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}
Overload = list[list[Any]]


# Signatures that neither Python nor the operators tell: the bindings add arguments, or take them as **kwargs.
WRITTEN: dict[str, list[Overload]] = {
    "torch.nonzero": [[["input", "a"], ["as_tuple", "k", False]]],
    "Tensor.nonzero": [[["as_tuple", "k", False]]],
    "torch.unique": [
        [
            ["input", "a"],
            ["sorted", "a", True],
            ["return_inverse", "a", False],
            ["return_counts", "a", False],
            ["dim", "a", None],
        ]
    ],
    "torch.unique_consecutive": [
        [["input", "a"], ["return_inverse", "a", False], ["return_counts", "a", False], ["dim", "a", None]]
    ],
    # The schemas come with `unbiased` before `dim`; PyTorch reads `x.var(0)` by the type of the argument.
    **{
        f"{prefix}.{name}": [
            [*first, ["dim", "a", None], ["unbiased", "a", True], ["keepdim", "a", False]],
            [*first, ["dim", "a", None], ["correction", "k", None], ["keepdim", "k", False]],
        ]
        for prefix, first in (("torch", [["input", "a"]]), ("Tensor", []))
        for name in ("var", "std", "var_mean", "std_mean")
    },
    "tf.meshgrid": [[["args", "*"], ["indexing", "k", "xy"], ["name", "k", None]]],
}


def literal(value: Any) -> bool:
    """Whether a default can be written as JSON and read back as the same value."""
    if isinstance(value, (tuple, list)):
        return all(literal(v) for v in value)
    return value is None or (isinstance(value, (bool, int, float, str)) and value == value and abs(hash(value)) >= 0)


def from_python(function: Any) -> list[Overload]:
    """Overloads by ``inspect``; none where Python does not know the signature."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return []
    overload: Overload = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        entry: list[Any] = [parameter.name, KINDS[parameter.kind]]
        if parameter.default is not parameter.empty and literal(parameter.default):
            entry.append(parameter.default)
        elif parameter.default is not parameter.empty:
            entry.append({"unknown": True})
        overload.append(entry)
    return [overload]


def from_schemas(torch: ModuleType, operator: str, method: bool) -> list[Overload]:
    """Overloads of a torch built-in, from its operator schemas."""
    overloads = []
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{operator}"):
        if schema.overload_name.endswith("out") or "Dimname" in str(schema):
            continue
        overload: Overload = []
        by_position = [a for a in schema.arguments[1 if method else 0 :] if not a.kwarg_only]
        for position, argument in enumerate(schema.arguments):
            if method and position == 0:
                continue
            name = "input" if argument.name == "self" else argument.name
            kind = "k" if argument.kwarg_only else "a"
            text = str(argument.type)
            if text in ("List[int]", "List[SymInt]") and len(by_position) == 1 and kind == "a":
                kind = "i"  # PyTorch takes integers in a row where they are the only argument by position
            entry: list[Any] = [name, kind]
            if argument.has_default_value():
                default = argument.default_value
                entry.append(default if literal(default) else {"unknown": True})
            overload.append(entry)
        if any(entry[0] == "pin_memory" for entry in overload):
            overload.append(["requires_grad", "k", False])
        if not method and overload:
            overload.append(["out", "k", None])
        if overload not in overloads:
            overloads.append(overload)
    return overloads


def _written_in_python(method: Any) -> list[Overload]:
    """The signature of a method that PyTorch defines in Python, which may differ from its operator's."""
    overloads = from_python(method) if inspect.isfunction(method) else []
    return overloads if overloads and all(entry[1] in "apk" for entry in overloads[0]) else []


def public(module: Any) -> Iterator[tuple[str, Any]]:
    """Public names of a module or class with their values."""
    for name in dir(module):
        if name.startswith("_"):
            continue
        try:
            yield name, getattr(module, name)
        except (AttributeError, ImportError, RuntimeError):
            continue


def of_torch() -> dict[str, list[Overload]]:
    """Signatures of PyTorch."""
    import torch
    import torch.masked
    import torch.nn.functional

    found: dict[str, list[Overload]] = {}
    modules = {
        "torch": torch, "torch.nn": torch.nn, "torch.nn.functional": torch.nn.functional, "torch.nn.init": torch.nn.init,
        "torch.linalg": torch.linalg, "torch.fft": torch.fft, "torch.special": torch.special, "torch.optim": torch.optim,
        "torch.optim.lr_scheduler": torch.optim.lr_scheduler, "torch.cuda": torch.cuda, "torch.nn.utils": torch.nn.utils,
        "torch.nn.utils.rnn": torch.nn.utils.rnn, "torch.utils.data": torch.utils.data, "torch.autograd": torch.autograd,
        "torch.signal.windows": torch.signal.windows, "torch.masked": torch.masked,
    }  # fmt: skip
    prefixes = {"torch.linalg": "linalg_", "torch.fft": "fft_", "torch.special": "special_"}
    for prefix, module in modules.items():
        for name, value in public(module):
            if not callable(value) and not isinstance(value, (torch.dtype, type)):
                continue
            overloads = [] if isinstance(value, torch.dtype) else from_python(value)
            if prefix == "torch" and name in ("max_pool1d", "max_pool2d", "max_pool3d"):
                overloads = []
            if not overloads:
                overloads = from_schemas(torch, prefixes.get(prefix, "") + name, method=False)
            found[f"{prefix}.{name}"] = overloads
    for name, value in public(torch.Tensor):
        found[f"Tensor.{name}"] = (
            (_written_in_python(value) or from_schemas(torch, name, method=True) or from_python(value))
            if callable(value)
            else []
        )
    # nn.LSTM and its like take *args: the base class has the names, after the mode.
    base = [entry for entry in from_python(torch.nn.RNNBase)[0] if entry[0] != "mode"]
    for name in ("RNN", "LSTM", "GRU"):
        kind = [["nonlinearity", "a", "tanh"]] if name == "RNN" else []
        found[f"torch.nn.{name}"] = [base[:3] + kind + [e for e in base[3:] if name == "LSTM" or e[0] != "proj_size"]]
    pools = [f"{kind}max_pool{n}d" for kind in ("", "adaptive_", "fractional_") for n in (1, 2, 3)]
    for name in (pool for pool in pools if hasattr(torch.nn.functional, pool)):
        found[f"torch.nn.functional.{name}"] = from_python(
            getattr(torch.nn.functional, f"_{name}", None)
        ) or from_python(getattr(torch.nn.functional, f"{name}_with_indices"))
    return found


def of_tensorflow() -> dict[str, list[Overload]]:
    """Signatures of TensorFlow and Keras."""
    import keras
    import tensorflow as tf

    found: dict[str, list[Overload]] = {}
    modules: dict[str, Any] = {"tf": tf}
    for name in ("math", "nn", "linalg", "random", "signal", "image", "strings", "sparse", "data", "train", "config", "debugging",
                 "sets", "bitwise", "dtypes", "io", "initializers", "experimental"):  # fmt: skip
        modules[f"tf.{name}"] = getattr(tf, name)
    modules["tf.math.special"] = tf.math.special
    modules["tf.experimental.numpy"] = tf.experimental.numpy
    modules["tf.data.Dataset"] = tf.data.Dataset
    modules["tf.data.experimental"] = tf.data.experimental
    for name in ("layers", "ops", "losses", "metrics", "optimizers", "optimizers.schedules", "initializers", "activations",
                 "random", "regularizers", "callbacks", "constraints", "models", "utils"):  # fmt: skip
        value = keras
        for part in name.split("."):
            value = getattr(value, part)
        modules[f"keras.{name}"] = value
    modules["keras"] = keras
    for prefix, module in modules.items():
        for name, value in public(module):
            if isinstance(value, ModuleType):
                continue
            if callable(value):
                found[f"{prefix}.{name}"] = from_python(value)
            elif isinstance(value, tf.DType) or name == "newaxis":
                found[f"{prefix}.{name}"] = []
    return found


def reserved() -> dict[str, list[str]]:
    """Attribute names that the frameworks' base classes of modules keep for themselves."""
    import keras
    import torch

    class Model(keras.Model):
        pass

    names = {"tensorflow": set(dir(Model())), "torch": set(dir(torch.nn.Module()))}
    return {framework: sorted(n for n in found if not n.startswith("__")) for framework, found in names.items()}


def main() -> None:
    """Write all files, sorted."""
    warnings.simplefilter("ignore")
    for framework, collect in (("torch", of_torch), ("tensorflow", of_tensorflow)):
        table = collect()
        table |= {name: overloads for name, overloads in WRITTEN.items() if name in table}
        lines = [f"{json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)]
        (HERE / f"{framework}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
        sys.stdout.write(f"{framework}: {len(table)} names\n")
    (HERE / "reserved.json").write_text(json.dumps(reserved(), indent=0) + "\n")


if __name__ == "__main__":
    main()
