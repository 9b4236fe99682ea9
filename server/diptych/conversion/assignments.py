"""Converting assignments: names, attributes, unpacking, ``+=``, elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import (
    attributes,
    devices,
    dicts,
    elements,
    handed_layers,
    held_layers,
    keras_initialisers,
    layer_parts,
    memory,
    rates,
    reserved,
    structure,
    tapes,
    tracked_layers,
    training,
)
from diptych.conversion.expressions import bind_target
from diptych.conversion.rewriting import fit
from diptych.inference.values import Value, element_of, join, join_all, perhaps, replace
from diptych.matching.emit import call, sequence
from diptych.syntax.precedence import argument, bare
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

# Kinds of values that may be a tensor, or hold some.
HOLDING = ("unknown", "dict", "list", "tuple")
Target = cst.BaseAssignTargetExpression | cst.BaseExpression


def assign(c: Converter, node: cst.Assign) -> Any:
    """``a = ...``; ``None`` where nothing stands for it in the twin."""
    if _names_module(c, node) or keras_initialisers.told(c, node):
        return None
    special = training.assignment(c, node)
    if special is None:
        special = devices.switched(c, node) or structure.assigned(c, node) or _cleared(c, node)
    if special is not None:
        return special if isinstance(special, cst.CSTNode) else None
    if len(node.targets) == 1:
        target = node.targets[0].target
        unpacked = _unpacking(c, node, target)
        if unpacked is not None:
            return unpacked
        if isinstance(target, cst.Subscript):
            rate = rates.assigned(c, node)
            if rate is not None:
                return rate
            return node if layer_parts.written(c, target) else _element(c, node, target)
        if (
            c.source == "torch"
            and isinstance(target, cst.Attribute)
            and elements.variable(c, target)
            and not elements.is_parameter(c, node.value)
        ):
            return elements.rebound(c, node, target)
        c.assigning = code_of(target)
        c.flowing = (
            c.scope.owner.flow.get(target.attr.value) if c.scope.owner and isinstance(target, cst.Attribute) else None
        )
    try:
        code, value = c.expr(node.value)
    finally:
        c.assigning, c.flowing = None, None
    if len(node.targets) == 1:
        code, value = held_layers.put(c, node.targets[0].target, code, value)
    for each in node.targets:
        code, value = tracked_layers.put(c, each.target, code, value)
    if value.kind == "strategy" or (value.layer is not None and value.layer.merges is not None):
        for each in node.targets:
            bind(c, each.target, value)
        return None
    if c.scope.no_grad and value.is_tensor and c.target == "tensorflow" and _read_later(c, node):
        code, value = training.stopped(c, code), c.fresh(value)
    elif (
        c.scope.no_grad and c.target == "tensorflow" and value.kind in ("tuple", "list") and _tuple_read_later(c, node)
    ):
        code = call(
            c.name("tf.nest.map_structure"),
            [cst.Arg(c.name("tf.stop_gradient")), cst.Arg(argument(c.plain(code, value)))],
        )
        value = value.plain()
    targets, names_only = [], True
    for each in node.targets:
        new, plain = _target(c, each.target, value)
        names_only = names_only and not plain
        targets.append(each if new is each.target else each.with_changes(target=new))
    only = targets[0].target if len(targets) == 1 and code is not node.value else None
    if only is not None and type(code) is type(only) and code.deep_equals(only):
        bind(c, node.targets[0].target, value)
        return None
    # What is put into a list later must fit what it holds, and what stands in a class is used from outside.
    if not names_only or value.kind == "list" or c.scope.kind == "class":
        handed = value.reorders_arguments or isinstance(code, cst.Lambda)
        code = c.plain(code, value)
        if handed and c.scope.kind == "class" and value.kind == "module":  # a function there would be a method
            code = call(cst.Name("staticmethod"), [cst.Arg(code)])
        value = value.plain()
    for each in node.targets:
        bind(c, each.target, value, variable=elements.is_parameter(c, node.value))
    if code is node.value and all(a is b for a, b in zip(targets, node.targets, strict=True)):
        return node
    return node.with_changes(targets=targets, value=code)


def _names_module(c: Converter, node: cst.Assign) -> bool:
    """``layers = tf.keras.layers``: another name for a module of the framework, as an import gives one."""
    target = node.targets[0].target
    qualified = c.qualified(node.value) if isinstance(node.value, cst.Attribute) else None
    if qualified is None or len(node.targets) > 1 or not isinstance(target, cst.Name) or c.scope.kind == "class":
        return False
    from diptych.conversion import tensorflow_calls, torch_calls

    special = (torch_calls if c.source == "torch" else tensorflow_calls).SPECIAL
    known = (name for names in (c.index.entries[c.source], special) for name in names)
    if not qualified.rpartition(".")[2].islower() or qualified in c.index.entries[c.source] or qualified in special:
        return False
    if not any(name.startswith(f"{qualified}.") for name in known):
        return False
    if c.scope is c.globals and target.value in c.rebound_again:
        return False
    c.scope.names[target.value] = Value("api", api=qualified)
    return True


def _cleared(c: Converter, node: cst.Assign) -> bool | None:
    """``x.grad = None``."""
    none = isinstance(node.value, cst.Name) and node.value.value == "None"
    return (none and len(node.targets) == 1 and tapes.cleared(c, node.targets[0].target)) or None


def _read_later(c: Converter, node: cst.Assign) -> bool:
    return any(isinstance(t.target, cst.Name) and t.target.value in c.scope.after_no_grad for t in node.targets)


def _tuple_read_later(c: Converter, node: cst.Assign) -> bool:
    read = c.reads(node.targets[0].target) & c.scope.after_no_grad
    return bool(read)


def bind(c: Converter, target: Target, value: Value, *, variable: bool = False) -> None:
    """Note what a target holds from now on, and whether that is a variable in the twin."""
    if isinstance(target, cst.Name):
        name = target.value
        c.scope.modes.pop(name, None)
        if value.kind == "module":
            mode = True  # a new PyTorch module is in training mode, on whichever side
            if value.of is not None and value.of.startswith("mode:"):
                mode, value = value.of == "mode:True", replace(value, of=None)
            c.scope.modes[name] = mode
        c.scope.names[name] = value
    elif isinstance(target, (cst.Tuple, cst.List)):
        items = value.items if value.items is not None and len(value.items) == len(target.elements) else None
        for position, element in enumerate(target.elements):
            bind(c, element.value, items[position] if items else element_of(value))
    elif isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name) and is_self(c, target.value):
        owner = c.scope.owner
        assert owner is not None
        before = owner.attributes.get(target.attr.value)
        if value.kind in HOLDING and not value.memory:
            value = replace(value, memory=perhaps(frozenset({c.fresh_storage()})))
        if not owner.is_module:
            value = _lasting(before, value)
        known = held_layers.either(c, target, before, replace(value, permutation=None, of=None))
        owner.attributes[target.attr.value] = known
        if variable:
            owner.variables.add(target.attr.value)
        if value.is_tensor:
            storage = c.fresh_storage()
            owner.attributes[target.attr.value] = replace(known, memory=known.memory | {storage})
            memory.seen_by(c, value.memory | {storage}, f"self.{target.attr.value}")
    elif isinstance(target, cst.Attribute):
        memory.put(c, target, value)


def _lasting(before: Value | None, now: Value) -> Value:
    """What stays true of a plain object's attribute, whichever method runs next."""
    if before is not None and before.kind in ("module", "optimizer") and now.kind in ("unknown", "none"):
        return before
    if now.is_tensor:
        return Value("tensor", memory=now.memory)
    return now if now.kind in ("module", "modules", "optimizer", "foreign") else Value(memory=now.memory)


