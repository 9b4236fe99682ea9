"""DPT104."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class TorchCholesky(Check):
    """``torch.cholesky`` is deprecated and will be removed.

    ``torch.linalg.cholesky`` does the same. PyTorch's own warning says ``.mH`` for ``upper=True``, which reads the other
    triangle of the matrix; the fix says ``upper=True`` there too, which gives the same numbers for every matrix.
    """

    code = "DPT104"
    name = "torch-cholesky"
    severity = "warning"
    message = "torch.cholesky is deprecated: use torch.linalg.cholesky"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.cholesky.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.cholesky",)
    bad = (
        "L = torch.cholesky(A)",
        "U = torch.cholesky(A, upper=True)",
        "U = torch.cholesky(A, True)",
        "L = torch.cholesky(input=A, upper=flag)",
        "L = torch.cholesky(A, False)",
        "factor = torch.cholesky",
        "L = torch.cholesky(*arguments)",
    )
    fixed = (
        "L = torch.linalg.cholesky(A)",
        "U = torch.linalg.cholesky(A, upper=True)",
        "U = torch.linalg.cholesky(A, upper=True)",
        "L = torch.linalg.cholesky(input=A, upper=flag)",
        "L = torch.linalg.cholesky(A, upper=False)",
        None,
        None,
    )
    good = ("L = torch.linalg.cholesky(A)", "L = numpy.linalg.cholesky(A)")

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("input", "upper", keywords=("out",))
        if arguments is None or "input" not in arguments:
            return use.problem()
        rewrite = use.rewrite("torch.linalg.cholesky")
        if "upper" in arguments and arguments["upper"].keyword is None:
            rewrite.replace(arguments["upper"], f"upper={use.source.code(arguments['upper'].value)}")
        return use.problem(rewrite.done("Use torch.linalg.cholesky", "safe"))
