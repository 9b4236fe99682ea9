"""Files of a package take definitions from one another, and their twins fit."""

from __future__ import annotations

from pathlib import PurePosixPath

from diptych.conversion import convert
from diptych.conversion.packages import Surroundings, surroundings

BLOCKS = """\
from torch import nn


class Block(nn.Sequential):
    def __init__(self, channels):
        super().__init__(nn.Conv2d(3, channels, 3))


class Alone(nn.Module):
    pass


def double(x):
    return x * 2
"""
NET = """\
from torch import nn

from . import blocks
from .blocks import Block as Base, double


class Net(Base):
    def forward(self, x):
        return double(super().forward(x))


class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(blocks.Block(8), nn.MaxPool2d(2))
"""


def around(**files: str) -> dict[str, Surroundings]:
    paths = {PurePosixPath(f"{name.replace('__slash__', '/')}.py"): text for name, text in files.items()}
    return {str(path): found for path, found in surroundings(paths, "pkg").items()}


def test_what_others_use_is_shared() -> None:
    found = around(blocks=BLOCKS, net=NET)
    assert found["blocks.py"] == Surroundings(shared=frozenset({"Block", "double"}))
    assert found["net.py"] == Surroundings(modules=frozenset({"Base", "blocks.Block"}), files=frozenset({"pkg.blocks"}))


def test_names_are_followed_through_files_that_hand_them_on() -> None:
    found = around(blocks=BLOCKS, __init__="from .blocks import *\n", use="import pkg\n\npkg.Block(3), pkg.double\n")
    assert found["use.py"].modules == {"pkg.Block"}
    assert found["blocks.py"].shared == {"Block", "Alone", "double"}  # the star hands on all


def test_modules_derive_from_modules_of_other_files() -> None:
    middle = "from pkg.blocks import Block\n\n\nclass Middle(Block):\n    pass\n"
    found = around(blocks=BLOCKS, sub__slash__middle=middle, use="from .sub.middle import Middle\n\nMiddle(3)\n")
    assert found["use.py"].modules == {"Middle"}


def test_files_that_hand_on_a_name_in_a_circle_define_nothing() -> None:
    found = around(a="from .b import x\n", b="from .a import x\n")
    assert found["a.py"] == Surroundings(files=frozenset({"pkg.b"}))
    assert found["b.py"] == Surroundings(files=frozenset({"pkg.a"}))


def test_a_file_that_does_not_parse_shares_nothing() -> None:
    found = around(a="def f(:\n", b="from .a import f\n")
    assert found == {"a.py": Surroundings(), "b.py": Surroundings(files=frozenset({"pkg.a"}))}


def test_files_of_the_package_are_not_left_over_as_those_of_a_library() -> None:
    text = "from torch import nn\nfrom timm.layers import blocks, Mlp\nimport timm.data\n"
    paths = {PurePosixPath("timm", name): text for name in ("net.py", "layers/blocks.py", "layers/__init__.py")}
    found = surroundings(paths)[PurePosixPath("timm/net.py")]
    assert found.files == {"timm.layers", "timm.layers.blocks"}
    assert [each.line for each in convert(text, to="tensorflow", surroundings=found).leftovers] == [3]
    assert [each.line for each in convert(text, to="tensorflow").leftovers] == [2, 3]


def test_a_shared_definition_keeps_its_axes() -> None:
    twin = convert(BLOCKS, surroundings=around(blocks=BLOCKS, net=NET)["blocks.py"]).twin
    assert "keras.layers.Permute((2, 3, 1)), keras.layers.Conv2D(channels, 3)" in twin
    assert "Permute" not in convert(BLOCKS).twin


def test_a_class_of_another_file_is_a_module_with_the_sources_axes() -> None:
    conversion = convert(NET, surroundings=around(blocks=BLOCKS, net=NET)["net.py"])
    assert conversion.complete
    assert "def call(self, x):\n        return double(super().call(x))" in conversion.twin
    assert "[blocks.Block(8), keras.Sequential([keras.layers.Permute((2, 3, 1)), keras.layers.MaxPooling2D(2)" in (
        conversion.twin
    )


def test_a_name_that_is_bound_to_something_else_is_no_module() -> None:
    text = NET.replace(
        "    def forward(self, x):\n", "    def forward(self, x):\n        Base = lambda c: c\n        Base(3)\n"
    )
    twin = convert(text, surroundings=around(blocks=BLOCKS, net=text)["net.py"]).twin
    assert "Base = lambda c: c\n        Base(3)\n" in twin
