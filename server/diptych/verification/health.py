"""Which interpreters, frameworks and devices verification would use, and what to do about what is missing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from diptych.conversion.result import Framework
from diptych.verification.claims import Options
from diptych.verification.standby import Unavailable, standby


@dataclass(frozen=True)
class Health:
    """One framework: ``problem`` says what to do when it cannot be used, else it is ``None``."""

    framework: Framework
    interpreter: str
    versions: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        return {**vars(self), "devices": list(self.devices)}


def doctor(options: Options | None = None) -> list[Health]:
    """Ask both interpreters, torch's first. Imports the frameworks in worker processes; runs no user code."""
    options = options or Options()

    def ask(framework: Framework) -> Health:
        interpreter = options.interpreter(framework)
        try:
            worker = standby(interpreter, framework, options.device_of(framework))
            worker.start()
            return Health(framework, interpreter, worker.versions, tuple(worker.devices()))
        except Unavailable as error:
            return Health(framework, interpreter, problem=str(error))

    frameworks: tuple[Framework, Framework] = ("torch", "tensorflow")
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(ask, frameworks))
