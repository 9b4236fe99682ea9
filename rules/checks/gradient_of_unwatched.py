"""DPT290."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import MAKERS, tape_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class GradientOfUnwatched(FlowCheck):
    """A ``GradientTape`` watches trainable variables by itself, tensors only if told."""

    code = "DPT290"
    name = "gradient-of-unwatched"
    severity = "warning"
    message = "the tape does not watch this tensor, so its gradient is None: call tape.watch, or make it a variable"
    url = "https://www.tensorflow.org/guide/autodiff#controlling_what_the_tape_watches"
    fix = "none"
    words = ("GradientTape",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "x = tf.constant(3.0)\nwith tf.GradientTape() as tape:\n    y = x * x\ng = tape.gradient(y, x)",
        "x = tf.random.normal([3])\nwith tf.GradientTape() as tape:\n    y = x * x\nprint(tape.gradient(y, [x]))",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "x = tf.Variable(3.0)\nwith tf.GradientTape() as tape:\n    y = x * x\ng = tape.gradient(y, x)",
        "x = tf.constant(3.0)\n"
        "with tf.GradientTape() as tape:\n"
        "    tape.watch(x)\n"
        "    y = x * x\n"
        "g = tape.gradient(y, x)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call, tape in tape_calls(flow):
            if len(call.args) < 2 or flow.says("watch", flow.function(call)):
                continue
            sources = call.args[1].elts if isinstance(call.args[1], (ast.List, ast.Tuple)) else [call.args[1]]
            for source in sources:
                if isinstance(source, ast.Name) and flow.called(flow.origin(source)) in MAKERS:
                    made = flow.origin(source)
                    if not flow.within(made, tape.node):
                        yield flow.problem(source)
