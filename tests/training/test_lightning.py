"""Training scripts written with Lightning: each and its twin train from the same weights, and agree at every step."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diptych.conversion import convert

from .lightning_run import SITE

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(Path(__file__).with_name("lightning_programs").glob("*.py"))
MISSING = "Lightning is not there: `make training-install` puts it into build/"


def ran(side: str, script: Path, folder: Path) -> dict[str, Any]:
    """What a side trained, in a process of its own."""
    command = [sys.executable, "-m", "tests.training.lightning_run", side, str(script), str(folder)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return np.load(folder / f"{side}.npy", allow_pickle=True).item()


@pytest.mark.slow
@pytest.mark.skipif(not (SITE / "complete").exists(), reason=MISSING)
@pytest.mark.parametrize("path", PROGRAMS, ids=[path.stem for path in PROGRAMS])
def test_script_and_twin_train_alike(path: Path, tmp_path: Path) -> None:
    conversion = convert(path.read_text(), to="tensorflow")
    assert [item for item in conversion.leftovers if item.severity == "error"] == []
    twin = tmp_path / path.name
    twin.write_text(conversion.twin)
    source, trained = ran("torch", path, tmp_path), ran("tensorflow", twin, tmp_path)
    assert len(source["losses"]) >= 6
    np.testing.assert_allclose(trained["losses"], source["losses"], rtol=1e-4)
    assert source["epoch"].items() >= {"train_loss": source["losses"][-1]}.items()
    for name in trained["epoch"]:
        np.testing.assert_allclose(trained["epoch"][name], source["epoch"][name], rtol=1e-4, err_msg=name)
    assert trained["state"].keys() == source["state"].keys()
    for name, value in source["state"].items():
        np.testing.assert_allclose(trained["state"][name], value, rtol=1e-3, atol=1e-5, err_msg=name)
    for one, two in zip(trained["results"], source["results"], strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-5)
