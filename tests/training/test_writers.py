"""What a program writes for TensorBoard is the same on both sides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from diptych.conversion import convert

from .lightning_run import SITE

ROOT = Path(__file__).parents[2]
PROGRAM = """
import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter


class Trainer:
    def __init__(self, folder):
        self.writer = SummaryWriter(log_dir=folder, flush_secs=30)

    def run(self, x, image):
        for step in range(3):
            loss = torch.mean(x * step)
            self.writer.add_scalar("loss", loss.item(), step)
            self.writer.add_scalar("tensor", loss, global_step=step)
            self.writer.add_scalars("of/both", {"a": loss, "b": step}, step)
            self.writer.add_histogram("values", x, step)
            self.writer.add_image("image", image, step)
        self.writer.close()


def main(folder):
    x = torch.from_numpy(np.arange(12, dtype=np.float32).reshape(4, 3))
    image = torch.from_numpy(np.linspace(-0.1, 1.1, 60, dtype=np.float32).reshape(3, 4, 5))
    with SummaryWriter(folder + "/more") as writer:
        writer.add_text("note", "hello", 1)
        writer.add_image("grey", image[0], 2, dataformats="HW")
        writer.add_image("rows", (image.abs() * 100).to(torch.uint8), dataformats="CHW")
    Trainer(folder).run(x, image)
"""
RUN = "import runpy, sys; runpy.run_path(sys.argv[1])['main'](sys.argv[2])"


def ran(script: Path, folder: Path) -> dict[str, Any]:
    """What the script wrote."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"}
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(SITE)]))
    with_site = {**environment, "PYTHONPATH": path}
    for command, variables in (
        (["-c", RUN, str(script), str(folder)], with_site),
        (["-m", "tests.training.events", str(folder)], environment),
    ):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not (SITE / "tensorboard").exists(), reason="`make training-install` puts TensorBoard into build/")
def test_both_sides_write_the_same(tmp_path: Path) -> None:
    conversion = convert(PROGRAM, to="tensorflow")
    assert [item for item in conversion.leftovers if item.severity == "error"] == []
    for name, text in (("source", PROGRAM), ("twin", conversion.twin)):
        (tmp_path / f"{name}.py").write_text(text)
    source, twin = (ran(tmp_path / f"{name}.py", tmp_path / name) for name in ("source", "twin"))
    assert len(source) == 3 * 6 + 3
    assert source == twin
