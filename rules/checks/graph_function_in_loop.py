"""DPT284."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import graph_functions

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class GraphFunctionInLoop(FlowCheck):
    """``tf.function`` pays off when what it traced is used again. Made in a loop it is slower than plain Python."""

    code = "DPT284"
    name = "graph-function-in-loop"
    severity = "warning"
    message = "a new tf.function in each round is traced in each round: make it once, before the loop"
    url = "https://www.tensorflow.org/guide/function#controlling_retracing"
    fix = "none"
    words = ("function",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "for epoch in range(9):\n    @tf.function\n    def step(x):\n        return x * 2\n    step(data)",
        "for x in data:\n    y = tf.function(f)(x)",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "@tf.function\ndef step(x):\n    return x * 2\n\nfor x in data:\n    step(x)",
        "models = [tf.function(f) for f in functions]",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for function in graph_functions(flow):
            if flow.loops(function):
                yield flow.problem(function.decorator_list[0])
        for call in flow.calls("function"):
            if (
                flow.called(call) == "tf.function"
                and flow.loops(call)
                and isinstance(call.around, ast.Call)
                and call.around.func is call
            ):
                yield flow.problem(call)
