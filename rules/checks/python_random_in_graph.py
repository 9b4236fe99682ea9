"""DPT281."""

import ast
from collections.abc import Iterator

from diptych_checks._graphs import graph_functions

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class PythonRandomInGraph(FlowCheck):
    """``random`` and ``np.random`` give the trace a constant. ``tf.random`` draws at each call."""

    code = "DPT281"
    name = "python-random-in-graph"
    severity = "warning"
    message = "in a tf.function this is drawn once, while it is traced: every call gets the same number"
    url = "https://www.tensorflow.org/guide/function#executing_python_side_effects"
    fix = "none"
    words = ("random",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "@tf.function\ndef step(x):\n    return x + np.random.normal(size=3)",
        "import random\n\n@tf.function\ndef step(x):\n    return x * random.random()",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "@tf.function\ndef step(x):\n    return x + tf.random.normal([3])",
        "def step(x):\n    return x + np.random.normal(size=3)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for function in graph_functions(flow):
            for node in flow.inside(function):
                if isinstance(node, ast.Call) and (flow.called(node) or "").startswith(("random.", "numpy.random.")):
                    yield flow.problem(node)
