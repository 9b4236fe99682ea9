"""DPT140."""

from diptych.checks.renamed import Renamed

_ADVICE = {
    "torch._six": 'use str, bytes, float("inf") and collections.abc themselves',
    "torch.utils.ffi": "use torch.utils.cpp_extension",
    "torch.legacy": "use torch.nn",
    "torch.autograd.gradcheck.zero_gradients": "set x.grad = None",
    "torch.testing.get_all_dtypes": "list the dtypes yourself",
    "torch.onnx._export": "use torch.onnx.export",
    "torch.onnx.dynamo_export": "use torch.onnx.export(..., dynamo=True)",
    "torch.onnx.export_to_pretty_string": "use torch.onnx.export",
    "torch._overrides": "use torch.overrides",
    "torch.distributed.deprecated": "use torch.distributed",
}


class RemovedTorchModules(Renamed):
    """Modules that PyTorch does not have any more, such as ``torch._six`` and ``torch.utils.ffi``."""

    code = "DPT140"
    name = "removed-torch-modules"
    severity = "error"
    message = "PyTorch has no such module any more"
    because = "was removed from PyTorch"
    url = "https://docs.pytorch.org/docs/stable/"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = dict.fromkeys(_ADVICE)
    advice = _ADVICE
    setup = "import torch\n"
    bad = (
        "from torch._six import string_classes",
        "from torch.onnx import dynamo_export",
        "from torch.autograd.gradcheck import zero_gradients\nzero_gradients(x)",
    )
    fixed = (None, None, None)
    good = ("import collections.abc",)
