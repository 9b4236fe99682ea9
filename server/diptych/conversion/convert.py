"""Converting a whole text: imports, entries, and how lines pair up."""

from __future__ import annotations

import re
from typing import Any

import libcst as cst

from diptych.catalog import index as catalog
from diptych.conversion import classes, comments, definitions, functional, statements, training
from diptych.conversion.converter import Converter
from diptych.conversion.expression import Rewritten, rewritten
from diptych.conversion.names import ROOTS, dotted
from diptych.conversion.result import Axes, Conversion, Entry, Framework, Layout, Parameter
from diptych.inference.values import Value
from diptych.syntax.source import Positions, parse
from diptych.syntax.walk import children, statements_in, walk


def convert(
    text: str,
    to: Framework | None = None,
    *,
    layout: Layout = "channels-last",
    expressions: list[Rewritten] | None = None,
) -> Conversion:
    """Convert a text into the other framework; ``to=None`` goes by its imports.

    Raises ``ParseError`` where the text is not Python. Whatever else it holds, there is a result that parses.
    A list given as ``expressions`` gets every call and dotted name that was changed.
    """
    module = parse(text)
    source = _source(module, to)
    if source is None:
        target = to or "tensorflow"
        note = "Neither PyTorch nor TensorFlow is imported: there is nothing to convert."
        if _source(module, None) is not None:
            there = "PyTorch" if to == "torch" else "TensorFlow"
            note = f"Only {there} is imported: there is nothing to convert into it."
        return Conversion(
            text, text, "torch" if target == "tensorflow" else "tensorflow", target, layout, notes=(note,)
        )
    index = catalog.load()
    positions = Positions(module)
    origins: dict[int, cst.CSTNode] = {}
    original = module
    if source == "tensorflow":
        module = functional.as_classes(module, origins)
    c = Converter(index, source, layout, _taken(module, source))
    c.journal.origins, c.positions = origins, positions
    c.alive.append(original)
    c.sublayers = _sublayers(module)
    c.passed_on = _passed_on(module)
    c.optimizers = training.optimizers(module) if source == "tensorflow" else {}
    _declare(c, module)
    body = statements.block(c, module.body)
    twin = _with_imports(c, module.with_changes(body=body))
    if expressions is not None:
        expressions += rewritten(c, positions)
    leftovers = c.journal.leftovers(positions)
    places = Positions(twin)
    return Conversion(
        text, places.code, source, c.target, layout, leftovers, tuple(c.journal.notes),
        tuple(sorted(_helpers_in(c, _used_names(twin)))), _entries(c, module, positions),
        _lines(c, twin, places, positions),
    )  # fmt: skip


def _source(module: cst.Module, to: Framework | None) -> Framework | None:
    """The framework to convert from: the one that is not asked for, or the one that the imports name first."""
    found: list[Framework] = []
    for node in _imports_of(module):
        names = (
            [dotted(alias.name) for alias in node.names]
            if isinstance(node, cst.Import)
            else [dotted(node.module) if node.module and not node.relative else None]
        )
        for name in names:
            root = (name or "").split(".")[0]
            if root in ROOTS:
                found.append("torch" if root == "torch" else "tensorflow")
    if to is None:
        return found[0] if found else None
    wanted: Framework = "torch" if to == "tensorflow" else "tensorflow"
    return wanted if wanted in found else None


def _imports_of(module: cst.Module, *, nested: bool = True) -> list[cst.Import | cst.ImportFrom]:
    """The file's imports; with ``nested`` also those inside functions and classes."""
    closed = () if nested else (cst.FunctionDef, cst.ClassDef)
    found: list[cst.Import | cst.ImportFrom] = []
    for node in walk(module, not_into=(*closed, cst.BaseExpression)):
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            found.append(node)
    return found


def _taken(module: cst.Module, source: Framework) -> set[str]:
    """Every name in the text except those that framework imports alone bind."""
    names, imported, bound = set(), set(), set()
    for node in walk(module, not_into=(cst.Import, cst.ImportFrom)):
        if isinstance(node, cst.Name):
            names.add(node.value)
        elif isinstance(node, (cst.AssignTarget, cst.For, cst.CompFor, cst.NamedExpr, cst.AugAssign, cst.AnnAssign)):
            bound |= _target_names(node.target)
        elif isinstance(node, (cst.Param, cst.FunctionDef, cst.ClassDef)):
            bound.add(node.name.value)
        elif isinstance(node, cst.Import):
            for alias in node.names:
                root = (dotted(alias.name) or "").split(".")[0]
                (imported if root in ROOTS else bound).add(_bound(alias))
        elif isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            root = (dotted(node.module) or "").split(".")[0] if node.module and not node.relative else ""
            for alias in node.names:
                (imported if root in ROOTS else bound).add(_bound(alias))
    return (names - imported) | bound


