"""DPT126."""

from diptych.checks.renamed import Renamed

_INSTEAD = "use torch.compile to make a model fast, torch.export to take it out of Python"
_NAMES = "script trace script_method freeze optimize_for_inference fork wait save load interface set_fusion_strategy"


class TorchJit(Renamed):
    """TorchScript (``torch.jit.script``, ``trace``, ``save``, ``load`` ...) is deprecated: use ``torch.compile`` or ``torch.export``.

    What only marks code for it (``torch.jit.ignore``, ``unused``, ``is_scripting``) gives no warning and is left alone.
    """

    code = "DPT126"
    name = "torch-jit"
    severity = "information"
    message = "TorchScript is deprecated"
    because = "is deprecated"
    url = "https://docs.pytorch.org/docs/stable/jit.html"
    tags = ("deprecated",)
    fix = "none"
    renames = {f"torch.jit.{name}": None for name in _NAMES.split()}
    advice = {f"torch.jit.{name}": _INSTEAD for name in _NAMES.split()}
    bad = (
        "model = torch.jit.script(model)",
        "@torch.jit.script\ndef f(x):\n    return x",
        'm = torch.jit.load("m.pt")',
    )
    fixed = (None, None, None)
    good = ("model = torch.compile(model)", "@torch.jit.ignore\ndef f(x):\n    return x")
