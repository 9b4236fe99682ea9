"""The comment that is proposed for inputs that nobody has written down."""

from __future__ import annotations

import pytest

from diptych.conversion import convert
from diptych.verification.guessing import proposal

HEAD = "import torch\nfrom torch import nn\n\nROWS = 50\n\n\n"
NET = """class Net(nn.Module):
    def __init__(self, c=3):
        super().__init__()
        self.first = {layer}

    def forward(self, x):
        return self.first(x)
"""
KERAS = """import keras


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = {layer}

    def call(self, x):
        return self.first(x)
"""


def proposed(text: str) -> str | None:
    conversion = convert(text)
    return proposal(conversion.entries[0], text, conversion.framework)


@pytest.mark.parametrize(
    "layer, spec",
    [
        ("nn.Linear(7, 2)", "float32[2,7]"),
        ("nn.Conv2d(1, 8, 3)", "float32[2,1,32,32]"),
        ("nn.Conv2d(kernel_size=3, in_channels=c, out_channels=4)", "float32[2,3,32,32]"),
        ("nn.Sequential(nn.Conv1d(5, 8, 3), nn.ReLU())", "float32[2,5,16]"),
        ("nn.Embedding(ROWS, 8)", "int64[2,16] in 0..49"),
        ("nn.LSTM(6, 8, batch_first=True)", "float32[2,16,6]"),
        ("other(7)", "float32[2,16]"),
    ],
)
def test_torch_layers(layer: str, spec: str) -> None:
    assert proposed(HEAD + NET.format(layer=layer)) == f"x={spec}"


@pytest.mark.parametrize(
    "layer, spec",
    [
        ("keras.layers.Dense(4)", "float32[2,16]"),
        ("keras.layers.Conv2D(8, 3)", "float32[2,32,32,3]"),
        ("keras.layers.Embedding(20, 8)", "int64[2,16] in 0..19"),
    ],
)
def test_keras_layers(layer: str, spec: str) -> None:
    assert proposed(KERAS.format(layer=layer)) == f"x={spec}"


def test_what_is_known_is_not_proposed_again() -> None:
    code = "# diptych: x=float32[4,4]\ndef f(x, mask):\n    return torch.relu(x) * mask\n"
    assert proposed(HEAD + code) == "mask=bool[2,16]"
    assert proposed(HEAD + code.replace(", mask", "").replace(" * mask", "")) is None
    assert proposed(HEAD + code.replace("x=float32[4,4]", "x=float32[")) is None
