"""The server with requests that tell what it holds of a document, and whether a fresh one would hold the same."""

from __future__ import annotations

from typing import Any

import diptych.lsp.server as server

COMPARE, TEXT = "test/compare", "test/text"


async def compare(ls: server.DiptychServer, values: Any) -> dict[str, Any]:
    """The text of a document as the server has it, and in what its analysis is not what it would be without a past."""
    await ls.publisher.settled(values.uri)
    text = ls.text(values.uri)
    return {"text": text, "differences": await differences(ls, text)}


async def differences(ls: server.DiptychServer, text: str) -> list[str]:
    from diptych import checks
    from diptych.conversion import convert
    from diptych.syntax.scout import Scout

    found = []
    for what, remembered, afresh in (
        ("findings", ls.analysis.findings, checks.run),
        ("conversion", ls.analysis.conversion, convert),
        ("scout", lambda text: scouted(ls, text), lambda text: seen(Scout(text))),
    ):
        results = []
        for compute in (remembered, afresh):
            try:
                result = compute(text)
                results.append(result if not hasattr(result, "__await__") else await result)
            except ValueError as error:
                results.append(repr(error))
        if results[0] != results[1]:
            found.append(f"{what}: {results[0]!r} is {results[1]!r} afresh")
    return found


async def scouted(ls: server.DiptychServer, text: str) -> object:
    return seen(await ls.analysis.scout(text))


def seen(scout: Any) -> object:
    return scout.framework(), scout.aliases, scout.last_import, scout.calls, scout.definitions


def main() -> None:
    create = server.DiptychServer.__init__

    def with_request(self: server.DiptychServer) -> None:
        create(self)
        self.feature(COMPARE)(compare)
        self.feature(TEXT)(lambda ls, values: ls.text(values.uri))

    server.DiptychServer.__init__ = with_request
    server.serve()


if __name__ == "__main__":
    main()