def _target_names(target: Any) -> set[str]:
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, (cst.Tuple, cst.List)):
        return set().union(*(_target_names(element.value) for element in target.elements))
    return set()


def _sublayers(module: cst.Module) -> set[str]:
    """Names called inside classes, or derived from: classes among them are parts of other models."""
    found: set[str] = set()
    for class_ in walk(module, not_into=(cst.BaseExpression,)):
        if isinstance(class_, cst.ClassDef):
            found |= {base.value.value for base in class_.bases if isinstance(base.value, cst.Name)}
            found |= {
                node.func.value
                for node in walk(class_.body)
                if isinstance(node, cst.Call) and isinstance(node.func, cst.Name)
            }
    return found


def _passed_on(module: cst.Module) -> set[str]:
    """Names that are used other than by calling them: whoever calls such a function or class may be anybody."""
    found: set[str] = set()
    stack: list[Any] = [module]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Name):
            found.add(node.value)
            continue
        inside = children(node)
        if isinstance(node, cst.ClassDef):
            inside = [part for part in inside if not any(part is base for base in node.bases)]
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
            inside = [part for part in inside if part is not node.func] if node.func.value != "isinstance" else []
        if isinstance(node, cst.Attribute):
            inside = [part for part in inside if not isinstance(part, cst.Name)]
        stack.extend(part for part in inside if not isinstance(part, (cst.Annotation, cst.AssignTarget)))
    return found


def _declare(c: Converter, module: cst.Module) -> None:
    """Bind the file's imports, functions and classes before anything is converted: functions run later."""
    for node in _imports_of(module, nested=False):
        definitions.bind_import(c, node)
    rebound = _assigned_at_top(module)
    for name in rebound:
        known = c.globals.names.get(name)
        if known is not None and known.kind == "api":
            c.globals.names[name] = Value()
    for statement in module.body:
        if isinstance(statement, cst.FunctionDef):
            c.globals.names[statement.name.value] = Value(
                "function", definition=definitions.LocalFunction(statement, c.globals)
            )
        elif isinstance(statement, cst.ClassDef):
            c.globals.names[statement.name.value] = Value("class", definition=classes.LocalClass(statement, c.globals))


def _assigned_at_top(module: cst.Module) -> set[str]:
    names: set[str] = set()
    for statement in module.body:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if isinstance(small, cst.Assign):
                    names |= {t.target.value for t in small.targets if isinstance(t.target, cst.Name)}
    return names


# --- Imports and helpers -----------------------------------------------------------------------------------------


def _with_imports(c: Converter, module: cst.Module) -> cst.Module:
    """Put in the imports and helpers that the twin needs, and take out those that nothing needs any more."""
    used = _used_names(module)
    helpers = _helpers_in(c, used)
    added: list[Any] = []
    for name in sorted(helpers):
        added += _helper_nodes(c, name)
    body: list[Any] = []
    place: int | None = None
    lines: list[cst.EmptyLine] = []
    for statement in module.body:
        kept, removed = _kept_import(statement, used)
        first = removed and place is None
        if first:
            place = len(body)
        if kept is None:
            above = [line.comment for line in statement.leading_lines if line.comment]
            lines += [*statement.leading_lines] if above or first else []
            lines += [cst.EmptyLine(comment=comment) for comment in comments.inside(statement) if comment not in above]
            continue
        body.append(kept)
    probe = module.with_changes(body=[*body, *added])
    names = _used_names(probe)
    wanted = []
    for line in c.twin.imports():
        bound = line.split()[-1]
        if bound in names and not _binds(body, bound):
            wanted.append(cst.parse_statement(line))
    if len(wanted) > 1 and wanted[0].body[0].names[0].name.value == "math":
        wanted[1] = wanted[1].with_changes(leading_lines=[cst.EmptyLine()])
    if place is None:
        place = _after_docstring(body)
        _set_apart(body, place, wanted)
    if wanted and lines:
        wanted[0] = wanted[0].with_changes(leading_lines=lines)
    elif lines and place < len(body):
        body[place] = body[place].with_changes(leading_lines=[*lines, *body[place].leading_lines])
    body[place:place] = wanted
    if added:
        end = _after_imports(body)
        body[end:end] = added
        if end + len(added) < len(body):
            following = body[end + len(added)]
            blank = [line for line in following.leading_lines if line.comment is None]
            if len(blank) < 2:
                body[end + len(added)] = following.with_changes(
                    leading_lines=[*[cst.EmptyLine()] * (2 - len(blank)), *following.leading_lines]
                )
    return module.with_changes(body=body)


