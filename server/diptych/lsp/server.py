"""The language server: what it offers, and its start."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from lsprotocol import types
from pygls.uris import to_fs_path

from diptych import __version__
from diptych.lsp import (
    allocation,
    code_action,
    code_lens,
    completion,
    convert,
    convert_notebook,
    diagnostics,
    doctor,
    draft_rule,
    explain,
    hover,
    inlay_hint,
    pull_diagnostics,
    verify,
    workspace,
)
from diptych.lsp.analysis import Analysis
from diptych.lsp.documents import Document, Documents
from diptych.lsp.notebooks import SYNC, Cell, CellLines, Joined, Notebooks
from diptych.lsp.positions import Lines
from diptych.lsp.repairs import Protocol, Server
from diptych.lsp.settings import Settings, folder_of
from diptych.lsp.verdicts import Verdicts

if TYPE_CHECKING:
    from diptych.catalog.user_rules import UserRules
    from diptych.checks import Finding
    from diptych.conversion.result import Conversion
    from diptych.lsp.code_lens import Places
    from diptych.lsp.diagnostics import Publisher
    from diptych.verification import Options


FEATURES = (
    diagnostics, hover, code_action, code_lens, completion, inlay_hint, convert,
    convert_notebook, verify, doctor, explain, draft_rule,
    workspace,
)  # fmt: skip
STOPPING = 3  # seconds that verifications get to end their processes


@dataclass(frozen=True)
class Source:
    """What is read of a document: its text, or for a cell that of its whole notebook, with the document's places."""

    text: str
    version: int | None
    lines: Lines


