"""DPT105."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of


class TorchQr(Check):
    """``torch.qr`` is deprecated and will be removed.

    ``torch.linalg.qr`` does the same; ``some=False`` is now ``mode="complete"``.
    """

    code = "DPT105"
    name = "torch-qr"
    severity = "warning"
    message = 'torch.qr is deprecated: use torch.linalg.qr (some=False is now mode="complete")'
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.qr.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.qr",)
    bad = (
        "Q, R = torch.qr(A)",
        "Q, R = torch.qr(A, some=False)",
        "Q, R = torch.qr(A, some=flag)",
        "Q, R = torch.qr(some=True, input=A)",
        "R = torch.qr(A, True).R",
        "R = torch.qr(A, not flag)[1]",
        "factor = torch.qr",
    )
    fixed = (
        "Q, R = torch.linalg.qr(A)",
        'Q, R = torch.linalg.qr(A, mode="complete")',
        'Q, R = torch.linalg.qr(A, mode="reduced" if flag else "complete")',
        "Q, R = torch.linalg.qr(A=A)",
        "R = torch.linalg.qr(A).R",
        'R = torch.linalg.qr(A, mode="reduced" if not flag else "complete")[1]',
        None,
    )
    good = ("Q, R = torch.linalg.qr(A)",)

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("input", "some", keywords=("out",))
        if arguments is None or "input" not in arguments:
            return use.problem()
        rewrite = use.rewrite("torch.linalg.qr")
        rewrite.rename_keyword(arguments["input"], "A")
        if "some" in arguments:
            some = value_of(arguments["some"].value)
            if some is True:
                rewrite.remove(arguments["some"])
            elif some is False:
                rewrite.replace(arguments["some"], 'mode="complete"')
            else:
                code = use.source.code(arguments["some"].value)
                rewrite.replace(arguments["some"], f'mode="reduced" if {code} else "complete"')
        return use.problem(rewrite.done("Use torch.linalg.qr", "safe"))
