"""DPT112."""

from diptych.checks.renamed import Renamed


class ClipGradNorm(Renamed):
    """``torch.nn.utils.clip_grad_norm`` is deprecated; it calls ``clip_grad_norm_``."""

    code = "DPT112"
    name = "clip-grad-norm"
    severity = "warning"
    message = "torch.nn.utils.clip_grad_norm is deprecated"
    because = "is deprecated"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html"
    tags = ("deprecated",)
    fix = "safe"
    safety = "safe"
    renames = {
        "torch.nn.utils.clip_grad_norm": "torch.nn.utils.clip_grad_norm_",
        "torch.nn.utils.clip_grad.clip_grad_norm": "torch.nn.utils.clip_grad.clip_grad_norm_",
    }
    bad = ("total = torch.nn.utils.clip_grad_norm([w], 1.0)", "clip = torch.nn.utils.clip_grad_norm")
    fixed = ("total = torch.nn.utils.clip_grad_norm_([w], 1.0)", "clip = torch.nn.utils.clip_grad_norm_")
    good = ("total = torch.nn.utils.clip_grad_norm_([w], 1.0)",)
