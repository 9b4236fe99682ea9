"""A statement at the top of a file that stands in a tree as its text alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst


@dataclass(frozen=True)
class Opaque(cst.BaseCompoundStatement):
    """A statement whose text is known and whose tree is not needed. ``text`` ends with ``newline``.

    ``owner`` is whatever knows more of it.
    """

    leading_lines: Sequence[cst.EmptyLine]
    text: str
    newline: str
    owner: Any

    def _visit_and_replace_children(self, visitor: cst.CSTVisitorT) -> Opaque:
        return self

    def _codegen_impl(self, state: Any) -> None:
        for line in self.leading_lines:
            if line.comment is None and not line.whitespace.value and line.newline.value is None:
                state.add_token(state.default_newline)  # most are blank
            else:
                line._codegen(state)
        with state.record_syntactic_position(self):
            state.add_token(self.text.removesuffix(self.newline))
        state.add_token(self.newline)  # by itself, since the last one of a file may be taken back
