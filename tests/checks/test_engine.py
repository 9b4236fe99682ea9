"""The engine: places, what is left alone, failures that stay alone, and fixes that touch nothing else."""

import random
import re
import textwrap
import time

import libcst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych import checks
from diptych.checks import engine, registry
from diptych.checks.check import Check, FlowCheck
from diptych.checks.engine import inspect
from diptych.checks.source import Source
from diptych.syntax.source import ParseError


def found(code: str) -> list[tuple[str, int, int, int, int]]:
    return [(one.code, one.line, one.column, one.end_line, one.end_column) for one in checks.run(code)]


def test_place_is_the_name_as_written():
    code = "import torch\nif x:\n    y = f('😋', torch . ger(a, b))\n"
    assert found(code) == [("DPT108", 3, 15, 3, 26)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import torch\r\ny = torch.ger(a,\r\n  b)\r\n", "import torch\r\ny = torch.outer(a,\r\n  b)\r\n"),
        ("import torch\ry = torch.ger(a, b)\r", "import torch\ry = torch.outer(a, b)\r"),
        ("\ufeffimport torch; torch.ger(a, b)", "\ufeffimport torch; torch.outer(a, b)"),
        (
            "import torch\n\x0c\nclass A:\n\x0c    def f(self): torch.ger(a, b)\n\x0ctorch.ger(a, b)\n",
            "import torch\n\x0c\nclass A:\n\x0c    def f(self): torch.outer(a, b)\n\x0ctorch.outer(a, b)\n",
        ),
        (
            "import torch\nx = '\x85\u2028\x0b'; torch.ger(a, b)\n",
            "import torch\nx = '\x85\u2028\x0b'; torch.outer(a, b)\n",
        ),
        (
            "import torch\nx = '''\x0c\n\x0c'''; torch.ger(a, b)\n",
            "import torch\nx = '''\x0c\n\x0c'''; torch.outer(a, b)\n",
        ),
        ("import torch\nif x :\n\ttorch.ger( a , b )\n", "import torch\nif x :\n\ttorch.outer( a , b )\n"),
        (
            "import torch\ntorch.qr(  # one\n    A,  # two\n    some=False,  # three\n)\n",
            'import torch\ntorch.linalg.qr(  # one\n    A,  # two\n    mode="complete",  # three\n)\n',
        ),
        ("import torch\n(torch.ger)(a, b)\n", "import torch\n(torch.outer)(a, b)\n"),
        (
            "import torch\ntorch.ger(torch.ger(a, b)[0], torch.qr(c, True)[0])\n",
            "import torch\ntorch.outer(torch.outer(a, b)[0], torch.linalg.qr(c)[0])\n",
        ),
        ("import torch as t\nt.range(0, 3)\n", "import torch as t\nt.arange(0, 4, dtype=t.get_default_dtype())\n"),
        ("import torch\nf'{torch.ger(a, b)}'\n", "import torch\nf'{torch.outer(a, b)}'\n"),
    ],
)  # fmt: skip
def test_a_fix_changes_nothing_around_it(before, after):
    assert checks.fix(before).text == after
    assert checks.fix(after).applied == 0


@pytest.mark.parametrize(
    "code",
    [
        "import torch\ntorch.qr(A,\n    # why not complete?\n    some=True)\n",
        "import torch\nX = torch.solve(B, (A  # here\n)).solution\n",
        "import torch\nX = torch.solve(B, A)[  # here\n 0]\n",
        'import torch\nf"{torch.qr(A, False)}"\n',
        "import torch\nX = (torch.solve(B, A)).solution\n",
    ],
)
def test_no_fix_that_would_lose_a_comment_or_not_parse(code):
    result = checks.fix(code, unsafe=True)
    assert result.text.count("#") == code.count("#")
    libcst.parse_module(result.text)
    assert "torch.qr(" in result.text or "torch.solve(" in result.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from torch import qr\nQ = qr(A)\nR = qr(B)\n",
            "import torch\nfrom torch import qr\nQ = torch.linalg.qr(A)\nR = torch.linalg.qr(B)\n",
        ),
        (
            "def f():\r\n\tfrom torch import ger as g\r\n\treturn g(a, b)\r\n",
            "def f():\r\n\timport torch\r\n\tfrom torch import ger as g\r\n\treturn torch.outer(a, b)\r\n",
        ),
        (
            "from torch import linalg, qr\nQ = qr(A)\n",
            "from torch import linalg, qr\nQ = linalg.qr(A)\n",
        ),
        ("torch = 1\nfrom torch import ger\nger(a, b)\n", None),
        ("x = 1; from torch import ger\nger(a, b)\n", None),
    ],
)
def test_an_import_is_added_where_no_name_leads_to_the_framework(before, after):
    assert {one.code for one in checks.run(before)} <= {"DPT105", "DPT108"}
    assert checks.fix(before).text == (after or before)


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("# noqa", True),
        ("#noqa", True),
        ("# NOQA", True),
        ("# noqa: DPT108", True),
        ("# noqa:E501,DPT108", True),
        ("# noqa: E501 DPT108", True),
        ("# why  # noqa: DPT108", True),
        ("# noqa: E501", False),
        ("# noqa: DPT1080", False),
        ("# noqa:", False),
        ("# no", False),
    ],
)
def test_noqa(comment, silent):
    code = f"import torch\ntorch.ger(a, b)  {comment}\ntorch.ger(a, b)\n"
    assert [one.line for one in checks.run(code)] == ([3] if silent else [2, 3])


