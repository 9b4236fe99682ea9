"""DPT282."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import graph_functions
from diptych_checks._modules import is_keras

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class NumpyInGraph(FlowCheck):
    """``x.numpy()`` works eagerly and raises in a ``tf.function``, where ``fit`` also runs a model's ``call``. Use TensorFlow's functions."""

    code = "DPT282"
    name = "numpy-in-graph"
    severity = "error"
    message = "a tensor of a graph has no value while it is traced: numpy() raises"
    url = "https://www.tensorflow.org/guide/function"
    fix = "none"
    words = ("numpy",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "@tf.function\ndef step(x):\n    return tf.constant(x.numpy() * 2)",
        "class Net(keras.Model):\n    def call(self, x):\n        return x * float(x.numpy().max())",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "def step(x):\n    return x.numpy()",
        "@tf.function\ndef step(x):\n    return tf.py_function(lambda y: y.numpy() * 2, [x], tf.float32)",
        "class Net(keras.Model):\n"
        "    def call(self, x):\n"
        "        if tf.executing_eagerly():\n"
        "            print(x.numpy())\n"
        "        return x",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        if not flow.means("tf", "tf"):
            return
        functions = list(graph_functions(flow))
        functions += [
            one
            for one in flow.all(ast.FunctionDef)
            if one.name == "call" and isinstance(one.around, ast.ClassDef) and is_keras(flow, one.around)
        ]
        for function in functions:
            for node in flow.inside(function):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "numpy"
                    and not node.args
                ):
                    asked = any(
                        isinstance(one, (ast.If, ast.IfExp, ast.Try))
                        for one in flow.around(node)
                        if flow.within(one, function)
                    )
                    if flow.name(node.func) is None and not asked and flow.function(node) is function:
                        yield flow.problem(node)
