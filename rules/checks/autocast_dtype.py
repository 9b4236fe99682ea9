"""DPT139."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use

_NEW = {
    "get_autocast_gpu_dtype": ("get_autocast_dtype", "cuda"),
    "get_autocast_cpu_dtype": ("get_autocast_dtype", "cpu"),
    "set_autocast_gpu_dtype": ("set_autocast_dtype", "cuda"),
    "set_autocast_cpu_dtype": ("set_autocast_dtype", "cpu"),
    "is_autocast_cpu_enabled": ("is_autocast_enabled", "cpu"),
    "set_autocast_cpu_enabled": ("set_autocast_enabled", "cpu"),
}


class AutocastDtype(Check):
    """``torch.get_autocast_gpu_dtype`` and the like are deprecated: ``torch.get_autocast_dtype`` takes the device."""

    code = "DPT139"
    name = "autocast-dtype"
    severity = "warning"
    message = "deprecated for a function that takes the device"
    url = "https://docs.pytorch.org/docs/stable/amp.html"
    tags = ("deprecated",)
    fix = "safe"
    names = tuple(f"torch.{name}" for name in _NEW)
    bad = (
        "y = torch.get_autocast_gpu_dtype()",
        "y = torch.is_autocast_cpu_enabled()",
        "torch.set_autocast_cpu_dtype(torch.bfloat16)\ny = torch.get_autocast_dtype('cpu')",
        "f = torch.get_autocast_cpu_dtype",
    )
    fixed = (
        'y = torch.get_autocast_dtype("cuda")',
        'y = torch.is_autocast_enabled("cpu")',
        "torch.set_autocast_dtype(\"cpu\", torch.bfloat16)\ny = torch.get_autocast_dtype('cpu')",
        None,
    )
    good = ('y = torch.get_autocast_dtype("cuda")', "y = torch.is_autocast_enabled()")

    def visit(self, use: Use) -> Problem:
        new, device = _NEW[use.name.rpartition(".")[2]]
        message = f'{use.name} is deprecated: use torch.{new}("{device}"{", ..." if new.startswith("set") else ""})'
        if use.call is None:
            return use.problem(message=message)
        rewrite = use.rewrite(f"torch.{new}")
        rewrite.prepend(f'"{device}"')
        return use.problem(rewrite.done(f"Use torch.{new}", "safe"), message=message)
