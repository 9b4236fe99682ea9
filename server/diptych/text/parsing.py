"""Whether a text is Python at all, by this interpreter's own parser."""

from __future__ import annotations

import ast
import warnings


def syntax_error(text: str) -> SyntaxError | None:
    """Why a text does not parse; ``None`` if it does. What is nested too deeply has its place at the top."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or "the code is nested too deeply", ("", 1, 1, None))
    return None