def is_self(c: Converter, node: cst.Name) -> bool:
    """Whether a name is the object whose method this is."""
    known = c.scope.lookup(node.value)
    return known is not None and known.kind == "self" and c.scope.owner is not None


def _target(c: Converter, target: Target, value: Value) -> tuple[Any, bool]:
    """The target in the twin, and whether its value must have the source's order of axes."""
    if isinstance(target, cst.Name):
        return target, c.scope.kind == "class" and value.reorders_arguments  # whoever has an object reaches it
    if isinstance(target, (cst.Tuple, cst.List)):
        elements, plain = [], False
        for element in target.elements:
            new, inner = _target(c, element.value, value)
            plain = plain or inner or isinstance(element, cst.StarredElement)
            elements.append(element if new is element.value else element.with_changes(value=new))
        changed = any(a is not b for a, b in zip(elements, target.elements, strict=True))
        return (target.with_changes(elements=elements) if changed else target), plain
    if isinstance(target, cst.Attribute):
        if isinstance(target.value, cst.Name) and is_self(c, target.value):
            here = value.reorders_arguments and c.scope.owner is not None and c.scope.owner.name not in c.passed_on
            called_only = here and f"called only: {target.attr.value}" in c.facts
            return self_target(c, target), not called_only
        qualified = c.qualified(target)
        if qualified is not None and c.is_framework(qualified):
            c.journal.error(target, qualified, c.why(qualified, "something of the framework itself is assigned"))
            return target, True
        base = c.expr(target.value)[1]
        if base.is_tensor:
            c.journal.error(target, f"Tensor.{target.attr.value}", "a tensor's attribute is assigned")
        elif base.kind == "module" and c.source == "torch":
            c.journal.error(target, f"Module.{target.attr.value}", "an attribute of a module is assigned from outside")
        return target, True
    if isinstance(target, cst.Subscript):
        if c.source == "torch" and c.expr(target.value)[1].is_tensor:
            c.journal.error(target, "item assignment", "written along with other targets: give it a line of its own")
        new = target if layer_parts.written(c, target) else c.code(target)
        return new if isinstance(new, cst.Subscript) else target, True
    return target, True


