"""DPT133."""

from diptych.checks.renamed import Renamed


class PrivateCollate(Renamed):
    """``default_collate`` and ``default_convert`` are public: take them from ``torch.utils.data``."""

    code = "DPT133"
    name = "private-collate"
    severity = "warning"
    message = "a private name: take it from torch.utils.data"
    because = "is a private name"
    url = "https://docs.pytorch.org/docs/stable/data.html"
    tags = ("deprecated",)
    fix = "safe"
    safety = "safe"
    renames = {
        f"torch.utils.data.{module}.{name}": f"torch.utils.data.{name}"
        for module in ("_utils.collate", "dataloader")
        for name in ("default_collate", "default_convert")
        if (module, name) != ("dataloader", "default_convert")
    }
    setup = "import torch\nimport torch.utils.data\n"
    bad = (
        "y = torch.utils.data._utils.collate.default_collate([1.0, 2.0])",
        "from torch.utils.data.dataloader import default_collate\ny = default_collate([a, a])",
    )
    fixed = (
        "y = torch.utils.data.default_collate([1.0, 2.0])",
        "from torch.utils.data.dataloader import default_collate\ny = torch.utils.data.default_collate([a, a])",
    )
    good = ("y = torch.utils.data.default_collate([1.0, 2.0])",)
