"""Code that asks what there is before it uses it."""

import ast
import re

from diptych.checks.flow import Flow

_ASKS = re.compile(r"\b(?:hasattr|getattr)\b|__version__")
_MISSING = re.compile(r"AttributeError|TypeError|ValueError|Exception")


def is_guarded(flow: Flow, node: ast.AST) -> bool:
    """Whether a function asks with ``hasattr`` or for a version, or a ``try`` around a place expects that it raises."""
    for one in flow.around(node):
        if isinstance(one, (ast.If, ast.IfExp, ast.While)) and _ASKS.search(flow.code(one.test)):
            return True
        if isinstance(one, ast.Try) and any(_expects(flow, handler) for handler in one.handlers):
            return True
    function = flow.function(node)
    return function is not None and flow.says(_ASKS, function)


def _expects(flow: Flow, handler: ast.ExceptHandler) -> bool:
    return handler.type is None or _MISSING.search(flow.code(handler.type)) is not None
