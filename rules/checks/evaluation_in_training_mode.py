"""DPT230."""

import re
from collections.abc import Iterator

from diptych_checks._training import evaluations

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_SWITCHES = re.compile(r"\beval\b|\.train\((?!\))")


class EvaluationInTrainingMode(FlowCheck):
    """A model evaluated in training mode drops units at random and normalises by the batch that it is tested on.

    The accuracy is worse and differs from run to run, and batch norm's statistics drift towards the test data. Reported where
    a file trains and evaluates, and nothing in it switches the mode.
    """

    code = "DPT230"
    name = "evaluation-in-training-mode"
    severity = "warning"
    message = "nothing in this file calls eval(): dropout is on and batch norm uses, and changes by, the test data"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval"
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
        "    with torch.no_grad():\n"
        "        for x, y in data:\n"
        "            print(F.mse_loss(model(x), y))",
    )
    fixed = (
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
        if flow.says(_SWITCHES):
            return
        for function, model, call in evaluations(flow):
            edit = flow.new_line(function.body[0], f"{model.id}.eval()", before=True)
            yield flow.problem(call, fix=flow.fix("Switch to evaluation mode", "unsafe", edit))
