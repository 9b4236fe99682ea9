"""DPT241."""

import ast
from collections.abc import Iterator

from diptych_checks._modules import has_weights

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_IN_KERAS = "super().__init__() is never called: this raises as soon as it is used"


class SuperInitMissing(FlowCheck):
    """A module keeps its layers in tables that ``super().__init__()`` makes; assigning one before raises ``AttributeError``.

    Keras' layers and models allow that, but raise when they are called if it was never called.
    """

    code = "DPT241"
    name = "super-init-missing"
    severity = "error"
    message = "super().__init__() must be called before layers are assigned: this raises"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html"
    fix = "unsafe"
    words = ("__init__",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(8, 3)",
        "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(8, 3)\n        super().__init__()",
        "import keras\n\nclass Net(keras.Model):\n    def __init__(self):\n        self.fc = keras.layers.Dense(3)",
    )
    fixed = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(8, 3)",
        None,
        "import keras\n\nclass Net(keras.Model):\n    def __init__(self):\n"
        "        super().__init__()\n        self.fc = keras.layers.Dense(3)",
    )
    good = (
        "import keras\n\nclass Net(keras.Model):\n    def __init__(self):\n"
        "        self.fc = keras.layers.Dense(3)\n        super().__init__()",
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(8, 3)",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        nn.Module.__init__(self)\n"
        "        self.fc = nn.Linear(8, 3)",
        "class Net(nn.Module):\n    def __init__(self):\n        self.size = 3\n        super().__init__()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for owner in flow.all(ast.ClassDef):
            if len(owner.bases) != 1 or flow.name(owner.bases[0]) not in (
                "torch.nn.Module",
                "keras.Model",
                "keras.layers.Layer",
            ):
                continue
            for method in owner.body:
                if not isinstance(method, ast.FunctionDef) or method.name != "__init__":
                    continue
                called = [one for one in flow.calls("__init__") if flow.within(one, method)]
                first = [
                    one
                    for one in flow.attributes(owner).values()
                    for one in one
                    if one.value is not None and has_weights(flow, one.value) and flow.function(one.target) is method
                ]
                first.sort(key=lambda one: flow.place(one.target))
                if (
                    not first
                    or any(flow.place(one) < flow.place(first[0].target) for one in called)
                    or "__dict__" in flow.code(method)
                ):
                    continue
                keras = flow.name(owner.bases[0]) != "torch.nn.Module"
                if keras and (called or "super" in flow.code(method)):
                    continue
                edit = None
                if not called and "super" not in flow.code(method):
                    edit = flow.new_line(method.body[0], "super().__init__()", before=True)
                yield flow.problem(
                    first[0].target,
                    _IN_KERAS if keras else None,
                    fix=flow.fix("Call super().__init__() first", "unsafe", edit),
                )
