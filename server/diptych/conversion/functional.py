"""Keras functional models, rewritten as classes before they are converted.

``inputs = keras.Input(...)``, layers called one after the other, ``keras.Model(inputs, outputs)``: where all of it
stands in one block, it says the same as a class whose constructor makes the layers and whose ``call`` applies them.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from diptych.conversion import added_layers, merging, stateless, variable_aliases
from diptych.conversion.names import dotted
from diptych.syntax.canonical import canonical
from diptych.syntax.literals import value_of
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING


def as_classes(
    module: cst.Module, origins: dict[int, cst.CSTNode], imports: dict[str, str], alive: list[Any]
) -> cst.Module:
    """The same file with every functional model that stands in one block written as a class.

    ``origins`` receives, for each new node, the node that it stands for, and ``alive`` both, since origins go by
    identity; ``imports`` are the file's, by what they bind.
    """
    if not any(canonical(full).startswith(("keras", "tf")) for full in imports.values()):
        return module
    blocks = _Blocks(imports, origins, alive)
    if not any(blocks.matters(node) for node in walk(module)):
        return module
    result = module.visit(blocks)
    return result if isinstance(result, cst.Module) else module


# What runs the code in it several times, or later.
_ROUNDS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp, cst.Lambda)


class Tracing(cst.CSTTransformer):
    """A transformer that remembers where its nodes come from."""

    def __init__(self, origins: dict[int, cst.CSTNode], alive: list[Any]) -> None:
        super().__init__()
        self.origins = origins
        self.alive = alive

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:
        """Note the origin of whatever comes out."""
        result = super().on_leave(original_node, updated_node)
        if isinstance(result, cst.CSTNode) and result is not original_node:
            self.origins[id(result)] = original_node
            self.alive.append((original_node, updated_node, result))
        return result


def bound_by(node: cst.Import | cst.ImportFrom) -> dict[str, str]:
    """What the names that an import binds stand for."""
    found: dict[str, str] = {}
    if isinstance(node, cst.Import):
        for alias in node.names:
            name = dotted(alias.name) or ""
            if alias.asname and isinstance(alias.asname.name, cst.Name):
                found[alias.asname.name.value] = name
            else:
                found[name.split(".")[0]] = name.split(".")[0]
    elif node.module is not None and not node.relative and not isinstance(node.names, cst.ImportStar):
        for alias in node.names:
            bound = alias.asname.name if alias.asname else alias.name
            if isinstance(bound, cst.Name):
                found[bound.value] = f"{dotted(node.module)}.{dotted(alias.name)}"
    return found


@dataclass
class _Model:
    """A functional model being taken apart."""

    inputs: dict[str, cst.Call] = field(default_factory=dict)
    layers: list[tuple[str, cst.BaseExpression, Any]] = field(default_factory=list)
    steps: list[cst.SimpleStatementLine] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)


class _Blocks(Tracing):
    def __init__(self, imports: dict[str, str], origins: dict[int, cst.CSTNode], alive: list[Any]) -> None:
        super().__init__(origins, alive)
        self.imports = imports
        self.function: list[str] = []
        self.aliases: list[dict[str, cst.Attribute]] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802
        self.function.append(node.name.value)
        self.aliases.append(variable_aliases.sources(node))

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:  # noqa: N802
        self.function.pop()
        self.aliases.pop()
        return updated_node

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:  # noqa: N802
        value = updated_node.value
        source = self.aliases[-1].get(value.value) if self.aliases and isinstance(value, cst.Name) else None
        return updated_node if source is None else updated_node.with_changes(value=source.deep_clone())

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:  # noqa: N802
        body = self._block(updated_node.body)
        return updated_node if body is updated_node.body else updated_node.with_changes(body=body)

    def leave_IndentedBlock(  # noqa: N802
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body = self._block(updated_node.body)
        return updated_node if body is updated_node.body else updated_node.with_changes(body=body)

    def matters(self, node: Any) -> bool:
        """Whether a call may be part of a functional model, or adds a layer to a Sequential; or a function names a
        model's variables.
        """
        if not isinstance(node, cst.Call):
            return isinstance(node, cst.FunctionDef) and bool(variable_aliases.sources(node))
        added = isinstance(node.func, cst.Attribute) and node.func.attr.value == "add"
        return added or self._qualified(node.func) == "keras.Input"

    def _qualified(self, node: cst.BaseExpression) -> str:
        name = dotted(node) or ""
        first, _, rest = name.partition(".")
        known = self.imports.get(first)
        return canonical(f"{known}.{rest}" if rest else known) if known else ""

    def _block(self, body: Sequence[Any]) -> Sequence[Any]:
        named = variable_aliases.without(body, self.aliases[-1]) if self.aliases else body
        added = added_layers.joined(named, self._qualified)
        if added is not body:
            self.alive.append((body, added))
        return self._functional(added)

    def _functional(self, body: Sequence[Any]) -> Sequence[Any]:
        begin = next((i for i, s in enumerate(body) if self._input(s)), None)
        if begin is None:
            return body
        end = next((i for i in range(begin, len(body)) if self._model_call(body[i]) is not None), None)
        if end is None:
            return body
        call = self._model_call(body[end])
        assert call is not None
        model = _Model()
        for statement in body[begin:end]:
            if not self._take(model, statement):
                return body
        class_name = self._class_name(body[end])
        definition = self._class(model, call, class_name, body[begin])
        if definition is None:
            return body
        instance = cst.Call(cst.Name(class_name))
        last = body[end].deep_replace(call, instance)
        comments = [line for line in last.leading_lines if line.comment]
        blank = cst.EmptyLine(indent=False)
        last = last.with_changes(leading_lines=[blank] * (1 if self.function else 2) + comments)
        if not self.function:
            above = [line for line in definition.leading_lines if line.comment]
            definition = definition.with_changes(leading_lines=[blank] * (2 if begin else 0) + above)
        elif begin == 0:
            definition = definition.with_changes(leading_lines=[x for x in definition.leading_lines if x.comment])
        self.origins[id(last)] = body[end]
        self.alive.append((body[end], last))
        return [*body[:begin], definition, last, *self._functional(body[end + 1 :])]

    def _input(self, statement: Any) -> bool:
        assign = _assign(statement)
        return (
            assign is not None
            and isinstance(assign.value, cst.Call)
            and self._qualified(assign.value.func) == "keras.Input"
        )

    def _model_call(self, statement: Any) -> cst.Call | None:
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            return None
        node = statement.body[0]
        value = node.value if isinstance(node, (cst.Assign, cst.Return)) else None
        if isinstance(value, cst.Call) and self._qualified(value.func) == "keras.Model" and len(_plain(value)) >= 2:
            return value
        return None

    def _class_name(self, statement: Any) -> str:
        assign = _assign(statement)
        name = (
            assign.targets[0].target.value
            if assign and isinstance(assign.targets[0].target, cst.Name)
            else self.function[-1]
            if self.function
            else "model"
        )
        for prefix in ("build_", "make_", "create_", "get_"):
            name = name.removeprefix(prefix)
        return "".join(part.capitalize() if part.islower() else part for part in name.split("_")) or "Model"

    def _take(self, model: _Model, statement: Any) -> bool:
        """Take one statement into the class; false where it does not fit."""
        assign = _assign(statement)
        if assign is None or len(assign.targets) != 1 or not isinstance(assign.targets[0].target, cst.Name):
            return False
        name = assign.targets[0].target.value
        if isinstance(assign.value, cst.Call) and self._qualified(assign.value.func) == "keras.Input":
            model.inputs[name] = assign.value
            return True
        if self._is_layer(assign.value):
            model.layers.append((name, assign.value, statement))
            model.made.add(name)
            return True
        rewriter = _Layers(self, model, name, statement)
        new = statement.visit(rewriter)
        model.steps.append(new)
        return not self._makes_more(assign.value, new)

    def _makes_more(self, before: cst.BaseExpression, after: Any) -> bool:
        """Whether code makes a layer with each round, or still makes one where the class would with each call."""
        rounds = (node for node in walk(before) if isinstance(node, _ROUNDS))
        return any(self._is_layer(part) for node in rounds for part in walk(node)) or any(
            self._is_layer(part) and not stateless.function_of(self._qualified(part.func), part) for part in walk(after)
        )

    def _is_layer(self, node: cst.BaseExpression) -> bool:
        if not isinstance(node, cst.Call):
            return False
        name = self._qualified(node.func)
        if name in merging.LAYERS or name.rpartition(".")[2][:1].islower():  # layers.add is a function
            return False
        return name.startswith(("keras.layers.", "keras.Sequential"))

    def _class(self, model: _Model, call: cst.Call, name: str, first: Any) -> cst.ClassDef | None:
        plain = _plain(call)
        inputs, outputs = plain[0], plain[1]
        order = [e.value for e in inputs.elements] if isinstance(inputs, (cst.List, cst.Tuple)) else [inputs]
        if not all(isinstance(node, cst.Name) and node.value in model.inputs for node in order):
            return None
        names = [node.value for node in order if isinstance(node, cst.Name)]
        returned: cst.BaseExpression = outputs
        rewriter = _Layers(self, model, "outputs", None)
        new = outputs.visit(rewriter)
        if isinstance(new, cst.BaseExpression):
            returned = new
        if self._makes_more(outputs, returned):
            return None
        shapes = [self._shape(model.inputs[n], n) for n in names]
        comment = (
            cst.EmptyLine(comment=cst.Comment("# diptych: " + ", ".join(s for s in shapes if s)))
            if all(shapes)
            else None
        )
        blank = cst.EmptyLine(indent=False)
        made = [
            cst.SimpleStatementLine(
                [cst.Assign([cst.AssignTarget(cst.Attribute(cst.Name("self"), cst.Name(layer)))], value)],
                leading_lines=_comments(statement),
            )
            for layer, value, statement in model.layers
        ]
        init = _function("__init__", ["self"], [cst.parse_statement("super().__init__()"), *made])
        steps = [cst.SimpleStatementLine([cst.Return(returned)])]
        forward = _function("call", ["self", *names], [*model.steps, *steps]).with_changes(
            leading_lines=[blank, *([comment] if comment else [])]
        )
        self.origins[id(forward)] = first
        self.alive.append((forward, first))
        base = self._base()
        lines = list(first.leading_lines) or [blank]
        return cst.ClassDef(
            cst.Name(name), cst.IndentedBlock([init, forward]), bases=[cst.Arg(base)], leading_lines=lines
        )

    def _base(self) -> cst.BaseExpression:
        for name, full in self.imports.items():
            if canonical(full) == "keras":
                return cst.parse_expression(f"{name}.Model")
            if canonical(full) == "tf":
                return cst.parse_expression(f"{name}.keras.Model")
            if canonical(full) == "keras.Model":
                return cst.Name(name)
        return cst.Name("Model")

    def _shape(self, node: cst.Call, name: str) -> str | None:
        shape = next((a.value for a in node.args if a.keyword is None or a.keyword.value == "shape"), None)
        dtype = next(
            (value_of(a.value) for a in node.args if a.keyword is not None and a.keyword.value == "dtype"), "float32"
        )
        literal = value_of(shape) if shape is not None else MISSING
        if not isinstance(literal, (tuple, list)) or not all(isinstance(s, int) for s in literal):
            return None
        return f"{name}={dtype}[2, {', '.join(map(str, literal))}]" if literal else f"{name}={dtype}[2]"


class _Layers(Tracing):
    """Turns ``layers.Dense(3)(x)`` into ``self.dense(x)``, and notes the layer."""

    def __init__(self, blocks: _Blocks, model: _Model, target: str, statement: Any) -> None:
        super().__init__(blocks.origins, blocks.alive)
        self.blocks = blocks
        self.model = model
        self.statement = statement

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802
        if self.blocks._is_layer(original_node.func):
            assert isinstance(original_node.func, cst.Call)
            if stateless.function_of(self.blocks._qualified(original_node.func.func), original_node.func):
                return updated_node
            name = self._name(original_node.func)
            self.model.layers.append((name, original_node.func, None))
            return updated_node.with_changes(func=cst.Attribute(cst.Name("self"), cst.Name(name)))
        if isinstance(original_node.func, cst.Name) and original_node.func.value in self.model.made:
            return updated_node.with_changes(func=cst.Attribute(cst.Name("self"), original_node.func))
        return updated_node

    def _name(self, node: cst.Call) -> str:
        given = next(
            (value_of(a.value) for a in node.args if a.keyword is not None and a.keyword.value == "name"), None
        )
        if isinstance(given, str) and given.isidentifier():
            return given
        base = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", (dotted(node.func) or "layer").split(".")[-1]).lower()
        base = f"{base}_layer" if keyword.iskeyword(base) else base
        count = self.model.counts.get(base, 0) + 1
        self.model.counts[base] = count
        return base if count == 1 else f"{base}_{count}"


def _assign(statement: Any) -> cst.Assign | None:
    if (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Assign)
    ):
        return statement.body[0]
    return None


def _plain(call: cst.Call) -> list[cst.BaseExpression]:
    """Inputs and outputs of ``keras.Model(...)``."""
    found = [a.value for a in call.args if a.keyword is None]
    named = {a.keyword.value: a.value for a in call.args if a.keyword is not None}
    if not found and {"inputs", "outputs"} <= set(named):
        return [named["inputs"], named["outputs"]]
    if len(found) == 1 and "outputs" in named:
        return [found[0], named["outputs"]]
    return found


def _comments(statement: Any) -> list[cst.EmptyLine]:
    return [line for line in getattr(statement, "leading_lines", ()) if line.comment]


def _function(name: str, parameters: list[str], body: Sequence[Any]) -> cst.FunctionDef:
    return cst.FunctionDef(
        cst.Name(name), cst.Parameters([cst.Param(cst.Name(p)) for p in parameters]), cst.IndentedBlock(body)
    )
