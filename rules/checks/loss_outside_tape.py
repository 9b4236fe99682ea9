"""DPT292."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import tape_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class LossOutsideTape(FlowCheck):
    """A tape records what is computed inside of ``with``. A loss computed after it has no gradients."""

    code = "DPT292"
    name = "loss-outside-tape"
    severity = "warning"
    message = "this is computed after the tape has stopped, so all its gradients are None"
    url = "https://www.tensorflow.org/guide/autodiff#1_replaced_a_variable_with_a_tensor"
    fix = "none"
    words = ("GradientTape",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "with tf.GradientTape() as tape:\n"
        "    p = model(x)\n"
        "loss = tf.reduce_mean((p - y) ** 2)\n"
        "g = tape.gradient(loss, model.trainable_variables)",
    )
    fixed = (None,)
    good = (
        "with tf.GradientTape() as tape:\n"
        "    loss = tf.reduce_mean((model(x) - y) ** 2)\n"
        "g = tape.gradient(loss, model.trainable_variables)",
        "with tf.GradientTape() as outer:\n"
        "    with tf.GradientTape() as tape:\n"
        "        y = x * x\n"
        "    g = tape.gradient(y, x)\n"
        "    z = g * g\n"
        "h = outer.gradient(z, x)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call, tape in tape_calls(flow):
            if not call.args or not isinstance(call.args[0], ast.Name):
                continue
            made = flow.binding(call.args[0])
            if made is None or made.kind != "value" or not isinstance(made.value, (ast.Call, ast.BinOp)):
                continue
            if not flow.within(made.node, tape.node) and flow.place(made.node) > flow.end(tape.node):
                yield flow.problem(call.args[0])
