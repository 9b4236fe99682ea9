"""What the use of a parameter says of its kind, where nothing else does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import comments, layer_classes
from diptych.conversion.methods import ONLY_TENSORS, TORCH_KEYWORDS
from diptych.conversion.names import ARRAY_LIBRARIES
from diptych.inference.values import Value, replace
from diptych.matching.unify import Unifier
from diptych.syntax.literals import value_of
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

MODULE_METHODS = {"parameters", "train", "eval", "state_dict", "load_state_dict", "named_parameters", "modules"}
# Names of what is called that mean a model, whose mode must be said in the twin.
MODELS = {
    "model", "net", "network", "backbone", "encoder", "decoder", "generator", "discriminator", "critic", "actor",
    "policy", "teacher", "student", "classifier", "netg", "netd", "module",
}  # fmt: skip
# Names of what is called that mean a loss: it has no mode, and an optimizer seldom updates it.
LOSS = re.compile(r"loss|criteri|objective|^crit$", re.IGNORECASE)
OPTIMIZER_METHODS = {"zero_grad", "apply_gradients"}
ANNOTATIONS = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "str": "str",
    "list": "list",
    "tuple": "tuple",
    "dict": "dict",
}
TENSOR_TYPES = {
    "torch.Tensor",
    "torch.FloatTensor",
    "torch.LongTensor",
    "torch.BoolTensor",
    "tf.Tensor",
    "keras.KerasTensor",
}
DTYPES = {"torch.FloatTensor": "float32", "torch.LongTensor": "int64", "torch.BoolTensor": "bool"}
JAXTYPING = {
    "Float": "float",
    "Float32": "float32",
    "Float64": "float64",
    "Int": "int",
    "Int64": "int64",
    "Int32": "int32",
    "Bool": "bool",
    "Num": None,
    "Shaped": None,
}

NUMBERS = ("int", "float", "bool", "str")
SEQUENCES = {"List": "list", "list": "list", "Sequence": "list", "Tuple": "tuple", "tuple": "tuple"}


def parameters(c: Converter, node: cst.FunctionDef, is_forward: bool, comment: str | None) -> dict[str, Value]:
    """What is known of each parameter: from comments, annotations, defaults, and from how it is used."""
    said = comments.values(comment)
    used = _Uses(c, node)
    found: dict[str, Value] = {}
    every = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
    for parameter in every:
        name = parameter.name.value
        if name in said:
            found[name] = said[name]
            continue
        if parameter.default is not None and layer_classes.makes(c, parameter.default):
            found[name] = Value(layer_classes.KIND)
            continue
        value = _annotated(c, parameter.annotation.annotation) if parameter.annotation else None
        if value is None and parameter.default is not None:
            value = _default(parameter.default)
        if value is None:
            value = used.found.get(name)
        unsaid = parameter.annotation is None or "ensor" in code_of(parameter.annotation.annotation)
        if value is None and is_forward and parameter.default is None and unsaid and name not in used.counted:
            value = Value("tensor")
        found[name] = value or Value()
    return found


def _default(node: cst.BaseExpression) -> Value | None:
    literal = value_of(node)
    if literal is MISSING or literal is None:
        return None
    kind = type(literal).__name__
    return Value(kind) if kind in ("int", "float", "bool", "str", "tuple", "list") else None


def _annotated(c: Converter, node: cst.BaseExpression) -> Value | None:
    if isinstance(node, cst.Name) and node.value in ANNOTATIONS:
        return Value(ANNOTATIONS[node.value])
    root = node
    while isinstance(root, cst.Attribute):
        root = root.value
    imported = c.scope.lookup(root.value) if isinstance(root, cst.Name) else None
    if imported is not None and imported.kind == "foreign" and imported.api in ARRAY_LIBRARIES:
        return imported
    qualified = c.qualified(node)
    if qualified in TENSOR_TYPES:
        return Value("tensor", dtype=DTYPES.get(qualified or ""))
    if qualified in ("torch.dtype", "tf.DType"):
        return Value("dtype")
    if qualified in ("torch.nn.Module", "keras.Model", "keras.layers.Layer"):
        return Value("module")
    if qualified is not None and qualified.startswith(("torch.optim.", "keras.optimizers.")):
        return Value("optimizer")
    if isinstance(node, cst.Subscript):
        name = (
            node.value.value
            if isinstance(node.value, cst.Name)
            else node.value.attr.value
            if isinstance(node.value, cst.Attribute)
            else ""
        )
        if name == "Optional" and isinstance(node.slice[0].slice, cst.Index):
            inner = _annotated(c, node.slice[0].slice.value)
            return inner if inner is not None and inner.kind in ("tensor", "module", layer_classes.KIND) else None
        if name in ("Type", "type", "Callable") and isinstance(node.slice[-1].slice, cst.Index):
            made = _annotated(c, node.slice[-1].slice.value)
            return Value(layer_classes.KIND) if made is not None and made.kind == "module" else None
        if name in JAXTYPING:
            return _jaxtyping(node, JAXTYPING[name])
        if name in SEQUENCES:
            return _sequence(c, node, SEQUENCES[name])
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        return _annotated(c, node.left)
    if isinstance(node, cst.Name) and node.value in ("Tensor", "Module"):
        return Value("tensor" if node.value == "Tensor" else "module")
    return None


def _sequence(c: Converter, node: cst.Subscript, kind: str) -> Value | None:
    """``List[Tensor]``, ``Tuple[Tensor, ...]``, ``Tuple[Tensor, Tensor]``, ``tuple[int, ...]``."""
    parts = [part.slice.value for part in node.slice if isinstance(part.slice, cst.Index)]
    values = [_annotated(c, part) or Value() for part in parts if not isinstance(part, cst.Ellipsis)]
    if not any(value.is_tensor for value in values) and any(value.kind not in NUMBERS for value in values):
        return None
    if not values:
        return None
    if kind == "tuple" and len(values) == len(parts):
        return Value("tuple", items=tuple(values))
    return Value(kind, item=values[0])


def _jaxtyping(node: cst.Subscript, dtype: str | None) -> Value:
    rank = None
    if len(node.slice) == 2 and isinstance(node.slice[1].slice, cst.Index):
        dims = value_of(node.slice[1].slice.value)
        if isinstance(dims, str) and "..." not in dims and "*" not in dims:
            rank = len(dims.split())
    return Value("tensor", dtype=dtype, rank=rank)


def held(node: cst.ClassDef) -> dict[str, Value]:
    """Attributes of a plain class that its methods use as a module or an optimizer is used."""
    found: dict[str, Value] = {}
    for part in walk(node.body):
        if not isinstance(part, cst.Call) or not isinstance(part.func, cst.Attribute):
            continue
        owner, name = part.func.value, part.func.attr.value
        if isinstance(owner, cst.Name) and owner.value == "self" and name.lower() in MODELS:
            found.setdefault(name, Value("module"))
        if isinstance(owner, cst.Attribute) and isinstance(owner.value, cst.Name) and owner.value.value == "self":
            if name in MODULE_METHODS:
                found[owner.attr.value] = Value("module")
            elif name in OPTIMIZER_METHODS:
                found.setdefault(owner.attr.value, Value("optimizer"))
    return found


class _Uses:
    """Collects what a function's body does with its parameters."""

    def __init__(self, c: Converter, node: cst.FunctionDef) -> None:
        self.c = c
        self.found: dict[str, Value] = {}
        self.counted: set[str] = set()
        self.names = {
            p.name.value for p in [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
        }
        self.called: set[str] = set()
        trains = False
        for part in c.inside(node.body):
            kind = type(part)
            if kind is cst.Call:
                self._call(part)
                trains = trains or (
                    isinstance(part.func, cst.Attribute) and part.func.attr.value in ("backward", "gradient")
                )
            elif kind is cst.Attribute:
                self._attribute(part)

        models = {name for name in self.called - set(self.found) if not LOSS.search(name)}
        if trains and len(models) == 1:
            self.found |= {name: Value("module") for name in models}

    def _note(self, node: cst.BaseExpression, value: Value) -> None:
        if isinstance(node, cst.Name) and node.value in self.names:
            known = self.found.get(node.value)
            if known is None:
                self.found[node.value] = value
            elif known.kind == value.kind == "tensor":
                self.found[node.value] = replace(known, dtype=known.dtype or value.dtype, rank=known.rank or value.rank)

    def _call(self, node: cst.Call) -> None:
        function = node.func
        if isinstance(function, cst.Name) and function.value == "range":
            for argument in node.args:
                if isinstance(argument.value, cst.Name):
                    self.counted.add(argument.value.value)
                    self._note(argument.value, Value("int"))
            return
        if isinstance(function, cst.Name) and function.value in self.names and node.args:
            self.called.add(function.value)
            if function.value.lower() in MODELS:
                self._note(function, Value("module"))
        qualified = self.c.qualified(function)
        if qualified is not None and self.c.is_framework(qualified):
            self._framework(node, qualified)
        elif isinstance(function, cst.Attribute):
            self._method(node, function)

    def _method(self, node: cst.Call, function: cst.Attribute) -> None:
        name = function.attr.value
        if name in ("scale", "step", "update") and "scaler" in code_of(function.value).lower():
            self._note(function.value, Value("scaler"))
            if name == "step" and node.args:
                self._note(node.args[0].value, Value("optimizer"))
        elif name in MODULE_METHODS and not node.args:
            self._note(function.value, Value("module"))
        elif (name == "step" and not node.args) or name == "apply_gradients":
            scheduler = isinstance(function.value, cst.Name) and "sched" in function.value.value.lower()
            self._note(function.value, Value("scheduler" if scheduler else "optimizer"))
        elif self.c.source == "torch" and (
            name in ONLY_TENSORS
            or name == "size"
            or any(a.keyword and a.keyword.value in TORCH_KEYWORDS for a in node.args)
        ):
            self._note(function.value, Value("tensor"))
        elif self._is_self(function.value) and node.args:
            owner = self.c.scope.owner
            known = owner.attributes.get(name) if owner else None
            if known is not None and known.kind == "module":
                layer = known.layer
                floating = layer is not None and layer.dtype == "float" and layer.name != "Embedding"
                self._note(node.args[0].value, Value("tensor", dtype="float" if floating else None))

    def _is_self(self, node: cst.BaseExpression) -> bool:
        known = self.c.scope.lookup(node.value) if isinstance(node, cst.Name) else None
        return known is not None and known.kind == "self"

    def _attribute(self, node: cst.Attribute) -> None:
        if node.attr.value in ("shape", "ndim", "requires_grad"):
            self._note(node.value, Value("tensor"))
        elif node.attr.value in ("trainable_variables", "trainable_weights"):
            self._note(node.value, Value("module"))

    def _framework(self, node: cst.Call, qualified: str) -> None:
        names = {a.value.value for a in node.args if type(a.value) is cst.Name} & self.names
        if names <= self.found.keys():
            return  # what is known of a parameter already, no rule says more precisely
        for rule, _, spelling in self.c.index.candidates(self.c.source, qualified):
            unifier = Unifier(self.c.index, self.c.qualified)
            if not unifier.match(spelling, node):
                continue
            kind = "int" if rule.base == "LayerEquivalence" else "tensor"  # a layer is made of sizes
            for name, bound in unifier.bindings.items():
                if rule.kinds.get(name) == kind.capitalize() and isinstance(bound, cst.BaseExpression):
                    self._note(bound, Value(kind))
            return
