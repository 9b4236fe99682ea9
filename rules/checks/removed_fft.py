"""DPT123."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class RemovedFft(Check):
    """``torch.rfft``, ``torch.irfft``, ``torch.ifft`` and the function ``torch.fft`` were removed; ``torch.fft`` is a module.

    The old functions had real and imaginary parts in a last axis of two, and took the number of axes; the new ones
    have complex numbers. ``torch.view_as_real`` and ``torch.view_as_complex`` lead from one to the other.
    """

    code = "DPT123"
    name = "removed-fft"
    severity = "error"
    message = "removed: use the functions of the module torch.fft, which have complex numbers"
    url = "https://docs.pytorch.org/docs/stable/fft.html"
    tags = ("deprecated",)
    fix = "none"
    names = ("torch.rfft", "torch.irfft", "torch.ifft", "torch.fft")
    bad = ("X = torch.rfft(x, 2)", "x = torch.irfft(X, 1, onesided=False)", "X = torch.fft(x, 1)")
    fixed = (None, None, None)
    good = ("X = torch.fft.rfft(x)", "from torch import fft\nX = fft.fft2(x)", "fft = torch.fft")

    def visit(self, use: Use) -> Problem | None:
        if use.name == "torch.fft" and use.call is None:
            return None
        last = use.name.rpartition(".")[2]
        return use.problem(message=f"{use.name} is no function any more: use torch.fft.{last}, with complex numbers")