class DiptychServer(Server):
    """The server with what its features share: documents, their analysis, and what the editor told at the start."""

    def __init__(self) -> None:
        super().__init__("diptych", __version__, notebook_document_sync=SYNC, protocol_cls=Protocol)
        self.analysis = Analysis()
        self.notebooks = Notebooks()
        self.settings = Settings()
        self.verdicts = Verdicts()
        self.places: dict[str, Places] = {}  # of lenses
        self.verifications = ThreadPoolExecutor(2, "verification")
        self.running: dict[threading.Event, Future[Any]] = {}  # verifications; setting the event stops one
        self.options: dict[str, Any] = {}
        self.warned: set[tuple[str, ...]] = set()  # what the user was told of versions
        self.tasks: set[asyncio.Task[None]] = set()
        self.publisher: Publisher  # set by what follows
        for feature in FEATURES:
            feature.register(self)
        self.feature(types.INITIALIZE)(remember_options)
        self.feature(types.INITIALIZED)(load_the_rest)

    def shutdown(self) -> None:
        """Stop what runs, so that the process can end."""
        running = dict(self.running)
        for stopped in running:
            stopped.set()
        wait(running.values(), timeout=STOPPING)
        verification = sys.modules.get("diptych.verification")
        if verification is not None and hasattr(verification, "shutdown"):  # and not only begun to be imported
            verification.shutdown()
        super().shutdown()

    def verification_options(self, uri: str | None = None, device: str = "auto") -> Options:
        """The interpreters that the editor chose, the device, and the folder whose files a document may import."""
        from diptych.verification import Options

        path = to_fs_path(uri) if uri and uri.startswith("file:") else None
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

    def source(self, uri: str) -> Source:
        """The text and places of a document, a cell or a whole notebook, as the editor has it."""
        if (placed := self.cell(uri)) is not None:
            joined, cell = placed
            return Source(joined.text, self.document(uri).version, CellLines(joined, cell))
        if (joined := self.notebook(uri)) is not None:
            return Source(joined.text, None, joined.lines)
        document = self.document(uri)
        return Source(document.source, document.version, document.index)

    def text(self, uri: str) -> str:
        """The text of a document as the editor has it; for a cell, of its whole notebook."""
        return self.source(uri).text

    def lines(self, uri: str) -> Lines:
        """The places of a document in its ``text``."""
        return self.source(uri).lines

    def cell(self, uri: str) -> tuple[Joined, Cell] | None:
        """The notebook that a document is a code cell of, and the cell; ``None`` for other documents."""
        notebook = self.workspace.get_notebook_document(cell_uri=uri)
        joined = self.notebook(notebook.uri) if notebook is not None else None
        cell = joined.cell(uri) if joined is not None else None
        return (joined, cell) if joined is not None and cell is not None else None

    def notebook(self, uri: str) -> Joined | None:
        """The cells of an open notebook; ``None`` for what is none."""
        return self.notebooks.joined(self.workspace, uri)

    async def conversion(
        self,
        uri: str,
        to: Literal["torch", "tensorflow"] | None = None,
        layout: Literal["channels-last", "preserve"] = "channels-last",
    ) -> Conversion:
        """The conversion of a document, with the rules of its project. Raises ``ParseError``."""
        return await self.analysis.conversion(self.text(uri), to, layout, await self.rules(uri))

    async def findings(self, uri: str, text: str) -> list[Finding]:
        """What the checks find in a document, but for what its project ignores. Raises ``ParseError``."""
        found = await self.analysis.findings(text)
        notebook = self.workspace.get_notebook_document(cell_uri=uri)
        uri = notebook.uri if notebook is not None else uri
        path = to_fs_path(uri) if uri.startswith("file:") else None
        if path is None:
            return found
        from diptych.checks.project import project_of, wanted

        project = project_of(Path(path))
        for problem in project.problems if project is not None else ():
            if (problem,) not in self.warned:
                self.warned.add((problem,))
                self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"Diptych: {problem}"))
        return wanted(found, Path(path))

    async def rules(self, uri: str) -> UserRules | None:
        """The rules that the project of a document keeps for itself. Reading them runs what they say of their samples,
        so that an editor must have said that it trusts the workspace.
        """
        folder = folder_of(uri, self.workspace.folders) if self.option("workspaceTrusted") is True else None
        path = to_fs_path(folder) if folder is not None else None
        if path is None or not Path(path, ".diptych", "rules").is_dir():
            return None
        from diptych.catalog.user_rules import user_rules

        found = await asyncio.get_running_loop().run_in_executor(self.analysis.pool, user_rules, Path(path))
        if found is not None:
            self.publisher.show_problems(Path(path), found.problems)
        return found

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what nobody waits for."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def forget(self, uri: str) -> None:
        """Drop what is known of a document that was closed."""
        self.publisher.forget(uri)
        self.verdicts.forget(uri)
        self.places.pop(uri, None)

    def refresh_views(self) -> None:
        """Let the editor ask again for lenses and hints, and for diagnostics if it is one that asks."""
        can = self.client_capabilities.workspace
        if can and can.code_lens and can.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)
        if can and can.inlay_hint and can.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)
        if self.publisher.pulled and can and can.diagnostics and can.diagnostics.refresh_support:
            self.workspace_diagnostic_refresh(None)

    def look_again(self) -> None:
        """Compute the diagnostics of everything that is open again: what is around it has changed."""
        for uri in list(self.publisher.sent):
            self.publisher.refresh(uri, pause=0)
        self.refresh_views()

    def option(self, name: str) -> Any:
        """What the editor sent in ``initializationOptions``."""
        return self.options.get(name)


def remember_options(ls: DiptychServer, params: types.InitializeParams) -> None:
    """Keep the editor's options, and offer what depends on them."""
    options = params.initialization_options
    ls.options = dict(options) if isinstance(options, dict) else {}
    if isinstance(settings := ls.option("settings"), dict):
        ls.settings.general = settings
    pull_diagnostics.offer(ls)


async def load_the_rest(ls: DiptychServer, params: types.InitializedParams) -> None:
    """Load libcst, the rules and the checks now that the editor has its answer."""
    ls.analysis.warm_up()
    await workspace.begin(ls)


def serve() -> NoReturn:
    """Serve on standard input and output until the editor ends it; exit with 0 only after a proper shutdown.

    Standard output becomes standard error for everything else in the process, and standard input is empty, so that
    neither a stray ``print`` nor a child process can get into the conversation.
    """
    allocation.keep_small()
    stdin = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    stdout = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 (a device)
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    code = DiptychServer().run(stdin, stdout)
    sys.stderr.flush()
    os._exit(code)  # threads that still compute a conversion would hold the process back
