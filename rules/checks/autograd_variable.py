"""DPT136."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.precedence import atom


class AutogradVariable(Check):
    """``torch.autograd.Variable`` is deprecated: tensors record gradients themselves.

    ``Variable(x)`` is ``x``, cut off from what came before; so for a tensor that was computed from others the fix changes
    where gradients go, and is unsafe. ``volatile=True`` has no effect any more: use ``with torch.no_grad():``.
    """

    code = "DPT136"
    name = "autograd-variable"
    severity = "warning"
    message = "torch.autograd.Variable is deprecated: use the tensor itself"
    url = "https://docs.pytorch.org/docs/stable/autograd.html#variable-deprecated"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.autograd.Variable",)
    setup = "import torch\nfrom torch.autograd import Variable\n"
    bad = (
        "x = Variable(images)",
        "y = net(Variable(a + b).cuda())",
        "x = Variable(images, volatile=True)",
        "x = Variable(images, requires_grad=True)",
    )
    fixed = ("x = images", "y = net((a + b).cuda())", None, None)
    good = ("if isinstance(x, Variable):\n    pass", "x = images", "def f(x: Variable) -> Variable:\n    return x")

    def visit(self, use: Use) -> Problem | None:
        call = use.call
        if call is None:
            return None
        if any(one.keyword is not None and one.keyword.value == "volatile" for one in call.args):
            return use.problem(message="volatile= has no effect any more: use with torch.no_grad()")
        if len(call.args) != 1 or call.args[0].keyword is not None or call.args[0].star:
            return use.problem()
        rewrite = use.rewrite()
        rewrite.write_call(use.source.code(atom(call.args[0].value)))
        return use.problem(rewrite.done("Use the tensor itself", "unsafe"))
