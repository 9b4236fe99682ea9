"""DPT285."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import graph_functions

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem
from diptych.text.missing import MISSING


class RetracingByNumbers(FlowCheck):
    """``tf.function`` keeps one graph for each value of a Python number. A counter makes as many graphs as there are rounds."""

    code = "DPT285"
    name = "retracing-by-numbers"
    severity = "warning"
    message = "each new Python number is traced anew: pass a tensor, such as the elements of tf.range"
    url = "https://www.tensorflow.org/guide/function#rules_of_tracing"
    fix = "none"
    words = ("function",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = ("@tf.function\ndef step(x, i):\n    return x * i\n\nfor i in range(1000):\n    step(x, i)",)
    fixed = (None,)
    good = (
        "@tf.function\ndef step(x, i):\n    return x * i\n\nfor i in tf.range(1000):\n    step(x, i)",
        "@tf.function\ndef step(x, i):\n    return x * i\n\nfor i in range(1000):\n    step(x, tf.constant(i))",
        "@tf.function\ndef step(x, i):\n    return x * i\n\nfor i in range(2):\n    step(x, i)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        graphs = {
            function
            for function in graph_functions(flow)
            if "input_signature" not in flow.code(function.decorator_list[0])
        }
        for function in graphs:
            for call in flow.calls_anywhere(function.name):
                if flow.function_of(call.func) is not function:
                    continue
                for argument in call.args:
                    binding = flow.binding(argument) if isinstance(argument, ast.Name) else None
                    if (
                        binding is None
                        or binding.kind != "loop"
                        or binding.value is None
                        or not isinstance(binding.value, ast.Call)
                    ):
                        continue
                    over = binding.value
                    if (
                        isinstance(over.func, ast.Name)
                        and over.func.id == "range"
                        and flow.is_builtin(over.func)
                        and len(over.args) == 1
                    ):
                        count = flow.value(over.args[0])
                        if count is MISSING or (type(count) is int and count > 8):
                            yield flow.problem(argument)
