"""What happens during a conversion, in a form that can be taken back when an attempt comes to nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from diptych.conversion.result import Leftover
from diptych.syntax.source import Positions, Span


@dataclass
class Remark:
    """A leftover or assumption at a node of the source, or at a ``span`` once that is known.

    ``if_axes_move``: it counts only if some layer of the file takes its input with other axes.
    """

    node: cst.CSTNode | None
    api: str
    reason: str
    severity: str
    key: tuple[str, ...] | None = None
    statement: cst.CSTNode | None = None
    if_axes_move: bool = False
    span: Span | None = None


@dataclass
class Written:
    """Remarks and notes of one definition."""

    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Journal:
    """Remarks and notes, in order. ``statement`` is the one being converted, ``origins`` leads from a node that was
    made
    during the conversion to the node of the source that it stands for.
    """

    statement: cst.CSTNode | None = None
    origins: dict[int, cst.CSTNode] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def mark(self) -> tuple[int, int]:
        """A point to return to."""
        return len(self.remarks), len(self.notes)

    def back_to(self, mark: tuple[int, int]) -> None:
        """Forget what was written since ``mark``."""
        del self.remarks[mark[0] :]
        del self.notes[mark[1] :]

    def since(self, mark: tuple[int, int]) -> Written:
        """What was written since ``mark``."""
        return Written(self.remarks[mark[0] :], self.notes[mark[1] :])

    def again(self, written: Written) -> None:
        """Write what was taken back in the meantime, because the first to need a definition was tried once more."""
        known = {id(remark) for remark in self.remarks}
        self.remarks += [remark for remark in written.remarks if id(remark) not in known]
        self.notes += [note for note in written.notes if note not in self.notes]

    def error(self, node: cst.CSTNode, api: str, reason: str) -> None:
        """Something was not converted."""
        self.remarks.append(Remark(node, api, reason, "error", None, self.statement))

    def assume(
        self, node: cst.CSTNode, api: str, reason: str, key: tuple[str, ...], *, if_axes_move: bool = False
    ) -> None:
        """Something was converted on an assumption; said once for each ``key``."""
        self.add(Remark(node, api, reason, "warning", key, self.statement, if_axes_move))

    def add(self, remark: Remark) -> None:
        """A remark, unless there is one with the same key."""
        if remark.key is None or not any(known.key == remark.key for known in self.remarks):
            self.remarks.append(remark)

    def note(self, text: str) -> None:
        """Something that a reader of the twin should know; said once."""
        if text not in self.notes:
            self.notes.append(text)

    def errors_since(self, mark: tuple[int, int]) -> list[Remark]:
        """Errors of the statement being converted, written since ``mark``."""
        return [
            remark
            for remark in self.remarks[mark[0] :]
            if remark.severity == "error" and remark.statement is self.statement
        ]

    def errors_in(self, statement: cst.CSTNode) -> list[Remark]:
        """Errors of one statement, without those of the statements inside it."""
        return [remark for remark in self.remarks if remark.severity == "error" and remark.statement is statement]

    def origin(self, node: cst.CSTNode) -> cst.CSTNode:
        """The node of the source that a node stands for."""
        while id(node) in self.origins:
            node = self.origins[id(node)]
        return node

    def span(self, positions: Positions, remark: Remark) -> Span:
        """Where a remark belongs: at its node, else at the statement."""
        if remark.span is not None:
            return remark.span
        for node in (remark.node, remark.statement):
            if node is not None and positions.known(self.origin(node)):
                return positions.span(self.origin(node))
        return Span(1, 0, 1, 0)

    def leftovers(self, positions: Positions, axes_move: bool) -> tuple[Leftover, ...]:
        """All remarks with their places, in order of the text, each once."""
        found: dict[tuple[object, ...], Leftover] = {}
        for remark in self.remarks:
            if remark.if_axes_move and not axes_move:
                continue
            span = self.span(positions, remark)
            severity = "error" if remark.severity == "error" else "warning"
            leftover = Leftover(
                span.line, span.column, span.end_line, span.end_column, remark.api, remark.reason, severity
            )
            found.setdefault((leftover.line, leftover.column, leftover.api, leftover.reason), leftover)
        return tuple(sorted(found.values(), key=lambda item: (item.line, item.column)))
