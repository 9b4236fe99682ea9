"""The server with a verification that lasts until it is cancelled, so that cancelling can be timed exactly."""

from __future__ import annotations

import time

import diptych.lsp.server as server
from diptych import verification
from diptych.verification import Verdict


def main() -> None:
    made: list[server.DiptychServer] = []
    create = server.DiptychServer.__init__

    def remember(self: server.DiptychServer) -> None:
        create(self)
        made.append(self)

    def endless(conversion, entries, options, progress, cancelled):  # type: ignore[no-untyped-def]
        print("printed while verifying", flush=True)
        values = {"entries": entries, "folder": str(options.folder), "device": options.device, "lines": options.trace}
        interpreters = [options.torch_interpreter, options.tensorflow_interpreter]
        made[0].protocol.notify("test/started", values | {"layout": conversion.layout, "interpreters": interpreters})
        done = 0
        while not cancelled():
            progress(done % 10, 10, f"step {done}")
            done += 1
            time.sleep(0.02)
        made[0].protocol.notify("test/stopped", {})
        return [Verdict("f", "not verified", "cancelled")]

    server.DiptychServer.__init__ = remember
    verification.verify = endless
    server.serve()


if __name__ == "__main__":
    main()
