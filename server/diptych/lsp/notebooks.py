"""Notebooks: the cells of one are read as one text, in their order, so that what one cell imports is known in the next.

A cell keeps its own lines and columns. Commands of IPython are blanked, and so is a cell that is not Python yet: the
others are read as before.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import unquote

from lsprotocol import types
from pygls.workspace import Workspace

from diptych.lsp.positions import Lines
from diptych.text.lines import split_lines
from diptych.text.magics import blanked
from diptych.text.parsing import syntax_error

KEPT = 4  # notebooks whose last text is kept
SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage(language="python")])],
    save=False,
)


@dataclass(frozen=True)
class Cell:
    """One code cell: it stands on ``height`` lines of the joined text, after the first ``down``. With an ``error`` it
    does not parse, and its lines there are empty.
    """

    uri: str
    down: int
    height: int
    text: str
    error: SyntaxError | None


@dataclass(frozen=True)
class Joined:
    """All code cells of a notebook as one text. ``hidden`` are lines (from 1) that the text does not show as they are:
    commands, and cells that do not parse.
    """

    text: str
    cells: tuple[Cell, ...]
    hidden: frozenset[int]
    lines: Lines

    def cell(self, uri: str) -> Cell | None:
        """The cell with this address."""
        return next((cell for cell in self.cells if cell.uri == uri), None)


class CellLines(Lines):
    """The places of one cell: its own positions, and the places in the joined text."""

    def __init__(self, joined: Joined, cell: Cell) -> None:
        self.text, self.index = joined.lines.text, joined.lines.index
        self.joined, self.cell = joined, cell
        self.own = Lines(cell.text)

    def place(self, position: types.Position) -> tuple[int, int]:
        """(line of the joined text, column) of a position in the cell."""
        line, column = self.own.place(position)
        return line + self.cell.down, column

    def position(self, line: int, column: int) -> types.Position:
        """The position in the cell; its start for what stands above it, its end for what stands below."""
        if line <= self.cell.down:  # below the commands at its top: one of them may be for the whole cell
            hidden = self.joined.hidden
            return types.Position(
                next((n for n in range(self.cell.height) if self.cell.down + n + 1 not in hidden), 0), 0
            )
        return self.own.position(line - self.cell.down, column)

    def holds(self, first: int, last: int) -> bool:
        """Whether lines of the joined text stand in this cell."""
        return self.cell.down < first and last <= self.cell.down + self.cell.height

    def why_not(self, first: int, last: int) -> str | None:
        """Why an edit of these lines would touch another cell, or lose a command."""
        if not self.holds(first, last):
            return "This changes more than one cell."
        if self.joined.hidden.intersection(range(first, last + 1)):
            return "These lines hold a command of the notebook: select only Python."
        return None


class Notebooks:
    """The joined texts of open notebooks, each made again only when a cell has changed."""

    def __init__(self) -> None:
        self._joined: OrderedDict[str, tuple[tuple[tuple[str, str], ...], Joined]] = OrderedDict()

    def joined(self, workspace: Workspace, uri: str) -> Joined | None:
        """The cells of an open notebook; ``None`` for what is none."""
        notebook = workspace.get_notebook_document(notebook_uri=uri)
        if notebook is None:
            return None
        sources = tuple(
            (cell.document, document.source)
            for cell in notebook.cells
            if cell.kind == types.NotebookCellKind.Code
            and (document := workspace.text_documents.get(unquote(cell.document))) is not None
        )
        known = self._joined.get(notebook.uri)
        if known is None or known[0] != sources:
            known = self._joined[notebook.uri] = sources, join(sources)
            if len(self._joined) > KEPT:
                self._joined.popitem(last=False)
        return known[1]


def join(sources: tuple[tuple[str, str], ...]) -> Joined:
    """The cells, given as address and text, as one text."""
    cells: list[Cell] = []
    parts: list[str] = []
    hidden: set[int] = set()
    down = 0
    for uri, source in sources:
        text, commands = blanked(source)
        error = syntax_error(text)
        if error is not None:
            text = "".join(line[len(line.rstrip("\r\n")) :] for line in split_lines(text))
        text += "\n"  # so that what stands at the very end of a cell is not in the next one
        height = len(split_lines(text))
        cells.append(Cell(uri, down, height, source, error))
        hidden.update(range(down + 1, down + height + 1) if error is not None else (down + line for line in commands))
        parts.append(text)
        down += height
    whole = "".join(parts)
    return Joined(whole, tuple(cells), frozenset(hidden), Lines(whole))
