"""Records what instrumented code assigned during one run: which sites were passed, in order, and values on request."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional

import numpy as np

from .draws import SESSION
from .instrument import MADE, NOTE, instrument
from .values import flatten

EVENTS = 40_000
EARLY = 4096
"""The largest size of a value that is kept from before the run, when nobody has asked for it yet."""


class Recorder:
    """What the notes of one module write into. ``events`` are ``[site, line of the caller, whether a layer was only
    being built]``, those of loading and constructing first; ``values`` holds the flattened value of each event that was
    asked for, by its number. While a layer is being built its weights are not yet those of the claim.
    """

    def __init__(self, side: Any, text: str, path: str) -> None:
        self.side, self.path = side, path
        self.framework = importlib.import_module(f".{side.NAME}_trace", __package__)
        self.code, self.sites = instrument(text, path)
        self.events: list[list[int]] = []
        self.values: dict[int, dict[str, Any]] = {}
        self.before = 0
        self.early = self.running = self.busy = False
        self.wanted: set[int] = set()
        self.room = 0
        self.full: Optional[int] = None
        self.keep_tensors = self.watch_states = False
        self.tensors: dict[str, Any] = {}
        self.states: list[dict[str, Any]] = []
        self.last_states: list[dict[str, np.ndarray]] = []
        self.made: dict[int, tuple[Any, int]] = {}
        self.taps: dict[int, tuple[Any, list[int]]] = {}
        self.state_room = 0

    def execute(self, module: Any) -> None:
        """Run the module's text with notes."""
        vars(module).update({NOTE: self.note, MADE: self.note_made})
        self.framework.trace_eagerly(self)
        with self.preparing():
            exec(self.code, vars(module))

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """While the module is loaded or the entry constructed: small values are kept at once."""
        self.early = True
        try:
            yield
        finally:
            self.early = False
            self.before = len(self.events)

    def start(self, wanted: list[int], room: int, gradients: bool, states: bool) -> None:
        """Begin a run: keep the values of the ``wanted`` events while they fit into ``room`` bytes."""
        del self.events[self.before :]
        self.values = {number: value for number, value in self.values.items() if number < self.before}
        self.wanted, self.room, self.full = set(wanted), room, None
        self.tensors, self.states, self.last_states = {}, [], []
        self.keep_tensors, self.watch_states, self.state_room = gradients, states, room
        self.running = True

    def answer(self) -> dict[str, Any]:
        """What the run left. ``full`` is the first wanted event that found no room."""
        asked = {str(number): self.values[number] for number in self.wanted if number in self.values}
        return {"events": self.events, "before": self.before, "values": asked, "full": self.full, "states": self.states}

    def stop(self) -> None:
        """End the run."""
        self.running = False

    # --- Called by the code -----------------------------------------------------------------------------------------

    def note(self, value: Any, site: int) -> Any:
        """Called with each value on its way; gives it back."""
        if not self.busy:
            self.busy = True
            try:
                if self.framework.is_symbolic(value):
                    self.taps.setdefault(id(value), (value, []))[1].append(site)
                elif self._listening():
                    caller = self._caller() if self.sites[site]["kind"] == "parameter" else 0
                    self.event(value, site, caller)
            finally:
                self.busy = False
        return value

    def note_made(self, layer: Any, site: int) -> Any:
        """Called with each layer of a list of layers; its calls are events of this site."""
        self.made[id(layer)] = layer, site
        return layer

    def called(self, layer: Any, result: Any) -> None:
        """A layer gave a result."""
        if id(layer) in self.made and not self.busy and self.running and self._listening():
            self.busy = True
            try:
                self.event(result, self.made[id(layer)][1], 0)
            finally:
                self.busy = False

    def tapped(self, symbolic: Any, value: Any) -> None:
        """A functional model computed what a name held while the model was being put together."""
        if id(symbolic) in self.taps and not self.busy and self.running and self._listening():
            self.busy = True
            try:
                for site in self.taps[id(symbolic)][1]:
                    self.event(value, site, 0)
            finally:
                self.busy = False

    # --- Events -----------------------------------------------------------------------------------------------------

    def _listening(self) -> bool:
        listening = (self.running or self.early) and len(self.events) < EVENTS
        return listening and not self.framework.in_graph()

    def _caller(self) -> int:
        frame = sys._getframe(3)
        while frame is not None:
            if frame.f_code.co_filename == self.path:
                return frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return 0

    def event(self, value: Any, site: int, caller: int) -> None:
        """Add an event; what it holds is copied, since it may be changed in place later."""
        number = len(self.events)
        self.events.append([site, caller, int(SESSION.paused > 0)])
        if self.running and self.watch_states and not SESSION.paused:
            self._watch_states(number)
        early = self.early
        if early or (number in self.wanted and self.full is None):
            try:
                flat = flatten(self.side, value)
            except Exception:  # a value that cannot be read is not compared
                return
            size = sum(leaf["value"].nbytes for leaf in flat.leaves if leaf["kind"] == "array")
            if size > (EARLY if early else self.room):
                self.full = None if early else number
                return
            self.room -= 0 if early else size
            self.values[number] = {"structure": flat.structure, "leaves": flat.leaves}
            if self.keep_tensors and not early:
                for tensor, leaf in flat.tensors:
                    if self.framework.has_gradient(tensor):
                        self.tensors[f"{number}.{leaf}"] = tensor

    def _watch_states(self, number: int) -> None:
        states = [self.side.state_of(model, index) for index, model in enumerate(SESSION.models)]
        for index, state in enumerate(states):
            known = index < len(self.last_states)
            old = self.last_states[index] if known else {}
            changed = {n: v for n, v in state.items() if n in old and not np.array_equal(old[n], v, equal_nan=True)}
            self.state_room -= sum(array.nbytes for array in changed.values())
            if changed and self.state_room > 0:
                self.states.append({"event": number, "model": index, "changed": changed})
        self.last_states = states


def lines_of(error: BaseException, path: str) -> list[int]:
    """The lines of ``path`` that an error passed through, the innermost last."""
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines


def watch_calls(owner: Any, recorder: Recorder, attribute: str = "__call__") -> None:
    """Let every call of a class of layers tell the recorder its result."""
    call: Callable = getattr(owner, attribute)

    def watched(self: Any, *arguments: Any, **named: Any) -> Any:
        result = call(self, *arguments, **named)
        recorder.called(self, result)
        return result

    watched.autograph_info__ = {}  # type: ignore[attr-defined]  # autograph calls it as it is
    setattr(owner, attribute, watched)
