"""DPT280."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from diptych_checks._graphs import graph_functions

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_TRACES = re.compile("trac", re.IGNORECASE)


class SideEffectInGraph(FlowCheck):
    """``print``, ``list.append`` and counters of Python happen when ``tf.function`` traces, then never again.

    Use ``tf.print``, a ``tf.TensorArray``, ``tf.Variable.assign_add``. A function that speaks of tracing is left alone.
    """

    code = "DPT280"
    name = "side-effect-in-graph"
    severity = "warning"
    message = "in a tf.function Python code runs once, while it is traced, not at each call"
    url = "https://www.tensorflow.org/guide/function#executing_python_side_effects"
    fix = "unsafe"
    words = ("function",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "@tf.function\ndef step(x):\n    print(x)\n    return x * 2",
        "seen = []\n\n@tf.function\ndef step(x):\n    seen.append(x)\n    return x * 2",
        "calls = 0\n\n@tf.function\ndef step(x):\n    global calls\n    calls += 1\n    return x * 2",
    )
    fixed = (
        "@tf.function\ndef step(x):\n    tf.print(x)\n    return x * 2",
        None,
        None,
    )
    good = (
        "@tf.function\ndef step(x):\n    tf.print(x)\n    return x * 2",
        "@tf.function\ndef step(x):\n    print('Tracing with', x)\n    return x * 2",
        "@tf.function\ndef step(x):\n    parts = []\n    parts.append(x)\n    return tf.stack(parts)",
        "def step(x):\n    print(x)",
        "@tf.function\ndef step(x):\n    count = 0\n    count += 1\n    return x + count",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for function in graph_functions(flow):
            if _TRACES.search(flow.code(function)):
                continue
            for node in flow.inside(function):
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                    yield from self._statement(flow, function, node.value)
                elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                    name = node.target.id
                    started = [flow.value(one.value) for one in flow.top(name) if one.kind == "value"]
                    if name in function.inner.outer and any(one in (0, 0.0) for one in started):
                        yield flow.problem(node.target)

    def _statement(self, flow: Flow, function: Any, call: ast.Call) -> Iterator[Problem]:
        """What is wrong with a call that is a statement: it prints, or adds to a list from outside of the function."""
        called = call.func
        if isinstance(called, ast.Name) and called.id == "print" and flow.is_builtin(called):
            if any(not isinstance(one, ast.Constant) for one in call.args):
                plain = flow.means("tf", "tf") and not call.keywords
                edit = flow.replace(called, "tf.print") if plain else None
                yield flow.problem(call, fix=flow.fix("Use tf.print", "unsafe", edit))
        elif isinstance(called, ast.Attribute) and called.attr == "append" and isinstance(called.value, ast.Name):
            outside = called.value.id not in function.inner.bindings
            if outside and isinstance(flow.origin(called.value), ast.List):
                yield flow.problem(call)
