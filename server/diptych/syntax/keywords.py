"""Keywords of calls and defaults of parameters, written without blanks around the ``=``."""

from __future__ import annotations

import libcst as cst

TIGHT = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """``name=value`` as an argument of a call."""
    return cst.Arg(value, keyword=cst.Name(name), equal=TIGHT)
