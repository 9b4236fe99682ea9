"""The pytest plugin: a fixture, its settings, and a table of what was compared. Imports nothing heavy by itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from diptych.verification import Verdict

__tracebackhide__ = True
SETTINGS = {
    "diptych_torch_python": "The Python interpreter that has PyTorch (default: the one that runs the tests).",
    "diptych_tensorflow_python": "The Python interpreter that has TensorFlow (default: the one that runs the tests).",
    "diptych_timeout": "The longest that one comparison may take, in seconds (default: 60).",
    "diptych_device": "Where both sides run: auto, cpu, cuda or cuda:N (default: auto).",
}
COMPARED = pytest.StashKey[list["tuple[str, Verdict]"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the settings."""
    for name, text in SETTINGS.items():
        parser.addini(name, text)


@pytest.fixture
def assert_equivalent(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """``assert_equivalent(torch_version, tensorflow_version, inputs)``: see :mod:`diptych.testing`. Files are looked
    for from the current folder, then from the test's.
    """

    def compare(torch_version: Any, tensorflow_version: Any, *rest: Any, **named: Any) -> Any:
        from diptych.testing import assert_equivalent as run

        named.setdefault("options", _options(request.config))
        versions = (_found(version, request.path.parent) for version in (torch_version, tensorflow_version))
        verdict = run(*versions, *rest, **named)
        request.config.stash.setdefault(COMPARED, []).append((request.node.name, verdict))
        return verdict

    return compare


def _found(version: Any, folder: Path) -> Any:
    """``FILE::NAME`` with the file beside the test, where the current folder has no such file."""
    if not isinstance(version, str) or Path(version.rpartition("::")[0]).exists():
        return version
    beside = folder / version
    return str(beside) if Path(str(beside).rpartition("::")[0]).is_file() else version


def _options(config: pytest.Config) -> Any:
    from diptych.verification import Options

    given = {name: str(config.getini(name) or "") for name in SETTINGS}
    try:
        timeout = float(given["diptych_timeout"] or 60)
    except ValueError:
        raise pytest.UsageError(f"diptych_timeout is a number of seconds, not {given['diptych_timeout']!r}") from None
    try:
        return Options(
            timeout=timeout,
            device=given["diptych_device"] or "auto",
            torch_interpreter=given["diptych_torch_python"] or sys.executable,
            tensorflow_interpreter=given["diptych_tensorflow_python"] or sys.executable,
            timing=True,
        )
    except ValueError as error:
        raise pytest.UsageError(f"diptych_device: {error}") from None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What was compared, with the largest differences and the times per call."""
    compared = config.stash.get(COMPARED, [])
    if compared and config.get_verbosity() >= 0:
        terminalreporter.section("equivalent versions")
        for name, verdict in compared:
            times = ", ".join(f"{side} {seconds * 1000:.2f} ms" for side, seconds in verdict.evidence.times.items())
            terminalreporter.write_line(f"{name}: {verdict.summary}" + (f"; {times}" if times else ""))


def pytest_unconfigure() -> None:
    """Let the workers go, where there are any."""
    if "diptych.verification" in sys.modules:
        sys.modules["diptych.verification"].shutdown()
