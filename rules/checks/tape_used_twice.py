"""DPT291."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import tape_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class TapeUsedTwice(FlowCheck):
    """The second ``tape.gradient`` raises, unless the tape is made with ``persistent=True``. Or ask for both at once, in a list."""

    code = "DPT291"
    name = "tape-used-twice"
    severity = "error"
    message = "a tape gives gradients once, then it is empty: this raises. Say persistent=True"
    url = "https://www.tensorflow.org/guide/autodiff#gradients_with_respect_to_a_model"
    fix = "unsafe"
    words = ("GradientTape",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = ("with tf.GradientTape() as tape:\n    y = v * w\na = tape.gradient(y, v)\nb = tape.gradient(y, w)",)
    fixed = (
        "with tf.GradientTape(persistent=True) as tape:\n"
        "    y = v * w\n"
        "a = tape.gradient(y, v)\n"
        "b = tape.gradient(y, w)",
    )
    good = (
        "with tf.GradientTape(persistent=True) as tape:\n"
        "    y = v * w\n"
        "a = tape.gradient(y, v)\n"
        "b = tape.gradient(y, w)",
        "with tf.GradientTape() as tape:\n    y = v * w\na, b = tape.gradient(y, [v, w])",
        "with tf.GradientTape() as tape:\n"
        "    y = v * w\n"
        "if first:\n"
        "    a = tape.gradient(y, v)\n"
        "else:\n"
        "    a = tape.gradient(y, w)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        first: dict[object, ast.Call] = {}
        for call, tape in sorted(tape_calls(flow), key=lambda one: flow.place(one[0])):
            if "persistent" in flow.code(tape.value):
                continue
            before = first.setdefault(tape, call)
            if before is call:
                continue
            block = flow.statement(before).block
            straight = any(isinstance(one, ast.stmt) and one.block is block for one in flow.around(call))
            if straight and not isinstance(flow.statement(before), (ast.Return, ast.Raise)):
                edit = flow.append(tape.value, "persistent=True")
                yield flow.problem(call, fix=flow.fix("Keep the tape", "unsafe", edit))
