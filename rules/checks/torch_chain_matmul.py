"""DPT106."""

import itertools

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class TorchChainMatmul(Check):
    """``torch.chain_matmul`` is deprecated and will be removed.

    ``torch.linalg.multi_dot`` does the same with one list of matrices. It raises for a list of one, which
    ``chain_matmul`` gave back as it was: so where their number is not known, the fix is not safe.
    """

    code = "DPT106"
    name = "torch-chain-matmul"
    severity = "warning"
    message = "torch.chain_matmul is deprecated: use torch.linalg.multi_dot, which takes a list of matrices"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.multi_dot.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.chain_matmul", "torch.functional.chain_matmul")
    bad = (
        "y = torch.chain_matmul(a, b, c)",
        "y = torch.chain_matmul(a, b, out=y)",
        "y = torch.chain_matmul(*matrices)",
        "y = torch.chain_matmul(a)",
    )
    fixed = (
        "y = torch.linalg.multi_dot([a, b, c])",
        "y = torch.linalg.multi_dot([a, b], out=y)",
        "y = torch.linalg.multi_dot([*matrices])",
        None,
    )
    good = ("y = torch.linalg.multi_dot([a, b, c])",)

    def visit(self, use: Use) -> Problem:
        call = use.call
        if call is None:
            return use.problem()
        matrices = list(
            itertools.takewhile(lambda argument: argument.keyword is None and argument.star != "**", call.args)
        )
        others = call.args[len(matrices) :]
        if any(argument.keyword is None or argument.keyword.value != "out" for argument in others):
            return use.problem()
        counted = sum(not argument.star for argument in matrices)
        if counted < 2 and counted == len(matrices):
            return use.problem()
        rewrite = use.rewrite("torch.linalg.multi_dot")
        rewrite.wrap(matrices[0], matrices[-1], "[", "]")
        return use.problem(rewrite.done("Use torch.linalg.multi_dot", "safe" if counted >= 2 else "unsafe"))