def _set_apart(body: list[Any], place: int, wanted: list[Any]) -> None:
    """Blank lines around imports that take no other import's place."""
    if not wanted:
        return
    if place:
        wanted[0] = wanted[0].with_changes(leading_lines=[cst.EmptyLine()])
    if place < len(body) and not _is_import(body[place]):
        lines = body[place].leading_lines
        needed = 2 if isinstance(body[place], (cst.FunctionDef, cst.ClassDef)) else 1
        blank = [cst.EmptyLine()] * (needed - sum(line.comment is None for line in lines))
        body[place] = body[place].with_changes(leading_lines=[*blank, *lines])


def _is_import(statement: Any) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(
        statement.body[0], (cst.Import, cst.ImportFrom)
    )


def _helpers_in(c: Converter, used: set[str]) -> set[str]:
    return {name for name in c.helpers if c.twin.helpers.get(name) in used}


def _helper_nodes(c: Converter, name: str) -> list[Any]:
    tree = cst.parse_module(c.index.helpers[name])
    aliases = {
        "tf": "tf",
        "keras": "keras",
        "torch": "torch",
        "nn": "torch.nn",
        "F": "torch.nn.functional",
        "math": "math",
    }

    class Renamed(cst.CSTTransformer):
        def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:  # noqa: N802
            if original_node.value in aliases:
                return c.name(aliases[original_node.value])
            if original_node.value == name:
                return cst.Name(c.twin.helpers.get(name, name))
            return updated_node

        def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802
            return True

        def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:  # noqa: N802
            return updated_node.with_changes(attr=original_node.attr)

    renamed = tree.visit(Renamed())
    first = renamed.body[0]
    return [first.with_changes(leading_lines=[cst.EmptyLine(), cst.EmptyLine()])]


def _used_names(module: cst.Module) -> set[str]:
    """Every name that the code looks up; also those in annotations that are written as strings."""
    found: set[str] = set()
    for node in walk(module, not_into=(cst.Import, cst.ImportFrom)):
        if isinstance(node, cst.Name):
            found.add(node.value)
        elif isinstance(node, cst.Annotation):
            for part in walk(node):
                if isinstance(part, cst.SimpleString):
                    found.update(re.findall(r"\w+", part.raw_value))
    return found