def self_target(c: Converter, target: cst.Attribute) -> cst.Attribute:
    """An attribute of the object as it is called in the twin."""
    owner = c.scope.owner
    assert owner is not None
    name = target.attr.value
    renamed = owner.renamed.get(name)
    if renamed is None and owner.is_module and reserved.is_reserved(c.target, name):
        renamed = name + "_"
        owner.renamed[name] = renamed
        framework = "Keras" if c.target == "tensorflow" else "PyTorch"
        c.journal.note(f"`{name}` is reserved in {framework}: the attribute is called `{renamed}` in the twin.")
    return target.with_changes(attr=cst.Name(renamed)) if renamed else target


def _unpacking(c: Converter, node: cst.Assign, target: Any) -> Any:
    if not isinstance(target, (cst.Tuple, cst.List)) or any(isinstance(e, cst.StarredElement) for e in target.elements):
        return None
    targets = [element.value for element in target.elements]
    shape = attributes.unpacked_shape(c, targets, node.value)
    if shape is not None:
        order, code = shape
        for each in targets:
            bind(c, each, Value("int"))
        elements = [element.with_changes(value=new) for element, new in zip(target.elements, order, strict=True)]
        return node.with_changes(
            targets=[node.targets[0].with_changes(target=target.with_changes(elements=elements))], value=code
        )
    if isinstance(node.value, cst.Call):
        return _results(c, node, target, targets)
    return None


def _results(c: Converter, node: cst.Assign, target: Any, targets: list[Any]) -> Any:
    """``values, _ = x.max(1)`` and ``out, (h, c) = lstm(x)``."""
    assert isinstance(node.value, cst.Call)
    used = [place for place, each in enumerate(targets) if not _unused(c, each)]
    c.wanted[id(node.value)] = tuple(used) if used else tuple(range(len(targets)))
    code, value = c.expr(node.value)
    served = c.wanted.pop(id(node.value), None) == ()
    if value.kind == "states":
        return _states(c, node, targets, code, value)
    if not served or len(used) == len(targets):
        new, plain = _target(c, target, value)
        if plain:
            code, value = c.plain(code, value), value.plain()
        bind(c, target, value)
        if isinstance(code, cst.Tuple) and code is not node.value:
            code = code.with_changes(lpar=[], rpar=[])
        return (
            node
            if code is node.value and new is target
            else node.with_changes(value=code, targets=[node.targets[0].with_changes(target=new)])
        )
    kept = [targets[place] for place in used]
    if len(kept) == 1:
        bind(c, kept[0], value)
        return node.with_changes(targets=[cst.AssignTarget(kept[0])], value=code)
    bind(c, cst.Tuple([cst.Element(each) for each in kept]), value)
    return node.with_changes(
        targets=[cst.AssignTarget(sequence([cst.Element(each) for each in kept]).with_changes(lpar=[], rpar=[]))],
        value=code,
    )


def _unused(c: Converter, target: Any) -> bool:
    return (
        isinstance(target, cst.Name)
        and (target.value == "_" or target.value.startswith("_"))
        and target.value not in c.scope.later
    )


