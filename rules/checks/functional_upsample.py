"""DPT114."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use

_MORE = {
    "upsample": "",
    "upsample_nearest": 'mode="nearest"',
    "upsample_bilinear": 'mode="bilinear", align_corners=True',
}


class FunctionalUpsample(Check):
    """``F.upsample`` and its two short forms are deprecated; they call ``F.interpolate``.

    ``F.upsample_bilinear`` does so with ``align_corners=True``, which is not the default of ``F.interpolate``.
    """

    code = "DPT114"
    name = "functional-upsample"
    severity = "warning"
    message = "F.upsample is deprecated: use F.interpolate"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html"
    tags = ("deprecated",)
    fix = "safe"
    names = tuple(f"torch.nn.functional.{name}" for name in _MORE)
    setup = "import torch\nimport torch.nn.functional as F\n"
    bad = (
        "y = F.upsample(images, scale_factor=2)",
        'y = F.upsample(images, (7, 9), mode="bilinear", align_corners=False)',
        "y = F.upsample_nearest(images, scale_factor=2)",
        "y = F.upsample_bilinear(images, (7, 9))",
        "y = F.upsample_bilinear(images, **options)",
    )
    fixed = (
        "y = F.interpolate(images, scale_factor=2)",
        'y = F.interpolate(images, (7, 9), mode="bilinear", align_corners=False)',
        'y = F.interpolate(images, scale_factor=2, mode="nearest")',
        'y = F.interpolate(images, (7, 9), mode="bilinear", align_corners=True)',
        None,
    )
    good = ("y = F.interpolate(images, scale_factor=2)",)

    def visit(self, use: Use) -> Problem:
        last = use.name.rpartition(".")[2]
        message = f"F.{last} is deprecated: use F.interpolate" + (f" with {_MORE[last]}" if _MORE[last] else "")
        more = () if _MORE[last] else ("mode", "align_corners")
        if use.arguments("input", "size", "scale_factor", *more) is None:
            return use.problem(message=message)
        rewrite = use.rewrite("torch.nn.functional.interpolate")
        if _MORE[last]:
            rewrite.append(_MORE[last])
        return use.problem(rewrite.done("Use F.interpolate", "safe"), message=message)
