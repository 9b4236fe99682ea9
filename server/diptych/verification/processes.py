"""What differs between systems about processes: their environment, memory, groups and output."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

WINDOWS = sys.platform == "win32"
OUTPUT_KEPT = 4000
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "USER", "LOGNAME")
KEPT_ON_WINDOWS = ("SYSTEMROOT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "COMSPEC", "PATHEXT")
KEPT_PREFIXES = ("LC_", "CUDA", "NVIDIA", "CONDA_", "OMP_", "MKL_", "TORCH_HOME", "KERAS_HOME", "XDG_CACHE", "HF_HOME")


def environment(device: str) -> dict[str, str]:
    """What a worker sees of this process's environment: paths and device settings, no tokens or passwords. Of several
    GPUs, ``cuda:N`` shows it the one of that number alone.
    """
    names = (*KEPT, *KEPT_ON_WINDOWS) if WINDOWS else KEPT
    kept = {key: value for key, value in os.environ.items() if key in names or key.startswith(KEPT_PREFIXES)}
    kept.update(TF_CPP_MIN_LOG_LEVEL="3", PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1", KERAS_BACKEND="tensorflow")
    kept.update(NVIDIA_TF32_OVERRIDE="0", CUBLAS_WORKSPACE_CONFIG=":4096:8", TF_FORCE_GPU_ALLOW_GROWTH="true")
    if device == "cpu":
        kept["CUDA_VISIBLE_DEVICES"] = "-1"
    elif device.startswith("cuda:"):
        visible = [name for name in kept.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
        number = device.removeprefix("cuda:")
        if visible:
            number = visible[int(number)] if int(number) < len(visible) else "-1"
        kept["CUDA_VISIBLE_DEVICES"] = number
    return kept


def own_group() -> Any:
    """Arguments for ``Popen`` that put a process into a group of its own."""
    if WINDOWS:
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def kill_group(pid: int) -> None:
    """Kill a process and all that it started; nothing where it has gone."""
    if WINDOWS:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(pid)], capture_output=True, check=False)
        return
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)


def memory_of(pid: int) -> int:
    """The resident memory of a process in bytes; 0 where it cannot be told."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        if sys.platform.startswith("linux"):
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return _memory_by_command(pid)
    return 0


def _memory_by_command(pid: int) -> int:
    """Where there is no ``/proc``, the system's own tool is asked."""
    if WINDOWS:
        command = ["tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH"]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return int("".join(filter(str.isdigit, text.strip().split('","')[-1]))) << 10
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    return int(subprocess.run(command, capture_output=True, text=True, check=False).stdout) << 10


class Output:
    """Keeps the end of what a process prints, read by a thread of its own."""

    def __init__(self, stream: Any) -> None:
        self.kept = bytearray()
        self.stream = stream
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while part := self.stream.read(65536):
                self.kept += part
                del self.kept[:-OUTPUT_KEPT]

    def text(self) -> str:
        """What is known so far."""
        return bytes(self.kept).decode(errors="replace")

    def finish(self) -> None:
        """Wait a moment for the rest. What a process left behind may hold the stream open for ever: then the thread is
        left to it, with the stream.
        """
        self.thread.join(1.0)
        if not self.thread.is_alive():
            self.stream.close()
