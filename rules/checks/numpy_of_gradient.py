"""DPT261."""

import ast
from collections.abc import Iterator

from diptych_checks._modules import has_weights
from diptych_checks._outputs import instance
from diptych_checks._training import without_gradients

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class NumpyOfGradient(FlowCheck):
    """``numpy()`` and NumPy's functions raise for what autograd follows: "use tensor.detach().numpy() instead"."""

    code = "DPT261"
    name = "numpy-of-gradient"
    severity = "error"
    message = "NumPy cannot take a tensor that requires a gradient: this raises. Call detach() first"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.numpy.html"
    fix = "unsafe"
    words = ("numpy", "np", "requires_grad")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "w = torch.zeros(3, requires_grad=True)\nprint(w.numpy())",
        "import numpy as np\nw = nn.Parameter(torch.zeros(3))\nprint(np.mean(w))",
        "layer = nn.Linear(8, 3)\ny = layer(x).numpy()",
    )
    fixed = (
        "w = torch.zeros(3, requires_grad=True)\nprint(w.detach().numpy())",
        None,
        "layer = nn.Linear(8, 3)\ny = layer(x).detach().numpy()",
    )
    good = (
        "w = torch.zeros(3, requires_grad=True)\nprint(w.detach().numpy())",
        "w = torch.zeros(3)\nprint(w.numpy())",
        "layer = nn.Linear(8, 3)\nwith torch.no_grad():\n    y = layer(x).numpy()",
        "layer = nn.Linear(8, 3)\n\ndef f(x):\n    return layer(x).numpy()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        if any(map(flow.says, ("requires_grad_(", ".requires_grad =", "set_grad_enabled"))):
            return
        for call in flow.calls("numpy"):
            if (
                isinstance(call.func, ast.Attribute)
                and not call.args
                and flow.name(call.func) is None
                and self._follows(flow, call.func.value)
            ):
                yield flow.problem(
                    call, fix=flow.fix("Detach it first", "unsafe", flow.after(call.func.value, ".detach()"))
                )
        for name in ("mean", "sum", "array", "asarray", "exp", "log", "sqrt", "abs", "max", "min", "dot"):
            for call in flow.calls(name):
                if (flow.called(call) or "").startswith("numpy.") and call.args and self._follows(flow, call.args[0]):
                    yield flow.problem(call)

    def _follows(self, flow: Flow, node: ast.expr) -> bool:
        made = flow.origin(node)
        if not isinstance(made, ast.Call) or without_gradients(flow, made):
            return False
        name = flow.called(made) or ""
        asked = flow.argument(made, None, "requires_grad")
        if name == "torch.nn.Parameter":
            return len(made.args) == 1 and (asked is None or flow.value(asked) is True)
        if name.startswith("torch.") and asked is not None:
            return flow.value(asked) is True
        return (
            name == ""
            and flow.function(node) is None
            and has_weights(flow, instance(flow, made.func))
            and not self._is_recurrent(flow, made)
        )

    def _is_recurrent(self, flow: Flow, made: ast.Call) -> bool:
        return (flow.called(instance(flow, made.func)) or "").rpartition(".")[2] in (
            "LSTM",
            "GRU",
            "RNN",
            "MultiheadAttention",
            "LSTMCell",
        )
