"""What tells code from strings and comments, without parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator


def code_tokens(line: str) -> re.Pattern[str]:
    """What tells code from strings and comments, and finds brackets and the ends of lines that matter."""
    return re.compile(
        r"""
        \#[^\n\r]*
        | \"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"\"\"|["\\]*\Z)  # one that nothing closes goes on to the end
        | '''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'''|['\\]*\Z)
        | "(?:[^"\\\n]|\\.)*"
        | '(?:[^'\\\n]|\\.)*'
        | \\\r?\n
        | (?P<open>[(\[{])
        | (?P<close>[)\]}])
        """
        f"| (?P<line>{line})",
        re.VERBOSE | re.DOTALL,
    )


TOKEN = code_tokens(r"\n(?=[^\s\#])")
CONTINUES = re.compile(r"(?:else|elif|except|finally)\b")
FIRST = re.compile(r"^(?=[^\s#])", re.MULTILINE)


def begins(text: str, place: int) -> bool:
    """Whether a new statement begins at a place in a line that no bracket, string or backslash holds."""
    return not text[place].isspace() and text[place] != "#" and not CONTINUES.match(text, place)


def line_starts(tokens: re.Pattern[str], text: str, start: int) -> Iterator[int]:
    """Where the lines begin that ``tokens`` tells, as far as no bracket is open there."""
    depth = 0
    for token in tokens.finditer(text, start):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif kind == "line" and depth == 0:
            yield token.end()