def _states(c: Converter, node: cst.Assign, targets: list[Any], code: cst.BaseExpression, value: Value) -> Any:
    """A recurrent layer's results. Without its states in use, Keras gives the sequence alone."""
    assert value.items is not None
    if len(targets) == 2 and _all_unused(c, targets[1]):
        bind(c, targets[0], value.items[0])
        return node.with_changes(targets=[cst.AssignTarget(targets[0])], value=code)
    c.journal.error(
        node.value, "recurrent states", "only the output sequence of a recurrent layer is converted, not its states"
    )
    bind_target(c, targets[0], value.items[0])
    return node


def _all_unused(c: Converter, target: Any) -> bool:
    if isinstance(target, (cst.Tuple, cst.List)):
        return all(_all_unused(c, element.value) for element in target.elements)
    return isinstance(target, cst.Name) and target.value not in c.scope.later


def annotated(c: Converter, node: cst.AnnAssign) -> Any:
    """``a: T = ...``."""
    from diptych.conversion import definitions

    annotation = definitions.annotation(c, node.annotation)
    if node.value is None:
        return node if annotation is node.annotation else node.with_changes(annotation=annotation)
    code, value = c.expr(node.value)
    new, plain = _target(c, node.target, value)
    if plain:
        code, value = c.plain(code, value), value.plain()
    bind(c, node.target, value)
    if code is node.value and annotation is node.annotation and new is node.target:
        return node
    return node.with_changes(target=new, annotation=annotation, value=code)


def augmented(c: Converter, node: cst.AugAssign) -> Any:
    """``a += b``: for tensors a new value under the same name, if nobody else could see the old one change."""
    target = node.target
    code, given = c.expr(node.value)
    if given.kind in ("list", "tuple"):
        code, given = c.plain(code, given), given.plain()
        tracked_layers.grown(c, target, node.value, given, several=True)
    if isinstance(target, cst.Name):
        known = c.scope.lookup(target.value) or Value()
        if known.is_tensor or (known.kind in ("unknown", "foreign") and known.memory):
            return _augmented_tensor(c, node, target, known)
        new_value = (
            known
            if known.kind in ("list", "str", "float")
            else Value(
                "number" if known.kind in ("int", "number") and given.kind in ("int", "float", "number") else "unknown"
            )
        )
        if known.kind == "int" and given.kind == "int":
            new_value = Value("int")
        if known.kind in ("int", "float", "number") and given.is_tensor:
            new_value = c.fresh(replace(given, permutation=None, width=None))
        if known.kind == "list":
            items = None if known.items is None or given.items is None else known.items + given.items
            both = [element_of(each) for each in (known, given) if each.items or each.item is not None]
            item = join_all(both) if both and items is None else None
            new_value = replace(known, items=items, item=item, literal=MISSING)
        c.scope.names[target.value] = new_value
    elif c.source == "torch" and elements.variable(c, target):
        return elements.augmented_variable(c, node, target)
    elif isinstance(target, cst.Subscript) and c.expr(target.value)[1].is_tensor:
        return elements.augmented(c, node, target)
    elif c.source == "torch" and isinstance(target, (cst.Attribute, cst.Subscript)):
        refusal = memory.why_no_part_in_place(c, target)
        if refusal:
            c.journal.error(node.target, "+=", refusal)
            return node
    new_target = c.expr(target)[0] if not isinstance(target, cst.Name) else target
    code = c.plain(code, given)
    if code is node.value and new_target is target:
        return node
    return node.with_changes(target=new_target, value=code)


def _augmented_tensor(c: Converter, node: cst.AugAssign, target: cst.Name, known: Value) -> Any:
    c.scope.here[target.value] = 1  # the right side is computed before anything is written
    refusal = memory.why_not_in_place(c, target, target.value) if c.source == "torch" else None
    if refusal:
        c.journal.error(target, "+=", refusal)
        return node
    code, _ = c.expr(node.value)
    if not known.is_tensor:
        return node if code is node.value else node.with_changes(value=code)
    binary = cst.BinaryOperation(target, _operator(node.operator), node.value)
    binary = binary.with_changes(right=fit(binary, "right", node.value))
    c.stands_for(binary, node)
    computed, value = c.expr(binary)
    if c.source == "tensorflow":
        c.scope.names[target.value] = c.fresh(replace(known, permutation=value.permutation, of=None))
        return cst.Assign([cst.AssignTarget(target)], computed)
    c.scope.names[target.value] = replace(known, permutation=value.permutation, of=None)
    if isinstance(computed, cst.BinaryOperation) and computed.left is target:
        right = node.value if computed.right is binary.right else bare(computed.right)
        return node if right is node.value else node.with_changes(value=right)
    return cst.Assign([cst.AssignTarget(target)], computed)


