"""What holds of every conversion of the corpus' files: it ends, its result parses, comments stay, what is not converted
is left alone.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from diptych.conversion import convert

from .models import MISSING, SITE, installed, versions

HELD_BACK = re.compile(
    r"swin|convnext|efficient|inception|unet|bert|t5|opt|segformer|regnet|mobile_?vit|maxxvit", re.IGNORECASE
)
"""Models that nobody looks at while rules are written, so that they can judge the result."""
FRAMEWORK = re.compile(r"^\s*(?:import|from)\s+torch\b", re.MULTILINE)
MARK = "# diptych: not converted"


def files() -> Iterator[Path]:
    """The Python files of the libraries in the list that use PyTorch; of transformers, the models' own."""
    for library in versions():
        for path in sorted((SITE / library).rglob("*.py")):
            own = library != "transformers" or path.name.startswith("modeling_")
            looked_at = own and not HELD_BACK.search(path.relative_to(SITE).as_posix())
            if looked_at and FRAMEWORK.search(path.read_text(encoding="utf-8")):
                yield path


def comments(text: str) -> list[str]:
    """The comments of a text without the ones that conversion writes."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return sorted(comment for comment in found if not comment.startswith(MARK))


def problems(path: Path) -> list[str]:
    """What does not hold of a file."""
    source = path.read_bytes().decode("utf-8")
    try:
        conversion = convert(source, to="tensorflow")
    except Exception as error:
        return [f"raises {type(error).__name__}: {error}"]
    found = []
    try:
        ast.parse(conversion.twin)
    except SyntaxError as error:
        return [f"the twin does not parse: {error}"]
    lost = [each for each in comments(source) if each not in set(comments(conversion.twin))]
    if lost:
        found.append(f"lost the comment {lost[0]!r}")
    lines, twin = source.splitlines(keepends=True), set(conversion.twin.splitlines(keepends=True))
    for first, last in untouched(source):
        gone = [line for line in lines[first - 1 : last] if line.strip() and line not in twin]
        if gone:
            found.append(f"changed a definition without anything of a framework in it: {gone[0]!r}")
    return found


def untouched(source: str) -> Iterator[tuple[int, int]]:
    """The lines of statements at the top that a conversion has nothing to do with: Python's literals and docstrings."""
    for node in ast.parse(source).body:
        literal = isinstance(node, (ast.Expr, ast.Assign)) and all(
            isinstance(part, (ast.Constant, ast.Dict, ast.List, ast.Tuple, ast.expr_context, ast.Name))
            and not (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load))
            for part in ast.walk(node.value)
        )
        if literal:
            yield node.lineno, node.end_lineno or node.lineno


def main() -> int:
    """Look at every file; 1 if something does not hold."""
    if not installed():
        print(MISSING, file=sys.stderr)
        return 2
    every, wrong = list(files()), 0
    with ProcessPoolExecutor(max_tasks_per_child=100) as pool:
        for path, found in zip(every, pool.map(problems, every, chunksize=4), strict=True):
            wrong += len(found)
            for problem in found:
                print(f"{path.relative_to(SITE)}: {problem}", flush=True)
    print(f"{len(every)} files, {wrong} problems")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
