"""What is asked of verification: a pair of texts, and how to run them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from diptych.conversion.result import Entry, Framework

Device = Literal["auto", "cpu", "cuda"]


def _memory() -> int:
    """Three fifths of this machine's memory, or 8 GiB where it cannot be asked."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 0.6)
    except (ValueError, OSError, AttributeError):
        return 8 << 30


@dataclass(frozen=True)
class Options:
    """``timeout`` in seconds for one entry; ``memory`` in bytes of resident memory for one process; the interpreters
    that have torch and TensorFlow; ``folder`` is the source file's, so that its neighbours can be imported.
    """

    timeout: float = 60.0
    memory: int = field(default_factory=_memory)
    torch_interpreter: str = sys.executable
    tensorflow_interpreter: str = sys.executable
    device: Device = "auto"
    seed: int = 0
    folder: Path | None = None

    def interpreter(self, framework: Framework) -> str:
        """The interpreter for a framework."""
        return self.torch_interpreter if framework == "torch" else self.tensorflow_interpreter


@dataclass(frozen=True)
class Pair:
    """A source and a twin written by anyone; ``entries`` are described from the source's side."""

    source: str
    twin: str
    framework: Framework
    to: Framework
    entries: tuple[Entry, ...] = ()
