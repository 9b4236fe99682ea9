"""Start a worker: ``python .../worker/__main__.py FRAMEWORK fd:N`` (the inherited end of a socket pair) or ``port:N``
(of the loopback interface, where the server waits for the secret in ``DIPTYCH_SECRET``).
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import socket
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
    connection = connect(sys.argv[2])
    try:
        standby = importlib.import_module("diptych_worker.standby")
    except ModuleNotFoundError as error:
        refuse(connection, error)
        return
    standby.serve(sys.argv[1], connection)


def connect(place: str) -> socket.socket:
    """The connection to the server."""
    kind, _, number = place.partition(":")
    if kind == "fd":
        return socket.socket(fileno=int(number))
    connection = socket.create_connection(("127.0.0.1", int(number)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(bytes.fromhex(os.environ.pop("DIPTYCH_SECRET")))
    return connection


def refuse(connection: socket.socket, error: ModuleNotFoundError) -> None:
    """Say that a module is missing (numpy, as nothing else is needed so far), in the frame that the server expects."""
    body = json.dumps({"ok": False, "missing": error.name, "error": str(error)}).encode()
    connection.sendall(struct.pack("<8sQI", b"diptych0", len(body), len(body)) + body)


if __name__ == "__main__":
    main()
