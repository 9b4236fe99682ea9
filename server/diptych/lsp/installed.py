"""Which versions of the frameworks an interpreter has, by what pip wrote down: no framework is imported, so that it
takes a moment; and what of it does not suit a twin.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Literal

TIMEOUT = 20
# Several packages are TensorFlow, by platform.
PACKAGES = {
    "torch": ("torch",), "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos", "tensorflow-intel"),
    "keras": ("keras",), "tf-keras": ("tf-keras", "tf_keras"),
}  # fmt: skip
# The first version whose API twins are written in.
NEEDED = {"torch": (2, 0), "tensorflow": (2, 16), "keras": (3, 0)}
TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras"}

# The folder it is started in comes off the path first: a file there could stand in for a module.
_PROBE = """
import sys; sys.path[:] = [p for p in sys.path if p]
import json
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def installed(interpreter: str) -> dict[str, str]:
    """The version of each framework that an interpreter has; empty where it does not answer."""
    names = [name for several in PACKAGES.values() for name in several]
    command = [interpreter, "-c", _PROBE, *names]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT, check=True, stdin=subprocess.DEVNULL
        )
        found = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}
    return {
        name: next(found[each] for each in several if each in found)
        for name, several in PACKAGES.items()
        if any(each in found for each in several)
    }


def unsuited(
    to: Literal["torch", "tensorflow"], versions: Mapping[str, str], environment: Mapping[str, str] = os.environ
) -> str | None:
    """What a twin in ``to`` needs that these versions are not, in a sentence; ``None`` where they suit, or nothing of
    it is installed, which converting does not need.
    """
    asked = ("torch",) if to == "torch" else ("keras", "tensorflow")
    for name in asked:
        version = versions.get(name)
        if version is None or _numbers(version) >= NEEDED[name]:
            continue
        needed = ".".join(map(str, NEEDED[name]))
        if name == "keras":
            return (
                f"The twin is written for Keras 3; here is Keras {version}, which lacks keras.ops and more: "
                f"it needs keras>={needed} with tensorflow>={'.'.join(map(str, NEEDED['tensorflow']))}"
            )
        return f"The twin is written for {TITLES[name]} {needed} or newer; here is {version}"
    if to == "tensorflow" and environment.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true"):
        legacy = f" ({versions['tf-keras']})" if "tf-keras" in versions else ""
        return (
            f"TF_USE_LEGACY_KERAS makes tf.keras the Keras 2 of tf-keras{legacy}; the twin is written for Keras 3: "
            "run it without that variable"
        )
    return None


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split("+")[0].split(".")[:2]
    return tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in parts)
