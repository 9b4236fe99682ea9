"""DPT121."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of


class TorchNorm(Check):
    """``torch.norm`` is deprecated, by its documentation: use ``torch.linalg.vector_norm`` or ``matrix_norm``.

    With a number for ``p``, or none, it is the norm of vectors, also over two axes: ``torch.norm(A, 1)`` adds up all
    that is in a matrix, unlike ``torch.linalg.norm(A, 1)``. With ``"nuc"``, or where ``p`` is not known, no fix is offered.
    """

    code = "DPT121"
    name = "torch-norm"
    severity = "information"
    message = "torch.norm is deprecated: use torch.linalg.vector_norm, or matrix_norm for matrices"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.norm",)
    bad = (
        "n = torch.norm(A)",
        "n = torch.norm(A, dim=1, keepdim=True)",
        "n = torch.norm(A, 1)",
        "n = torch.norm(A, p=3, dim=(0, 1))",
        "n = torch.norm(A, 2, -1, True)",
        'n = torch.norm(A, p="fro")',
        'n = torch.norm(A, p="nuc")',
        "n = torch.norm(A, p)",
    )
    fixed = (
        "n = torch.linalg.vector_norm(A)",
        "n = torch.linalg.vector_norm(A, dim=1, keepdim=True)",
        "n = torch.linalg.vector_norm(A, 1)",
        "n = torch.linalg.vector_norm(A, ord=3, dim=(0, 1))",
        "n = torch.linalg.vector_norm(A, 2, -1, True)",
        None,
        None,
        None,
    )
    good = ("n = torch.linalg.vector_norm(A)", "n = A.norm()")

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("input", "p", "dim", "keepdim")
        if arguments is None or "input" not in arguments or arguments["input"].keyword is not None:
            return use.problem()
        rewrite = use.rewrite("torch.linalg.vector_norm")
        if "p" in arguments:
            p = value_of(arguments["p"].value)
            if isinstance(p, bool) or not isinstance(p, (int, float)):
                return use.problem()
            rewrite.rename_keyword(arguments["p"], "ord")
        return use.problem(rewrite.done("Use torch.linalg.vector_norm", "safe"))
