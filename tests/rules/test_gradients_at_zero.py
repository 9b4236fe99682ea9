"""Norms and distances of vectors that are zero: PyTorch's gradient is 0 there, TensorFlow's own is NaN."""

from typing import Any

import numpy as np
import pytest

from diptych.conversion import convert

torch = pytest.importorskip("torch")
tf = pytest.importorskip("tensorflow")

NORMS = (
    "x.norm()", "x.norm(dim=1)", "torch.norm(x, p=3, dim=1)", "torch.linalg.norm(x, dim=-1, keepdim=True)",
    "torch.linalg.matrix_norm(x)", "torch.linalg.vector_norm(x, dim=(0, 1))", "torch.nn.functional.normalize(x, dim=1)",
    "torch.cdist(x, x.detach())", "torch.pdist(x)", "torch.dist(x, x.detach())", "(x.norm(2, dim=1) - 1) ** 2",
)  # fmt: skip


@pytest.mark.parametrize("code", NORMS)
def test_gradient_is_the_same(code: str) -> None:
    source = f"import torch\n\n\ndef f(x: torch.Tensor):\n    # diptych: x: float32[3,4]\n    return {code}\n"
    twin = convert(source, "tensorflow")
    assert twin.complete, twin.leftovers
    sides: list[dict[str, Any]] = [{}, {}]
    exec(source, sides[0])
    exec(twin.twin, sides[1])
    given = torch.zeros(3, 4, requires_grad=True)
    (expected,) = torch.autograd.grad(sides[0]["f"](given).sum(), given)
    x = tf.zeros((3, 4))
    with tf.GradientTape() as tape:
        tape.watch(x)
        result = tf.reduce_sum(sides[1]["f"](x))
    np.testing.assert_allclose(tf.convert_to_tensor(tape.gradient(result, x)), expected)
