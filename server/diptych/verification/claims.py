"""What is asked of verification: a pair of texts, and how to run them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diptych.conversion.result import Entry, Framework, Held

Device = str
"""``auto`` (a GPU where there is one), ``cpu``, ``cuda`` or ``cuda:N``."""
DEVICES = re.compile(r"auto|cpu|cuda(:\d+)?")


def _memory() -> int:
    """Three fifths of this machine's memory, or 8 GiB where it cannot be asked."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 0.6)
    except (ValueError, OSError, AttributeError):
        return 8 << 30


@dataclass(frozen=True)
class Options:
    """``timeout`` in seconds for one entry; ``memory`` in bytes of resident memory for one process; the interpreters
    that have torch and TensorFlow; ``folder`` is the source file's, so that its neighbours can be imported. ``device``
    is for both, unless a framework (or the twin, where both sides are of one framework) has one of its own. ``timing``
    asks for the time per call of both sides, ``trace`` for what each line assigned. Raises ``ValueError`` for a device
    that is none.
    """

    timeout: float = 60.0
    memory: int = field(default_factory=_memory)
    torch_interpreter: str = sys.executable
    tensorflow_interpreter: str = sys.executable
    device: Device = "auto"
    seed: int = 0
    folder: Path | None = None
    torch_device: Device | None = None
    tensorflow_device: Device | None = None
    twin_device: Device | None = None
    timing: bool = False
    trace: bool = False

    def __post_init__(self) -> None:
        """Check the devices."""
        for name in (self.device, self.torch_device, self.tensorflow_device, self.twin_device):
            if name is not None and not DEVICES.fullmatch(name):
                raise ValueError(f"{name} is no device; there are: auto, cpu, cuda, cuda:N")

    def device_of(self, framework: Framework, twin: bool = False) -> Device:
        """Where a side runs."""
        own = self.torch_device if framework == "torch" else self.tensorflow_device
        return (self.twin_device if twin else None) or own or self.device

    def interpreter(self, framework: Framework) -> str:
        """The interpreter for a framework."""
        return self.torch_interpreter if framework == "torch" else self.tensorflow_interpreter


@dataclass(frozen=True)
class Pair:
    """A source and a twin written by anyone; ``entries`` are described from the source's side, and ``renamed`` gives
    the twin's name where it has another one. The paths tell where to import from; ``framework`` and ``to`` may be the
    same. ``lines`` and ``held`` are those of the conversion that the twin came from, if one did.
    """

    source: str
    twin: str
    framework: Framework
    to: Framework
    entries: tuple[Entry, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    source_path: Path | None = None
    twin_path: Path | None = None
    lines: tuple[tuple[int, int], ...] = ()
    held: tuple[Held, ...] = ()
