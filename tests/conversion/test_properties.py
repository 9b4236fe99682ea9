"""What holds of every conversion: it ends, its result parses, comments stay, the rest is left alone."""

from __future__ import annotations

import ast
import io
import random
import re
import sysconfig
import tokenize
from pathlib import Path

import libcst as cst
import pytest
from case_files import CASES, Case
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.conversion import convert
from diptych.conversion.result import Conversion
from diptych.syntax.names import Names

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = [
    path
    for path in sorted([*LIBRARY.glob("*.py"), *LIBRARY.glob("asyncio/*.py"), *LIBRARY.glob("json/*.py")])
    if path.stat().st_size < 40_000
]
SLICE = random.Random(7).sample(FILES, 40)


def comments(text: str) -> list[str]:
    """The comments of a text without the ones that conversion writes."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return sorted(comment for comment in found if not comment.startswith("# diptych: not converted"))


def unmarked(conversion: Conversion) -> list[str]:
    """Names of the source's framework that stand in the twin with no mark above their statement."""
    roots = {"torch"} if conversion.framework == "torch" else {"tf", "keras"}
    names = Names(cst.parse_module(conversion.twin))
    found = []
    for load in names.loads:
        qualified = names.qualified(load)
        around = list(names.ancestors(load))
        if qualified is None or qualified.split(".")[0] not in roots:
            continue
        lines = [line for node in around for line in getattr(node, "leading_lines", ())]
        if not any(line.comment and "# diptych: not converted" in line.comment.value for line in lines):
            found.append(qualified)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_left_is_marked(case: Case) -> None:
    assert unmarked(convert(case.source, layout=case.layout)) == []


@pytest.mark.parametrize("path", SLICE, ids=lambda path: path.name)
def test_a_file_without_a_framework_stays_as_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in ("tensorflow", "torch"):
        conversion = convert(text, to=target)
        assert conversion.twin == text
        assert not conversion.leftovers


@pytest.mark.parametrize("path", SLICE, ids=lambda path: path.name)
@pytest.mark.parametrize("target", ["tensorflow", "torch"])
def test_a_file_that_only_imports_a_framework_keeps_its_lines(path: Path, target: str) -> None:
    text = path.read_text(encoding="utf-8")
    if "from __future__" in text or "coding" in text[:100]:
        pytest.skip("an import may not stand before these")
    line = "import torch\n" if target == "tensorflow" else "import tensorflow as tf\n"
    conversion = convert(line + text, to=target)
    without = ast.parse(text)
    same = ast.dump(ast.parse(conversion.twin.removeprefix(line))) == ast.dump(without)
    assert same, "the code itself has changed"
    twin = [each for each in conversion.twin.splitlines() if not each.strip().startswith("# diptych: not converted")]
    marked = {leftover.line - 2 for leftover in conversion.leftovers}  # a suite on one line gets lines of its own
    kept = iter(twin)
    for number, each in enumerate(cst.parse_module(text).code.splitlines()):  # libcst drops the space in "except A :"
        assert number in marked or each in kept, f"line {number + 1} is gone: {each}"


SIZES = re.compile(r"(?<=\[)[\d, ]+(?=\])")