@pytest.mark.parametrize(
    "code",
    [
        "def ger(a, b): pass\nger(a, b)  # torch.ger\n",
        "import torch\ndef f(torch): torch.ger(a, b)\n",
        "import torch\nx = 'torch.ger(a, b)'\n",
        "import torch\nx.ger(b)\n",
        "import torch\nif hasattr(torch, 'ger'):\n    y = torch.ger(a, b)\nelse:\n    y = torch.outer(a, b)\n",
        "import torch\ny = torch.outer(a, b) if hasattr(torch, 'outer') else torch.ger(a, b)\n",
        "import torch\nif parse(torch.__version__) < (1, 8):\n    torch.ger(a, b)\n",
        "import torch\ndef f():\n    if hasattr(torch, 'outer'):\n        return 0\n    return torch.ger(a)\n",
        "import torch\ntry:\n    torch.outer(a, b)\nexcept AttributeError:\n    torch.ger(a, b)\n",
        "import torch\ntry:\n    y = torch.ger(a, b)\nexcept Exception:\n    y = 0\n",
        "import torch\ntry:\n    y = torch.outer(a, b)\nexcept TypeError:\n    y = torch.ger(a, b)\n",
        "import torch\ndef f():\n    assert hasattr(torch, 'ger'), 'too new'\n    return torch.ger(a, b)\n",
        "from keras.optimizers import legacy as legacy\n",
        "import torch\nouter = torch.ger\nif hasattr(torch, 'outer'):\n    outer = torch.outer\n",
        "import torch\ntorch.ger = mine\ntorch.ger(a, b)\n",
        "import torch\ntorch.ger.__doc__\n",
    ],
)
def test_left_alone(code):
    assert found(code) == []


@pytest.mark.parametrize(
    "code",
    [
        "import torch\nif training:\n    torch.ger(a, b)\n",
        "import torch\ntry:\n    x = load()\n    torch.ger(a, b)\nexcept Exception:\n    raise\n",
        "import torch\ntry:\n    torch.ger(a, b)\nexcept ValueError:\n    raise\n",
        "import torch\ntry:\n    pass\nfinally:\n    torch.ger(a, b)\n",
        "import torch\nif hasattr(x, 'y'):\n    x = 1\ntorch.ger(a, b)\n",
        "import torch\nouter = torch.ger\nif hasattr(torch, 'outer'):\n    other = torch.outer\n",
        "from torch import (\n    ger as g,\n)\ng(a, b)\n",
        "from torch import \\\n    ger\nger(a, b)\n",
        "from torch import (  # :)\n    ger)\nger(a, b)\n",
        "import torch; y = torch.\\\n  ger(a, b)\n",
        "import torch\ny = (torch.  # this\n  ger)(a, b)\n",
        "try:\n    import torch\nexcept ImportError:\n    torch = None\ntorch.ger(a, b)\n",
        "import torch\nwith torch.no_grad():\n    [torch.ger(a, x) for x in b]\n",
    ],
)
def test_found(code):
    assert [finding[0] for finding in found(code)] == ["DPT108"]


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [
        ("import torch\nx = (\n", 2, 4),
        ("import torch\n  y = 1\n", 2, None),
        ("import torch\ntorch.ger(a b)\n", 2, None),
        ("import torch\nprint 'x'\n", 2, 0),
        ("import torch\x00", 1, None),
        ("import torch\nx = " + "(" * 5000, 2, None),
        ("import torch\ntorch.ger(" + "+".join("a" * 1200) + ", b)\n", None, None),
        ("import torch\nx = " + "lambda: " * 5000 + "1\n", None, None),
        ("import torch\nx = '\ud800'\ntorch.ger(a, b)\n", 2, 5),
    ],
)
def test_what_does_not_parse_has_a_place(code, line, column):
    with pytest.raises(ParseError) as caught:
        checks.run(code)
    assert "\n" not in caught.value.message
    if line is not None:
        assert caught.value.line == line
    if column is not None:
        assert caught.value.column == column


