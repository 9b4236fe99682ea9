"""A message, once, where a twin needs another version of its framework than there is: as converting begins."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Literal

from lsprotocol import types

from diptych.lsp.installed import installed, unsuited

if TYPE_CHECKING:
    from diptych.lsp.server import DiptychServer


async def warn(ls: DiptychServer, uri: str, to: Literal["torch", "tensorflow"]) -> None:
    """Tell the user if what a twin of a document will meet does not suit it.

    An interpreter is asked for its versions in a process of its own, and only in a workspace that is trusted.
    """
    if not ls.settings.get("frameworks.warn", uri):
        return
    versions = ls.settings.get("frameworks.versions", uri)
    interpreter = ls.option("torchInterpreter" if to == "torch" else "tensorflowInterpreter") or sys.executable
    key = (to, interpreter, str(sorted(versions.items())))
    if key in ls.warned or (not versions and ls.option("workspaceTrusted") is False):
        return
    ls.warned.add(key)
    loop = asyncio.get_running_loop()
    message = await loop.run_in_executor(ls.verifications, _unsuited, to, versions, interpreter)
    if message is not None:
        text = f"Diptych: {message}." + ("" if versions else f" ({interpreter})")
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))


def _unsuited(to: Literal["torch", "tensorflow"], versions: dict[str, str], interpreter: str) -> str | None:
    if versions:
        return unsuited(to, {name: str(version) for name, version in versions.items()}, {})
    return unsuited(to, installed(interpreter))
