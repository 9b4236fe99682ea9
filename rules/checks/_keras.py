"""What surely is a model, an optimizer or a metric of Keras."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow

_KINDS = {
    "keras.Model": "model",
    "keras.Sequential": "model",
    "keras.callbacks.Callback": "callback",
}
_READ_BACK = {"keras.models.load_model", "keras.saving.load_model", "keras.models.clone_model"}
_FAMILIES = {"keras.optimizers": "optimizer", "keras.metrics": "metric"}
_DEEP = 6


class KerasFlowCheck(FlowCheck):
    """A check that follows values of Keras: not asked of texts without it, nor of those that stay with Keras 2."""

    def is_asked(self, words: Collection[str]) -> bool:
        return (
            ("keras" in words or "tensorflow" in words)
            and "TF_USE_LEGACY_KERAS" not in words
            and super().is_asked(words)
        )


@dataclass(frozen=True)
class Held:
    """What an expression surely is; ``owner`` is its class, where that is one of this file."""

    kind: str
    owner: ast.ClassDef | None = None


def held(flow: Flow, node: ast.expr, deep: int = _DEEP) -> Held | None:
    """What an expression surely is: a ``model``, an ``optimizer`` or a ``metric`` of Keras; ``None`` if not sure."""
    if deep == 0:
        return None
    node = flow.origin(node)
    if isinstance(node, ast.Call):
        return _made(flow, node, deep - 1)
    if flow.is_self(node):
        method = flow.method(node)
        kind = kind_of(flow, method[0]) if method is not None else None
        return Held(kind, method[0]) if method is not None and kind in ("model", "metric", "optimizer") else None
    if isinstance(node, ast.Attribute):
        return _attribute(flow, node, deep - 1)
    if isinstance(node, ast.Name):
        return _element(flow, node, deep - 1)
    return None


def _made(flow: Flow, call: ast.Call, deep: int) -> Held | None:
    name = flow.called(call)
    if name is not None:
        if name in _READ_BACK or _is_application(name):
            return Held("model")
        kind = _kind(name)
        return Held(kind) if kind in ("model", "metric", "optimizer") else None
    local = flow.class_of(call.func)
    if local is not None:
        kind = kind_of(flow, local)
        return Held(kind, local) if kind in ("model", "metric", "optimizer") else None
    function = flow.function_of(call.func)
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return None
    inside = list(flow.inside(function))
    returned = [one.value for one in inside if isinstance(one, ast.Return)]
    if not returned or any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in inside):
        return None
    found = {held(flow, one, deep) if one is not None else None for one in returned}
    return found.pop() if len(found) == 1 else None


def _attribute(flow: Flow, node: ast.Attribute, deep: int) -> Held | None:
    """``model.optimizer``, and ``self.model`` of a callback."""
    method = flow.method(node)
    if node.attr == "model" and flow.is_self(node.value) and method is not None:
        return Held("model") if kind_of(flow, method[0]) == "callback" and lacks(flow, method[0], "model") else None
    if node.attr == "optimizer":
        holder = held(flow, node.value, deep)
        if holder is not None and holder.kind == "model" and lacks(flow, holder.owner, "optimizer"):
            return Held("optimizer")
    return None


def _element(flow: Flow, node: ast.Name, deep: int) -> Held | None:
    """What goes through ``model.metrics`` or through a list that is written out."""
    binding = flow.binding(node)
    if binding is None or binding.kind != "loop" or not isinstance(getattr(binding.node, "target", None), ast.Name):
        return None
    through = flow.origin(binding.value)
    if isinstance(through, (ast.List, ast.Tuple)) and through.elts:
        found = {held(flow, one, deep) for one in through.elts}
        return found.pop() if len(found) == 1 else None
    if isinstance(through, ast.Attribute) and through.attr == "metrics":
        holder = held(flow, through.value, deep)
        if holder is not None and holder.kind == "model" and lacks(flow, holder.owner, "metrics"):
            return Held("metric")
    return None


def _kind(name: str) -> str | None:
    module, _, last = name.rpartition(".")
    if name in _KINDS:
        return _KINDS[name]
    return _FAMILIES.get(module) if last[:1].isupper() else None


def _is_application(name: str) -> bool:
    return name.startswith("keras.applications.") and name.rpartition(".")[2][:1].isupper()


def _classes(flow: Flow, owner: ast.ClassDef) -> tuple[list[ast.ClassDef], list[str | None]]:
    """A class with those of this file that it is made from, and the full names of all others."""
    local, others = [owner], []
    for one in local:
        for base in one.bases:
            found = flow.class_of(base)
            if found is None:
                others.append(flow.name(base))
            elif found not in local:
                local.append(found)
    return local, others


def kind_of(flow: Flow, owner: ast.ClassDef) -> str | None:
    """What the objects of a class are, if all that it is made from is known."""
    kinds = {_kind(name) if name is not None else None for name in _classes(flow, owner)[1]}
    return kinds.pop() if len(kinds) == 1 else None


def lacks(flow: Flow, owner: ast.ClassDef | None, name: str) -> bool:
    """Whether a class of this file does not define an attribute itself, nor answers for all; true without a class."""
    if owner is None:
        return True
    for one in _classes(flow, owner)[0]:
        defined = set(one.inner.bindings) | set(flow.attributes(one))  # type: ignore[attr-defined]
        if defined & {name, "__getattr__", "__getattribute__"}:
            return False
    return True
