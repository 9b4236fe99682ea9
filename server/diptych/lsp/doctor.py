"""``diptych/doctor``: what the server finds on this machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from diptych.lsp.messages import DOCTOR

if TYPE_CHECKING:
    from diptych.lsp.server import DiptychServer


def register(server: DiptychServer) -> None:
    """Offer the request."""
    server.feature(DOCTOR)(doctor)


async def doctor(ls: DiptychServer, values: dict[str, Any] | None) -> dict[str, str]:
    """Answer with a plain text. It starts interpreters to ask them, so it runs in a thread."""
    loop = asyncio.get_running_loop()
    return {"text": await loop.run_in_executor(ls.verifications, _examine, ls)}


def _examine(ls: DiptychServer) -> str:
    from diptych.verification import doctor as examine
    from diptych.verification.advice import advice

    return advice(examine(ls.verification_options()))
