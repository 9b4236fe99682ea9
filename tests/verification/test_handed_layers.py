"""Layers that are handed to code which calls them unseen agree on both sides, in both layouts."""

from __future__ import annotations

import pytest

from diptych.conversion import convert
from diptych.conversion.result import Layout
from diptych.verification import Options, verify

HANDED = """
import copy

import torch
from torch import nn


def run(layer, x):
    return x if layer is None else layer(x)


def run_all(layers, x):
    for layer in layers:
        x = layer(x)
    return x


def made(dim):
    for _ in range(2):
        yield nn.Conv2d(dim, dim, 1)


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.conv = nn.Conv2d(dim, dim, 3, padding=1)

    def forward(self, x):
        return self.conv(x)


class Row(nn.Sequential):
    def __init__(self, conv, norm):
        super().__init__(conv, norm, nn.ReLU())


# diptych: x=float32[2,3,8,8]
class Net(nn.Module):
    def __init__(self, deep: bool = True):
        super().__init__()
        self.block = Block(3)
        self.conv = nn.Conv2d(3, 3, (1, 3), padding=(0, 1))
        self.pool = nn.MaxPool2d((1, 2))
        self.skip = None
        if deep:
            self.skip = nn.Conv2d(3, 3, 1)
        self.none = nn.Conv2d(3, 3, 1) if not deep else None
        self.several = nn.ModuleList([nn.Conv2d(3, 3, 1), nn.Linear(4, 4)])
        self.alike = nn.ModuleList([nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)])
        self.by_name = nn.ModuleDict({"conv": nn.Conv2d(3, 3, 1), "linear": nn.Linear(4, 4)})
        self.by_name["last"] = nn.Conv2d(3, 3, 1)
        setattr(self, "late", nn.Conv2d(3, 3, 1))
        for place in range(2):
            self.add_module(f"conv{place}", nn.Conv2d(3, 3, 1))
        self.copies = nn.ModuleList([copy.deepcopy(self.skip) for _ in range(2)])
        self.made = nn.ModuleList(list(made(3)))
        self.row = Row(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3))

    def forward(self, x):
        x = run(self.pool, run(self.conv, run(self.block, x)))
        x = run(self.none, run(self.skip, x + x))
        for layer in self.several:
            x = layer(x)
        x = run_all(self.alike, x)
        for layer in self.by_name.values():
            x = layer(x)
        x = getattr(self, "conv1")(getattr(self, "late")(x))
        for layer in [*self.copies, *self.made]:
            x = layer(x)
        return self.row(x)
"""

OF_KERAS = """
import keras


def run(layers, x):
    for layer in layers:
        x = layer(x)
    return x


def tail(n):
    return keras.layers.Dense(n, activation="tanh")


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.convs = [keras.layers.Conv2D(6, 3, activation="relu"), keras.layers.MaxPooling2D(), keras.layers.Flatten()]
        self.hidden = [keras.layers.Dense(7, activation="relu"), keras.layers.Dense(8)]
        self.heads = {"a": keras.layers.Dense(3, activation="softmax"), "b": tail(2)}
        self.pairs = []
        for n in (4, 5):
            self.pairs.append((keras.layers.Dense(n, activation="elu"), keras.layers.Dense(8)))
        self.row = keras.Sequential([*[keras.layers.Dense(8, activation="relu") for _ in range(2)], tail(8)])
        self.last = keras.layers.Dense(4, activation="relu")
        self.after = keras.layers.Dense(4, activation="tanh")

    def call(self, x):
        for layer in self.convs:
            x = layer(x)
        for layer in self.hidden:
            x = layer(x)
        for down, up in self.pairs:
            x = x + up(down(x))
        x = self.row(x)
        return self.heads["a"](x), self.heads["b"](x), run([self.last, self.after], x)


# diptych: x=float32[2,9,8,3]
model = Net()
"""


@pytest.mark.parametrize("layout", ["channels-last", "preserve"])
def test_layers_that_are_handed_on_agree(layout: Layout) -> None:
    found = {each.entry: each for each in verify(convert(HANDED, layout=layout), options=Options(device="cpu"))}
    assert found["Net"].agrees and "tf.function" in found["Net"].evidence.modes, found["Net"].summary


@pytest.mark.parametrize("layout", ["channels-last", "preserve"])
def test_layers_of_keras_that_are_handed_on_agree(layout: Layout) -> None:
    converted = convert(OF_KERAS, to="torch", layout=layout)
    found = {each.entry: each for each in verify(converted, options=Options(device="cpu"))}
    assert found["model"].agrees and not converted.leftovers, found["model"].summary
