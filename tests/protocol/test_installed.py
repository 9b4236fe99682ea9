"""What of the installed frameworks does not suit a twin."""

from __future__ import annotations

import sys

import pytest

from diptych.lsp.installed import installed, unsuited


@pytest.mark.parametrize(
    "to, versions, environment, says",
    [
        ("tensorflow", {"tensorflow": "2.21.0", "keras": "3.15.0"}, {}, None),
        ("tensorflow", {}, {}, None),
        ("tensorflow", {"tensorflow": "2.15.1", "keras": "2.15.0"}, {}, "written for Keras 3; here is Keras 2.15.0"),
        ("tensorflow", {"tensorflow": "2.10.0"}, {}, "TensorFlow 2.16 or newer; here is 2.10.0"),
        (
            "tensorflow",
            {"tensorflow": "2.18.0", "keras": "3.6.0", "tf-keras": "2.18.0"},
            {"TF_USE_LEGACY_KERAS": "1"},
            "the Keras 2 of tf-keras (2.18.0)",
        ),
        ("torch", {"torch": "2.13.0+cpu", "keras": "2.15.0"}, {"TF_USE_LEGACY_KERAS": "1"}, None),
        ("torch", {"torch": "1.13.1+cu117"}, {}, "PyTorch 2.0 or newer; here is 1.13.1"),
    ],
)
def test_versions(to: str, versions: dict[str, str], environment: dict[str, str], says: str | None) -> None:
    found = unsuited(to, versions, environment)  # type: ignore[arg-type]
    assert found is None if says is None else says in (found or "")


def test_an_interpreter_is_asked_without_importing_anything() -> None:
    found = installed(sys.executable)
    assert found["torch"].startswith("2.") and found["keras"].startswith("3.")
    assert installed("/nowhere/python") == {}
