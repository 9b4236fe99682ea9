"""DPT115."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use

_MORE = {"UpsamplingNearest2d": 'mode="nearest"', "UpsamplingBilinear2d": 'mode="bilinear", align_corners=True'}


class UpsamplingLayers(Check):
    """``nn.UpsamplingNearest2d`` and ``nn.UpsamplingBilinear2d`` are deprecated, by their documentation: use ``nn.Upsample``.

    ``nn.UpsamplingBilinear2d`` is ``nn.Upsample`` with ``align_corners=True``, which is not its default.
    """

    code = "DPT115"
    name = "upsampling-layers"
    severity = "information"
    message = "deprecated: use nn.Upsample"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html"
    tags = ("deprecated",)
    fix = "safe"
    names = tuple(f"torch.nn.{name}" for name in _MORE)
    bad = (
        "y = torch.nn.UpsamplingNearest2d(scale_factor=2)(images)",
        "y = torch.nn.UpsamplingBilinear2d((7, 9))(images)",
        "kinds = (torch.nn.UpsamplingBilinear2d,)",
    )
    fixed = (
        'y = torch.nn.Upsample(scale_factor=2, mode="nearest")(images)',
        'y = torch.nn.Upsample((7, 9), mode="bilinear", align_corners=True)(images)',
        None,
    )
    good = ("y = torch.nn.Upsample(scale_factor=2)(images)",)

    def visit(self, use: Use) -> Problem:
        last = use.name.rpartition(".")[2]
        message = f"nn.{last} is deprecated: use nn.Upsample with {_MORE[last]}"
        if use.arguments("size", "scale_factor") is None:
            return use.problem(message=message)
        rewrite = use.rewrite("torch.nn.Upsample")
        rewrite.append(_MORE[last])
        return use.problem(rewrite.done("Use nn.Upsample", "safe"), message=message)
