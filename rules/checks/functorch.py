"""DPT129."""

from diptych.checks.renamed import Renamed

_SAME = "vmap grad grad_and_value vjp jvp jacrev jacfwd hessian functionalize"


class Functorch(Renamed):
    """``functorch`` is part of PyTorch: use ``torch.func``.

    ``make_functional`` and its like have no namesake there: call ``torch.func.functional_call(module, parameters, inputs)``.
    """

    code = "DPT129"
    name = "functorch"
    severity = "warning"
    message = "functorch is deprecated: use torch.func"
    because = "is deprecated"
    url = "https://docs.pytorch.org/docs/stable/func.html"
    tags = ("deprecated",)
    fix = "safe"
    safety = "safe"
    renames = {
        **{f"functorch.{name}": f"torch.func.{name}" for name in _SAME.split()},
        "functorch.make_functional": None,
        "functorch.make_functional_with_buffers": None,
        "functorch.combine_state_for_ensemble": None,
    }
    advice = {
        "functorch.make_functional": "use torch.func.functional_call",
        "functorch.make_functional_with_buffers": "use torch.func.functional_call",
        "functorch.combine_state_for_ensemble": "use torch.func.stack_module_state",
    }
    setup = "import torch\nimport functorch\n"
    bad = (
        "y = functorch.vmap(torch.sin)(a)",
        "from functorch import grad\ny = grad(lambda x: (x**2).sum())(a)",
        "f, parameters = functorch.make_functional(model)",
    )
    fixed = (
        "y = torch.func.vmap(torch.sin)(a)",
        "from functorch import grad\ny = torch.func.grad(lambda x: (x**2).sum())(a)",
        None,
    )
    good = ("y = torch.func.vmap(torch.sin)(a)",)
