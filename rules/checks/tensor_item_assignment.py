"""DPT287."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import MAKERS

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class TensorItemAssignment(FlowCheck):
    """``x[0] = 1`` raises "'EagerTensor' object does not support item assignment"."""

    code = "DPT287"
    name = "tensor-item-assignment"
    severity = "error"
    message = "a TensorFlow tensor cannot be written to: this raises. Use tf.tensor_scatter_nd_update, or a variable"
    url = "https://www.tensorflow.org/guide/tensor_slicing#insert_data_into_tensors"
    fix = "none"
    words = ("tf", "tensorflow")
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "x = tf.zeros([3])\nx[0] = 1.0",
        "x = tf.constant([1, 2])\nx[1] += 1",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "x = tf.Variable(tf.zeros([3]))\nx[0].assign(1.0)",
        "x = np.zeros([3])\nx[0] = 1.0",
        "x = tf.zeros([3]).numpy()\nx[0] = 1.0",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for node in flow.all(ast.Assign, ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Subscript) and flow.called(flow.origin(target.value)) in MAKERS:
                    yield flow.problem(target)
