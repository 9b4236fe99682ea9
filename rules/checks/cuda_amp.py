"""DPT113."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class CudaAmp(Check):
    """``torch.cuda.amp`` and ``torch.cpu.amp`` are deprecated: use ``torch.amp``, which takes the device first.

    ``GradScaler`` takes the same arguments after it. ``autocast`` takes ``dtype`` first where the old one took
    ``enabled``, so the fix names the arguments; without ``dtype`` it follows ``torch.set_autocast_dtype``, where the old
    one always took float16, or bfloat16 on the CPU: so this fix is unsafe. ``torch.amp.autocast`` came with PyTorch
    1.10, ``torch.amp.GradScaler`` with 2.3.
    """

    code = "DPT113"
    name = "cuda-amp"
    severity = "warning"
    message = "torch.cuda.amp is deprecated: use torch.amp, which takes the device first"
    url = "https://docs.pytorch.org/docs/stable/amp.html"
    tags = ("deprecated",)
    fix = "safe"
    names = tuple(
        f"torch.{device}.amp.{module}{name}"
        for device, modules in {
            "cuda": {"": "autocast GradScaler custom_fwd custom_bwd", "autocast_mode.": "autocast", "grad_scaler.": "GradScaler"},
            "cpu": {"": "autocast GradScaler"},
        }.items()
        for module, listed in modules.items()
        for name in listed.split()
    )  # fmt: skip
    bad = (
        "with torch.cuda.amp.autocast():\n    y = f(x)",
        "with torch.cuda.amp.autocast(use_amp, cache_enabled=False):\n    y = f(x)",
        "from torch.cuda.amp import autocast\nwith autocast(False):\n    y = f(x)",
        "scaler = torch.cuda.amp.GradScaler(enabled=use_amp)",
        "scaler = torch.cuda.amp.GradScaler(2.0**10)",
        "scaler = torch.cpu.amp.GradScaler()",
        "@torch.cuda.amp.custom_fwd(cast_inputs=torch.float32)\ndef forward(ctx, x):\n    return x",
        "@torch.cuda.amp.custom_bwd\ndef backward(ctx, g):\n    return g",
        "with torch.cpu.amp.autocast(*options):\n    y = f(x)",
    )
    fixed = (
        'with torch.amp.autocast("cuda"):\n    y = f(x)',
        'with torch.amp.autocast("cuda", enabled=use_amp, cache_enabled=False):\n    y = f(x)',
        'from torch.cuda.amp import autocast\nwith torch.amp.autocast("cuda", enabled=False):\n    y = f(x)',
        'scaler = torch.amp.GradScaler("cuda", enabled=use_amp)',
        'scaler = torch.amp.GradScaler("cuda", 2.0**10)',
        'scaler = torch.amp.GradScaler("cpu")',
        '@torch.amp.custom_fwd(cast_inputs=torch.float32, device_type="cuda")\ndef forward(ctx, x):\n    return x',
        '@torch.amp.custom_bwd(device_type="cuda")\ndef backward(ctx, g):\n    return g',
        None,
    )
    good = ('with torch.amp.autocast("cuda"):\n    y = f(x)', 'scaler = torch.amp.GradScaler("cuda")')

    def visit(self, use: Use) -> Problem:
        device, last = use.name.split(".")[1], use.name.rpartition(".")[2]
        message = f"torch.{device}.amp.{last} is deprecated: use torch.amp.{last}, which takes the device"
        rewrite = use.rewrite()
        if last in ("custom_fwd", "custom_bwd"):
            if use.call is None:
                rewrite.rename(f"torch.amp.{last}", after=f'(device_type="{device}")')
            else:
                rewrite.rename(f"torch.amp.{last}")
                rewrite.append(f'device_type="{device}"')
        elif use.call is None:
            return use.problem(message=message)
        elif last == "GradScaler":
            rewrite.rename("torch.amp.GradScaler")
            rewrite.prepend(f'"{device}"')
            return use.problem(rewrite.done("Use torch.amp.GradScaler", "safe"), message=message)
        else:
            arguments = use.arguments("enabled", "dtype", "cache_enabled")
            if arguments is None:
                return use.problem(message=message)
            rewrite.rename("torch.amp.autocast")
            named = [f"{name}={use.source.code(argument.value)}" for name, argument in arguments.items()]
            rewrite.replace_all(", ".join([f'"{device}"', *named]))
        return use.problem(rewrite.done(f"Use torch.amp.{last}", "unsafe"), message=message)