def _operator(operator: cst.BaseAugOp) -> cst.BaseBinaryOp:
    return getattr(cst, type(operator).__name__.replace("Assign", ""))()


def _element(c: Converter, node: cst.Assign, target: cst.Subscript) -> Any:
    """``x[...] = v``."""
    written = elements.assigned(c, node, target)
    if written is not None:
        return written
    base = c.expr(target.value)[1]
    tracked_layers.grown(c, target.value, node.value, c.expr(node.value)[1], several=False)
    code, value = c.expr(node.value)
    if base.kind in dicts.PUT_IN:
        code, value = dicts.held(c, code, value)
    new = c.code(target)
    if base.kind in ("list", "dict", "unknown", "foreign") and value.is_tensor:
        c.scope.external |= value.memory
    if base.kind in ("unknown", "foreign") and base.memory and c.source == "torch":
        refusal = memory.why_not_known_in_place(c, target.value, base)
        if refusal:
            c.journal.error(target, "item assignment", refusal)
            return node
    code = c.plain(code, value)
    if base.kind in ("list", "modules"):
        code, value = held_layers.put(c, target.value, code, value)
        _grown(c, target.value, value.plain())
    else:
        code, value = handed_layers.handed(c, node.value, code, value)
    memory.put(c, target, value)
    if code is node.value and new is target:
        return node
    return node.with_changes(value=code, targets=[cst.AssignTarget(new if isinstance(new, cst.Subscript) else target)])


def _grown(c: Converter, node: cst.BaseExpression, value: Value) -> None:
    """Note what a list holds after ``append``."""
    known = c.expr(node)[1]
    if known.kind not in ("list", "modules"):
        return
    before = element_of(known) if known.items or known.item is not None else None
    item = value if before is None else join(before, value)
    held_layers.noted(c, node, item)
    grown = replace(known, item=item, items=None, literal=MISSING, memory=known.memory | value.memory)
    if isinstance(node, cst.Name):
        c.scope.names[node.value] = grown
    elif (
        isinstance(node, cst.Attribute)
        and isinstance(node.value, cst.Name)
        and is_self(c, node.value)
        and c.scope.owner is not None
    ):
        c.scope.owner.attributes[node.attr.value] = grown


def bare_in_place(c: Converter, node: cst.Call) -> Any:
    """``F.relu(x, inplace=True)`` as a statement of its own, and ``x.add_(y)``; ``None`` where it is neither."""
    held_layers.appended(c, node)
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("append", "extend", "insert") and node.args:
        given, several = node.args[-1].value, node.func.attr.value == "extend"
        value = c.expr(given)[1].plain()
        tracked_layers.grown(c, node.func.value, given, value, several=several)
        _grown(c, node.func.value, element_of(value) if several else value)
        if node.func.attr.value == "append":
            memory.seen_by(c, value.memory, "a list that holds it")
        else:
            c.scope.external |= value.memory
        return None
    written = elements.written_in_place(c, node)
    if written is not None:
        return written
    memory.kept(c, node)
    qualified = c.qualified(node.func)
    if c.source != "torch" or qualified is None or not qualified.startswith("torch.nn.functional.") or not node.args:
        return None
    inplace = any(a.keyword and a.keyword.value == "inplace" and c.literal(a.value) is True for a in node.args)
    first = node.args[0].value
    if not inplace or not isinstance(first, cst.Name):
        return None
    refusal = memory.why_not_in_place(c, first, first.value)
    if refusal:
        c.journal.error(node, qualified, refusal)
        return cst.Expr(node)
    kept = [a for a in node.args if not (a.keyword and a.keyword.value == "inplace")]
    functional = node.with_changes(args=[*kept[:-1], kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)])
    c.alive.append(functional)
    code, value = c.expr(functional)
    c.scope.names[first.value] = replace(value, of=None)
    return cst.Assign([cst.AssignTarget(first)], code)
