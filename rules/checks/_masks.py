"""What a bool mask is true for: real tokens, padding, or positions that come later."""

import ast

from diptych.checks.flow import Flow

_FLIPPED = {"real": "padding", "padding": "real", "future": "past", "past": "future", None: None}


def polarity(flow: Flow, node: ast.expr) -> str | None:
    """``real``, ``padding``, ``future`` or ``past``: what a bool mask is true for; ``None`` if that is not sure."""
    node = flow.origin(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return _FLIPPED[polarity(flow, node.operand)]
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _compared(flow, node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = flow.called(node)
        method = node.func.attr
        if name is None and method in ("ne", "eq") and len(node.args) == 1 and _is_padding(node.args[0]):
            return "real" if method == "ne" else "padding"
        if name is None and method in ("to", "bool", "unsqueeze", "expand", "logical_not"):
            found = polarity(flow, node.func.value)
            if method == "bool" and found is None:
                return _triangle(flow, flow.origin(node.func.value))
            return _FLIPPED[found] if method == "logical_not" else found
        if name == "torch.logical_not" and node.args:
            return _FLIPPED[polarity(flow, node.args[0])]
        if flow.value(flow.argument(node, None, "dtype")) is None or "bool" in flow.code(node):
            return _triangle(flow, node) if "bool" in flow.code(node) else None
    if isinstance(node, ast.Subscript):
        return polarity(flow, node.value)
    return None


def _compared(flow: Flow, node: ast.Compare) -> str | None:
    operation, right = node.ops[0], node.comparators[0]
    if isinstance(operation, (ast.NotEq, ast.Eq)) and _is_padding(right):
        return "real" if isinstance(operation, ast.NotEq) else "padding"
    if "arange" in flow.code(node.left) and "len" in flow.code(right) and "arange" not in flow.code(right):
        if isinstance(operation, ast.Lt):
            return "real"
        return "padding" if isinstance(operation, ast.GtE) else None
    return None


def _is_padding(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return "pad" in name.lower().split("_") or name.lower().startswith("pad")


def _triangle(flow: Flow, node: ast.expr) -> str | None:
    """What ``torch.triu(torch.ones(n, n), diagonal=1)`` or ``torch.tril(torch.ones(n, n))`` is true for."""
    if not isinstance(node, ast.Call) or not node.args or flow.called(flow.origin(node.args[0])) != "torch.ones":
        return None
    diagonal = flow.argument(node, 1, "diagonal")
    if flow.called(node) == "torch.triu" and flow.value(diagonal) == 1:
        return "future"
    if flow.called(node) == "torch.tril" and (diagonal is None or flow.value(diagonal) == 0):
        return "past"
    return None
