"""The worker runs in interpreters from Python 3.9 on, with the standard library, numpy and a framework alone.

Linters and type checkers do not know what Python 3.9 lacks any more, but for its syntax.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

WORKER = Path(__file__).parents[2] / "server" / "diptych" / "worker"
FILES = sorted(WORKER.glob("*.py"))
OLDEST = (3, 9)
PROVIDED = {"numpy", "torch", "tensorflow", "keras"}
LATER_NAMES = {
    "ExceptionGroup", "NoneType", "ParamSpec", "Self", "StrEnum", "TypeAlias", "UnionType", "aclosing",
    "aiter", "anext",
    "assert_never", "batched", "bit_count", "get_annotations", "orig_argv", "override", "pairwise",
    "stdlib_module_names",
    "tomllib",
}  # fmt: skip
LATER_ARGUMENTS = {"zip": {"strict"}, "dataclass": {"slots", "kw_only"}, "field": {"kw_only"}}


def too_new(text: str) -> Iterator[str]:
    """What in a module Python 3.9 does not have. Raises ``SyntaxError``."""
    tree = ast.parse(text, feature_version=OLDEST)
    future = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    if any(isinstance(node, (ast.FunctionDef, ast.AnnAssign)) for node in ast.walk(tree)) and not future:
        yield "annotations are evaluated: X | Y and the like would raise"
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names.append(node.module or "")
        else:
            names = [node.id] if isinstance(node, ast.Name) else [node.attr] if isinstance(node, ast.Attribute) else []
        for name in LATER_NAMES.intersection(names):
            yield f"line {node.lineno}: {name}"
        if isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for keyword in node.keywords:
                if keyword.arg in LATER_ARGUMENTS.get(function, ()):
                    yield f"line {node.lineno}: {function}({keyword.arg}=)"
            if function in ("isinstance", "issubclass") and isinstance(node.args[1], ast.BinOp):
                yield f"line {node.lineno}: {function} with X | Y"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_oldest_python_knows_all_that_the_worker_uses(path: Path):
    assert list(too_new(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "import itertools\nitertools.pairwise([])",
        "zip([], [], strict=True)",
        "from typing import Self",
        "isinstance(1, int | str)",
        "def f(x: int | None): ...",
    ],
)
def test_what_is_too_new_is_seen(text: str):
    assert list(too_new(text))


def test_newer_syntax_is_seen():
    with pytest.raises(SyntaxError):
        list(too_new("match 1:\n    case 1: pass"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_worker_imports_nothing_that_users_lack(path: Path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module or "")
        found |= {name.partition(".")[0] for name in names}
    assert found <= PROVIDED | set(sys.stdlib_module_names)
