"""DPT131."""

from diptych.checks.renamed import Renamed


class AssertAllclose(Renamed):
    """``torch.testing.assert_allclose`` is deprecated: use ``torch.testing.assert_close``.

    The new one also compares dtypes and devices, and its default tolerances differ; so the fix is unsafe.
    """

    code = "DPT131"
    name = "assert-allclose"
    severity = "warning"
    message = "torch.testing.assert_allclose is deprecated"
    because = "is deprecated"
    url = "https://docs.pytorch.org/docs/stable/testing.html"
    tags = ("deprecated",)
    fix = "unsafe"
    renames = {"torch.testing.assert_allclose": "torch.testing.assert_close"}
    setup = "import torch\n"
    bad = ("torch.testing.assert_allclose(a, b)",)
    fixed = ("torch.testing.assert_close(a, b)",)
    good = ("torch.testing.assert_close(a, b)",)
