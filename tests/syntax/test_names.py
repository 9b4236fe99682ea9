"""What names stand for: aliases, scopes, and what is too unsure to say."""

import libcst as cst
import pytest

from diptych.syntax.names import Names

HEAD = """\
import torch
import torch.nn as nn
import os.path
from torch.nn import functional as F
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
"""


def resolved(code: str) -> list[str]:
    """The full names that a piece of code reads, in order; unresolved ones are left out."""
    names = Names(cst.parse_module(code))
    return [name for node in names.loads if (name := names.qualified(node))]


def reads(body: str) -> list[str]:
    return resolved(HEAD + body)


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("torch.relu", "torch.relu"),
        ("nn.Linear", "torch.nn.Linear"),
        ("F.relu", "torch.nn.functional.relu"),
        ("torch.nn.functional.relu", "torch.nn.functional.relu"),
        ("tf.math.log", "tf.math.log"),
        ("tf.keras.layers.Dense", "keras.layers.Dense"),
        ("keras.Model", "keras.Model"),
        ("layers.Dense", "keras.layers.Dense"),
        ("os.path.join", "os.path.join"),
    ],
)
def test_import_aliases(expression, name):
    assert reads(f"x = {expression}\n") == [name]


def test_tensorflow_has_one_name_however_it_is_imported():
    code = (
        "import tensorflow\nimport tensorflow.keras.layers as L\nx = tensorflow.keras.Model, tensorflow.add, L.Dense\n"
    )
    assert resolved(code) == ["keras.Model", "tf.add", "keras.layers.Dense"]


@pytest.mark.parametrize(
    "body",
    [
        "def f(torch): torch.relu\n",
        "def f(*torch): torch.relu\n",
        "def f(a, /, *, b, **torch): torch.relu\n",
        "g = lambda torch: torch.relu\n",
        "def f():\n    torch = g()\n    torch.relu\n",
        "def f():\n    torch.relu\n    torch = g()\n",
        "def f():\n    def torch(): pass\n    torch.relu\n",
        "def f():\n    for torch, i in x: torch.relu\n",
        "def f():\n    with g() as torch: torch.relu\n",
        "def f():\n    with g() as (a, *torch): torch.relu\n",
        "def f():\n    try: pass\n    except E as torch: torch.relu\n",
        "def f():\n    torch: int\n    torch.relu\n",
        "def f():\n    torch += 1\n    torch.relu\n",
        "def f():\n    del torch\n    torch.relu\n",
        "def f():\n    if (torch := g()): torch.relu\n",
        "def f():\n    from mine import torch\n    torch.relu\n",
        "def f():\n    from . import torch\n    torch.relu\n",
        "def f():\n    match x:\n        case {'a': torch}: torch.relu\n",
        "def f():\n    match x:\n        case P(k=torch): torch.relu\n",
        "def f():\n    match x:\n        case {**torch}: torch.relu\n",
        "def f():\n    match x:\n        case [*torch]: torch.relu\n",
        "[torch.relu for torch in x]\n",
        "{a: torch.relu for a in x for torch in a}\n",
        "def f[torch](): torch.relu\n",
        "torch.relu\ntorch = g()\n",
        "def f():\n    global torch\n    torch = 1\ntorch.relu\n",
        "def f():\n    torch = 1\n    def g():\n        torch.relu\n",
        "torch.relu = mine\ntorch.relu\n",
        "class A:\n    torch = 1\n    torch.relu\n",
    ],
)
def test_shadowed_or_rebound_is_not_resolved(body):
    assert "torch.relu" not in reads(body)


@pytest.mark.parametrize(
    "body",
    [
        "def f(x): torch.relu\n",
        "def f(torch=torch.relu): pass\n",
        "def f(torch: torch.relu): pass\n",
        "@torch.relu\ndef f(torch): pass\n",
        "class A(torch.relu):\n    torch = 1\n",
        "class A:\n    torch = 1\n    def f(self): torch.relu\n",
        "[torch for torch in torch.relu]\n",
        "f(torch=1)\ntorch.relu\n",
        "x.torch = 1\ntorch.relu\n",
        "def f():\n    global torch\n    torch.relu\n",
        "def f():\n    torch = 1\n    def g():\n        global torch\n        torch.relu\n",
        "torch.backends.cudnn.benchmark = True\ntorch.relu\n",
        "f'{torch.relu}'\n",
        "match x:\n    case torch.relu: pass\n",
        "match torch.relu:\n    case A(torch=1): pass\n",
        "with torch.relu as x: pass\n",
        "def f():\n    torch = 1\n    def g():\n        nonlocal torch\ntorch.relu\n",
    ],
)
def test_what_only_looks_like_shadowing_is_resolved(body):
    assert "torch.relu" in reads(body)


def test_a_walrus_in_a_comprehension_binds_outside_of_it():
    assert resolved("import torch\ndef f():\n    [(torch := y) for y in x]\n    torch.relu\n") == []


def test_a_nonlocal_assignment_rebinds_the_outer_name():
    code = "def f():\n    import torch\n    def g():\n        nonlocal torch\n        torch = 1\n    torch.relu\n"
    assert resolved(code) == []
    assert resolved(code.replace("        torch = 1\n", "")) == ["torch.relu"]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("try:\n    import torch\nexcept ImportError:\n    torch = None\n", "torch.relu"),
        ("try:\n    import torch\nexcept ImportError:\n    pass\n", "torch.relu"),
        ("if x:\n    import torch\nelse:\n    import torch\n", "torch.relu"),
        ("if x:\n    import torch\nelse:\n    import mine as torch\n", None),
        ("try:\n    import torch\nexcept ImportError:\n    import fake as torch\n", None),
        ("torch = None\n", None),
    ],
)
def test_conditional_imports(head, name):
    assert resolved(head + "torch.relu\n") == ([name] if name else [])


def test_every_read_of_a_dotted_name_is_seen_once():
    code = "import torch\n@torch.a\nclass C(torch.b, metaclass=torch.c):\n"
    code += "    x: torch.d = torch.e[torch.f](torch.g)(k=torch.h)\n"
    assert sorted(resolved(code)) == [f"torch.{letter}" for letter in "abcdefgh"]


@pytest.mark.parametrize(
    ("code", "target", "spelled"),
    [
        ("import torch as t\nt.qr\n", "torch.linalg.qr", "t.linalg.qr"),
        ("from torch import nn, linalg as la, qr\nqr\n", "torch.linalg.qr", "la.qr"),
        ("from torch import qr\nqr\n", "torch.linalg.qr", None),
        ("import torch\nfrom torch import qr\ndef f(torch): qr\n", "torch.linalg.qr", None),
    ],
)
def test_spelling_uses_the_imports_that_are_visible(code, target, spelled):
    names = Names(cst.parse_module(code))
    assert names.spelling(names.loads[-1], target) == spelled