def test_without_a_framework_nothing_is_parsed():
    assert checks.run("x = (") == []
    assert checks.run("") == []


class Broken(Check):
    """Raises on every use."""

    code = "DPT999"
    name = "broken"
    severity = "error"
    message = "never seen"
    url = "https://example.org"
    fix = "none"
    names = ("torch.ger",)

    def visit(self, use):
        raise KeyError("this check\nis broken")


def test_a_check_that_raises_does_not_take_the_others_down():
    code = "import torch\ntorch.ger(a, b)\ntorch.ger(a, b)\ntorch.qr(A)\n"
    report = inspect(code, [Broken(), *registry.all_checks()])
    assert [one.code for one in report.findings] == ["DPT108", "DPT108", "DPT105"]
    (failure,) = report.failures
    assert failure.code == "DPT999"
    assert "this check" in failure.reason
    assert "\n" not in failure.reason


def test_files_that_hold_no_check_are_named(tmp_path):
    path = tmp_path / "empty.py"
    path.write_text("")
    with pytest.raises(ValueError, match=r"empty\.py: holds 0 checks"):
        registry.load(path)


USES = st.sampled_from(
    [
        "torch.range(0, 10)",
        "torch.qr(A, some=x)",
        "torch.ger(a,\n    b)",
        "torch.solve(B, A).solution",
        "torch.chain_matmul(a, b)",
        "torch.symeig(A, True)[1]",
        "torch.cholesky(A, x)",
        "f(torch.range(1, torch.ger(a, b)))",
        "'torch.ger'",
        "1  # torch.ger(a, b)",
        "'😋', torch.ger(a, b)",
        "torch.eig(A)[0]",
        "torch.nn.utils.weight_norm(x)",
        "torch.matrix_rank(torch.qr(A)[1], symmetric=True)",
    ]
)
LINES = st.lists(
    st.tuples(st.sampled_from(["x = ", "if y: ", "x, _ = ", "def f(y): return ", "\x0cx = "]), USES).map("".join),
    max_size=6,
)


@settings(deadline=None, max_examples=40)
@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_fixing_is_idempotent_and_parses(lines, newline, unsafe):
    code = (
        newline.join(["import torch", *lines, ""]).replace("\n", newline)
        if newline != "\n"
        else "\n".join(["import torch", *lines, ""])
    )
    code = code.replace("\r\r\n", "\r\n")
    assert inspect(code) == inspect(code, registry.all_checks())
    fixed = checks.fix(code, unsafe=unsafe)
    libcst.parse_module(fixed.text)
    assert (fixed.applied == 0) == (fixed.text == code)
    assert checks.fix(fixed.text, unsafe=unsafe).text == fixed.text
    assert fixed.report.findings == tuple(checks.run(fixed.text))
    assert fixed.text.count(newline) == code.count(newline)


def test_a_long_comment_after_a_dot_takes_no_time():
    """A careless pattern tries every way to divide it into comments, which never ends."""
    start = time.perf_counter()
    assert (
        checks.run("import torch\nx = 1.  " + "# a " * 5000 + "\nfrom torch import (  " + "# a " * 5000 + "\n  x)\n")
        == []
    )
    assert time.perf_counter() - start < 5


def test_what_no_check_looks_for_is_not_parsed(monkeypatch):
    code = "import torch\n" + "".join(
        f"def f{i}(a):\n    return torch.relu(a) + {i} * a.sum(dim=-1)\n" for i in range(60)
    )
    parsed, real = [], libcst.parse_module
    monkeypatch.setattr(libcst, "parse_module", lambda *args: parsed.append(args) or real(*args))
    checks.run(code)
    assert not parsed
    checks.run(code + "torch.ger(a, b)\n")
    assert len(parsed) == 1


