"""DPT208."""

import ast
import itertools
from collections.abc import Iterator

from diptych_checks._outputs import sequence

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class SoftmaxOfOne(FlowCheck):
    """The softmax of a single score is 1, whatever the score. The layer learns nothing.

    For two classes by one number use sigmoid; or two units and softmax.
    """

    code = "DPT208"
    name = "softmax-of-one"
    severity = "warning"
    message = "softmax over one unit is always 1: use sigmoid, or one unit for each class"
    url = "https://keras.io/api/layers/activations/"
    fix = "unsafe"
    words = ("softmax", "Softmax", "LogSoftmax", "log_softmax")
    setup = "import keras\nfrom torch import nn\n"
    bad = (
        "head = keras.layers.Dense(1, activation='softmax')",
        "head = nn.Sequential(nn.Linear(8, 1), nn.Softmax(dim=1))",
    )
    fixed = ("head = keras.layers.Dense(1, activation='sigmoid')", None)
    good = (
        "head = keras.layers.Dense(2, activation='softmax')",
        "head = nn.Sequential(nn.Linear(8, 1), nn.Softmax(dim=0))",
        "head = nn.Sequential(nn.Linear(8, 1), nn.Flatten(0), nn.Softmax(dim=1))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("Dense"):
            if flow.called(call) == "keras.layers.Dense" and flow.value(flow.argument(call, 0, "units")) == 1:
                given = flow.argument(call, 1, "activation")
                if given is not None and isinstance(given, ast.Constant) and given.value == "softmax":
                    edit = flow.replace(given, flow.code(given).replace("softmax", "sigmoid"))
                    yield flow.problem(given, fix=flow.fix("Use sigmoid", "unsafe", edit))
        for call in flow.calls("Sequential"):
            layers = sequence(flow, call) or []
            for before, layer in itertools.pairwise(layers):
                if flow.called(layer) not in ("torch.nn.Softmax", "torch.nn.LogSoftmax") or not isinstance(
                    layer, ast.Call
                ):
                    continue
                if flow.called(before) != "torch.nn.Linear" or not isinstance(before, ast.Call):
                    continue
                one = flow.value(flow.argument(before, 1, "out_features")) == 1
                if one and flow.value(flow.argument(layer, 0, "dim")) in (1, -1):
                    yield flow.problem(layer)
