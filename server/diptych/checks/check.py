"""What a check is: a class that names what it looks for, says what is wrong with it, and may know how to mend it.

One file of ``rules/checks`` holds one check, with the examples that are its tests and its page in the documentation::

    class Ger(Check):
        '''``torch.ger`` is the old name of ``torch.outer``.'''

        code = "DPT108"
        name = "torch-ger"
        severity = "warning"
        message = "torch.ger is deprecated: use torch.outer"
        url = "https://docs.pytorch.org/docs/stable/generated/torch.ger.html"
        tags = ("deprecated",)
        fix = "safe"
        names = ("torch.ger",)
        bad = ("torch.ger(a, b)",)
        fixed = ("torch.outer(a, b)",)
        good = ("numpy.ger(a, b)",)

        def visit(self, use: Use) -> Problem:
            return use.problem(use.rewrite("torch.outer").done("Use torch.outer", "safe"))

A mistake that no single name shows, such as a loop that never clears gradients, is a ``FlowCheck``: it is shown the
text as ``Flow``, part by part, which knows what made a value and what stands before what.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from diptych.checks.finding import Severity, Tag
from diptych.checks.imported import Import
from diptych.checks.use import Problem, Use
from diptych.syntax.plain import Plain

if TYPE_CHECKING:
    from diptych.checks.flow import Flow


class Described(metaclass=Plain):
    """What every check says of itself.

    ``fix`` is the best that its fixes promise: ``safe`` (the same results), ``unsafe`` (worth a look), ``none``.
    ``bad`` are snippets with exactly one finding each, ``fixed`` what the fix makes of them, in the same order
    (``None`` where there is none), ``good`` snippets without a finding. ``setup`` are lines to stand before each.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    message: ClassVar[str]
    url: ClassVar[str]
    tags: ClassVar[tuple[Tag, ...]] = ()
    fix: ClassVar[Literal["safe", "unsafe", "none"]]
    setup: ClassVar[str] = "import torch\n"
    bad: ClassVar[tuple[str, ...]]
    fixed: ClassVar[tuple[str | None, ...]]
    good: ClassVar[tuple[str, ...]]


class Check(Described):
    """A mistake to look for. ``names`` are the full names (``torch.linalg.qr``) whose uses it is shown.

    ``tf.contrib.*`` is all that is below a name. TensorFlow is ``tf``, and Keras ``keras`` however it is imported.
    ``evidence`` are names of which it wants to know whether the file uses them elsewhere.
    """

    names: ClassVar[tuple[str, ...]]
    evidence: ClassVar[tuple[str, ...]] = ()

    def visit_import(self, imported: Import) -> Problem | None:
        """What is wrong with a statement that imports some of the names; ``None`` if nothing."""
        return None

    @abstractmethod
    def visit(self, use: Use) -> Problem | None:
        """What is wrong with one use of one of the names; ``None`` if nothing."""


class FlowCheck(Described):
    """A mistake that shows only in how values flow. It is asked of texts that hold one of ``words`` as a whole word."""

    words: ClassVar[tuple[str, ...]]

    @abstractmethod
    def visit(self, flow: Flow) -> Iterator[Problem]:
        """Everything that is wrong in a part of a text, each place once."""

    def is_asked(self, words: Collection[str]) -> bool:
        """Whether the check is asked of a text with these words."""
        return any(word in words for word in self.words)
