"""Where losses are computed, as functions or by objects made before."""

import ast
from collections.abc import Iterator

from diptych_checks._outputs import instance, output

from diptych.checks.flow import Flow


def loss_calls(flow: Flow, classes: tuple[str, ...], functions: tuple[str, ...] = ()) -> Iterator[ast.Call]:
    """All calls that compute a loss of one of these classes (``torch.nn.NLLLoss``) or functions, by their full names."""
    for full in functions:
        for call in flow.calls(full.rpartition(".")[2]):
            if flow.called(call) == full:
                yield call
    for full in classes:
        for maker in flow.calls(full.rpartition(".")[2]):
            if flow.called(maker) == full:
                yield from calls_of(flow, maker)


def calls_of(flow: Flow, maker: ast.Call) -> Iterator[ast.Call]:
    """All calls of the object that a call makes: at once, or through the name or attribute that holds it."""
    around = maker.around
    if isinstance(around, ast.Call) and around.func is maker:
        yield around
        return
    statement = flow.statement(maker)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        for one in [target, *getattr(target, "elts", ())]:
            name = one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", None)
            for call in flow.calls(name) if name else ():
                if instance(flow, call.func) is maker:
                    yield call


def inner(node: ast.expr, flow: Flow, names: tuple[str, ...]) -> ast.expr | None:
    """What stands in ``F.softmax(x, dim=1)`` or ``x.softmax(1)`` written right here, where it is one of ``names``."""
    if not isinstance(node, ast.Call) or not flow.is_whole(node):
        return None
    if flow.called(node) in names and node.args:
        return node.args[0]
    if flow.called(node) is None and isinstance(node.func, ast.Attribute):
        method = node.func.attr
        if any(name.endswith(f".{method}") for name in names):
            return node.func.value
    return None


def fed_with(flow: Flow, calls: Iterator[ast.Call], kinds: tuple[str, ...]) -> Iterator[tuple[ast.Call, ast.expr, str]]:
    """Those of the calls of losses whose input is one of these kinds of output, with the input and its kind."""
    for call in calls:
        given = flow.argument(call, 0, "input")
        kind = output(flow, given) if given is not None else None
        if given is not None and kind in kinds:
            yield call, given, kind