def _kept_import(statement: Any, used: set[str]) -> tuple[Any, bool]:
    """An import without the framework names that nothing uses; ``None`` where nothing is left of it."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return statement, False
    node = statement.body[0]
    if isinstance(node, cst.Import):
        kept = [a for a in node.names if (dotted(a.name) or "").split(".")[0] not in ROOTS or _bound(a) in used]
    elif (
        isinstance(node, cst.ImportFrom)
        and node.module is not None
        and not node.relative
        and not isinstance(node.names, cst.ImportStar)
    ):
        if (dotted(node.module) or "").split(".")[0] not in ROOTS:
            return statement, False
        kept = [a for a in node.names if _bound(a) in used]
    elif isinstance(node, cst.ImportFrom) and node.module is not None and isinstance(node.names, cst.ImportStar):
        return statement, False
    else:
        return statement, False
    if isinstance(node.names, cst.ImportStar) or len(kept) == len(node.names):
        return statement, False
    if not kept:
        return None, True
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return statement.with_changes(body=[node.with_changes(names=kept)]), True


def _bound(alias: cst.ImportAlias) -> str:
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value
    return (dotted(alias.name) or "").split(".")[0]


def _binds(body: list[Any], name: str) -> bool:
    lines = [statement for statement in body if isinstance(statement, cst.SimpleStatementLine)]
    imports = [node for line in lines for node in line.body if isinstance(node, (cst.Import, cst.ImportFrom))]
    return any(
        _bound(alias) == name for node in imports if not isinstance(node.names, cst.ImportStar) for alias in node.names
    )


def _after_docstring(body: list[Any]) -> int:
    place = 0
    for statement in body:
        if (
            isinstance(statement, cst.SimpleStatementLine)
            and isinstance(statement.body[0], cst.Expr)
            and isinstance(statement.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
        ) or (
            isinstance(statement, cst.SimpleStatementLine)
            and isinstance(statement.body[0], cst.ImportFrom)
            and dotted(statement.body[0].module or cst.Name("")) == "__future__"
        ):
            place += 1
        else:
            break
    return place


def _after_imports(body: list[Any]) -> int:
    place = 0
    for position, statement in enumerate(body):
        if isinstance(statement, cst.SimpleStatementLine) and any(
            isinstance(node, (cst.Import, cst.ImportFrom)) for node in statement.body
        ):
            place = position + 1
        elif isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
            break
    return place or _after_docstring(body)


# --- Entries and lines --------------------------------------------------------------------------------------------


def _entries(c: Converter, module: cst.Module, positions: Positions) -> tuple[Entry, ...]:
    found = []
    for statement in module.body:
        if not positions.known(c.journal.origin(statement)):
            continue  # made of a functional model, which is an entry itself
        if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
            value = c.globals.names.get(statement.name.value)
            local = value.definition if value is not None else None
            if isinstance(local, definitions.LocalFunction) and local.node is statement:
                found.append(_function_entry(c, local, positions))
            elif isinstance(local, classes.LocalClass) and local.node is statement and local.info(c) is not None:
                found.append(_class_entry(c, local, positions))
        elif isinstance(statement, cst.SimpleStatementLine):
            for name in _model_names(c, statement):
                found.append(
                    _model_entry(
                        name, _line(c, statement, positions), c.globals.names[name], (), comments.above(statement)
                    )
                )
    return tuple(found)


def _model_names(c: Converter, statement: cst.SimpleStatementLine) -> list[str]:
    names = []
    for node in statement.body:
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Call):
            for target in node.targets:
                if (
                    isinstance(target.target, cst.Name)
                    and c.globals.names.get(target.target.value, Value()).kind == "module"
                ):
                    names.append(target.target.value)
    return names


def _function_entry(c: Converter, local: definitions.LocalFunction, positions: Positions) -> Entry:
    signature = local.signature(c)
    parameters = _described(local.node, signature.given if signature else {}, skip_self=False)
    result = signature.result if signature else Value()
    outputs = tuple(Axes(p) for p in _flat(result))
    comment = comments.of_definition(local.node)
    if result.kind == "module" and all(p.default is not None for p in parameters):
        return _model_entry(local.node.name.value, _line(c, local.node, positions), result, parameters, comment)
    return Entry(local.node.name.value, "function", _line(c, local.node, positions), parameters, (), outputs, comment)


def _line(c: Converter, node: cst.CSTNode, positions: Positions) -> int:
    return positions.span(c.journal.origin(node)).line


def _model_entry(name: str, line: int, value: Value, constructor: tuple[Parameter, ...], comment: str | None) -> Entry:
    """A variable that holds a model, or a function that makes one."""
    layer = value.layer
    info = layer.definition if layer is not None else None
    if info is not None and info.signature is not None and info.forward is not None:
        parameters = tuple(
            p for p in _described(info.forward, info.signature.given, skip_self=True) if p.name != "training"
        )
        outputs = tuple(Axes(p) for p in _flat(info.signature.result))
        return Entry(name, "model", line, parameters, constructor, outputs, comment or info.comment)
    takes, gives = (layer.takes, layer.gives) if layer is not None else (None, None)
    return Entry(name, "model", line, (Parameter("x", axes=Axes(takes)),), constructor, (Axes(gives),), comment)


def _class_entry(c: Converter, local: classes.LocalClass, positions: Positions) -> Entry:
    forward, constructor = local.forward, local.constructor
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Axes, ...] = ()
    comment = local.comment
    if forward is not None:
        signature = forward.signature(c)
        parameters = _described(forward.node, signature.given if signature else {}, skip_self=True)
        if c.source == "tensorflow":
            parameters = tuple(p for p in parameters if p.name != "training")
        outputs = tuple(Axes(p) for p in _flat(signature.result)) if signature else ()
        comment = ", ".join(filter(None, dict.fromkeys([local.comment, comments.of_definition(forward.node)]))) or None
    made = _described(constructor.node, {}, skip_self=True) if constructor is not None else ()
    return Entry(local.node.name.value, "class", _line(c, local.node, positions), parameters, made, outputs, comment)


def _described(node: cst.FunctionDef, given: dict[str, Value], *, skip_self: bool) -> tuple[Parameter, ...]:
    every = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
    code = cst.Module([]).code_for_node
    return tuple(
        Parameter(
            p.name.value,
            code(p.annotation.annotation) if p.annotation else None,
            code(p.default) if p.default else None,
            Axes(given[p.name.value].permutation if p.name.value in given else None),
        )
        for p in (every[1:] if skip_self else every)
    )


def _flat(value: Value) -> list[Any]:
    if value.items is not None:
        return [axes for item in value.items for axes in _flat(item)]
    return [value.permutation]


def _lines(c: Converter, twin: cst.Module, positions: Positions, source: Positions) -> tuple[tuple[int, int], ...]:
    found: dict[int, int] = {}
    for node in statements_in(twin):
        origin = c.journal.origin(c.origin.get(id(node)) or node)
        if source.known(origin) and positions.known(node):
            found.setdefault(source.span(origin).line, positions.span(node).line)
    return tuple(sorted(found.items()))
