"""Start a worker: ``python .../worker/__main__.py FRAMEWORK FD``, where FD is the inherited end of a socket pair."""

from __future__ import annotations

import importlib.util
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
    importlib.import_module("diptych_worker.standby").serve(sys.argv[1], int(sys.argv[2]))


if __name__ == "__main__":
    main()
