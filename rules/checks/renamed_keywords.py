"""DPT137."""

from diptych.checks.keywords import Keywords


class RenamedKeywords(Keywords):
    """Keyword arguments that PyTorch deprecates: ``min_value=`` of ``Hardtanh``, ``grad_variables=`` of ``backward``."""

    code = "DPT137"
    name = "renamed-keywords"
    severity = "warning"
    message = "a deprecated argument"
    because = "has a deprecated argument"
    url = "https://docs.pytorch.org/docs/stable/"
    tags = ("deprecated",)
    fix = "safe"
    keywords = {
        "torch.nn.Hardtanh": {"min_value": "min_val", "max_value": "max_val"},
        "torch.autograd.backward": {"grad_variables": "grad_tensors"},
    }
    setup = "import torch\n"
    bad = (
        "y = torch.nn.Hardtanh(min_value=-0.5, max_value=0.25)(a)",
        "z = a * 2\ntorch.autograd.backward(z, grad_variables=b)\ny = a.grad",
    )
    fixed = (
        "y = torch.nn.Hardtanh(min_val=-0.5, max_val=0.25)(a)",
        "z = a * 2\ntorch.autograd.backward(z, grad_tensors=b)\ny = a.grad",
    )
    good = ("y = torch.nn.Hardtanh(-0.5, 0.25)(a)",)

    def safety(self, name):
        return "safe"
