"""``diptych`` and ``python -m diptych``.

The language server starts without the rest of the command line, which takes longer to load than it may take to answer.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] == ["lsp"] and set(sys.argv[2:]) <= {"--stdio"}:
        gc.disable()  # all that is made until the editor has its answer stays: looking for garbage only takes time
        from diptych.lsp.server import serve

        serve()
    from diptych.cli.main import app

    app(prog_name="diptych")


if __name__ == "__main__":
    main()
