r"""Lines as editors, Python and the language server protocol count them: only ``\n``, ``\r\n`` and ``\r`` end one.

``str.splitlines`` also splits at form feeds, ``\x85``, ``\u2028`` and others, which shifts every position after them.
"""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def split_lines(text: str) -> list[str]:
    """Return the lines of a text, each with its line end; an empty text has none."""
    return _LINE.findall(text)
