"""``diptych/explain``: why a call was not converted, the nearest rules, and what in the call does not fit them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from diptych.lsp.convert import located
from diptych.lsp.messages import EXPLAIN, REQUEST_FAILED, place_params
from diptych.text.positions import LineIndex

if TYPE_CHECKING:
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
    place = ls.lines(params.uri).place(params.position)
    conversion = await located(ls, params.uri)
    left = leftover_at(conversion, place)
    if left is None:
        raise JsonRpcException("Nothing was left over here.", code=REQUEST_FAILED)
    rules = await ls.rules(params.uri)
    aliases = dict((await ls.analysis.scout(conversion.source)).aliases)
    code, framework = code_of(conversion, left), conversion.framework
    key = ("explained", left, code, framework, tuple(sorted(aliases.items())), rules)
    own = rules.index if rules is not None else None
    return await ls.analysis.once(key, lambda: _explained(left, code, framework, aliases, own))


def leftover_at(conversion: Conversion, place: tuple[int, int]) -> Leftover | None:
    """The innermost leftover at a place (line, column) of the text that was converted; the document may have another
    one by now.
    """
    inside = [
        item
        for item in conversion.leftovers
        if item.severity == "error" and (item.line, item.column) <= place <= (item.end_line, item.end_column)
    ]
    return max(inside, key=lambda item: (item.line, item.column, -item.end_line, -item.end_column), default=None)


def code_of(conversion: Conversion, left: Leftover) -> str:
    """What was left over."""
    index = LineIndex(conversion.source)
    return conversion.source[index.offset(left.line, left.column) : index.offset(left.end_line, left.end_column)]


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
