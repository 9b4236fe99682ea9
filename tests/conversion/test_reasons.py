"""Names that no rule knows: each is left over with the reason that rules/reasons gives it."""

from __future__ import annotations

import re

import pytest

from diptych.catalog.index import load
from diptych.catalog.reasons import Reason, ReasonError, read
from diptych.conversion import convert, devices, structure, torch_calls, typed_tensors
from diptych.conversion.datasets import MADE as PIPELINES
from diptych.conversion.environment import DROPPED
from diptych.conversion.environment import MADE as ENVIRONMENT
from diptych.conversion.files import PLANS as FILES
from diptych.conversion.fitting import NAMES
from diptych.conversion.keras_models import METHODS, WEIGHTS
from diptych.conversion.legacy import MADE as LEGACY
from diptych.conversion.metrics import MADE as METRICS
from diptych.conversion.names import ROOTS

INDEX = load()
HEADS = {
    "torch": "import torch\n\nnet = torch.nn.Linear(2, 3)\nadam = torch.optim.Adam(net.parameters())\n\n\n",
    "tensorflow": "import keras\nimport tensorflow as tf\n\nnet = keras.layers.Dense(3)\n\n\n",
}
TENSORS = {"torch": "torch.Tensor", "tensorflow": "tf.Tensor"}
OBJECTS = {"Module": "net", "Model": "net", "Layer": "net", "Optimizer": "adam"}
# Names that conversion itself knows where they stand in the frames that it knows; elsewhere they have these reasons.
FRAMED = {
    "torch.nn.Parameter",
    "torch.nn.ModuleList",
    "torch.from_numpy",
    "keras.Model",
    "torch.device", "torch.compile", "torch.nn.ParameterList", "torch.autograd.Variable", "Tensor.device",
    "keras.Input", "tf.Variable", "tf.function", "tf.GradientTape", "tf.Tensor", "torch.dtype", "torch.Tensor",
    "torch.Size", "torch.optim.Optimizer", "tf.Module", "tf.GradientTape.gradient",
    "torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_", "tf.data.AUTOTUNE",
    "tf.data.experimental.AUTOTUNE", *PIPELINES, *METRICS, *ENVIRONMENT, "Layer.build",
    *(f"Model.{name}" for name in (*NAMES, *METHODS, *WEIGHTS, "losses")),
    "tf.__version__", "keras.__version__", "keras.callbacks.Callback", "tf.name_scope", "tf.TensorArray",
    "tf.data.Dataset", *DROPPED, *FILES, *LEGACY, "tf.data.Dataset.list_files", "tf.io.FixedLenFeature",
    "tf.saved_model.load",
    "torch.save", "torch.load", "Module.state_dict", "Module.load_state_dict", "Optimizer.state_dict",
    "Optimizer.load_state_dict", "torch.utils.data.dataloader.DataLoader",
    *(f"torch.utils.data.{name}" for name in (
        "DataLoader", "TensorDataset", "ConcatDataset", "Subset", "random_split", "BatchSampler", "RandomSampler",
        "SequentialSampler", "SubsetRandomSampler", "WeightedRandomSampler",
    )),
    *torch_calls.SPECIAL, *typed_tensors.NAMES, *devices.DROPPED, *devices.DECORATORS,
    *(f"Module.{name}" for name in (*structure.WALKS, "state_dict", "load_state_dict", "requires_grad_")),
    "Tensor.is_cuda", "Tensor.requires_grad_",
}  # fmt: skip


def every() -> list[tuple[str, str, Reason]]:
    """Each side, each name (a prefix with something behind it), and its reason."""
    found = []
    for side, reasons in INDEX.reasons.items():
        for reason in reasons.all:
            for name in reason.names:
                example = f"{name[:-1]}anything" if name.endswith("*") else name
                if INDEX.reason(side, example) is not None:  # else a rule has come since
                    found.append((side, example, reason))
    return found


EVERY = every()
LIGHTNING = ("LightningModule.", "lightning.", "pytorch_lightning.")


def lightning_program(name: str) -> str:
    """Code that reads an attribute of a Lightning module, gives a setting to a trainer, or names something."""
    if name.startswith("LightningModule."):
        method = f"    def f(self):\n        return self.{name.partition('.')[2]}\n"
        return f"import lightning as L\nimport torch\n\n\nclass M(L.LightningModule):\n{method}"
    if name.startswith("lightning.Trainer."):
        made = f"lightning.Trainer({name.rpartition('.')[2]}=object)"
        return f"import lightning\nimport torch\n\n\ndef f():\n    trainer = {made}\n    return 1\n"
    return f"import {name.partition('.')[0]}\nimport torch\n\n\ndef f():\n    return {name}\n"


def programs(side: str, name: str) -> list[str]:
    """Code that calls a name, and code that uses it as a value."""
    if name.startswith(LIGHTNING):
        return [lightning_program(name)]
    owner, _, method = name.partition(".")
    if owner not in (*OBJECTS, *ROOTS, "tf", "Tensor"):  # a package built on the framework
        brought = f"from {owner} import {method}" if method else f"import {owner}"
        return [f"{brought}\n{HEADS[side]}y = {method or owner}\n"]
    if owner == "Tensor":
        head = f"{HEADS[side]}def f(x: {TENSORS[side]}):\n    "
        return [f"{head}return x.{method}()\n", f"{head}return x.{method}\n"]
    used = f"{OBJECTS[owner]}.{method}" if owner in OBJECTS else name
    return [f"{HEADS[side]}def f(x: {TENSORS[side]}):\n    y = {used}{call}\n    return y\n" for call in ("(x)", "")]


def test_there_are_reasons() -> None:
    assert len(EVERY) > 900
    assert {side for side, _, _ in EVERY} == {"torch", "tensorflow"}


@pytest.mark.parametrize("side", ["torch", "tensorflow"])
def test_a_name_is_left_over_with_its_reason(side: str) -> None:
    silent = []
    for _, name, reason in [entry for entry in EVERY if entry[0] == side and entry[1] not in FRAMED]:
        for program in programs(side, name):
            conversion = convert(program, to="tensorflow" if side == "torch" else "torch")
            reasons = [item.reason for item in conversion.leftovers if item.severity == "error"]
            if (
                reasons != [reason.text]
                or f"# diptych: not converted: {conversion.leftovers[-1].api}" not in conversion.twin
            ):
                silent.append((name, program.splitlines()[-2:], reasons))
    assert silent == []


def test_reasons_read_as_the_end_of_a_sentence() -> None:
    odd = re.compile(r"\s\s|[.]$|^\s|\s$|no rule|unknown")
    assert [reason.text for _, _, reason in EVERY if odd.search(reason.text) or len(reason.text) > 260] == []


def test_the_longest_name_wins() -> None:
    texts = [
        INDEX.reason("torch", f"torch.{name}")
        for name in ("distributed.barrier", "distributed.rpc.rpc_sync", "distributed")
    ]
    assert len({reason.text for reason in texts if reason}) == 3


def test_a_file_of_reasons_that_is_wrong_says_where(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "torch.toml"
    for text, part in [
        ("[a]\n'x' = ", "Invalid value"),
        ("'x' = 'y'", "before the first"),
        ("[a]\n'x' = ''", "needs a reason"),
        ("[a]\n'x' = 'y'\n[b]\n'z, x' = 'y'", "stands twice"),
        ("[a]\n'x*y' = 'z'", "not a name"),
    ]:
        path.write_text(text)
        with pytest.raises(ReasonError, match=part) as error:
            read(path)
        assert str(path) in str(error.value)
