"""DPT231."""

import re
from collections.abc import Iterator

from diptych_checks._training import evaluations

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_SAYS = re.compile(r"no_grad|inference_mode|set_grad_enabled|autograd|requires_grad")


class EvaluationWithGradients(FlowCheck):
    """Without ``torch.no_grad()`` evaluation stores what ``backward()`` would need: twice the memory, and slower.

    Reported where a file trains and evaluates, and nothing in it says ``no_grad`` or ``inference_mode``.
    """

    code = "DPT231"
    name = "evaluation-with-gradients"
    severity = "warning"
    message = "the graph of every evaluated batch is built for nothing: use torch.no_grad()"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html"
    fix = "unsafe"
    words = ("backward",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "def train(model, optimizer, data):\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "\n"
        "def evaluate(model, data):\n"
        "    model.eval()\n"
        "    for x, y in data:\n"
        "        print(F.mse_loss(model(x), y))",
    )
    fixed = (
        "def train(model, optimizer, data):\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "\n"
        "@torch.no_grad()\n"
        "def evaluate(model, data):\n"
        "    model.eval()\n"
        "    for x, y in data:\n"
        "        print(F.mse_loss(model(x), y))",
    )
    good = (
        "def train(model, optimizer, data):\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "\n"
        "def evaluate(model, data):\n"
        "    model.eval()\n"
        "    with torch.no_grad():\n"
        "        for x, y in data:\n"
        "            print(F.mse_loss(model(x), y))",
        "def evaluate(model, data):\n    for x, y in data:\n        print(F.mse_loss(model(x), y))",
        "def train(model, optimizer, data):\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "\n"
        "def evaluate(expression, data):\n"
        "    for x in data:\n"
        "        print(expression(x))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        if flow.says(_SAYS):
            return
        for function, _, call in evaluations(flow):
            edit = (
                flow.new_line(function, "@torch.no_grad()", before=True)
                if not function.decorator_list and function.name and flow.imported("torch")
                else None
            )
            yield flow.problem(call, fix=flow.fix("Record no graph", "unsafe", edit))
