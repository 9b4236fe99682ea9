"""The state of one conversion, and the entry to converting expressions."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Container
from typing import Any

import libcst as cst

from diptych.catalog.index import Index
from diptych.catalog.rule import other
from diptych.conversion import expressions, layer_calls
from diptych.conversion.journal import Journal
from diptych.conversion.names import FRAMEWORK_ROOTS, TwinNames, dotted
from diptych.conversion.result import Framework, Held, Layout
from diptych.conversion.scope import Scope
from diptych.inference.permutations import Permutation, compose, inverse, normal
from diptych.inference.values import MIXED, Value, of_literal, replace
from diptych.matching.emit import call
from diptych.syntax.canonical import canonical
from diptych.syntax.literals import node_of, value_of
from diptych.syntax.precedence import argument, atom
from diptych.syntax.source import Positions
from diptych.syntax.walk import names_read, walk
from diptych.text.missing import MISSING

Code = tuple[cst.BaseExpression, Value]


class Converter:
    """Converts one file. ``expr`` gives the twin's code of an expression and what is known of its value.

    Nodes of the source are never changed in place; whatever is left alone is the very same node, so that it keeps its
    text.
    """

    def __init__(self, index: Index, source: Framework, layout: Layout, taken: Container[str], module: Scope) -> None:
        self.index = index
        self.source: Framework = source
        self.target: Framework = "tensorflow" if source == "torch" else "torch"
        assert self.target == other(source)
        self.layout = layout
        self.journal = Journal()
        self.globals = module
        self.scope = module
        self.twin = TwinNames(taken)
        self.helpers: set[str] = set()
        self.wanted: dict[int, tuple[int | str, ...]] = {}
        self.origin: dict[cst.CSTNode, cst.CSTNode] = {}
        self.alive: list[Any] = []
        self.held: dict[int, tuple[Any, dict[str, tuple[tuple[Permutation | None, ...], str]]]] = {}
        self.held_in_units: list[Held] = []
        self.flowing: Value | None = None
        self.assigning: str | None = None
        self.alike = False
        self.gone_over: set[int] = set()
        self.callee: cst.CSTNode | None = None
        self.positions: Positions | None = None
        self.other_arrays = False
        self.rebound: frozenset[str] = frozenset()
        self.rebound_again: frozenset[str] = frozenset()
        self.moves_axes = False
        self.open_tapes = 0
        self.lazy_weights: set[cst.Call] = set()
        self.trainers: dict[int, str] = {}
        self.taped: dict[int, Any] = {}
        self.optimizers: dict[str, str] = {}
        self.facts: frozenset[str] = frozenset()
        self.sublayers: Container[str] = ()
        self.passed_on: Container[str] = ()
        self.elsewhere: Container[str] = ()
        self.files: Container[str] = ()
        self._transposed: dict[int, tuple[cst.BaseExpression, Permutation]] = {}
        self._memo: dict[int, Code] = {}
        self._synthetic: dict[int, str] = {}
        self._reads: dict[int, frozenset[str]] = {}
        self._inside: dict[int, list[Any]] = {}
        self._counted: dict[int, Counter[str]] = {}
        self._storages = itertools.count(1)

    # --- Expressions ---------------------------------------------------------------------------------------------

    def expr(self, node: cst.BaseExpression) -> Code:
        """Convert an expression; within one statement the same node is converted once."""
        known = self._memo.get(id(node))
        if known is None:
            mark, prefix = self.journal.mark(), len(self.scope.prefix or ())
            known = expressions.convert(self, node)
            if known[0] is node and self.scope.prefix and self.journal.errors_since(mark):
                del self.scope.prefix[prefix:]  # what was left as it is reads none of the names given to its parts
            if known[1].api == MIXED and known[1].is_tensor:
                self.journal.error(node, "axes", "it may be tensors whose axes stand in different orders")
            self._memo[id(node)] = known
            self.alive.append((node, known[0]))
        return known

    def remember(self, node: cst.BaseExpression, known: Code) -> None:
        """Let a node that does not stand in the text stand for code that is converted already."""
        self._memo[id(node)] = known
        self.alive.append((node, known[0]))

    def stands_for(self, new: cst.CSTNode, node: cst.CSTNode) -> None:
        """Note that a node that does not stand in the text says the same as one that does, and keep it."""
        self.alive.append(new)
        if new is not node:
            self.journal.origins[id(new)] = node

    def code(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """The twin's code with every tensor's axes in the source's order."""
        return self.plain(*self.expr(node))

    def new_statement(self) -> None:
        """Forget conversions of expressions: names may mean something else from here on."""
        self._memo.clear()

    def count_storages_from(self, first: int) -> None:
        """Give storages numbers from here on."""
        self._storages = itertools.count(first)

    def remember_reads(self, statement: cst.CSTNode, names: frozenset[str]) -> None:
        """Note what a statement looks up, where its tree is not at hand."""
        self._reads[id(statement)] = names
        self.alive.append(statement)

    def fresh_storage(self) -> int:
        """A new storage."""
        return next(self._storages)

    def fresh(self, value: Value) -> Value:
        """The value in a storage of its own."""
        return replace(value, memory=frozenset({self.fresh_storage()}), of=None)

    # --- Names ---------------------------------------------------------------------------------------------------

    def qualified(self, node: cst.BaseExpression) -> str | None:
        """The framework name that an expression stands for, following imports and local names; ``None`` otherwise."""
        if id(node) in self._synthetic:
            return self._synthetic[id(node)]
        rest = ""
        while type(node) is cst.Attribute:
            rest = f".{node.attr.value}{rest}"
            node = node.value
        value = self.scope.lookup(node.value) if type(node) is cst.Name else None
        if value is None or value.kind != "api" or value.api is None:
            return None
        return canonical(value.api + rest)

    def source_call(self, qualified: str, arguments: list[cst.Arg]) -> cst.Call:
        """A call of the source's framework that does not stand in the text but says the same as something that does."""
        function = cst.Name(qualified.rsplit(".", 1)[-1])
        self._synthetic[id(function)] = qualified
        node = call(function, arguments)
        self.alive.append((function, node))
        self._synthetic[id(node.func)] = qualified
        return node

    def stand_in(self, node: cst.BaseExpression, qualified: str) -> None:
        """Let a node that does not stand in the text name something of the source's framework."""
        self._synthetic[id(node)] = qualified
        self.alive.append(node)

    def is_framework(self, qualified: str) -> bool:
        """Whether a qualified name belongs to the framework that is converted from, or is one of its helpers."""
        root = qualified.split(".")[0]
        return root == "helper" or root in FRAMEWORK_ROOTS[self.source]

    def name(self, qualified: str) -> cst.BaseExpression:
        """Code that names something of the other framework."""
        return self.twin.expression(qualified)

    def spans_lines(self, statement: cst.CSTNode) -> bool:
        """Whether a statement stands on several lines of the source, as far as that is known."""
        lines = None if self.positions is None else self.positions.lines(self.journal.origin(statement))
        return lines is None or lines[0] != lines[1]

    def reads(self, node: cst.CSTNode) -> frozenset[str]:
        """Every name that a statement looks up."""
        known = self._reads.get(id(node))
        if known is None:
            known = self._reads[id(node)] = frozenset(self.counted(node))
            self.alive.append(node)
        return known

    def inside(self, node: cst.CSTNode) -> list[Any]:
        """A node and everything inside it, outermost first."""
        known = self._inside.get(id(node))
        if known is None:
            known = self._inside[id(node)] = list(walk(node))
            self.alive.append(node)
        return known

    def counted(self, node: cst.CSTNode) -> Counter[str]:
        """How often a statement, or a part of one, looks each name up."""
        known = self._counted.get(id(node))
        if known is None:
            known = self._counted[id(node)] = Counter(names_read(node))
            self.alive.append(node)
        return known

    # --- Layout --------------------------------------------------------------------------------------------------

    def transpose(self, node: cst.BaseExpression, permutation: Permutation) -> cst.BaseExpression:
        """Reorder the axes of a tensor in the twin; cancels with a reordering made before."""
        known = self._transposed.get(id(node))
        if known is not None:
            inner, first = known
            both = normal(compose(first, permutation))
            return inner if both is None else self.transpose(inner, both)
        if self.target == "tensorflow":
            result = call(
                cst.Attribute(self.name("tf"), cst.Name("transpose")),
                [cst.Arg(argument(node)), cst.Arg(node_of(permutation))],
            )
        else:
            result = call(
                cst.Attribute(atom(node), cst.Name("permute")), [cst.Arg(node_of(axis)) for axis in permutation]
            )
        self._transposed[id(result)] = (node, permutation)
        self.alive.append((node, result))
        return result

    def joined_transpose(self, code: cst.BaseExpression) -> cst.BaseExpression:
        """A reordering that a rule wrote, joined with one that stands right inside it."""
        if self.target != "tensorflow" or not isinstance(code, cst.Call) or len(code.args) != 2:
            return code
        permutation = value_of(code.args[1].value)
        if not (dotted(code.func) or "").endswith(".transpose") or not isinstance(permutation, tuple):
            return code
        inner = code.args[0].value
        return self.transpose(inner, permutation) if id(inner) in self._transposed else code

    def plain(self, node: cst.BaseExpression, value: Value) -> cst.BaseExpression:
        """The tensor with its axes, or the loss with its arguments, in the source's order. Tuples and lists are brought
        there item by item.
        """
        if value.permutation is not None:
            return self.transpose(node, inverse(value.permutation))
        if value.reorders_arguments:
            return layer_calls.in_source_order(self, node, value)
        if value.items and isinstance(node, (cst.Tuple, cst.List)) and len(node.elements) == len(value.items):
            changed = [
                element.with_changes(value=self.plain(element.value, item))
                for element, item in zip(node.elements, value.items, strict=True)
            ]
            if any(a.value is not b.value for a, b in zip(changed, node.elements, strict=True)):
                return node.with_changes(elements=changed)
            return node
        return self._plain_items(node, value)

    def _plain_items(self, node: cst.BaseExpression, value: Value) -> cst.BaseExpression:
        """The tensors of a list or tuple that is not written out, each with its axes in the source's order."""
        held = value.items or ((value.item,) if value.item is not None else ())
        orders = {item.permutation for item in held}
        if value.kind in ("list", "tuple") and any(item.reorders_arguments for item in held):
            self.journal.error(node, "axes", "its losses take their arguments in another order")
            return node
        if value.kind not in ("list", "tuple") or not held or orders == {None}:
            return node
        if len(orders) > 1:
            self.journal.error(node, "axes", "its tensors have their axes in different orders")
            return node
        name = "each"
        while self.scope.lookup(name) is not None:
            name += "_"
        listed = cst.ListComp(
            self.transpose(cst.Name(name), inverse(held[0].permutation)),  # type: ignore[arg-type]
            cst.CompFor(cst.Name(name), atom(node)),
        )
        return listed if value.kind == "list" else call(cst.Name("tuple"), [cst.Arg(listed)])

    def arranged(self, node: cst.BaseExpression, value: Value, wanted: Permutation | None) -> cst.BaseExpression:
        """The tensor with its axes as ``wanted``. Remembers that an argument was wanted so."""
        if value.permutation == wanted:
            return node
        if wanted is not None and value.permutation is None and value.of is not None:
            self.scope.demands.setdefault(value.of, replace(value, rank=len(wanted), permutation=wanted))
        if value.permutation is not None:
            node = self.transpose(node, inverse(value.permutation))
        return node if wanted is None else self.transpose(node, wanted)

    # --- Leftovers -----------------------------------------------------------------------------------------------

    def leave(self, node: cst.BaseExpression, api: str, reason: str) -> Code:
        """Keep an expression as it was, and say why."""
        self.journal.error(node, api, reason)
        return node, Value(api=_class_of(api) if self.is_framework(api) else None)

    def literal(self, node: cst.BaseExpression) -> Any:
        """The value of an expression that is known when code is converted, else ``MISSING``."""
        value = value_of(node)
        if value is not MISSING:
            return value
        if isinstance(node, cst.Name):
            known = self.scope.lookup(node.value)
            if known is not None and known.literal is not MISSING and not isinstance(known.literal, list):
                return known.literal
        return MISSING

    def of_left(self, value: Value, name: str) -> tuple[str, str] | None:
        """A method or attribute of something that was left over: its name, and the reason why it stays too."""
        if value.kind != "unknown" or value.api is None:
            return None
        key = f"{value.api}.{name}"
        reason = self.index.reason(self.source, key)
        return None if reason is None else (key, reason.text)

    def why(self, key: str, otherwise: str) -> str:
        """Why nothing stands for a name in the other framework: what the reasons say, or ``otherwise``."""
        reason = self.index.reason(self.source, key)
        return otherwise if reason is None else reason.text

    def known(self, value: Any) -> Code:
        """A literal as code and value."""
        return node_of(value), of_literal(value)

    def bind(self, node: cst.BaseExpression, hint: str) -> cst.BaseExpression:
        """Compute an expression once: put it into a variable before the statement, or bind it where it stands."""
        name = self.twin.fresh(hint)
        while self.scope.lookup(name) is not None:
            name += "_"
        self.scope.names[name] = Value()
        if self.scope.prefix is not None:
            statement = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], node)])
            self.scope.prefix.append(statement)
            return cst.Name(name)
        return cst.NamedExpr(cst.Name(name), node, lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _class_of(api: str) -> str | None:
    """The class that a call of a framework gives an object of: itself, or the one whose method it is."""
    parts = api.split(".")
    place = next((place for place, part in enumerate(parts) if part[:1].isupper()), None)
    return None if place is None else ".".join(parts[: place + 1])
