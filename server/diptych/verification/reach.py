"""The part of a text that one of its definitions can run."""

from __future__ import annotations

import ast


def reachable(text: str, name: str) -> str:
    """The top statements of ``text`` that bind ``name`` or, directly or not, a name used there; all of ``text`` where
    it does not parse or nothing binds ``name``.
    """
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return text
    binding: dict[str, list[ast.stmt]] = {}
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        for bound in _bound(statement):
            binding.setdefault(bound, []).append(statement)
    waiting = [name.partition(".")[0]]
    found: dict[int, ast.stmt] = {}
    seen: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        for statement in binding.get(wanted, ()):
            if id(statement) not in found:
                found[id(statement)] = statement
                waiting += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]
    if not found:
        return text
    return "\n".join(ast.get_source_segment(text, statement) or "" for statement in found.values())


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
