"""DPT134."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use

_NEW = {
    "torch.has_cuda": "torch.backends.cuda.is_built",
    "torch.has_cudnn": "torch.backends.cudnn.is_available",
    "torch.has_mps": "torch.backends.mps.is_built",
    "torch.has_mkldnn": "torch.backends.mkldnn.is_available",
}


class TorchHas(Check):
    """``torch.has_cuda``, ``has_cudnn``, ``has_mps`` and ``has_mkldnn`` are deprecated: ask ``torch.backends``."""

    code = "DPT134"
    name = "torch-has"
    severity = "warning"
    message = "deprecated: ask torch.backends"
    url = "https://docs.pytorch.org/docs/stable/backends.html"
    tags = ("deprecated",)
    fix = "safe"
    names = tuple(_NEW)
    bad = ("y = torch.has_cuda", "y = torch.has_mps", "y = torch.has_mkldnn", "y = torch.has_cudnn")
    fixed = (
        "y = torch.backends.cuda.is_built()",
        "y = torch.backends.mps.is_built()",
        "y = torch.backends.mkldnn.is_available()",
        "y = torch.backends.cudnn.is_available()",
    )
    good = ("y = torch.backends.cuda.is_built()",)

    def visit(self, use: Use) -> Problem:
        rewrite = use.rewrite()
        rewrite.rename(_NEW[use.name], after="()")
        message = f"{use.name} is deprecated: use {_NEW[use.name]}()"
        return use.problem(rewrite.done("Ask torch.backends", "safe"), message=message)
