"""DPT141."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use

_V2 = "torchvision.transforms.v2"


class TorchvisionToTensor(Check):
    """``v2.ToTensor()`` is deprecated: ``v2.ToImage()`` makes a tensor and ``v2.ToDtype(torch.float32, scale=True)`` scales it.

    The two give a ``tv_tensors.Image``, and scale what ``ToTensor`` left alone, such as arrays of other types than uint8.
    ``ToTensor`` of ``torchvision.transforms`` is not deprecated.
    """

    code = "DPT141"
    name = "torchvision-to-tensor"
    severity = "warning"
    message = "v2.ToTensor is deprecated: use v2.ToImage() and v2.ToDtype(torch.float32, scale=True)"
    url = "https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToTensor.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = (f"{_V2}.ToTensor",)
    setup = "import torch\nfrom torchvision.transforms import v2\n"
    bad = (
        "t = v2.Compose([v2.Resize(8), v2.ToTensor()])",
        "from torchvision.transforms.v2 import Compose, ToImage, ToDtype, ToTensor\nt = ToTensor()",
        "make = v2.ToTensor",
    )
    fixed = (
        "t = v2.Compose([v2.Resize(8), v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])])",
        "from torchvision.transforms.v2 import Compose, ToImage, ToDtype, ToTensor\n"
        "t = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])",
        None,
    )
    good = (
        "from torchvision import transforms\nt = transforms.ToTensor()",
        "t = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])",
    )

    def visit(self, use: Use) -> Problem | None:
        if use.call is None or use.call.args:
            return use.problem()
        rewrite = use.rewrite()
        compose, image, dtype = (rewrite.spell(f"{_V2}.{name}") for name in ("Compose", "ToImage", "ToDtype"))
        scaled = f"{dtype}({rewrite.spell('torch.float32')}, scale=True)"
        rewrite.write_call(f"{compose}([{image}(), {scaled}])")
        return use.problem(rewrite.done("Use ToImage and ToDtype", "unsafe"))