def in_order(sizes: re.Match[str]) -> str:
    return ",".join(sorted(sizes[0].replace(" ", "").split(",")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_comments_survive(case: Case) -> None:
    """As they are, but for the order of axes in which a twin takes an argument."""
    texts = (case.source, convert(case.source, layout=case.layout).twin)
    source, twin = ([SIZES.sub(in_order, comment) for comment in comments(text)] for text in texts)
    for comment in source:
        assert comment in twin
        twin.remove(comment)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_leftovers_lie_in_the_text(case: Case) -> None:
    lines = case.source.splitlines()
    for leftover in convert(case.source, layout=case.layout).leftovers:
        assert 1 <= leftover.line <= leftover.end_line <= len(lines)
        assert 0 <= leftover.column <= len(lines[leftover.line - 1])
        assert leftover.end_column <= len(lines[leftover.end_line - 1])
        assert (leftover.line, leftover.column) < (leftover.end_line, leftover.end_column)
        assert leftover.reason


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_lines_are_paired_within_both_texts(case: Case) -> None:
    conversion = convert(case.source, layout=case.layout)
    for line, other in conversion.lines:
        assert 1 <= line <= len(conversion.source.splitlines())
        assert 1 <= other <= len(conversion.twin.splitlines())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_windows_line_endings_stay(case: Case) -> None:
    usual = convert(case.source, layout=case.layout)
    other = convert(case.source.replace("\n", "\r\n"), layout=case.layout)
    assert other.twin == usual.twin.replace("\n", "\r\n")
    assert [(item.line, item.column) for item in other.leftovers] == [
        (item.line, item.column) for item in usual.leftovers
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# only a comment",
        "import torch",
        "import torch\n\f\ndef f(x: torch.Tensor):\n    return torch.exp(x)\n",
        "import torch\nname = '😋'; y = torch.ones(2)  # 😋\n",
        "\ufeffimport torch\ny = torch.ones(2)\n",
        "if True:\n\timport torch\n\ty = torch.ones(2)\n",
        "import torch\ny = torch.ones(2) \\\n    + 1\n",
        "import torch\nclass A: pass\nasync def f(x):\n    async with x as y: await y\n",
        "import torch\nmatch torch.ones(2):\n    case torch.Tensor(): pass\n    case _: pass\n",
        "import torch\ntry:\n    torch.exp(1)\nexcept* ValueError:\n    pass\n",
        "import torch\nx: torch.Tensor\ndel x\n",
        "import torch\nf = lambda *a, **k: torch.cat(*a, **k)\n",
        "import torch\nprint(f'{torch.ones(2)!r:>{10}}')\n",
    ],
)  # fmt: skip
def test_odd_texts(text: str) -> None:
    conversion = convert(text)
    ast.parse(conversion.twin.removeprefix("\ufeff"))
    assert conversion.source == text
    for comment in comments(text.removeprefix("\ufeff")):
        assert comment in conversion.twin


def test_a_form_feed_and_an_emoji_stay() -> None:
    twin = convert("import torch\n\f\nname = '😋'; y = torch.exp(torch.ones(2))  # 😋\n").twin
    assert "\f" in twin
    assert "name = '😋'; " in twin
    assert twin.count("😋") == 2


def test_lines_that_use_no_framework_are_byte_equal() -> None:
    text = "import torch\n\n\nx   =  { 'a':1,\n   'b' : 2 }   # odd\ny = torch.ones(2)\nif(x) :  z=3;\n"
    source = text.splitlines()
    twin = convert(text).twin.splitlines()
    assert [line for line in source if "torch" not in line] == [
        line for line in twin if "t" not in line or "odd" in line
    ]


# --- Programs put together at random ---------------------------------------------------------------------------------

NAMES = st.sampled_from(["x", "y", "z", "model", "self", "torch"])
ATOMS = st.one_of(
    NAMES,
    st.integers(-3, 9).map(str),
    st.sampled_from(
        ["1.5", "None", "True", "'text'", "...", "torch.float32", "torch.relu", "F.gelu", "nn.Linear(2, 3)"]
    ),
)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "@", "**", "and", "<", "is", "//", "if x else"])
    calls = st.sampled_from(
        ["torch.sum", "torch.cat", "F.relu", "torch.zeros", "nn.Conv2d", "nn.Sequential", "x.view", "y.sum", "x.add_",
         "torch.topk", "f", "F.dropout", "x.permute", "torch.where", "x.size", "torch.flatten", "nn.ReLU()"]
    )  # fmt: skip
    keywords = st.sampled_from(["dim=", "keepdim=", "inplace=", "out=", "*", "**", "p=", "bias=", ""])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(calls, st.lists(inner, max_size=3)).map(lambda parts: f"{parts[0]}({', '.join(parts[1])})"),
        st.tuples(calls, inner, keywords, inner).map(lambda parts: f"{parts[0]}({parts[1]}, {parts[2]}{parts[3]})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        st.tuples(inner, inner).map(lambda parts: f"[{parts[0]}, *{parts[1]}]"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]} for x in {parts[1]})"),
        inner.map(lambda part: f"(lambda x: {part})"),
        inner.map(lambda part: f"(yy := {part})"),
        inner.map(lambda part: f"({part}).shape[0]"),
    )


EXPRESSIONS = st.recursive(ATOMS, compound, max_leaves=6)
LINES = st.one_of(
    EXPRESSIONS,
    st.tuples(NAMES, EXPRESSIONS).map(lambda parts: f"{parts[0]} = {parts[1]}  # {parts[0]}"),
    st.tuples(NAMES, st.sampled_from(["+=", "*=", "-=", "@="]), EXPRESSIONS).map(" ".join),
    st.tuples(NAMES, EXPRESSIONS, EXPRESSIONS).map(lambda parts: f"{parts[0]}[{parts[1]}] = {parts[2]}"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda parts: f"self.{parts[0]} = {parts[1]}"),
    EXPRESSIONS.map(lambda part: f"x, (y, *z) = {part}"),
    EXPRESSIONS.map(lambda part: f"return {part}"),
    st.sampled_from(
        ["loss.backward()", "optimizer.step()", "optimizer.zero_grad()", "loss = x.sum()", "model.train()", "del x"]
    ),
)


def block(lines: list[str], indent: str) -> str:
    return "".join(f"{indent}{line}\n" for line in lines or ["pass"])


def program(parts: tuple[list[str], list[str], list[str], str]) -> str:
    function, body, forward, header = parts
    return (
        "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
        f"def f(x: torch.Tensor, y, model: nn.Module, z=None):\n{block(function, '    ')}"
        f"    {header}:\n{block(body, '        ')}\n\n"
        f"class A(nn.Module):\n    def forward(self, x):\n{block(forward, '        ')}"
    )


HEADERS = st.one_of(
    EXPRESSIONS.map(lambda part: f"if {part}"),
    EXPRESSIONS.map(lambda part: f"for x, y in {part}"),
    EXPRESSIONS.map(lambda part: f"while {part}"),
    st.sampled_from(["with torch.no_grad()", "with torch.no_grad() as x, f() as y", "try:\n        pass\n    finally"]),
)
BODIES = st.lists(LINES, max_size=4)


def parses(text: str) -> bool:
    try:
        compile(text, "program", "exec")
    except SyntaxError:
        return False
    return True


PROGRAMS = st.tuples(BODIES, BODIES, BODIES, HEADERS).map(program).filter(parses)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROGRAMS)
def test_any_program_converts(text: str) -> None:
    for layout in ("channels-last", "preserve"):
        conversion = convert(text, layout=layout)
        compile(conversion.twin, "twin", "exec")
        assert unmarked(conversion) == []
        for comment in comments(text):
            assert comment in conversion.twin


def test_hundreds_of_strings_in_a_row_are_one_string():
    text = "import torch\n\nTABLE = (\n" + "    'a'\n" * 300 + ")\nx = torch.ones(2)\n"
    assert convert(text).complete