def test_time_is_a_small_multiple_of_parsing():
    code = "import torch\n" + "".join(f"def f{i}(a):\n    return torch.ger(a, a) + {i}\n" for i in range(200))
    start = time.process_time()
    libcst.parse_module(code)
    parsing = time.process_time() - start
    start = time.process_time()
    checks.run(code)
    assert time.process_time() - start < 20 * parsing


def test_the_quick_look_hides_nothing():
    """A text is looked over quickly before it is read for names: what is found stays what a full reading finds."""
    for check in registry.all_checks():
        for bad in check.bad:
            text = f"{check.setup}{bad}\n"
            assert inspect(text) == inspect(text, registry.all_checks()), check.code


@pytest.mark.parametrize(
    "text",
    [
        "import torch as T\nT.ger(a, b)\n",
        "from torch import ger as outer\nf = outer\n",
        "def late():\n    import torch\n    return torch.ger\n",
        "import torch\nx = f'{torch.ger(a, b)}'\n",
        "import torch\n\n\ndef f():\n    return torch . \\\n        ger\n",
        "if a:\n    import torch\nelse:\n    torch = None\ntorch.ger(a, b)\n",
    ],
)
def test_the_quick_look_sees_names_however_they_are_reached(text):
    assert [finding.code for finding in inspect(text).findings] == ["DPT108"]


def in_definitions(chance: random.Random) -> str:
    """Examples of several checks, most of them within definitions."""
    examples = [(check.setup, snippet) for check in registry.all_checks() for snippet in (*check.bad, *check.good)]
    some = chance.sample(examples, 5)
    parts = [
        chance.choice(
            [
                f"{snippet}\n",
                f"def made{number}(x):\n{textwrap.indent(snippet, '    ')}\n\n",
                f"class Made{number}:\n    def f(self):\n{textwrap.indent(snippet, ' ' * 8)}\n\n",
            ]
        )
        for number, (_, snippet) in enumerate(some)
    ]
    parts += chance.choices(
        [
            "def plain(y):\n    return y + 1  # nothing\n",
            "def patch():\n    torch.ger = tf.logging = keras.backend = None\n",
            "def late():\n    global torch, tf\n    import numpy as torch\n    tf = None\n",
            "def reads():\n    return info, rest, keras, tensorflow, s, Q\n",
            "@decorated(F := 3)\nclass torch_: pass\n",
            "def f(): 0\n",
            "def logs():\n    import tensorflow as tf\n    tf.losses.Reduction.MEAN\n",
        ],
        k=4,
    )
    chance.shuffle(parts)
    return "".join(dict.fromkeys(setup for setup, _ in some)) + "".join(parts)


def test_definitions_that_are_left_out_change_nothing(monkeypatch):
    chance = random.Random(5)
    texts = [in_definitions(chance) for _ in range(150)]
    texts += [
        "from torch import ger\n\n\ndef f(torch):\n    pass\n\n\nger(a, b)\n",
        "from torch import ger\n\n\ndef f():\n    return torch\n\n\nger(a, b)\n",
        "import torch\n\n\ndef f():\n    torch.autograd = None\n\n\ntorch.autograd.Variable(x)\n",
        "import torch\n\nx, rest = torch.triangular_solve(b, A)\n\n\ndef f():\n    return rest\n",
    ]
    texts += [text.replace("\n", "\r\n") for text in texts[:20]] + [text.rstrip("\n") for text in texts[:20]]
    reports = [inspect(text) for text in texts]
    monkeypatch.setattr(engine, "_source", lambda text, abridged: Source(text))
    assert reports == [inspect(text) for text in texts]
    assert sum(len(report.findings) for report in reports) > 100


def test_definitions_without_such_names_are_left_out(monkeypatch):
    read: list[str] = []

    class Noting(Source):
        def __init__(self, text, abridged=None):
            super().__init__(text, abridged)
            read.append(self._read)

    monkeypatch.setattr("diptych.checks.source.Source", Noting)
    text = "import torch\n\n\ndef f(a):\n    return torch.ger(a, a)\n\n\ndef g(a):\n    return torch.relu(a)\n"
    assert [(one.line, one.column) for one in inspect(text).findings] == [(5, 11)]
    assert "ger" in read[0] and "relu" not in read[0] and len(read[0]) == len(text)


def test_a_check_is_asked_by_whole_words():
    flows = [check for check in registry.all_checks() if isinstance(check, FlowCheck)]
    assert flows
    assert [word for check in flows for word in check.words if re.fullmatch(r"\w+", word) is None] == []
