"""Rewrites user code so that it tells what each line assigned: assignments, returns, loops, calls of sub-modules.

The rewritten code does what the code did: a value is handed to the recorder and comes back as it is. Lines stay.
"""

from __future__ import annotations

import ast
from typing import Any, Optional

NOTE, MADE = "__diptych_note__", "__diptych_made__"
"""Both end in underscores, so that a class body does not mangle them."""


def instrument(text: str, path: str) -> tuple[Any, list[dict[str, Any]]]:
    """The code object of ``text`` with notes, and the sites that the notes refer to, by index.

    A site holds ``line``, ``end``, ``column``, the first line of its ``statement``, a ``kind`` (``assign``, ``return``,
    ``loop``, ``test``, ``call``, ``element``, ``argument``, ``expression``, ``parameter``, ``default``, ``layer``), a
    ``label`` that its partner on the other side has too, the ``function`` it is in, and the names that its statement
    ``reads``.
    Raises ``SyntaxError``.
    """
    tree = ast.parse(text, path)
    rewriter = _Rewriter()
    tree = ast.fix_missing_locations(rewriter.visit(tree))
    return compile(tree, path, "exec", dont_inherit=True), rewriter.sites


def dotted(node: Optional[ast.AST]) -> Optional[str]:
    """``a.b.c`` as text; ``None`` for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None


def _base(node: ast.AST) -> Optional[str]:
    """What an element is written into: ``x`` for ``x[0][1]``."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return dotted(node)


def _read(name: str, like: ast.AST) -> ast.expr:
    """The expression that reads a dotted name."""
    first, *rest = name.split(".")
    node: ast.expr = ast.Name(first, ast.Load())
    for part in rest:
        node = ast.Attribute(node, part, ast.Load())
    for inner in ast.walk(node):
        ast.copy_location(inner, like)
    return node


def _names_read(nodes: list[Any]) -> list[str]:
    found: dict[str, None] = {}
    for root in nodes:
        for node in ast.walk(root) if root is not None else ():
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
                name = dotted(node)
                if name is not None:
                    found[name] = None
    return list(found)


HEADERS = {
    ast.For: ("iter",),
    ast.AsyncFor: ("iter",),
    ast.While: ("test",),
    ast.If: ("test",),
    ast.With: (),
    ast.AsyncWith: (),
    ast.Try: (),
    ast.FunctionDef: (),
    ast.AsyncFunctionDef: (),
    ast.ClassDef: (),
}


