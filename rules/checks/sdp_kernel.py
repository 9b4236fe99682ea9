"""DPT110."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of

_BACKENDS = {
    "enable_flash": "FLASH_ATTENTION",
    "enable_mem_efficient": "EFFICIENT_ATTENTION",
    "enable_math": "MATH",
    "enable_cudnn": "CUDNN_ATTENTION",
}


class SdpKernel(Check):
    """``torch.backends.cuda.sdp_kernel`` is deprecated: use ``torch.nn.attention.sdpa_kernel`` with a list of backends.

    The fix lists every backend that is not switched off, cuDNN among them, as the old function did. It is unsafe because
    the new one does not exist before PyTorch 2.3, and cuDNN's not before 2.5.
    """

    code = "DPT110"
    name = "sdp-kernel"
    severity = "warning"
    message = "torch.backends.cuda.sdp_kernel is deprecated: use torch.nn.attention.sdpa_kernel([...])"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.sdpa_kernel.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.backends.cuda.sdp_kernel",)
    bad = (
        "with torch.backends.cuda.sdp_kernel(enable_flash=False, enable_mem_efficient=False, enable_cudnn=False):\n    y = f(x)",
        "with torch.backends.cuda.sdp_kernel(True, False):\n    y = f(x)",
        "with torch.backends.cuda.sdp_kernel(enable_flash=flash):\n    y = f(x)",
    )
    fixed = (
        "with torch.nn.attention.sdpa_kernel([torch.nn.attention.SDPBackend.MATH]):\n    y = f(x)",
        "with torch.nn.attention.sdpa_kernel([torch.nn.attention.SDPBackend.FLASH_ATTENTION, "
        "torch.nn.attention.SDPBackend.EFFICIENT_ATTENTION, torch.nn.attention.SDPBackend.CUDNN_ATTENTION]):\n    y = f(x)",
        None,
    )
    good = ("with torch.nn.attention.sdpa_kernel([torch.nn.attention.SDPBackend.MATH]):\n    y = f(x)",)

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("enable_flash", "enable_math", "enable_mem_efficient", "enable_cudnn")
        if arguments is None:
            return use.problem()
        flags = {name: value_of(argument.value) for name, argument in arguments.items()}
        chosen = [backend for name, backend in _BACKENDS.items() if flags.get(name, True) is True]
        if not chosen or any(not isinstance(flag, bool) for flag in flags.values()):
            return use.problem()
        rewrite = use.rewrite("torch.nn.attention.sdpa_kernel")
        backend = rewrite.spell("torch.nn.attention.SDPBackend")
        rewrite.replace_all("[" + ", ".join(f"{backend}.{one}" for one in chosen) + "]")
        return use.problem(rewrite.done("Use torch.nn.attention.sdpa_kernel", "unsafe"))
