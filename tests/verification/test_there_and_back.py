"""What is converted to TensorFlow and back computes what it did, and nothing of it is left over on either way."""

from __future__ import annotations

import pytest

from diptych.conversion import convert
from diptych.verification import Options, Pair, verify

BEGIN = "import math\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
FORMS = {
    "writing into a part": """
# diptych: x=float32[4,6]
def rows(x):
    pe = torch.FloatTensor([[p / (i + 1) for i in range(6)] for p in range(4)])
    pe[:, 0::2] = torch.sin(pe[:, 0::2])
    y = x * 2
    y[1:, 2] = 1.0
    y[:, [0, -1]] = pe[:, 1:3]
    z = y + 1
    z[z.shape[0] - 1] += y[0]
    return y * pe, z
""",
    "elements at positions, or under a mask": """
# diptych: x=float32[4,5,6], i=int64[2,3] in 0..3, j=int64[2,3] in 0..3
def picked(x, i, j):
    return x[:, [0, -1]], x[..., i], x[i, j], x[j, :, i], x[[1, -2]]
""",
    "either positions or a mask": """
def chosen(x: torch.Tensor, index: torch.Tensor):
    return x[index], x[:, index]


# diptych: x=float32[4,4], index=int64[2,3] in 0..3, mask=bool[4]
def both(x, index, mask):
    return chosen(x, index)[1], chosen(x, mask)[0]
""",
    "convolutions with computed weights": """
# diptych: x=float32[2,4,7,7], weight=float32[4,2,3,3], bias=float32[4]
def filtered(x, weight, bias):
    y = F.conv2d(x, weight, bias, padding="same", groups=2)
    return F.conv2d(x, weight, stride=2, padding=1, groups=2), y, F.conv_transpose2d(x, weight, groups=2, stride=2)
""",
    "parts of complex numbers": """
# diptych: x=float32[2,4,6]
def spectrum(x):
    return torch.view_as_real(torch.fft.fft2(x)).sum(-1)
""",
    "patches as columns, and math": """
# diptych: x=float32[2,3,6,6]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.unfold = nn.Unfold(kernel_size=2, stride=2)
        self.line = nn.Linear(12, int(math.sqrt(16)))

    def forward(self, x):
        return self.line(self.unfold(x).transpose(1, 2))
""",
    "walks over a model": """
def scaled(model, factor):
    for name, child in model.named_children():
        if isinstance(child, nn.Linear):
            nn.init.constant_(child.bias, factor)
        scaled(child, factor)


# diptych: x=float32[2,3]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.blocks = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear) and "blocks" in name:
                nn.init.zeros_(module.bias)

    def forward(self, x):
        return self.blocks(self.first(x))
""",
    "a class derived from a layer class": """
class LinearNoBias(nn.Linear):
    def __init__(self, dim_in, dim_out):
        super().__init__(dim_in, dim_out, bias=False)


# diptych: x=float32[2,3]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = LinearNoBias(3, 4)

    def forward(self, x):
        return self.first(x) + self.first.weight.sum()
""",
    "layers in a dict that is given": """
class Choice(nn.Module):
    def __init__(self, options, key):
        super().__init__()
        self.options = nn.ModuleDict(options)
        self.key = key

    def forward(self, x):
        return self.options[self.key](x)


# diptych: x=float32[2,3]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Choice({"a": nn.Linear(3, 4), "b": nn.Linear(3, 5)}, "b")

    def forward(self, x):
        return self.first(x)
""",
}


@pytest.mark.parametrize("form", FORMS)
def test_what_comes_back_agrees(form: str) -> None:
    there = convert(BEGIN + FORMS[form], to="tensorflow", layout="preserve")
    back = convert(there.twin, to="torch", layout="preserve")
    for conversion in (there, back):
        assert [item for item in conversion.leftovers if item.severity == "error"] == [], conversion.twin
    assert set(back.helpers) <= {"Lambda"}, back.twin
    pair = Pair(there.source, back.twin, "torch", "torch", there.entries[-1:])
    [verdict] = verify(pair, options=Options(device="cpu"))
    assert verdict.agrees, (verdict.summary, back.twin)
