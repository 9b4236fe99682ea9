"""A second real editor: Neovim, without a screen, uses the server as its users do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("neovim.lua")
PAGE = Path(__file__).parents[2] / "docs" / "editors.md"
NVIM = shutil.which("nvim")
TEXT = """\
import torch


def f(a):
    s = "😋"; return torch.qr(a)


def g(x: torch.Tensor):
    return torch.sum(x, dim=1)


y = torch.ones(2, 3)
"""


def setup_for(nvim: str) -> str:
    """What the page about editors says for this version."""
    said = subprocess.run([nvim, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", said)
    assert version is not None, said
    newer, older, twin = re.findall(r"^```lua\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return (newer if (int(version[1]), int(version[2])) >= (0, 11) else older) + twin


@pytest.mark.skipif(NVIM is None, reason="Neovim is not installed (on Debian: apt-get install neovim)")
def test_neovim_uses_every_feature(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(TEXT, encoding="utf-8")
    assert NVIM is not None
    setup = tmp_path / "setup.lua"
    setup.write_text(setup_for(NVIM), encoding="utf-8")
    own = {name: str(tmp_path / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # where diptych is
    done = subprocess.run(
        [NVIM, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {setup}", "-c", f"luafile {SCRIPT}"],
        env={**os.environ, **own, "PATH": path, "FILE": str(file), "LC_ALL": "C.UTF-8"},
        cwd=tmp_path,
        capture_output=True,
        timeout=600,
        check=False,
    )
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0 and "FAILED" not in said, said
    assert said.count("ok ") >= 10, said
