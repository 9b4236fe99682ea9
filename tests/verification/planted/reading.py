"""Which lines of a text may rightly be reported for a bug on one of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def rightful(text: str, line: int) -> set[int]:
    """The line itself, and the first lines that read what its statement assigns: in the same function, and for an
    attribute in every other method of the class.
    """
    tree = ast.parse(text)
    found = {line}
    statement, functions, owner = _around(tree, line)
    if statement is None:
        return found
    names = set(_assigned(statement, line))
    scope: ast.AST = functions[-1] if functions else tree
    after = line if not isinstance(statement, (ast.FunctionDef, ast.For, ast.While)) else line - 1
    found |= _first_reader(scope, names, after)
    attributes = {name for name in names if name.startswith("self.")}
    for method in owner.body if owner is not None and attributes else ():
        if isinstance(method, ast.FunctionDef) and method is not scope:
            for name in attributes:
                found |= _first_reader(method, {name}, 0)
    return found


def _around(tree: ast.Module, line: int) -> tuple[ast.stmt | None, list[ast.FunctionDef], ast.ClassDef | None]:
    """The innermost statement at a line, the functions around it and the class around these."""
    statement: ast.stmt | None = None
    functions: list[ast.FunctionDef] = []
    owner: ast.ClassDef | None = None
    for node in ast.walk(tree):  # outer ones come first
        if not isinstance(node, ast.stmt) or not node.lineno <= line <= (node.end_lineno or node.lineno):
            continue
        statement = node
        if isinstance(node, ast.FunctionDef):
            functions.append(node)
        elif isinstance(node, ast.ClassDef):
            owner = node
    return statement, functions, owner


def _assigned(statement: ast.stmt, line: int) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef):
        yield from (item.arg for item in statement.args.args)
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    for target in targets:
        for node in ast.walk(target) if target is not None else ():
            if isinstance(node, (ast.Name, ast.Attribute)):
                yield ast.unparse(node)


def _first_reader(scope: ast.AST, names: set[str], after: int) -> set[int]:
    """The first line below ``after`` that reads one of the names."""
    lines = [
        node.lineno
        for node in ast.walk(scope)
        if isinstance(node, (ast.Name, ast.Attribute))
        and isinstance(node.ctx, ast.Load)
        and node.lineno > after
        and ast.unparse(node) in names
    ]
    return {min(lines)} if lines else set()
