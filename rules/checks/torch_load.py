"""DPT127."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of


class TorchLoad(Check):
    """``torch.load(..., weights_only=False)`` runs whatever code the file holds: do so only with files you made yourself.

    Save a ``state_dict``, not a whole module, and load it with ``weights_only=True``, the default since PyTorch 2.6. Classes
    of your own can be allowed with ``torch.serialization.add_safe_globals``.
    """

    code = "DPT127"
    name = "torch-load"
    severity = "warning"
    message = "weights_only=False runs code from the file: save a state_dict and load it with weights_only=True"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.load.html"
    fix = "unsafe"
    names = ("torch.load",)
    bad = ("state = torch.load(path, weights_only=False)",)
    fixed = ("state = torch.load(path, weights_only=True)",)
    good = (
        "state = torch.load(path, weights_only=True)",
        "state = torch.load(path)",
        "state = torch.load(path, **options)",
    )

    def visit(self, use: Use) -> Problem | None:
        given = use.call.args if use.call is not None else ()
        for argument in given:
            named = argument.keyword is not None and argument.keyword.value == "weights_only"
            if named and value_of(argument.value) is False:
                rewrite = use.rewrite()
                rewrite.replace_value(argument, "True")
                return use.problem(rewrite.done("Load weights only", "unsafe"))
        return None
