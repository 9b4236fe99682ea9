"""DPT288."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class IntegerWithFloat(FlowCheck):
    """``tf.constant([1, 2]) * 0.5`` raises: TensorFlow, unlike NumPy and PyTorch, makes no float of an integer by itself."""

    code = "DPT288"
    name = "integer-with-float"
    severity = "error"
    message = "TensorFlow does not mix integers and floats: this raises. Use tf.cast"
    url = "https://www.tensorflow.org/api_docs/python/tf/cast"
    fix = "none"
    words = ("tf", "tensorflow")
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "y = tf.constant([1, 2]) * 0.5",
        "n = tf.shape(x)[0]\ny = 0.5 + tf.range(3)",
        "a = tf.constant([1, 2])\nb = tf.random.normal([2])\ny = a + b",
    )
    fixed = (
        None,
        None,
        None,
    )
    good = (
        "y = tf.constant([1.0, 2.0]) * 0.5",
        "y = tf.cast(tf.constant([1, 2]), tf.float32) * 0.5",
        "y = tf.constant([1, 2]) * 2",
        "y = tf.constant([1, 2], tf.float32) * 0.5",
        "y = tf.constant([1, 2]) / 0.5",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        if flow.says("enable_numpy_behavior"):
            return
        for node in flow.all(ast.BinOp):
            if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)):
                kinds = {self._kind(flow, node.left), self._kind(flow, node.right)}
                if "integer" in kinds and kinds & {"float", "number"}:
                    yield flow.problem(node)

    def _kind(self, flow: Flow, node: ast.expr) -> str | None:
        node = flow.origin(node)
        if isinstance(node, ast.Constant):
            return "number" if type(node.value) is float else None
        if not isinstance(node, ast.Call) or not flow.is_whole(node):
            return None
        name = flow.called(node)
        if name == "tf.constant" and len(node.args) == 1 and not node.keywords:
            value = flow.value(node.args[0])
            while isinstance(value, (list, tuple)) and value:
                if len({type(one) for one in value}) != 1:
                    return None
                value = value[0]
            return {int: "integer", float: "float"}.get(type(value))
        if name == "tf.range" and all(type(flow.value(one)) is int for one in node.args) and not node.keywords:
            return "integer"
        plain = not node.keywords and len(node.args) == 1
        return "float" if name in ("tf.random.normal", "tf.random.uniform", "tf.zeros", "tf.ones") and plain else None
