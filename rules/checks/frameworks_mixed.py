"""DPT299."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import MAKERS

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_TORCH = {
    f"torch.{name}"
    for name in (
        "zeros",
        "ones",
        "rand",
        "randn",
        "arange",
        "tensor",
        "eye",
        "full",
        "linspace",
        "randint",
        "relu",
        "sigmoid",
        "matmul",
        "softmax",
    )
}
_OPERATIONS = {
    f"tf.{name}"
    for name in (
        "nn.relu",
        "nn.softmax",
        "sigmoid",
        "tanh",
        "exp",
        "add",
        "multiply",
        "concat",
        "square",
        "reduce_sum",
        "reduce_mean",
    )
}


class FrameworksMixed(FlowCheck):
    """TensorFlow takes a torch tensor for an array: the result is right, the gradient stops, and a tensor on the GPU raises.

    PyTorch's functions raise for TensorFlow's tensors. Convert where it shows: ``x.detach().cpu().numpy()``, ``torch.from_numpy``.
    """

    code = "DPT299"
    name = "frameworks-mixed"
    severity = "warning"
    message = "a tensor of one framework in an operation of the other: it is copied through NumPy without its gradient, or raises"
    url = "https://www.tensorflow.org/guide/tf_numpy"
    fix = "none"
    words = ("torch",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "import torch\nx = torch.randn(3)\ny = tf.nn.relu(x)",
        "import torch\nx = tf.ones([3])\ny = torch.relu(x)",
        "import torch\na = torch.ones(3)\nb = tf.ones([3])\nc = a + b",
    )
    fixed = (
        None,
        None,
        None,
    )
    good = (
        "import torch\nx = torch.randn(3)\ny = tf.nn.relu(x.numpy())",
        "import torch\nx = tf.ones([3])\ny = torch.from_numpy(x.numpy())",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        if not flow.means("tf", "tf"):
            return
        for node in flow.all(ast.BinOp):
            if {self._kind(flow, node.left), self._kind(flow, node.right)} == {"torch", "tf"}:
                yield flow.problem(node)
        for name, wanted in [*((one, "torch") for one in MAKERS | _OPERATIONS), *((one, "tf") for one in _TORCH)]:
            for call in flow.calls(name.rpartition(".")[2]):
                if flow.called(call) == name and any(self._kind(flow, one) == wanted for one in call.args):
                    yield flow.problem(call)

    def _kind(self, flow: Flow, node: ast.expr) -> str | None:
        name = flow.called(flow.origin(node))
        return "torch" if name in _TORCH else "tf" if name in MAKERS else None
