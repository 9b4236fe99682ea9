"""The float64 run pools volumes as TensorFlow's own kernel does in float32, gradients of equal elements included."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from diptych.conversion import convert
from diptych.verification import Given, Options, verify
from diptych.verification.inputs import TRAIN_SAMPLES, plan, samples
from diptych.worker import tensorflow_pool

WINDOWS = [((2, 3, 2), (1, 2, 3)), ((3, 3, 3), (2, 2, 2)), ((1, 2, 3), (1, 1, 1))]


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("size", "steps"), WINDOWS)
@pytest.mark.parametrize("ties", [True, False])
def test_it_is_what_the_kernel_computes(
    padding: str, size: tuple[int, ...], steps: tuple[int, ...], ties: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorflow_pool, "_trusted", lambda found, own: found)  # never the kernel's own answer
    draw = np.random.default_rng(0)
    shape = (2, 5, 6, 7, 3)
    volumes = draw.integers(0, 3, shape) if ties else draw.normal(size=shape).astype("float32")

    def run(x: tf.Tensor, pool) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            result = pool(x, [1, *size, 1], [1, *steps, 1], padding)
            weights = tf.reshape(tf.cast(tf.range(tf.size(result)), x.dtype), tf.shape(result))
            total = tf.reduce_sum(result * weights)
        return result, tape.gradient(total, x)

    expected = run(tf.constant(volumes, tf.float32), tensorflow_pool.POOL)
    wide = tf.function(lambda x: run(x, tensorflow_pool.max_pool3d))
    signature = wide.get_concrete_function(tf.TensorSpec([None, *shape[1:]], tf.float64))
    for found in (
        run(tf.constant(volumes, tf.float64), tensorflow_pool.max_pool3d),
        signature(tf.constant(volumes, tf.float64)),
    ):
        for one, other in zip(found, expected, strict=True):
            assert one.dtype == tf.float64
            np.testing.assert_array_equal(one, tf.cast(other, tf.float64))


def test_another_answer_of_the_kernel_counts() -> None:
    found, own = tf.constant([1.0, 2.0], tf.float64), tf.constant([1.0, 2.5])
    np.testing.assert_array_equal(tensorflow_pool._trusted(found, own), [1.0, 2.5])
    np.testing.assert_array_equal(tensorflow_pool._trusted(found, tf.constant([1.0, 2.0])), found)


NET = """
import torch
from torch import nn


# diptych: x=float32[2,3,4,6,8]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(3, 4, 3, padding=1)
        self.pool = nn.MaxPool3d(2)

    def forward(self, x):
        return self.pool(torch.relu(self.conv(x)))
"""


def test_models_that_pool_volumes_have_a_verdict() -> None:
    conversion = convert(NET)
    assert "keras.layers.MaxPooling3D(2)" in conversion.twin
    options = Options(device="cpu")
    given = {"Net": Given({"entry": samples(plan(conversion.entries[0]), TRAIN_SAMPLES, options.seed)})}
    [found] = verify(conversion, None, options, given=given)
    assert found.agrees, found.summary