class _Rewriter(ast.NodeTransformer):
    def __init__(self) -> None:
        self.sites: list[dict[str, Any]] = []
        self.functions: list[str] = []
        self.statement: Optional[ast.stmt] = None
        self.reads: list[str] = []
        self.target = ""

    # --- Sites ------------------------------------------------------------------------------------------------------

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, ast.stmt):
            return super().visit(node)
        saved = self.statement, self.reads, self.target
        header = HEADERS.get(type(node))
        read: list[Any] = [node] if header is None else [getattr(node, name) for name in header]
        if isinstance(node, ast.AugAssign):
            read = [node.value, _read(_base(node.target) or "_", node)]
        self.statement, self.reads, self.target = node, _names_read(read), ""
        try:
            return super().visit(node)
        finally:
            self.statement, self.reads, self.target = saved

    def _site(self, kind: str, label: str, node: Any) -> int:
        statement = self.statement if self.statement is not None else node
        self.sites.append({
            "line": node.lineno,
            "end": node.end_lineno,
            "column": node.col_offset,
            "statement": statement.lineno,
            "kind": kind,
            "label": label,
            "function": ".".join(self.functions),
            "reads": self.reads,
        })  # fmt: skip
        return len(self.sites) - 1

    def _noted(self, value: ast.expr, kind: str, label: str, node: Any = None, function: str = NOTE) -> ast.expr:
        """``value``, handed to the recorder on its way."""
        site = ast.Constant(self._site(kind, label, node or value))
        call = ast.Call(ast.Name(function, ast.Load()), [value, site], [])
        return ast.fix_missing_locations(ast.copy_location(call, value))

    def _after(self, name: str, kind: str, node: Any) -> ast.stmt:
        """A statement that notes what a name holds now."""
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(self._noted(_read(name, node), kind, name)), node))

    def _targets(self, node: ast.AST) -> list[tuple[str, Any]]:
        """The names that an assignment binds or writes into, in order."""
        if isinstance(node, (ast.Tuple, ast.List)):
            return [found for element in node.elts for found in self._targets(element)]
        if isinstance(node, ast.Starred):
            return self._targets(node.value)
        name = _base(node)
        return [(name, node)] if name is not None else []

    # --- Statements -------------------------------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> Any:
        self.target = dotted(node.targets[0]) or ""
        node.value = self.visit(node.value)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute):
            node.value = self._noted(node.value, "assign", dotted(node.targets[0]) or "?", node)
            return node
        found = [item for target in node.targets for item in self._targets(target)]
        return [node, *(self._after(name, "assign", at) for name, at in found)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return node
        self.target = dotted(node.target) or ""
        node.value = self.visit(node.value)
        return [node, *(self._after(name, "assign", at) for name, at in self._targets(node.target))]

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        node.value = self.visit(node.value)
        return [node, *(self._after(name, "assign", at) for name, at in self._targets(node.target))]

    def visit_Return(self, node: ast.Return) -> Any:
        if node.value is not None:
            node.value = self._noted(self.visit(node.value), "return", "return", node)
        return node

    def visit_Expr(self, node: ast.Expr) -> Any:
        call = node.value
        if not isinstance(call, ast.Call):
            self.generic_visit(node)
            return node
        name = dotted(call.func) or ""
        receiver, _, method = name.rpartition(".")
        call.func = self.visit(call.func)
        call.args = [
            self.visit(item)
            if isinstance(item, ast.Starred)
            else self._noted(self.visit(item), "argument", f"{name}({index})")
            for index, item in enumerate(call.args)
        ]
        call.keywords = [self.visit(keyword) for keyword in call.keywords]
        node.value = self._noted(call, "expression", name)
        if receiver and method.endswith("_") and not method.endswith("__"):
            return [node, self._after(receiver, "assign", node)]  # it wrote into the receiver
        return node

    def visit_For(self, node: Any) -> Any:
        node.iter = self.visit(node.iter)
        found = self._targets(node.target)
        notes = [self._after(name, "assign" if index else "loop", at) for index, (name, at) in enumerate(found)]
        node.body = [*notes, *self._block(node.body)]
        node.orelse = self._block(node.orelse)
        return node

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_While(self, node: ast.While) -> Any:
        node.test = self._noted(self.visit(node.test), "test", "while", node)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    def visit_If(self, node: ast.If) -> Any:
        node.test = self._noted(self.visit(node.test), "test", "if", node)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for statement in statements:
            new = self.visit(statement)
            result.extend(new if isinstance(new, list) else [new])
        return result

    def visit_FunctionDef(self, node: Any) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        given = node.args
        positional = [*given.posonlyargs, *given.args]
        with_default = positional[len(positional) - len(given.defaults) :]
        self.functions.append(node.name)
        try:
            given.defaults = [
                self._noted(self.visit(value), "default", parameter.arg)
                for parameter, value in zip(with_default, given.defaults)
            ]
            given.kw_defaults = [
                None if value is None else self._noted(self.visit(value), "default", parameter.arg)
                for parameter, value in zip(given.kwonlyargs, given.kw_defaults)
            ]
            every = [item for item in [*positional, *given.kwonlyargs] if item.arg not in ("self", "cls")]
            notes = [self._after(item.arg, "parameter", item) for item in every]
            head = int(bool(node.body) and ast.get_docstring(node, clean=False) is not None)
            node.body = [*node.body[:head], *notes, *self._block(node.body[head:])]
        finally:
            self.functions.pop()
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.functions.append(node.name)
        try:
            node.body = self._block(node.body)
        finally:
            self.functions.pop()
        return node

    # --- Expressions ------------------------------------------------------------------------------------------------

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        node.body = self._noted(self.visit(node.body), "element", "lambda")
        return node

    def visit_ListComp(self, node: Any) -> Any:
        node.generators = [self.visit(item) for item in node.generators]
        node.elt = self._noted(self.visit(node.elt), "element", "element")
        return node

    visit_SetComp = visit_GeneratorExp = visit_ListComp  # noqa: N815

    def visit_DictComp(self, node: ast.DictComp) -> Any:
        node.generators = [self.visit(item) for item in node.generators]
        node.value = self._noted(self.visit(node.value), "element", "element")
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        node.value = self._noted(self.visit(node.value), "assign", node.target.id, node)
        return node

    def visit_Yield(self, node: ast.Yield) -> Any:
        if node.value is not None:
            node.value = self._noted(self.visit(node.value), "return", "yield", node)
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        name = dotted(node.func) or ""
        if name.rpartition(".")[2] == "Sequential":
            return self._sequential(node)
        self.generic_visit(node)
        if name.startswith("self."):
            return self._noted(node, "call", f"{name}()")
        return node

    def _sequential(self, node: ast.Call) -> ast.expr:
        """Layers that stand in a list are told from one another by their place in it."""
        path = self.target
        only = node.args[0] if len(node.args) == 1 else None
        items = only.elts if isinstance(only, (ast.List, ast.Tuple)) else node.args
        made: list[ast.expr] = []
        for index, item in enumerate(items):
            self.target = f"{path}[{index}]"
            new = self.visit(item)
            made.append(
                new if isinstance(item, ast.Starred) else self._noted(new, "layer", self.target, item, function=MADE)
            )
        self.target = path
        items[:] = made
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        return node
