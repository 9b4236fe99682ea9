"""``assert_equivalent`` and the pytest plugin: two hand-written versions held in step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from diptych.testing import assert_equivalent
from diptych.verification import Options, shutdown

OPTIONS = Options(device="cpu")


@pytest.fixture(scope="module", autouse=True)
def workers():
    yield
    shutdown()


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A package of two versions, each with a neighbour that it imports relatively."""
    package = tmp_path / "zoo"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "constants.py").write_text("SLOPE = 0.1\n")
    (package / "in_torch.py").write_text(
        dedent("""
        import torch
        from torch import nn
        from .constants import SLOPE

        def leaky(x, slope=SLOPE):
            return torch.where(x > 0, x, x * slope)

        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.out = nn.Linear(width, 2)

            # a comment that says nothing of inputs
            def forward(self, x):
                return self.out(leaky(x))
        """)
    )
    (package / "in_tensorflow.py").write_text(
        dedent("""
        import keras
        import tensorflow as tf
        from .constants import SLOPE

        def leaky_relu(x, slope=SLOPE):
            return tf.nn.leaky_relu(x, alpha=slope)

        def wrong(x, slope=0.2):
            return tf.nn.leaky_relu(x, alpha=slope)

        class Net(keras.Model):
            def __init__(self, width):
                super().__init__()
                self.out = keras.layers.Dense(2)

            def call(self, x):
                return self.out(leaky_relu(x))
        """)
    )
    return package


def test_functions_of_other_names_agree(versions: Path):
    torch, tensorflow = f"{versions}/in_torch.py::leaky", f"{versions}/in_tensorflow.py::leaky_relu"
    found = assert_equivalent(torch, tensorflow, "x=float32[4,5]", options=OPTIONS)
    assert found.agrees and found.evidence.samples == 6
    found = assert_equivalent(
        torch, tensorflow, {"x": "float32[4,5]", "slope": 0.3}, source="tensorflow", options=OPTIONS
    )
    assert found.agrees


def test_models_agree(versions: Path):
    names = f"{versions}/in_torch.py::Net", f"{versions}/in_tensorflow.py::Net"
    found = assert_equivalent(*names, "x=float32[4,5], width=5", options=OPTIONS)
    assert {"train", "eval", "tf.function"} <= set(found.evidence.modes)


def test_given_arrays_are_used_as_they_are(versions: Path):
    x = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    names = f"{versions}/in_torch.py::leaky", f"{versions}/in_tensorflow.py::wrong"
    assert assert_equivalent(*names, [x], options=OPTIONS).evidence.samples == 1
    with pytest.raises(AssertionError, match=r"differs: the result is off by .* \(given inputs\)") as raised:
        assert_equivalent(*names, [-x], options=OPTIONS)
    first, *others = str(raised.value).splitlines()[1:]
    assert first.startswith("first apart: ") and others[0].startswith("  source: line ")


def test_what_cannot_be_run_elsewhere_is_refused(versions: Path):
    twin = f"{versions}/in_tensorflow.py::wrong"
    with pytest.raises(TypeError, match="must stand at the top of a file"):
        assert_equivalent(lambda x: x, twin, "x=float32[2]")
    with pytest.raises(ValueError, match="defines no function or class named absent"):
        assert_equivalent(f"{versions}/in_torch.py::absent", twin, "x=float32[2]")
    with pytest.raises(ValueError, match="cannot be read"):
        assert_equivalent("/no/such/file.py::f", twin, "x=float32[2]")
    with pytest.raises(ValueError, match="takes 2 arguments, 3 were given"):
        assert_equivalent(f"{versions}/in_torch.py::leaky", twin, [1, 2, 3])


def test_the_plugin_gives_a_fixture_and_a_table(versions: Path):
    test = versions.parent / "tests" / "test_versions.py"
    test.parent.mkdir()
    (test.parent / "beside.py").write_text(
        "import tensorflow as tf\n\n\ndef leaky_relu(x, slope=0.1):\n    return tf.nn.leaky_relu(x, alpha=slope)\n"
    )
    test.write_text(
        dedent("""
        import sys

        def test_same(assert_equivalent):
            assert_equivalent("zoo/in_torch.py::leaky", "beside.py::leaky_relu", "x=float32[4,5]")

        def test_other(assert_equivalent):
            assert_equivalent("zoo/in_torch.py::leaky", "zoo/in_tensorflow.py::wrong", "x=float32[4,5]")

        def test_no_such_file(assert_equivalent):
            assert_equivalent("zoo/in_toch.py::leaky", "zoo/in_tensorflow.py::wrong", "x=float32[4,5]")

        def test_light():
            assert not {"torch", "tensorflow"} & set(sys.modules)
        """)
    )
    (versions.parent / "pytest.ini").write_text("[pytest]\ndiptych_device = cpu\ndiptych_timeout = 120\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:diptych", "-p", "diptych.testing.plugin", str(test)]
    found = subprocess.run(command, cwd=versions.parent, capture_output=True, text=True, check=False)
    assert "2 failed, 2 passed" in found.stdout, found.stdout + found.stderr
    assert f"ValueError: {versions / 'in_toch.py'} cannot be read: No such file" in found.stdout
    assert "equivalence.py:" not in found.stdout
    assert "differs: the result is off by" in found.stdout
    assert "test_same: " in found.stdout and "; source " in found.stdout and " ms, twin " in found.stdout


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("diptych_timeout = soon", "diptych_timeout is a number of seconds, not 'soon'"),
        ("diptych_device = tpu", "diptych_device: tpu is no device; there are: auto, cpu, cuda, cuda:N"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path, setting: str, message: str):
    (tmp_path / "test_one.py").write_text("def test(assert_equivalent):\n    assert_equivalent('a::f', 'b::f')\n")
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{setting}\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:diptych", "-p", "diptych.testing.plugin", "-q", "test_one.py"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert message in found.stdout + found.stderr, found.stdout + found.stderr


def test_the_plugin_imports_nothing_heavy():
    heavy = {"numpy", "libcst", "torch", "tensorflow"}
    script = f"import sys, diptych.testing.plugin; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
