"""DPT286."""

import ast
from collections.abc import Iterator

from diptych_checks._modules import is_keras

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_SHAPED = {"tf.reshape", "tf.zeros", "tf.ones", "tf.fill", "tf.tile", "tf.broadcast_to"}


class StaticBatchSize(FlowCheck):
    """``x.shape[0]`` is what was known when tracing; in ``fit`` and ``predict`` the batch is ``None``, and this raises or is fixed."""

    code = "DPT286"
    name = "static-batch-size"
    severity = "warning"
    message = "in a graph the size of the batch may be None: use tf.shape(x)[0]"
    url = "https://www.tensorflow.org/guide/function"
    fix = "unsafe"
    words = ("shape",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = ("class Net(keras.Model):\n    def call(self, x):\n        return tf.reshape(x, (x.shape[0], -1))",)
    fixed = ("class Net(keras.Model):\n    def call(self, x):\n        return tf.reshape(x, (tf.shape(x)[0], -1))",)
    good = (
        "class Net(keras.Model):\n    def call(self, x):\n        return tf.reshape(x, (tf.shape(x)[0], -1))",
        "class Net(keras.Model):\n    def call(self, x):\n        return tf.reshape(x, (-1, x.shape[1]))",
        "def f(x):\n    return tf.reshape(x, (x.shape[0], -1))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for node in flow.all(ast.Subscript):
            if (
                not isinstance(node.value, ast.Attribute)
                or node.value.attr != "shape"
                or not isinstance(node.value.value, ast.Name)
                or flow.value(node.slice) != 0
            ):
                continue
            method, tensor = flow.method(node), node.value.value
            if (
                method is None
                or method[1].name != "call"
                or not is_keras(flow, method[0])
                or tensor.id not in [one.arg for one in method[1].args.args[1:2]]
            ):
                continue
            if any(flow.called(one) in _SHAPED for one in flow.around(node)) and not any(
                isinstance(one, (ast.If, ast.IfExp)) for one in flow.around(node)
            ):
                edit = flow.replace(node, f"tf.shape({tensor.id})[0]") if flow.means("tf", "tf") else None
                yield flow.problem(node, fix=flow.fix("Ask for it when it runs", "unsafe", edit))
