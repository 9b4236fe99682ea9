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
        "for f in functions:\n    print(tf.function(f)(x))",
        "for fold in folds:\n"
        "    model = build()\n\n"
        "    @tf.function\n"
        "    def step(x):\n"
        "        return model(x)\n\n"
        "    for x in fold:\n"
        "        step(x)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for function in graph_functions(flow):
            if self._could_be_made_before(flow, function):
                yield flow.problem(function.decorator_list[0])
        for call in flow.calls("function"):
            if (
                flow.called(call) == "tf.function"
                and isinstance(call.around, ast.Call)
                and call.around.func is call
                and self._could_be_made_before(flow, call)
            ):
                yield flow.problem(call)

    def _could_be_made_before(self, flow: Flow, made: ast.AST) -> bool:
        """Whether what is made in a loop reads nothing that the loop makes anew."""
        loops = flow.loops(made)
        if not loops:
            return False
        bound = {
            one.id for one in flow.inside(loops[0]) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        read = {one.id for one in ast.walk(made) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
        own = {one.arg for one in ast.walk(made) if isinstance(one, ast.arg)}
        own |= {one.id for one in ast.walk(made) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        return bound.isdisjoint(read - own)
