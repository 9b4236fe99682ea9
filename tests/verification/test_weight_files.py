"""Weights as files: what one framework wrote, the other loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from diptych.conversion import convert
from diptych.verification import Options
from diptych.verification.weight_files import WeightsError, carry, framework_of
from diptych.worker import safetensors

TORCH = dedent(
    """
    import torch
    from torch import nn

    # diptych: x=float32[2,3,8,8]
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.norm = nn.BatchNorm2d(4)
            self.head = nn.Linear(4 * 6 * 6, 5)

        def forward(self, x):
            return self.head(torch.relu(self.norm(self.conv(x))).flatten(1))
    """
)
KERAS = dedent(
    """
    import keras

    def build():
        inputs = keras.Input((6,))
        hidden = keras.layers.Dense(4, activation="relu", name="hidden")(inputs)
        return keras.Model(inputs, keras.layers.Dense(2, name="out")(hidden))
    """
)


def carried(text: str, name: str, given: Path, output: Path):
    conversion = convert(text)
    [entry] = [entry for entry in conversion.entries if entry.name == name]
    return carry(conversion, entry, given, output, Options(device="cpu"), lambda: False)


def run(code: str, folder: Path) -> None:
    """Run a program of one framework in a process of its own."""
    subprocess.run([sys.executable, "-c", dedent(code)], cwd=folder, check=True, capture_output=True)


def state() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {
        "conv.weight": (4, 3, 3, 3), "conv.bias": (4,), "norm.weight": (4,), "norm.bias": (4,),
        "norm.running_mean": (4,), "norm.running_var": (4,), "head.weight": (5, 144), "head.bias": (5,),
    }  # fmt: skip
    return {name: rng.uniform(0.1, 1, shape).astype("float32") for name, shape in shapes.items()}


def test_there_and_back_is_exact(tmp_path: Path):
    given = state()
    safetensors.write(tmp_path / "net.safetensors", given)
    there = carried(TORCH, "Net", tmp_path / "net.safetensors", tmp_path / "net.weights.h5")
    assert there.verdict.agrees and set(there.weights) == set(given)
    carried(TORCH, "Net", tmp_path / "net.weights.h5", tmp_path / "back.safetensors")
    back = safetensors.read(tmp_path / "back.safetensors")
    assert set(back) == {*given, "norm.num_batches_tracked"}
    assert all(np.array_equal(back[name], value) for name, value in given.items())


def test_what_keras_saved_is_loaded_by_torch(tmp_path: Path):
    (tmp_path / "model.py").write_text(KERAS)
    run("import keras, model; keras.utils.set_random_seed(1); model.build().save('net.keras')", tmp_path)
    found = carried(KERAS, "build", tmp_path / "net.keras", tmp_path / "net.pt")
    (tmp_path / "twin.py").write_text(convert(KERAS).twin)
    run(
        """
        import keras, numpy as np, torch, model, twin
        x = np.random.default_rng(0).standard_normal((3, 6)).astype("float32")
        module = twin.build()
        module.load_state_dict(torch.load("net.pt", weights_only=True))
        expected = keras.saving.load_model("net.keras")(x)
        assert np.allclose(module(torch.tensor(x)).detach(), expected, atol=1e-6)
        assert np.abs(expected).max() > 0.01
        """,
        tmp_path,
    )
    assert found.verdict.agrees and len(found.weights) == 4


def test_a_checkpoint_of_a_training_run_is_read_and_what_does_not_match_is_listed(tmp_path: Path):
    (tmp_path / "model.py").write_text(TORCH)
    run(
        """
        import torch, model
        state = torch.nn.DataParallel(model.Net()).state_dict()
        torch.save({"epoch": 1, "state_dict": state}, "good.pth")
        del state["module.head.bias"]
        state["module.extra"] = torch.zeros(3)
        torch.save(state, "bad.pth")
        torch.save(model.Net(), "whole.pth")
        """,
        tmp_path,
    )
    assert carried(TORCH, "Net", tmp_path / "good.pth", tmp_path / "net.keras").verdict.agrees
    with pytest.raises(WeightsError) as bad:
        carried(TORCH, "Net", tmp_path / "bad.pth", tmp_path / "bad.weights.h5")
    assert bad.value.unmatched == ("head.bias is missing", "extra [3] is unexpected")
    with pytest.raises(WeightsError, match="weights_only"):
        carried(TORCH, "Net", tmp_path / "whole.pth", tmp_path / "bad.weights.h5")
    assert not list(tmp_path.glob("*bad*.h5"))


def test_sharded_files_and_bfloat16_are_read(tmp_path: Path):
    safetensors.write(tmp_path / "a.safetensors", {"x": np.arange(6, dtype="int64").reshape(2, 3)})
    safetensors.write(tmp_path / "b.safetensors", {"y": np.ones((), "float16")})
    index = {"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    both = safetensors.read(tmp_path)
    assert both["x"].tolist() == [[0, 1, 2], [3, 4, 5]] and both["y"].dtype == "float16"
    header = json.dumps(
        {"__metadata__": {"format": "pt"}, "z": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    )
    data = len(header).to_bytes(8, "little") + header.encode() + bytes([0x80, 0x3F, 0x20, 0xC0])
    (tmp_path / "one.safetensors").write_bytes(data)
    assert safetensors.read(tmp_path / "one.safetensors")["z"].tolist() == [1.0, -2.5]


@pytest.mark.parametrize("data", [b"", b"\xff" * 20, (4).to_bytes(8, "little") + b"nope"])
def test_what_is_no_safetensors_file_says_so(tmp_path: Path, data: bytes):
    (tmp_path / "bad.safetensors").write_bytes(data)
    with pytest.raises(ValueError, match="is no safetensors file"):
        safetensors.read(tmp_path / "bad.safetensors")


def test_a_name_tells_the_format(tmp_path: Path):
    assert framework_of(Path("a.weights.h5")) == framework_of(Path("a.keras")) == "tensorflow"
    assert framework_of(Path("a.pth")) == framework_of(tmp_path) == "torch"
    assert framework_of(Path("a.npz")) is None
