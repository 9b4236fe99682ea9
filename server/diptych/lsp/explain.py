"""``diptych/explain``: why a call was not converted, the nearest rules, and what in the call does not fit them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from diptych.lsp.convert import located
from diptych.lsp.messages import EXPLAIN, REQUEST_FAILED, place_params

if TYPE_CHECKING:
    from lsprotocol import types

    from diptych.conversion.result import Conversion, Leftover
    from diptych.lsp.server import DiptychServer

NEAREST = 3  # rules, or similar names, that an answer tells


def register(server: DiptychServer) -> None:
    """Offer the request."""
    server.feature(EXPLAIN)(explain)


async def explain(ls: DiptychServer, values: dict[str, Any] | None) -> dict[str, Any]:
    """Answer for the leftover at a position with its ``api`` and ``reason``, the nearest ``rules``, each with what does
    not fit it, ``similar`` names that rules know, and all of it as Markdown in ``text``.
    """
    params = place_params(values)
    await located(ls, params.uri)
    found = await leftover_at(ls, params.uri, params.position)
    if found is None:
        raise JsonRpcException("Nothing was left over here.", code=REQUEST_FAILED)
    conversion, left = found
    source, rules = ls.source(params.uri), await ls.rules(params.uri)
    index = source.lines.index
    start, end = index.offset(left.line, left.column), index.offset(left.end_line, left.end_column)
    aliases = dict((await ls.analysis.scout(source.text)).aliases)
    code, framework = source.text[start:end], conversion.framework
    key = ("explained", left, code, framework, tuple(sorted(aliases.items())), rules)
    own = rules.index if rules is not None else None
    return await ls.analysis.once(key, lambda: _explained(left, code, framework, aliases, own))


async def leftover_at(ls: DiptychServer, uri: str, position: types.Position) -> tuple[Conversion, Leftover] | None:
    """The conversion and the innermost of its leftovers at a position. Raises ``ParseError``."""
    conversion = await ls.conversion(uri)
    place = ls.lines(uri).place(position)
    inside = [
        item
        for item in conversion.leftovers
        if item.severity == "error" and (item.line, item.column) <= place <= (item.end_line, item.end_column)
    ]
    found = max(inside, key=lambda item: (item.line, item.column, -item.end_line, -item.end_column), default=None)
    return None if found is None else (conversion, found)


def _explained(left: Leftover, code: str, framework: str, aliases: dict[str, str], index: Any) -> dict[str, Any]:
    import libcst as cst

    from diptych.catalog.index import load
    from diptych.catalog.lookup import similar_names
    from diptych.catalog.rendering import render
    from diptych.conversion.names import dotted
    from diptych.matching.unify import Unifier
    from diptych.syntax.canonical import canonical

    def qualified(node: cst.BaseExpression) -> str | None:
        root, _, rest = (dotted(node) or "").partition(".")
        return canonical(".".join(filter(None, [aliases[root], rest]))) if root in aliases else None

    index = index or load()
    try:
        node: cst.BaseExpression | None = cst.parse_expression(code)
    except cst.ParserSyntaxError:
        node = None  # a statement, or a part of one
    rules = []
    for rule, _, spelling in reversed(index.candidates(framework, left.api)):
        misfit = Unifier(index, qualified).mismatch(spelling, node) if isinstance(node, cst.Call) else None
        one_way = rule.attributes.get("one_way") not in (None, framework)
        why = "it is for the other direction alone" if one_way else misfit
        why = why or "its arguments fit, but not what is known of their values"
        rules.append({"name": rule.name, "doc": rule.doc.partition("\n")[0], "form": render(spelling), "misfit": why})
    similar = similar_names(index, left.api, NEAREST) if not rules else []
    answer = {"api": left.api, "reason": left.reason, "rules": rules[:NEAREST], "similar": similar}
    return answer | {"text": _markdown(answer)}


def _markdown(answer: dict[str, Any]) -> str:
    parts = [f"**Not converted: `{answer['api']}`**\n\n{answer['reason']}."]
    for rule in answer["rules"]:
        parts.append(f"**{rule['name']}**: {rule['doc']}\n\n```python\n{rule['form']}\n```\n\n{rule['misfit']}.")
    if answer["similar"]:
        parts.append("Rules know " + ", ".join(f"`{name}`" for name in answer["similar"]) + ".")
    return "\n\n".join(parts)
