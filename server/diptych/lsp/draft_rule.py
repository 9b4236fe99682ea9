"""``diptych/draftRule``: a file in ``.diptych/rules/`` that begins a rule for a call that none knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from diptych.lsp.explain import code_of, leftover_at
from diptych.lsp.messages import DRAFT_RULE, REQUEST_FAILED, place_params
from diptych.lsp.settings import folder_of

if TYPE_CHECKING:
    from diptych.conversion.result import Leftover
    from diptych.lsp.server import DiptychServer


@dataclass(frozen=True)
class Draft:
    """A file that is not written yet."""

    uri: str
    api: str
    text: str


def register(server: DiptychServer) -> None:
    """Offer the request."""
    server.feature(DRAFT_RULE)(draft_rule)


async def draft_rule(ls: DiptychServer, values: dict[str, Any] | None) -> dict[str, Any]:
    """Write the file and answer with its address and text. A file that is there already is never overwritten."""
    params = place_params(values)
    if folder_of(params.uri, ls.workspace.folders) is None:
        raise JsonRpcException("Open the folder of this file first: rules belong to a folder.", code=REQUEST_FAILED)
    draft = await at(ls, params.uri, params.position)
    if draft is None:
        message = "Every call here is known to a rule, or is none that a rule could be drafted for."
        raise JsonRpcException(message, code=REQUEST_FAILED)
    path = Path(to_fs_path(draft.uri) or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(draft.text)
    except FileExistsError as error:
        raise JsonRpcException(f"{path} is there already.", code=REQUEST_FAILED) from error
    except OSError as error:
        raise JsonRpcException(f"{path} cannot be written: {error.strerror}.", code=REQUEST_FAILED) from error
    ls.look_again()
    return {"uri": draft.uri, "text": draft.text}


async def at(ls: DiptychServer, uri: str, position: types.Position) -> Draft | None:
    """The draft for the leftover at a position, for the folder that the document is in; ``None`` where there is none.

    Raises ``ParseError``.
    """
    folder = folder_of(uri, ls.workspace.folders)
    if folder is None:
        return None
    place = ls.lines(uri).place(position)
    conversion = await ls.conversion(uri)
    left = leftover_at(conversion, place)
    if left is None:
        return None
    code = code_of(conversion, left)
    key = ("draft", left.api, code, conversion.framework)
    drafted = await ls.analysis.once(key, lambda: _drafted(left, code, conversion.framework))
    if drafted is None:
        return None
    name, text = drafted
    return Draft(f"{folder.rstrip('/')}/.diptych/rules/{name}", left.api, text)


def _drafted(left: Leftover, code: str, framework: str) -> tuple[str, str] | None:
    from diptych.catalog import drafting
    from diptych.catalog.index import load, signature_of

    side = drafting.side_of(left.api, framework)
    if "." not in left.api or load().converts(side, left.api):
        return None
    try:
        text = drafting.draft(left.api, code, side, signature_of(left.api))
    except ValueError:
        return None
    return drafting.file_name(left.api), text
