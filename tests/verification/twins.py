"""Sources and twins written by hand, right and wrong ones."""

from __future__ import annotations

from textwrap import dedent

from diptych.conversion.result import Axes, Entry, Parameter
from diptych.verification import Options, Pair, Verdict, verify

NCHW = Axes((0, 2, 3, 1))
TORCH = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
TENSORFLOW = "import keras\nimport tensorflow as tf\n"


def function(name: str, *parameters: str | Parameter, comment: str | None = None, **more) -> Entry:
    given = tuple(p if isinstance(p, Parameter) else Parameter(p) for p in parameters)
    return Entry(name, "function", 1, given, comment=comment, **more)


def module(name: str, *parameters: str | Parameter, comment: str | None = None, constructor=(), **more) -> Entry:
    given = tuple(p if isinstance(p, Parameter) else Parameter(p) for p in parameters)
    return Entry(name, "class", 1, given, tuple(Parameter(p) for p in constructor), comment=comment, **more)


def pair(torch: str, tensorflow: str, *entries: Entry, backwards: bool = False) -> Pair:
    torch, tensorflow = TORCH + dedent(torch), TENSORFLOW + dedent(tensorflow)
    if backwards:
        return Pair(tensorflow, torch, "tensorflow", "torch", entries)
    return Pair(torch, tensorflow, "torch", "tensorflow", entries)


def verdict(torch: str, tensorflow: str, entry: Entry, backwards: bool = False, **options) -> Verdict:
    [found] = verify(pair(torch, tensorflow, entry, backwards=backwards), options=Options(device="cpu", **options))
    return found


CNN_TORCH = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(16)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(16 * 4 * 4, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(F.relu(self.bn(self.conv2(x))))
        return self.fc(torch.flatten(x, 1))
"""

CNN_TENSORFLOW = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv1 = keras.layers.Conv2D(8, 3, padding="same")
        self.conv2 = keras.Sequential([keras.layers.ZeroPadding2D(1), keras.layers.Conv2D(16, 3, strides=2)])
        self.bn = BatchNorm(axis=-1, momentum=0.9, epsilon=EPSILON)
        self.pool = keras.layers.MaxPooling2D(2)
        self.fc = keras.layers.Dense(10)

    def call(self, x, training=False):
        x = tf.nn.relu(self.conv1(x))
        x = self.pool(tf.nn.relu(self.bn(self.conv2(x), training=training)))
        return self.fc(tf.reshape(tf.transpose(x, [0, 3, 1, 2]), (-1, 16 * 4 * 4)))
"""

UNBIASED = """
class BatchNorm(keras.layers.BatchNormalization):
    def call(self, x, training=False):
        if not training:
            return super().call(x, training=False)
        mean, variance = tf.nn.moments(x, list(range(len(x.shape) - 1)))
        count = tf.cast(tf.size(x) / x.shape[-1], x.dtype)
        self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
        unbiased = variance * count / (count - 1)
        self.moving_variance.assign(self.moving_variance * self.momentum + unbiased * (1 - self.momentum))
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)
"""


def cnn_twin(epsilon: str = "1e-5", batch_norm: str = UNBIASED) -> str:
    return f"EPSILON = {epsilon}\n" + dedent(batch_norm) + dedent(CNN_TENSORFLOW)


CNN = module("Net", Parameter("x", axes=NCHW), comment="x=float32[4,3,16,16]")
