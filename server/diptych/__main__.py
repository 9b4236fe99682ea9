"""``diptych`` and ``python -m diptych``.

The language server starts without the rest of the command line, which takes longer to load than it may take to answer.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] == ["lsp"] and set(sys.argv[2:]) <= {"--stdio"}:
        gc.disable()  # looking for garbage only takes time until the editor has its answer; lsp/garbage.py does it then
        _without_openssl()
        from diptych.lsp.server import serve

        serve()
    from diptych.cli.main import app

    app(prog_name="diptych")


def _without_openssl() -> None:
    """Let asyncio, which can do without, load no OpenSSL: 5 MiB, and an editor is spoken to over pipes."""
    if "ssl" not in sys.modules:
        sys.modules["ssl"] = None  # type: ignore[assignment]
        try:
            import asyncio
        finally:
            del sys.modules["ssl"]
        _ = asyncio


if __name__ == "__main__":
    main()
