"""Forms that libraries of models write, which one file of an application rarely does, agree in both layouts."""

from __future__ import annotations

import pytest

from diptych.conversion import convert
from diptych.conversion.result import Layout
from diptych.verification import Options, verify

BEGIN = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
FORMS = {
    "lists that are added": """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.conv(x)


# diptych: x=float32[2,3,4,8]
class Net(nn.Module):
    def __init__(self, size: int = 2):
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(size)])
        self.last = nn.Conv2d(9, 3, 1)

    def forward(self, x):
        y = self.last(torch.cat([block(x) for block in self.blocks] + [x], dim=1))
        several = [y] * 2 + list(x[:, :, None].unbind(2))
        return torch.cat(several, dim=1).sum(2)
""",
}  # fmt: skip


@pytest.mark.parametrize("layout", ["channels-last", "preserve"])
@pytest.mark.parametrize("form", FORMS)
def test_forms_agree(form: str, layout: Layout) -> None:
    conversion = convert(BEGIN + FORMS[form], layout=layout)
    found = {each.entry: each for each in verify(conversion, options=Options(device="cpu"))}
    assert found["Net"].agrees and "tf.function" in found["Net"].evidence.modes, found["Net"].summary
