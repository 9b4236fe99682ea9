"""What the last operation of a value, a model or a class is: probabilities, their logarithms, or plain scores."""

import ast

from diptych.checks.flow import Flow

FUNCTIONS = {
    "torch.softmax": "softmax",
    "torch.special.softmax": "softmax",
    "torch.nn.functional.softmax": "softmax",
    "torch.log_softmax": "log_softmax",
    "torch.special.log_softmax": "log_softmax",
    "torch.nn.functional.log_softmax": "log_softmax",
    "torch.sigmoid": "sigmoid",
    "torch.special.expit": "sigmoid",
    "torch.nn.functional.sigmoid": "sigmoid",
    "torch.nn.functional.logsigmoid": "logsigmoid",
    "torch.nn.functional.linear": "scores",
    "tf.nn.softmax": "softmax",
    "tf.nn.log_softmax": "log_softmax",
    "tf.sigmoid": "sigmoid",
    "keras.ops.softmax": "softmax",
    "keras.ops.log_softmax": "log_softmax",
    "keras.ops.sigmoid": "sigmoid",
    "keras.activations.softmax": "softmax",
    "keras.activations.log_softmax": "log_softmax",
    "keras.activations.sigmoid": "sigmoid",
}
METHODS = {"softmax": "softmax", "log_softmax": "log_softmax", "sigmoid": "sigmoid", "sigmoid_": "sigmoid"}
MODULES = {
    "torch.nn.Softmax": "softmax",
    "torch.nn.Softmax2d": "softmax",
    "torch.nn.LogSoftmax": "log_softmax",
    "torch.nn.Sigmoid": "sigmoid",
    "torch.nn.LogSigmoid": "logsigmoid",
    "torch.nn.Linear": "scores",
    "torch.nn.LazyLinear": "scores",
    "torch.nn.Bilinear": "scores",
    "keras.layers.Softmax": "softmax",
}
# Dense and its kind apply an activation, which their arguments tell.
ACTIVATED = {"keras.layers.Dense", "keras.layers.Conv2D", "keras.layers.Conv1D"}
ACTIVATIONS = {
    "softmax": "softmax",
    "sigmoid": "sigmoid",
    "log_softmax": "log_softmax",
    "linear": "scores",
    None: "scores",
}
KEEPING_MODULES = {
    "torch.nn.Flatten",
    "torch.nn.Identity",
    "torch.nn.Unflatten",
    "keras.layers.Flatten",
    "keras.layers.Reshape",
}
KEEPING_FUNCTIONS = {
    "torch.squeeze", "torch.unsqueeze", "torch.flatten", "torch.reshape", "torch.transpose", "torch.permute",
    "tf.squeeze", "tf.reshape", "tf.expand_dims", "tf.cast", "tf.transpose",
}  # fmt: skip
KEEPING_METHODS = {
    "squeeze", "unsqueeze", "flatten", "reshape", "view", "contiguous", "transpose", "permute", "to", "cuda", "cpu",
    "float", "double", "half", "type_as", "squeeze_",
}  # fmt: skip
SAME_MODULE = {
    "to",
    "cuda",
    "cpu",
    "float",
    "half",
    "double",
    "eval",
    "train",
    "requires_grad_",
    "share_memory",
    "bfloat16",
}
WRAPPERS = {"torch.compile", "torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel", "torch.jit.script"}
_DEEP = 10


def instance(flow: Flow, node: ast.expr) -> ast.expr:
    """The call that made what a name or attribute holds, through ``.to(...)`` and wrappers; else where the trace ends."""
    for _ in range(_DEEP):
        node = flow.origin(node)
        if not isinstance(node, ast.Call):
            break
        if isinstance(node.func, ast.Attribute) and node.func.attr in SAME_MODULE and flow.name(node.func) is None:
            node = node.func.value
        elif flow.called(node) in WRAPPERS and node.args:
            node = node.args[0]
        else:
            break
    return node


def made(flow: Flow, node: ast.expr) -> str | None:
    """The full name of the class or function that made what a name or attribute holds."""
    return flow.called(instance(flow, node))


def output(flow: Flow, node: ast.expr, deep: int = _DEEP) -> str | None:
    """What a tensor is: ``softmax``, ``log_softmax``, ``sigmoid``, ``logsigmoid``, ``scores`` of a linear layer, or
    ``None`` if that is not sure.
    """
    node = flow.origin(node)
    if deep == 0:
        return None
    if isinstance(node, ast.Subscript):
        return output(flow, node.value, deep - 1)
    if isinstance(node, ast.IfExp):
        first, second = output(flow, node.body, deep - 1), output(flow, node.orelse, deep - 1)
        return first if first == second else None
    if not isinstance(node, ast.Call):
        return None
    name, called = flow.called(node), node.func
    if name is not None:
        if name in KEEPING_FUNCTIONS and node.args:
            return output(flow, node.args[0], deep - 1)
        return FUNCTIONS.get(name)
    if isinstance(called, ast.Attribute) and not flow.is_self(called.value):
        if called.attr in METHODS:
            return METHODS[called.attr]
        if called.attr in KEEPING_METHODS:
            return output(flow, called.value, deep - 1)
        if called.attr == "forward":
            return module_output(flow, called.value, deep - 1)
    if isinstance(called, ast.Attribute) and called.attr in ("forward", "call") and flow.is_self(called.value):
        return module_output(flow, called.value, deep - 1)
    return module_output(flow, called, deep - 1)


