"""DPT283."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import graph_functions

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class VariableMadeInGraph(FlowCheck):
    """A variable made at each call is an error: "tf.function only supports singleton tf.Variables". Make it once, outside."""

    code = "DPT283"
    name = "variable-made-in-graph"
    severity = "error"
    message = "a tf.function may make a variable at its first call only: this raises"
    url = "https://www.tensorflow.org/guide/function#creating_tfvariables"
    fix = "none"
    words = ("Variable",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = ("@tf.function\ndef step(x):\n    v = tf.Variable(1.0)\n    return x * v",)
    fixed = (None,)
    good = (
        "v = tf.Variable(1.0)\n\n@tf.function\ndef step(x):\n    return x * v",
        "class Net(tf.Module):\n"
        "    @tf.function\n"
        "    def step(self, x):\n"
        "        if self.v is None:\n"
        "            self.v = tf.Variable(1.0)\n"
        "        return x * self.v",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for function in graph_functions(flow):
            for node in flow.inside(function):
                if isinstance(node, ast.Call) and flow.called(node) == "tf.Variable":
                    guarded = any(
                        isinstance(one, (ast.If, ast.IfExp, ast.With, ast.Try))
                        for one in flow.around(node)
                        if flow.within(one, function)
                    )
                    if (
                        not guarded
                        and isinstance(flow.statement(node), ast.Assign)
                        and isinstance(flow.statement(node).targets[0], ast.Name)
                    ):
                        yield flow.problem(node)
