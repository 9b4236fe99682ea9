"""Lightning's ``save_hyperparameters`` and ``self.hparams``: the constructor's arguments, kept as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.functional import Tracing
from diptych.syntax.walk import methods_of, walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

SAVE, HELD = "save_hyperparameters", "hparams"


def as_attributes(c: Converter, node: cst.ClassDef) -> cst.ClassDef:
    """The class with an attribute for each argument that ``self.hparams`` is asked for.

    It stays as it is where the arguments are not known, or are asked for in another way.
    """
    made = next((m for m in methods_of(node) if m.name.value == "__init__"), None)
    saved = _statement(made) if made is not None else None
    if made is None or saved is None or not made.params.params:
        return node
    own = made.params.params[0].name.value
    names = _saved(c, made, saved)
    wanted = _wanted(c, node)
    if names is None or wanted is None or not wanted <= set(names):
        return node
    attributes = {name: _attribute(node, own, name) for name in names if name in wanted}
    changed = node.visit(_Attributes(c, own, saved, attributes))
    assert isinstance(changed, cst.ClassDef)
    return changed


def _statement(made: cst.FunctionDef) -> cst.SimpleStatementLine | None:
    """``self.save_hyperparameters(...)``, where it is a statement of the constructor itself, after ``super()``'s."""
    after = False
    for line in made.body.body if isinstance(made.body, cst.IndentedBlock) else ():
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        found = small.value if isinstance(small, cst.Expr) else None
        if not isinstance(found, cst.Call) or not isinstance(found.func, cst.Attribute):
            continue
        after = after or found.func.attr.value == "__init__"
        if found.func.attr.value == SAVE:
            return line if after and isinstance(line, cst.SimpleStatementLine) else None
    return None


def _saved(c: Converter, made: cst.FunctionDef, line: cst.SimpleStatementLine) -> list[str] | None:
    """The arguments that are kept; ``None`` where that is not known."""
    small = line.body[0]
    assert isinstance(small, cst.Expr)
    saving = small.value
    assert isinstance(saving, cst.Call)
    if made.params.star_kwarg is not None or isinstance(made.params.star_arg, cst.Param):
        return None
    every = [*made.params.posonly_params, *made.params.params, *made.params.kwonly_params][1:]
    names = [parameter.name.value for parameter in every]
    chosen: list[str] = []
    ignored: set[str] = set()
    for item in saving.args:
        known = c.literal(item.value)
        if item.star:
            return None
        if item.keyword is None:
            if not isinstance(known, str):
                return None
            chosen.append(known)
        elif item.keyword.value == "ignore":
            listed = [known] if isinstance(known, str) else known
            if not isinstance(listed, (list, tuple)) or not all(isinstance(each, str) for each in listed):
                return None
            ignored |= set(listed)
        elif item.keyword.value != "logger":
            return None
    return [name for name in names if name not in ignored and (not chosen or name in chosen)]


def _wanted(c: Converter, node: cst.ClassDef) -> set[str] | None:
    """The names that ``self.hparams`` is asked for; ``None`` where it is used in another way."""
    found: set[str] = set()
    held = [p for p in walk(node) if isinstance(p, cst.Attribute) and p.attr.value == HELD]
    read: set[int] = set()
    for part in walk(node):
        if isinstance(part, cst.Attribute) and _is_held(part.value):
            found.add(part.attr.value)
            read.add(id(part.value))
        elif isinstance(part, cst.Subscript) and _is_held(part.value):
            name = _index(c, part)
            if name is None:
                return None
            found.add(name)
            read.add(id(part.value))
        elif isinstance(part, (cst.AssignTarget, cst.AugAssign)):
            target = part.target
            if isinstance(target, (cst.Attribute, cst.Subscript)) and _is_held(target.value):
                return None
    return found if all(id(part) in read for part in held) else None


def _is_held(node: Any) -> bool:
    return _owner(node) is not None


def _owner(node: Any) -> cst.Name | None:
    """``self`` of ``self.hparams``."""
    held = isinstance(node, cst.Attribute) and node.attr.value == HELD
    return node.value if held and isinstance(node.value, cst.Name) else None


def _index(c: Converter, node: cst.Subscript) -> str | None:
    part = node.slice[0].slice if len(node.slice) == 1 else None
    name = c.literal(part.value) if isinstance(part, cst.Index) else None
    return name if isinstance(name, str) and name.isidentifier() else None


def _attribute(node: cst.ClassDef, own: str, name: str) -> str:
    """The attribute for an argument: its name, unless the class calls something else so."""
    used = {item.name.value for item in methods_of(node)} | {"optimizer", "metrics"}
    for part in walk(node):
        if isinstance(part, cst.AssignTarget) and isinstance(part.target, cst.Attribute):
            used.add(part.target.attr.value)
        elif isinstance(part, cst.Attribute) and isinstance(part.value, cst.Name) and part.value.value == own:
            used.add(part.attr.value)
    while name in used:
        name += "_"
    return name


class _Attributes(Tracing):
    """Puts attributes in the place of ``self.hparams``."""

    def __init__(self, c: Converter, own: str, saved: cst.SimpleStatementLine, attributes: dict[str, str]) -> None:
        super().__init__(c.journal.origins, c.alive)
        self.c = c
        self.own = own
        self.saved = saved
        self.attributes = attributes

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        if original_node is not self.saved:
            return updated_node
        lines: list[Any] = []
        for name, attribute in self.attributes.items():
            target = cst.AssignTarget(cst.Attribute(cst.Name(self.own), cst.Name(attribute)))
            lines.append(cst.SimpleStatementLine([cst.Assign([target], cst.Name(name))]))
        if lines:
            lines[0] = lines[0].with_changes(leading_lines=original_node.leading_lines)
        for line in lines:
            self.c.stands_for(line, original_node)
        return cst.FlattenSentinel(lines) if lines else cst.RemoveFromParent()

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:  # noqa: N802
        owner = _owner(updated_node.value)
        if owner is None:
            return updated_node
        name = self.attributes[original_node.attr.value]
        return updated_node.with_changes(value=owner, attr=cst.Name(name))

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:  # noqa: N802
        owner = _owner(updated_node.value)
        name = _index(self.c, original_node)
        return updated_node if owner is None or name is None else cst.Attribute(owner, cst.Name(self.attributes[name]))
