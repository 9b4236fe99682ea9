"""Names and their values while a function, class or file is converted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from diptych.inference.layers import ClassInfo
from diptych.inference.values import Value, join


@dataclass
class Scope:
    """The names of one function, class body or file.

    ``gradients`` are those taken for optimizers, ``tapes`` those of tensors, by name,
    ``waiting`` optimizers for which gradients were taken since they were applied; ``loops`` counts those around.
    ``in_source_order`` are names that hold layers of several orders of axes, brought to the source's, and
    ``holds_several`` those of which that turned out now.
    ``owner`` is the class whose method this is, ``function`` its definition. ``prefix`` collects statements that must
    stand before the one being converted; it is ``None`` where none can (inside a lambda or a comprehension). ``later``
    are names read after the statement being converted, ``here`` those that it reads itself, with how often.
    ``external`` are storages that others can see: arguments, attributes, elements of lists. ``captured`` are names that
    functions defined in it look up when they are called. ``watch`` is told of every
    name ("name" or "mode") that is looked up in a file's own scope. ``around`` are the blocks that the statement stands
    in, outermost first, with its place in each. ``joined_sizes`` are names of sizes of axes that einops joined.
    ``step``: in a method that runs a model in a mode of its own, that mode, "True" or "False", or the name of the
    argument that tells it. ``sets_modes``: whether it is a method of a Keras model that says the mode with each call;
    ``said`` is the mode of the last such call, with the identity of its statement's ``prefix``.
    """

    kind: str
    name: str = ""
    parent: Scope | None = None
    owner: ClassInfo | None = None
    names: dict[str, Value] = field(default_factory=dict)
    modes: dict[str, bool | None] = field(default_factory=dict)
    prefix: list[cst.BaseStatement] | None = None
    later: frozenset[str] = frozenset()
    here: Counter[str] = field(default_factory=Counter)
    plain_returns: bool = False
    external: set[int] = field(default_factory=set)
    captured: set[str] = field(default_factory=set)
    own: dict[int, str] = field(default_factory=dict)
    demands: dict[str, Value] = field(default_factory=dict)
    mutated: set[str] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)
    reads_training: bool = False
    no_grad: bool = False
    after_no_grad: frozenset[str] = frozenset()
    parameters: set[str] = field(default_factory=set)
    gradients: dict[str, Any] = field(default_factory=dict)
    tapes: dict[str, Any] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    loops: int = 0
    around: list[tuple[Sequence[Any], int]] = field(default_factory=list)
    statement: cst.CSTNode | None = None
    entry: dict[str, Value] = field(default_factory=dict)
    watch: Callable[[str, str], None] | None = None
    function: cst.FunctionDef | None = None
    in_source_order: frozenset[str] = frozenset()
    holds_several: set[str] = field(default_factory=set)
    step: str | None = None
    sets_modes: bool = False
    said: dict[str, tuple[cst.CSTNode | None, bool | str]] = field(default_factory=dict)
    joined_sizes: dict[tuple[tuple[str, ...], str], str] = field(default_factory=dict)

    @property
    def in_module(self) -> bool:
        """Whether this is inside a method of a module or model."""
        return self.owner is not None and self.owner.is_module

    def lookup(self, name: str) -> Value | None:
        """The value of a name here or further out."""
        scope: Scope | None = self
        while scope is not None:
            if scope.watch is not None:
                scope.watch("name", name)
            found = scope.names.get(name)
            if found is not None and (scope is self or scope.kind != "class"):
                return found
            scope = scope.parent
        return None

    def mode(self, name: str) -> bool | None:
        """Whether the module held by a name is in training mode; ``None`` if unknown."""
        scope: Scope | None = self
        while scope is not None:
            if scope.watch is not None:
                scope.watch("name", name)
                scope.watch("mode", name)
            if name in scope.modes:
                return scope.modes[name]
            if name in scope.names:
                return None
            scope = scope.parent
        return None

    def snapshot(self) -> tuple[dict[str, Value], dict[str, bool | None]]:
        """The state at a branch."""
        return dict(self.names), dict(self.modes)

    def restore(self, state: tuple[dict[str, Value], dict[str, bool | None]]) -> None:
        """Return to a state."""
        self.names, self.modes = dict(state[0]), dict(state[1])

    def merge(self, state: tuple[dict[str, Value], dict[str, bool | None]]) -> None:
        """Join with the state at the end of another branch."""
        names, modes = state
        for name, value in names.items():
            self.names[name] = join(self.names[name], value) if name in self.names else value
        for name in set(modes) | set(self.modes):
            if modes.get(name, ...) is not self.modes.get(name, ...):
                self.modes[name] = None
