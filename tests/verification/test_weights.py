"""Weights between torch and Keras, both ways, without any verification around them."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

SCRIPT = """
import numpy as np
import torch
from torch import nn
import keras
from diptych.weights import load_state_dict, state_dict

torch.manual_seed(0)


def check(module, twin, shape, ints=False, to_twin=None, from_twin=None):
    module.eval()
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            value.copy_(torch.randn_like(value).abs() + 0.1 if "var" in name else torch.randn_like(value))
    state = module.state_dict()
    load_state_dict(twin, state)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 5, shape) if ints else rng.standard_normal(shape).astype("float32")
    with torch.no_grad():
        ours = module(torch.as_tensor(x))
    ours = (ours[0] if isinstance(ours, tuple) else ours).numpy()
    theirs = np.asarray(twin(np.transpose(x, to_twin) if to_twin else x))
    theirs = np.transpose(theirs, from_twin) if from_twin else theirs
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    back = state_dict(twin)
    for name, value in state.items():
        if "num_batches" in name:
            continue
        if "bias_ih" in name and name.replace("_ih", "_hh") in back and not back[name.replace("_ih", "_hh")].any():
            value = value + state[name.replace("_ih", "_hh")]
        elif "bias_hh" in name and not back[name].any():
            continue
        np.testing.assert_allclose(back[name], value.numpy(), rtol=1e-6)
    module.load_state_dict({name: torch.from_numpy(value) for name, value in back.items()}, strict=False)


def wrap(torch_layer, keras_layer):
    class Twin(keras.Model):
        def __init__(self):
            super().__init__()
            self.layers_ = [keras_layer]
        def call(self, x):
            return self.layers_[0](x)
    class Module(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([torch_layer])
        def forward(self, x):
            return self.layers[0](x)
    return Module(), Twin()

L = keras.layers
last = dict(to_twin=(0, 2, 3, 1), from_twin=(0, 3, 1, 2))
line = dict(to_twin=(0, 2, 1), from_twin=(0, 2, 1))
check(*wrap(nn.Linear(4, 3), L.Dense(3)), (2, 4))
check(*wrap(nn.Linear(4, 3, bias=False), L.Dense(3, use_bias=False)), (2, 4))
check(*wrap(nn.Conv1d(4, 6, 3), L.Conv1D(6, 3)), (2, 4, 9), **line)
check(*wrap(nn.Conv2d(4, 6, 3), L.Conv2D(6, 3)), (2, 4, 9, 8), **last)
check(*wrap(nn.Conv2d(4, 6, 3, groups=2), L.Conv2D(6, 3, groups=2)), (2, 4, 9, 8), **last)
check(*wrap(nn.Conv2d(4, 8, 3, groups=4), L.DepthwiseConv2D(3, depth_multiplier=2)), (2, 4, 9, 8), **last)
check(*wrap(nn.ConvTranspose2d(4, 6, 3, stride=2), L.Conv2DTranspose(6, 3, strides=2)), (2, 4, 5, 6), **last)
check(*wrap(nn.Conv3d(2, 3, 2), L.Conv3D(3, 2)), (1, 2, 4, 5, 6), to_twin=(0, 2, 3, 4, 1), from_twin=(0, 4, 1, 2, 3))
check(*wrap(nn.BatchNorm2d(3), L.BatchNormalization(epsilon=1e-5)), (4, 3, 5, 6), **last)
check(*wrap(nn.BatchNorm1d(3), L.BatchNormalization(epsilon=1e-5)), (4, 3))
check(*wrap(nn.LayerNorm(6), L.LayerNormalization(epsilon=1e-5)), (4, 3, 6))
check(*wrap(nn.GroupNorm(2, 6), L.GroupNormalization(2, epsilon=1e-5)), (2, 6, 4, 5), **last)
check(*wrap(nn.Embedding(5, 3), L.Embedding(5, 3)), (2, 4), ints=True)
check(*wrap(nn.PReLU(3), L.PReLU(shared_axes=[1, 2])), (2, 3, 4, 5), **last)
check(*wrap(nn.LSTM(4, 3, batch_first=True), L.LSTM(3, return_sequences=True)), (2, 5, 4))
check(*wrap(nn.GRU(4, 3, batch_first=True), L.GRU(3, return_sequences=True, reset_after=True)), (2, 5, 4))
check(*wrap(nn.RNN(4, 3, batch_first=True), L.SimpleRNN(3, return_sequences=True)), (2, 5, 4))
both = nn.LSTM(4, 3, batch_first=True, bidirectional=True)
check(*wrap(both, L.Bidirectional(L.LSTM(3, return_sequences=True))), (2, 5, 4))
stack = keras.Sequential([L.LSTM(3, return_sequences=True), L.LSTM(3, return_sequences=True)])
check(*wrap(nn.LSTM(4, 3, num_layers=2, batch_first=True), stack), (2, 5, 4))
padded = keras.Sequential([L.ZeroPadding2D(1), L.Conv2D(6, 3, strides=2)])
check(*wrap(nn.Conv2d(4, 6, 3, stride=2, padding=1), padded), (2, 4, 8, 8), **last)
padded = keras.Sequential([L.ZeroPadding2D(1), L.Conv2D(6, 3)])
check(*wrap(nn.Sequential(nn.ZeroPad2d(1), nn.Conv2d(4, 6, 3)), padded), (2, 4, 8, 8), **last)
chain = keras.Sequential([L.Dense(3), L.ReLU(), L.Dense(2)])
check(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), chain, (2, 4))
moved = keras.Sequential([L.Permute((2, 3, 1)), keras.Sequential([L.Conv2D(4, 1), L.BatchNormalization(epsilon=1e-5)]),
                          L.Permute((3, 1, 2))])
check(*wrap(nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)), moved), (2, 3, 5, 6))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.mha = nn.MultiheadAttention(8, 2, batch_first=True)
    def forward(self, x):
        return self.mha(x, x, x, need_weights=False)[0]

class AttentionTwin(keras.Model):
    def __init__(self):
        super().__init__()
        self.mha = L.MultiHeadAttention(2, 4)
    def call(self, x):
        return self.mha(x, x)

check(Attention(), AttentionTwin(), (2, 5, 8))

module, twin = wrap(nn.Linear(4, 3), L.Dense(3))
before = module.state_dict()
load_state_dict(twin, before)
try:
    load_state_dict(twin, {"layers.0.weight": np.zeros((3, 5)), "layers.0.other": np.zeros(2)})
except ValueError as error:
    assert "layers.0.bias is missing" in str(error) and "layers.0.other [2] is unexpected" in str(error), error
else:
    raise AssertionError("the wrong state was taken")
np.testing.assert_array_equal(state_dict(twin)["layers.0.weight"], before["layers.0.weight"].numpy())
print("all agree")
"""


def test_every_layer_takes_torch_weights_and_gives_them_back():
    done = subprocess.run([sys.executable, "-c", dedent(SCRIPT)], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip().endswith("all agree"), done.stderr[-3000:]


def test_the_package_imports_with_numpy_alone():
    code = (
        "import sys, diptych.weights; print([name for name in ('torch', 'tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
