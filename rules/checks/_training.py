"""The steps of a training loop: where gradients are cleared, computed and used, and by which optimizer."""

import ast
import re
from collections.abc import Iterator

from diptych_checks._outputs import made

from diptych.checks.flow import Flow

_OPTIMIZER = re.compile(r"(?:^|_)(?:optim|optimizer|optimiser|opt)(?:_|\d|$)")
_NO_GRADIENTS = {"torch.no_grad", "torch.inference_mode", "torch.autograd.no_grad"}


def last_name(node: ast.AST) -> str:
    """The last name of a dotted name; of anything else, nothing."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_optimizer(flow: Flow, node: ast.expr) -> bool:
    """Whether a name or attribute holds an optimizer, by what made it or, where that is not known, by its name."""
    maker = made(flow, node)
    if maker is not None:
        return maker.startswith("torch.optim.") and ".lr_scheduler." not in maker
    return _OPTIMIZER.search(last_name(node)) is not None


def steps(flow: Flow, method: str = "step") -> Iterator[ast.Call]:
    """The calls ``optimizer.step()``, or of another method of an optimizer, without arguments."""
    for call in flow.calls(method):
        if isinstance(call.func, ast.Attribute) and not call.args and is_optimizer(flow, call.func.value):
            yield call


def receiver(call: ast.Call) -> ast.expr:
    """What a method is called on."""
    if not isinstance(call.func, ast.Attribute):
        raise ValueError("no method is called here")
    return call.func.value


def is_statement(flow: Flow, call: ast.Call) -> bool:
    """Whether a call is a statement of its own."""
    return isinstance(call.around, ast.Expr)  # type: ignore[attr-defined]


def calls_in(flow: Flow, node: ast.AST, method: str) -> list[ast.Call]:
    """The calls of a method (any object's) in a piece of code, not in functions within it."""
    return [
        one
        for one in flow.inside(node)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == method
    ]


def computes_gradients(flow: Flow, node: ast.AST) -> bool:
    """Whether a statement may compute gradients: something in it speaks of ``backward`` or of a gradient."""
    return any(
        "backward" in last_name(one) or "grad" in last_name(one)
        for one in flow.inside(node)
        if last_name(one) != "zero_grad"
    )


def without_gradients(flow: Flow, node: ast.AST) -> bool:
    """Whether a place is inside ``with torch.no_grad()`` or a function so decorated."""
    for context in flow.contexts(node):
        name = flow.called(context) or flow.name(context) or ""
        if name in _NO_GRADIENTS:
            return True
        if name.endswith(("enable_grad", "set_grad_enabled")):
            return False
    function = flow.function(node)
    decorators = getattr(function, "decorator_list", ())
    return any((flow.called(one) or flow.name(one)) in _NO_GRADIENTS for one in decorators)


_EVALUATES = re.compile(
    r"_?(?:(?:eval|evaluate|validate|validation|valid)(?:_\w+)?|test(?:_(?:model|epoch|loop|net))?)"
)
_MODELS = {"model", "net", "network", "classifier", "encoder", "decoder"}


def evaluations(flow: Flow) -> Iterator[tuple[ast.FunctionDef, ast.Name, ast.Call]]:
    """Functions of a file which trains that evaluate a model they are given over data; the model and a call of it."""
    if not any(isinstance(one.func, ast.Attribute) for one in flow.calls_anywhere("backward")) or not flow.says(
        "torch"
    ):
        return
    for function in flow.all(ast.FunctionDef):
        if not _EVALUATES.fullmatch(function.name) or calls_in(flow, function, "backward"):
            continue
        parameters = {one.arg for one in function.args.args}
        for node in flow.inside(function):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            if node.func.id in parameters & _MODELS and flow.loops(node):
                yield function, node.func, node
                break
