"""Where a path surely ends."""

import ast

from diptych.checks.flow import Flow


def ending(flow: Flow, node: ast.expr) -> str:
    """The last characters of a path, as far as the text says them: ``/model.h5`` of ``os.path.join(folder, "model.h5")``."""
    node = flow.origin(node)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        last = node.values[-1] if node.values else None
        return last.value if isinstance(last, ast.Constant) and isinstance(last.value, str) else ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
        return ending(flow, node.right)
    if isinstance(node, ast.Call) and flow.is_whole(node) and node.args:
        name = flow.called(node)
        plain = isinstance(node.func, ast.Name) and node.func.id == "str" and flow.is_builtin(node.func)
        if plain or name in ("os.path.join", "pathlib.Path", "os.fspath"):
            return ending(flow, node.args[-1])
    return ""


def refuses(end: str, endings: tuple[str, ...]) -> bool:
    """Whether a path with this known end surely has none of these endings."""
    return bool(end) and not end.endswith(endings) and not any(one.endswith(end) for one in endings)
