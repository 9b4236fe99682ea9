"""DPT102."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of


class TorchSymeig(Check):
    """``torch.symeig`` was removed; it raises ``RuntimeError``.

    It read the upper triangle of the matrix unless told otherwise, ``torch.linalg.eigh`` and ``eigvalsh`` read the lower
    one, so the fix says ``UPLO="U"``. Eigenvectors may differ in sign (in phase, if complex).
    """

    code = "DPT102"
    name = "torch-symeig"
    severity = "error"
    message = "torch.symeig was removed: use torch.linalg.eigh, or eigvalsh for the eigenvalues alone"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.eigh.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.symeig",)
    bad = (
        "L, V = torch.symeig(A, eigenvectors=True)",
        "L, V = torch.symeig(A, True, False)",
        "L, V = torch.symeig(A, eigenvectors=True, upper=up)",
        "L, _ = torch.symeig(A)",
        "L = torch.symeig(A, upper=False).eigenvalues",
        "L, V = torch.symeig(A)\nprint(V)",
        "L, V = torch.symeig(A, vectors)",
    )
    fixed = (
        'L, V = torch.linalg.eigh(A, UPLO="U")',
        'L, V = torch.linalg.eigh(A, UPLO="L")',
        'L, V = torch.linalg.eigh(A, UPLO="U" if up else "L")',
        'L = torch.linalg.eigvalsh(A, UPLO="U")',
        'L = torch.linalg.eigvalsh(A, UPLO="L")',
        None,
        None,
    )
    good = ('L, V = torch.linalg.eigh(A, UPLO="U")',)

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("input", "eigenvectors", "upper")
        if arguments is None or "input" not in arguments or arguments["input"].keyword is not None:
            return use.problem()
        vectors = value_of(arguments["eigenvectors"].value) if "eigenvectors" in arguments else False
        if not isinstance(vectors, bool):
            return use.problem()
        rewrite = use.rewrite("torch.linalg.eigh" if vectors else "torch.linalg.eigvalsh")
        if not vectors:
            rewrite.only_first("eigenvalues")
        if "eigenvectors" in arguments:
            rewrite.remove(arguments["eigenvectors"])
        if "upper" in arguments:
            upper = value_of(arguments["upper"].value)
            code = use.source.code(arguments["upper"].value)
            triangle = ('"U"' if upper else '"L"') if isinstance(upper, bool) else f'"U" if {code} else "L"'
            rewrite.replace(arguments["upper"], f"UPLO={triangle}")
        else:
            rewrite.append('UPLO="U"')
        return use.problem(rewrite.done("Use torch.linalg.eigh, reading the same triangle", "unsafe"))
