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
    "classes derived from layer classes": """
class LinearNoBias(nn.Linear):
    def __init__(self, dim_in, dim_out):
        super().__init__(dim_in, dim_out, bias=False)


class LayerNorm2d(nn.LayerNorm):
    def __init__(self, dim, **kwargs):
        super().__init__(dim, **kwargs)

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class ChannelsFirst(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.transpose(1, -1)).transpose(1, -1)


class Scaled(nn.Linear):
    def __init__(self, dim_in, dim_out, gain=2.0, bias=True):
        super().__init__(dim_in, dim_out, bias)
        self.gain = gain

    def forward(self, x):
        return F.linear(x, self.weight * self.gain, self.bias)


class One(nn.GroupNorm):
    def __init__(self, channels):
        super().__init__(1, channels)


# diptych: x=float32[2,3,4,8]
class Net(nn.Module):
    def __init__(self, sizes=(8,), eps=None):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 1)
        self.norm = LayerNorm2d(6, eps=1e-3)
        self.other = ChannelsFirst(6)
        self.one = One(6)
        self.root = nn.RMSNorm(sizes, eps=eps)
        self.linear = LinearNoBias(8, 4)
        self.scaled = Scaled(4, 4, bias=False)
        self.last = nn.Sequential(LinearNoBias(4, 4), nn.GELU(), Scaled(4, 2, gain=0.5))

    def forward(self, x):
        x = self.other(self.norm(self.conv(x)))
        return self.last(self.scaled(self.linear(self.root(self.one(x)))))
""",
    "layers that unknown classes make": """
class Block(nn.Module):
    def __init__(self, dim, size=3):
        super().__init__()
        self.conv = nn.Conv2d(dim, dim, size, padding=size // 2)

    def forward(self, x):
        return self.conv(x)


def down(dim, out, norm_layer=None):
    norm_layer = norm_layer or nn.BatchNorm2d
    return nn.Sequential(*[nn.Conv2d(dim, out, 1, bias=False), norm_layer(out)])


def stages(block_fns, dim):
    found = []
    for i, (block_fn, size) in enumerate(zip(block_fns, (1, 3))):
        name = f"layer{i + 1}"
        blocks = []
        for _ in range(2):
            blocks.append(block_fn(dim, size))
        found.append((name, nn.Sequential(*blocks)))
    return found


# diptych: x=float32[2,3,4,8]
class Net(nn.Module):
    def __init__(self, dim: int = 3):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        for stage in stages((Block, Block), dim):
            self.add_module(*stage)
        self.mixed = Mixed(Block)
        self.down = down(dim, 4)
        self.up = nn.Sequential(nn.Conv2d(4, 4, 1), *[nn.BatchNorm2d(4), nn.ReLU()])

    def forward(self, x):
        x = self.mixed(self.layer2(self.layer1(self.conv(x))))
        return self.up(self.down(x))


class Mixed(nn.Module):
    def __init__(self, make):
        super().__init__()
        layers = [nn.Conv2d(3, 3, 1)]
        layers.append(make(3))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)
""",
    "residuals added in place, layers of a row one by one": """
def chosen(name):
    return {"relu": nn.ReLU(), "tanh": nn.Tanh()}[name]


class ConvLayer(nn.Module):
    def __init__(self, dim, activation="relu"):
        super().__init__()
        self.conv = nn.Conv2d(dim, dim, 3, padding=1)
        self.norm = nn.BatchNorm2d(dim)
        self.activation = chosen(activation) if activation is not None else nn.Identity()

    def forward(self, x):
        return self.activation(self.norm(self.conv(x)))


class Basic(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.layer = nn.Sequential(ConvLayer(dim), ConvLayer(dim, activation=None))
        self.shortcut = nn.Conv2d(dim, dim, 1)

    def forward(self, hidden_state):
        residual = hidden_state
        hidden_state = self.layer(hidden_state)
        residual = self.shortcut(residual)
        hidden_state += residual
        return hidden_state


# diptych: x=float32[2,3,4,8]
class Net(nn.Module):
    def __init__(self, depth: int = 3):
        super().__init__()
        first = Basic(3)
        self.layers = nn.Sequential(first, *[Basic(3) for _ in range(depth - 1)])
        self.last = nn.Sequential(*[nn.Conv2d(3, 3, 1) for _ in range(depth)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        for layer in self.last:
            x = layer(x)
        return x
""",
    "rows of layers with names, and made in a list": """
from collections import OrderedDict


class Row(nn.Sequential):
    def __init__(self, dim, out, norm_layer=nn.BatchNorm2d, act=None):
        layers = [nn.Conv2d(dim, out, 3, padding=1, bias=False)]
        if norm_layer is not None:
            layers.append(norm_layer(out))
        if act is not None:
            layers.append(act(inplace=True))
        super().__init__(*layers)


# diptych: x=float32[2,3,4,8]
class Net(nn.Module):
    def __init__(self, dim: int = 3):
        super().__init__()
        self.row = Row(3, 4, act=nn.ReLU)
        self.features = nn.Sequential(OrderedDict([
            ('conv0', nn.Conv2d(4, 4, 3, padding=1)), ('norm0', nn.BatchNorm2d(4)), ('relu0', nn.ReLU(inplace=True)),
        ]))
        self.head = nn.Sequential(OrderedDict(a=nn.Conv2d(4, 4, 1), b=nn.ReLU()))

    def forward(self, x):
        x = self.head(self.row(x))
        x = self.features.norm0(self.features.conv0(x)) + self.features[0](x)
        return self.features(x)
""",
    "axes that einops joins and parts again": """
from einops import rearrange


# diptych: x=float32[2,3,5,8]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x):
        b = x.shape[0]
        x = rearrange(x, "b f n d -> (b f) n d")
        x = rearrange(self.linear(x), "(b f) n d -> b f n d", b=b)
        if x.shape[1] % 2:
            x = x[:, 1:]
        return x
""",
}  # fmt: skip


@pytest.mark.parametrize("layout", ["channels-last", "preserve"])
@pytest.mark.parametrize("form", FORMS)
def test_forms_agree(form: str, layout: Layout) -> None:
    conversion = convert(BEGIN + FORMS[form], layout=layout)
    found = {each.entry: each for each in verify(conversion, options=Options(device="cpu"))}
    assert found["Net"].agrees and "tf.function" in found["Net"].evidence.modes, found["Net"].summary
