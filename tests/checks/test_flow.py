"""Following values: which expression a name stands for, and that an edit's answers are those of a fresh reading."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych import checks
from diptych.checks.check import FlowCheck
from diptych.checks.engine import inspect
from diptych.checks.flow import Flow


def origin(code: str) -> str | None:
    """The text that the argument of ``ask(...)`` stands for; ``None`` where that is not sure."""
    flow = Flow(code)
    (call,) = flow.calls("ask")
    found = flow.origin(call.args[0])
    return None if found is call.args[0] else flow.code(found)


IN_A_CLASS = "class A:\n    def __init__(self):\n        self.x = f()\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = f()\nask(x)\n", "f()"),
        ("x = f()\ny = x\nask(y)\n", "f()"),
        ("x = f()\nx = g(x)\nask(x)\n", "g(x)"),
        ("x, y = f(), g()\nask(y)\n", "g()"),
        ("x, y = f()\nask(y)\n", None),
        ("x = f()\nif c:\n    x = g()\nask(x)\n", None),
        ("if c:\n    x = f()\n    ask(x)\n", "f()"),
        ("if c:\n    x = f()\nelse:\n    ask(x)\n", None),
        ("x = f()\nfor i in r:\n    ask(x)\n    x = g()\n", None),
        ("for i in r:\n    x = f()\n    ask(x)\n", "f()"),
        ("for x in r:\n    ask(x)\n", None),
        ("x = f()\nx += 1\nask(x)\n", None),
        ("x = f()\ndel x\nask(x)\n", None),
        ("with c:\n    x = f()\nask(x)\n", "f()"),
        ("try:\n    x = f()\nexcept E:\n    ask(x)\n", None),
        ("x = f()\ndef h():\n    ask(x)\n", "f()"),
        ("x = f()\nx = g()\ndef h():\n    ask(x)\n", None),
        ("def h(x):\n    ask(x)\n", None),
        ("def h():\n    global x\n    x = g()\nx = f()\nask(x)\n", None),
        ("x = f()\nclass A:\n    x = g()\n    def h(self):\n        ask(x)\n", "f()"),
        ("y = [ask(x) for x in r]\n", None),
        ("if (x := f()):\n    ask(x)\n", None),
        (IN_A_CLASS + "    def h(self):\n        ask(self.x)\n", "f()"),
        (IN_A_CLASS + "        self.x = None\n    def h(self):\n        ask(self.x)\n", "f()"),
        (IN_A_CLASS + "    def h(self):\n        self.x = g()\n        ask(self.x)\n", None),
        (IN_A_CLASS + "    def h(self):\n        self = other\n        ask(self.x)\n", None),
    ],
)  # fmt: skip
def test_a_name_stands_for_an_expression_only_where_that_is_sure(code, expected):
    assert origin(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import torch.nn.functional as F\nask = F.relu\n", "torch.nn.functional.relu"),
        ("import tensorflow as tf\nask = tf.keras.layers.Dense\n", "keras.layers.Dense"),
        ("from torch import nn\ndef nn(): pass\nask = nn.Linear\n", None),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None\nask = torch.ones\n", "torch.ones"),
        ("from .torch import nn\nask = nn.Linear\n", None),
        ("import torch\ndef f(torch):\n    ask = torch.ones\n", None),
    ],
)
def test_a_name_is_an_import_only_if_it_is_nothing_else(code, expected):
    flow = Flow(code)
    (assign,) = [one for one in flow.all(ast.Assign) if flow.code(one.targets[0]) == "ask"]
    assert flow.name(assign.value) == expected


def test_places_count_characters_and_byte_order_marks():
    code = "\ufeffimport torch; from torch import nn\nx = '😋', nn.Softmax()\r\n"
    (finding,) = checks.run(code)
    assert (finding.line, finding.column, finding.end_column) == (2, 9, 19)
    assert checks.fix(code, unsafe=True).text == code.replace("()", "(dim=-1)")


def test_what_a_test_expects_to_fail_is_left_alone():
    code = "import torch, pytest\nfrom torch import nn\nwith pytest.raises(ValueError):\n    nn.Softmax()\n"
    assert checks.run(code) == []


def test_a_text_for_a_newer_python_is_not_followed_and_not_refused():
    assert checks.run("import torch\nfrom torch import nn\nclass A[T]:\n    layer = nn.Softmax()\n") == []


PIECES = st.lists(
    st.sampled_from(
        [
            "from torch import nn\n",
            "import torch.nn.functional as F\n",
            "model = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1))\n",
            "model = nn.Linear(8, 3)\n",
            "class Net(nn.Module):\n    def forward(self, x):\n        return F.softmax(x, dim=1)\n\n\n",
            "model = Net()\n",
            "loss_fn = nn.CrossEntropyLoss()\n",
            "loss = loss_fn(model(x), y)\n",
            "def f(x):\n    return F.cross_entropy(model(x), y)\n\n\n",
            "layer = nn.Softmax()\n",
            "limit = 3\n",
            "def train():\n    loss = F.cross_entropy(model(x), y)\n    loss.backward()\n\n\n",
            "def evaluate(model, data):\n    for x in data:\n        model(x)\n\n\n",
            "model.eval()\n",
            "# a comment\n\n",
            "x = (\n",
        ]
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(st.lists(PIECES, min_size=2, max_size=4))
def test_an_edited_text_gives_what_a_fresh_reading_gives(versions):
    checked = checks.Checked()
    for pieces in versions:
        text = "import torch\n" + "".join(pieces)
        assert outcome(text, checked) == outcome(text, None)


class Looked(FlowCheck):
    """Notes the names of the functions that it is shown, and asks what each part asks in ``asks``."""

    code, name, severity, message, url, fix = "DPT999", "looked", "warning", "looked", "", "none"
    words = ("torch",)
    bad = fixed = good = ()

    def __init__(self, asks):
        self.asks = asks
        self.seen = []

    def visit(self, flow):
        self.seen += [one.name for one in flow.functions()]
        self.asks(flow)
        yield from ()


TWO = "import torch\nlimit = 3\ndef first(x):\n    return x\ndef second(x):\n    return helper(x)\n"


@pytest.mark.parametrize(
    ("asks", "edited", "seen"),
    [
        (lambda flow: None, TWO.replace("return x", "return x + 1"), ["first"]),
        (lambda flow: None, TWO.replace("limit = 3", "limit = 4"), []),
        (lambda flow: None, TWO.replace("limit = 3", "limit = make()"), []),
        (lambda flow: None, "import torch\ndef third(x):\n    pass\n" + TWO[13:], ["third"]),
        (lambda flow: flow.top("first"), TWO.replace("return x", "return x + 1"), ["first", "second"]),
        (lambda flow: flow.top("second"), TWO.replace("return x", "return x + 1"), ["first"]),
        (lambda flow: flow.means("limit", "torch"), TWO.replace("limit = 3", "limit = 4"), ["first", "second"]),
        (lambda flow: list(flow.calls_anywhere("helper")), TWO.replace("helper(x)", "helper(1)"), ["first", "second"]),
        (lambda flow: list(flow.calls_anywhere("other")), TWO.replace("helper(x)", "helper(1)"), ["second"]),
        (lambda flow: flow.says("eval"), TWO.replace("return x", "return eval(x)"), ["first", "second"]),
        (lambda flow: flow.says("eval"), TWO.replace("return x", "return x + 1"), ["first"]),
        (lambda flow: flow.block(flow.fragments[0].tree.body[0]), TWO + "limit = 4\n", ["first", "second"]),
        (lambda flow: None, TWO.replace("def first(x):\n    return x\n", "") + TWO[23:50], ["second", "first"]),
    ],
)  # fmt: skip
def test_an_edit_has_only_those_parts_looked_at_again_that_may_see_it(asks, edited, seen):
    check, checked = Looked(asks), checks.Checked()
    inspect(TWO, [check], checked)
    assert check.seen == ["first", "second"]
    check.seen.clear()
    inspect(edited, [check], checked)
    assert check.seen == seen


def test_a_definition_that_reads_what_the_file_holds_is_looked_at_with_it():
    check, checked = Looked(lambda flow: None), checks.Checked()
    text = TWO.replace("limit = 3", "limit = make()").replace("return x", "return limit")
    inspect(text, [check], checked)
    check.seen.clear()
    inspect(text.replace("make()", "make(1)"), [check], checked)
    assert check.seen == ["first"]


def outcome(text, checked):
    try:
        return inspect(text, checked=checked)
    except ValueError as error:
        return str(error)
