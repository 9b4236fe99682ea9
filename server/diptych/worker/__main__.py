"""Start a worker: ``python .../worker/__main__.py FRAMEWORK FD``, where FD is the inherited end of a socket pair."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import struct
import sys
from pathlib import Path


def main() -> None:
    """Load this folder as a package of its own name, off ``sys.path``, so that no user module is shadowed."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != here]
    spec = importlib.util.spec_from_file_location(
        "diptych_worker", here / "__init__.py", submodule_search_locations=[str(here)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["diptych_worker"] = package
    spec.loader.exec_module(package)
    try:
        standby = importlib.import_module("diptych_worker.standby")
    except ModuleNotFoundError as error:
        refuse(int(sys.argv[2]), error)
        return
    standby.serve(sys.argv[1], int(sys.argv[2]))


def refuse(descriptor: int, error: ModuleNotFoundError) -> None:
    """Say that a module is missing (numpy, as nothing else is needed so far), in the frame that the server expects."""
    body = json.dumps({"ok": False, "missing": error.name, "error": str(error)}).encode()
    os.write(descriptor, struct.pack("<QI", len(body), len(body)) + body)


if __name__ == "__main__":
    main()