def module_output(flow: Flow, node: ast.expr, deep: int = _DEEP) -> str | None:
    """What a module or model gives when it is called, as ``output``."""
    layer = last_layer(flow, node, deep)
    if isinstance(layer, ast.ClassDef):
        return class_output(flow, layer, deep - 1)
    if not isinstance(layer, ast.Call):
        return None
    name = flow.called(layer)
    if name in ACTIVATED:
        given = flow.argument(layer, 1 if name == "keras.layers.Dense" else None, "activation")
        return ACTIVATIONS["linear"] if given is None and flow.is_whole(layer) else _activation(flow, given)
    if name == "keras.layers.Activation":
        return _activation(flow, flow.argument(layer, 0, "activation"))
    return MODULES.get(name or "")


def _activation(flow: Flow, node: ast.expr | None) -> str | None:
    value = flow.value(node)
    if isinstance(value, str) or value is None:
        return ACTIVATIONS.get(value)
    return FUNCTIONS.get(flow.name(node) or "")


def last_layer(flow: Flow, node: ast.expr, deep: int = _DEEP) -> ast.AST | None:
    """The call that made the layer whose result a module gives, or the class of this file that the module is of."""
    node = instance(flow, node)
    if deep == 0:
        return None
    if flow.is_self(node):
        method = flow.method(node)
        return method[0] if method else None
    if not isinstance(node, ast.Call):
        return None
    local = flow.class_of(node.func)
    if local is not None:
        return local
    name = flow.called(node)
    layers = sequence(flow, node)
    if layers is None:
        return node if name is not None else None
    for layer in reversed(layers):
        if flow.called(instance(flow, layer)) not in KEEPING_MODULES:
            return last_layer(flow, layer, deep - 1)
    return None


def sequence(flow: Flow, call: ast.expr) -> list[ast.expr] | None:
    """The layers that ``nn.Sequential(...)`` or ``keras.Sequential([...])`` is made of, if all are written out.

    With what ``model.add(...)`` adds in the block of the call.
    """
    name = flow.called(call)
    if not isinstance(call, ast.Call) or name not in ("torch.nn.Sequential", "keras.Sequential"):
        return None
    layers: list[ast.expr] = list(call.args)
    if name == "torch.nn.Sequential" and len(layers) == 1 and isinstance(layers[0], ast.Call):
        named = layers[0]
        if flow.called(named) == "collections.OrderedDict":
            pairs = named.args[0] if named.args else None
            if not isinstance(pairs, ast.List) or not all(isinstance(one, ast.Tuple) for one in pairs.elts):
                return None
            layers = [one.elts[1] for one in pairs.elts if isinstance(one, ast.Tuple) and len(one.elts) == 2]
    if name == "keras.Sequential":
        given = flow.origin(layers[0]) if layers else flow.argument(call, 0, "layers")
        if given is not None and not isinstance(given, (ast.List, ast.Tuple)):
            return None
        added = _added(flow, call)
        if added is None:
            return None
        layers = [*(given.elts if given is not None else []), *added]
    if any(isinstance(layer, ast.Starred) for layer in layers):
        return None
    return layers


def _added(flow: Flow, call: ast.Call) -> list[ast.expr] | None:
    """What ``.add(...)`` adds to a model; ``None`` where it is added to or taken from in ways that are not followed."""
    statement = flow.statement(call)
    if (
        not isinstance(statement, ast.Assign)
        or statement.value is not call
        or not isinstance(statement.targets[0], ast.Name)
    ):
        return []
    name = statement.targets[0].id
    if any(isinstance(one.func, ast.Attribute) and _is(one.func.value, name) for one in flow.calls_anywhere("pop")):
        return None
    adds = [
        one
        for one in flow.calls_anywhere("add")
        if isinstance(one.func, ast.Attribute) and _is(one.func.value, name) and flow.origin(one.func.value) is call
    ]
    if any(flow.statement(one).block is not statement.block or len(one.args) != 1 for one in adds):
        return None
    return [one.args[0] for one in sorted(adds, key=flow.place)]


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def class_output(flow: Flow, owner: ast.ClassDef, deep: int = _DEEP) -> str | None:
    """What ``forward`` (or ``call``) of a class returns, if all its returns give the same kind."""
    key = (class_output, owner)
    if key in flow.memory or deep <= 0:
        return flow.memory.get(key)
    flow.memory[key] = None  # while it is being found, for a class that calls itself
    for method in owner.body:
        if isinstance(method, ast.FunctionDef) and method.name in ("forward", "call"):
            returned = [
                one.value for one in flow.inside(method) if isinstance(one, ast.Return) and one.value is not None
            ]
            kinds = {output(flow, one, deep - 1) for one in returned}
            flow.memory[key] = kinds.pop() if len(kinds) == 1 else None
    return flow.memory[key]
