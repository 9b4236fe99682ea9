"""DPT264."""

import ast
from collections.abc import Iterator

from diptych_checks._training import last_name

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class UnshuffledTrainingData(FlowCheck):
    """``DataLoader`` does not shuffle unless told. Data sets on disk are often sorted by class, and then the model sees one at a time.

    Reported where the loader's name says that it is for training and its data set is one of torchvision's or a ``TensorDataset``.
    """

    code = "DPT264"
    name = "unshuffled-training-data"
    severity = "warning"
    message = "training data in the same order each epoch: say shuffle=True"
    url = "https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader"
    fix = "unsafe"
    words = ("DataLoader",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "from torchvision import datasets\n"
        "train_set = datasets.CIFAR10('data', train=True)\n"
        "train_loader = torch.utils.data.DataLoader(train_set, batch_size=64)",
    )
    fixed = (
        "from torchvision import datasets\n"
        "train_set = datasets.CIFAR10('data', train=True)\n"
        "train_loader = torch.utils.data.DataLoader(train_set, batch_size=64, shuffle=True)",
    )
    good = (
        "from torchvision import datasets\n"
        "train_set = datasets.CIFAR10('data', train=True)\n"
        "train_loader = torch.utils.data.DataLoader(train_set, batch_size=64, shuffle=True)",
        "train_loader = torch.utils.data.DataLoader(stream, batch_size=64)",
        "from torchvision import datasets\n"
        "test_loader = torch.utils.data.DataLoader(datasets.CIFAR10('data', train=False), batch_size=64)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("DataLoader"):
            statement = flow.statement(call)
            if (
                flow.called(call) != "torch.utils.data.DataLoader"
                or not isinstance(statement, ast.Assign)
                or statement.value is not call
            ):
                continue
            data = flow.argument(call, 0, "dataset")
            given = {one.arg for one in call.keywords}
            if (
                data is None
                or not flow.is_whole(call)
                or len(call.args) > 2
                or given & {"shuffle", "sampler", "batch_sampler"}
            ):
                continue
            made = flow.called(flow.origin(data)) or ""
            if "train" in last_name(statement.targets[0]).lower() and made.startswith(
                ("torchvision.datasets.", "torch.utils.data.TensorDataset")
            ):
                yield flow.problem(call, fix=flow.fix("Shuffle", "unsafe", flow.append(call, "shuffle=True")))
