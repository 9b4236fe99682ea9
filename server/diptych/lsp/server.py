"""The language server: what it offers, and its start."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lsprotocol import types
from pygls.uris import to_fs_path

from diptych import __version__
from diptych.lsp import code_action, convert, diagnostics, doctor, hover, verify
from diptych.lsp.analysis import Analysis
from diptych.lsp.documents import Document, Documents
from diptych.lsp.positions import Lines
from diptych.lsp.repairs import Protocol, Server

if TYPE_CHECKING:
    from diptych.lsp.diagnostics import Publisher
    from diptych.verification import Options


STOPPING = 3  # seconds that verifications get to end their processes


class DiptychServer(Server):
    """The server with what its features share: documents, their analysis, and what the editor told at the start."""

    def __init__(self) -> None:
        super().__init__("diptych", __version__, protocol_cls=Protocol)
        self.analysis = Analysis()
        self.verifications = ThreadPoolExecutor(2, "verification")
        self.running: dict[threading.Event, Future[Any]] = {}  # verifications; setting the event stops one
        self.options: dict[str, Any] = {}
        self.publisher: Publisher  # set by what follows
        for feature in (diagnostics, hover, code_action, convert, verify, doctor):
            feature.register(self)
        self.feature(types.INITIALIZE)(remember_options)
        self.feature(types.INITIALIZED)(load_the_rest)
        self.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(take_interpreters)

    def shutdown(self) -> None:
        """Stop what runs, so that the process can end."""
        running = dict(self.running)
        for stopped in running:
            stopped.set()
        wait(running.values(), timeout=STOPPING)
        if (verification := sys.modules.get("diptych.verification")) is not None:
            verification.shutdown()
        super().shutdown()

    def verification_options(self, uri: str | None = None, device: str = "auto") -> Options:
        """The interpreters that the editor chose, the device, and the folder whose files a document may import."""
        from diptych.verification import Options

        path = to_fs_path(uri) if uri else None
        folder = Path(path).parent if path else None
        return Options(
            torch_interpreter=self.option("torchInterpreter") or sys.executable,
            tensorflow_interpreter=self.option("tensorflowInterpreter") or sys.executable,
            folder=folder if folder is not None and folder.is_dir() else None,
            device=device,
        )

    def document(self, uri: str) -> Document:
        """The open document, else one that reads the file."""
        workspace = self.workspace
        assert isinstance(workspace, Documents)
        return workspace.get_text_document(uri)

    def text(self, uri: str) -> str:
        """The text of a document as the editor has it."""
        return self.document(uri).source

    def lines(self, uri: str) -> Lines:
        """The lines of a document."""
        return self.document(uri).index

    def option(self, name: str) -> Any:
        """What the editor sent in ``initializationOptions``."""
        return self.options.get(name)


def remember_options(ls: DiptychServer, params: types.InitializeParams) -> None:
    """Keep the editor's options."""
    options = params.initialization_options
    ls.options = dict(options) if isinstance(options, dict) else {}


def take_interpreters(ls: DiptychServer, params: types.DidChangeConfigurationParams) -> None:
    """Use other interpreters from now on: ``{"diptych": {"torchInterpreter": ..., "tensorflowInterpreter": ...}}``."""
    settings = params.settings
    values = settings.get("diptych") if isinstance(settings, dict) else None
    for name in ("torchInterpreter", "tensorflowInterpreter"):
        if isinstance(values, dict) and isinstance(values.get(name), str):
            ls.options[name] = values[name]


def load_the_rest(ls: DiptychServer, params: types.InitializedParams) -> None:
    """Load libcst, the rules and the checks now that the editor has its answer."""
    ls.analysis.warm_up()


def serve() -> NoReturn:
    """Serve on standard input and output until the editor ends it; exit with 0 only after a proper shutdown.

    Standard output becomes standard error for everything else in the process, and standard input is empty, so that
    neither a stray ``print`` nor a child process can get into the conversation.
    """
    stdin = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    stdout = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 (a device)
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    code = DiptychServer().run(stdin, stdout)
    sys.stderr.flush()
    os._exit(code)  # threads that still compute a conversion would hold the process back
