"""What the doctor says, in words: for the command line and for the editor."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence

from diptych import __version__
from diptych.verification.health import Health

TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
TESTED = {"torch": "2.13", "tensorflow": "2.21", "keras": "3.15"}


def advice(healths: Sequence[Health]) -> str:
    """Which interpreters, frameworks and devices verification uses, and what to do about what is missing."""
    lines = [f"Diptych {__version__} on Python {platform.python_version()} ({sys.executable})", ""]
    for health in healths:
        lines += [TITLES[health.framework], f"  interpreter  {health.interpreter}"]
        lines += [f"  {name:<12} {version}{_untested(name, version)}" for name, version in health.versions.items()]
        if health.devices:
            lines.append(f"  {'devices':<12} {', '.join(health.devices)}")
        if health.problem is not None:
            lines.append(f"  {'problem':<12} {health.problem}")
        lines.append("")
    broken = [TITLES[health.framework] for health in healths if health.problem is not None]
    if broken:
        lines.append(f"Code can be converted, but not verified: {' and '.join(broken)} cannot be used.")
        lines.append(
            "An interpreter of your own is chosen with --torch-python and --tensorflow-python, or in the editor's"
        )
        lines.append("settings diptych.verify.torchInterpreter and diptych.verify.tensorflowInterpreter.")
    else:
        lines.append("Both sides can be run.")
    return "\n".join(lines) + "\n"


def _untested(name: str, version: str) -> str:
    tested = TESTED.get(name)
    return "" if tested is None or version.startswith(f"{tested}.") else f"  (Diptych is tested with {tested})"
