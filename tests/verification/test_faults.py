"""What goes wrong around a claim: garbage, full disks, lost memory, kills. A clear verdict, and the next run works."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from twins import function, pair, verdict

from diptych.verification import Options, children, shutdown, standby, verify
from diptych.worker.channel import LARGE, Channel, Closed, Damaged, Folder

SAME = ("def f(x):\n    return x + 1", "def f(x):\n    return x + 1")
ENTRY = function("f", "x", comment="x=float32[4]")
SOCKETS = """
for number in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            {do}
    except OSError:
        pass
"""


def source(body: str) -> str:
    lines = "\n    ".join(body.strip().splitlines())
    return f"import os, stat, sys, time, warnings\ndef f(x):\n    {lines}\n    return x + 1"


def children_of_this_process() -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.add(int(path.parent.name))
    return found


def test_garbage_in_the_connection_is_named_and_the_next_run_works():
    body = SOCKETS.format(do="os.write(number, b'garbage from user code ' * 8)")
    found = verdict(source(body), SAME[1], ENTRY)
    assert found.verdict == "not verified"
    assert found.reason == "the source wrote into the connection between its process and the verifier"
    found = verdict(SAME[0], source(body), ENTRY)
    assert found.reason == "the twin wrote into the connection between its process and the verifier"
    assert verdict(*SAME, ENTRY).agrees


def test_half_a_frame_ends_at_the_time_limit_and_not_never():
    body = SOCKETS.format(do="os.write(number, b'abc')") + "time.sleep(600)"
    found = verdict(source(body), SAME[1], ENTRY, timeout=3)
    assert found.reason == "the source did not finish in 3 s"


def test_warnings_and_endless_output_do_no_harm():
    body = "warnings.warn('mind the gap')\nsys.stdout.write('line\\n' * 200000)"
    found = verdict(source(body), SAME[1], ENTRY)
    assert found.agrees, found.summary
    assert len(found.evidence.output) < 10_000


def test_memory_that_a_side_cannot_get_is_undecided_with_advice():
    for sides in ((source("raise MemoryError('no room')"), SAME[1]), (SAME[0], source("raise MemoryError('no room')"))):
        found = verdict(*sides, ENTRY)
        assert found.verdict == "undecided"
        assert "ran out of memory (MemoryError: no room)" in (found.reason or "")
        assert "state smaller sizes" in (found.reason or "")


def test_a_gpu_out_of_memory_is_undecided_with_advice():
    text = "class OutOfMemoryError(RuntimeError):\n    pass\n"
    text += "def f(x):\n    raise OutOfMemoryError('CUDA out of memory. Tried to allocate 20 GiB')"
    found = verdict(text, SAME[1], ENTRY)
    assert found.verdict == "undecided"
    assert "ran out of GPU memory" in (found.reason or "") and "run one side on the CPU" in (found.reason or "")


def test_a_full_disk_is_no_difference():
    found = verdict(SAME[0], source(f"raise OSError({errno.ENOSPC}, 'No space left on device')"), ENTRY)
    assert found.verdict == "undecided"
    assert "ran out of disk space" in (found.reason or "")


def test_a_disk_that_is_full_before_anything_runs_is_named(monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(children.Path, "mkdir", full)
        found = verdict(*SAME, ENTRY)
    assert found.verdict == "not verified"
    assert found.reason == "the processes could not be set up: No space left on device"
    assert verdict(*SAME, ENTRY).agrees


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_a_standby_worker_killed_during_a_claim_is_named(framework: str, monkeypatch: pytest.MonkeyPatch):
    answer = children.Child._answer

    def shot(self: children.Child) -> dict:
        for key, one in standby._pool.items():
            if key[1] == framework and one.process is not None:
                one.process.kill()
        return answer(self)

    with monkeypatch.context() as patched:
        patched.setattr(children.Child, "_answer", shot)
        found = verdict(*SAME, ENTRY)
    side = "source" if framework == "torch" else "twin"
    assert found.verdict == "not verified"
    assert found.reason is not None and f"of the {side} was killed" in found.reason
    assert verdict(*SAME, ENTRY).agrees


def test_what_a_program_left_behind_in_a_session_of_its_own_is_ended(tmp_path: Path):
    note = tmp_path / "pid"
    body = "import subprocess\n"
    body += "p = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
    body += f"open({str(note)!r}, 'w').write(str(p.pid))"
    found = verdict(source(body), SAME[1], ENTRY)
    assert found.agrees, found.summary
    pid = int(note.read_text())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_nothing_is_left_when_the_server_is_killed(tmp_path: Path):
    script = tmp_path / "server.py"
    script.write_text(
        "import os, sys, threading, time\n"
        f"sys.path[:0] = {sys.path!r}\n"
        "from twins import function, verdict\n"
        "from diptych.verification import standby\n"
        "entry = function('f', 'x', comment='x=float32[4]')\n"
        "slow = 'import time\\ndef f(x):\\n    time.sleep(60)\\n    return x'\n"
        "threading.Thread(target=verdict, args=(slow, 'def f(x):\\n    return x', entry), daemon=True).start()\n"
        "while not sum(one.busy for one in standby._pool.values()) == 4:\n    time.sleep(0.1)\n"
        "time.sleep(1)\n"
        "print(*[one.process.pid for one in standby._pool.values()], flush=True)\n"
        "time.sleep(60)\n"
    )
    server = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    workers = [int(word) for word in server.stdout.readline().split()]
    assert len(workers) == 2
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    deadline = time.monotonic() + 15
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_fresh_processes_go_with_their_claim(monkeypatch: pytest.MonkeyPatch):
    shutdown()
    before = children_of_this_process()
    with monkeypatch.context() as patched:
        patched.setattr(standby, "FORKS", False)
        assert verdict(source("print('fresh')"), SAME[1], ENTRY).agrees
        found = verdict(source("os._exit(3)"), SAME[1], ENTRY)
        assert found.reason == "the source ended its process with exit code 3"
        found = verdict(source("while True: pass"), SAME[1], ENTRY, timeout=2)
        assert found.reason == "the source did not finish in 2 s"
        found = verdict(*SAME, ENTRY, torch_interpreter="/no/such/python")
        assert "/no/such/python cannot be started" in (found.reason or "")
        shutdown()
    assert children_of_this_process() == before


def test_several_claims_at_once_share_the_workers():
    from concurrent.futures import ThreadPoolExecutor

    def one(number: int) -> str:
        text = f"def f(x):\n    return x + {number}"
        [found] = verify(pair(text, text, ENTRY), options=Options(device="cpu"))
        return found.verdict

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(one, range(6))) == ["identical"] * 6


def test_large_tensors_travel_by_file_and_leave_none(tmp_path: Path):
    a, b = socket.socketpair()
    sender = Channel(a, folder=Folder(str(tmp_path), "a-"))
    receiver = Channel(b, folder=Folder(str(tmp_path), "b-"))
    large = np.arange(LARGE // 4 + 5, dtype=np.float32)
    sender.send({"large": large, "small": np.ones(3), "list": [1, None, "x"]})
    assert len(list(tmp_path.iterdir())) == 1
    got = receiver.receive()
    assert np.array_equal(got["large"], large) and np.array_equal(got["small"], np.ones(3))
    assert got["list"] == [1, None, "x"]
    assert not list(tmp_path.iterdir())
    a.close()
    b.close()


def test_large_tensors_go_with_the_frame_where_no_file_can_be_written(tmp_path: Path):
    import threading

    a, b = socket.socketpair()
    sender = Channel(a, folder=Folder(str(tmp_path / "not there"), "a-"))
    large = np.arange(LARGE // 4 + 5, dtype=np.float32)
    thread = threading.Thread(target=sender.send, args=({"large": large},))
    thread.start()
    assert np.array_equal(Channel(b).receive()["large"], large)
    thread.join()
    a.close()
    b.close()


@pytest.mark.parametrize("written", [b"x" * 64, b"diptych0" + b"\xff" * 16, b"otherone" + bytes(16)])
def test_what_is_no_frame_is_damaged(written: bytes):
    a, b = socket.socketpair()
    a.sendall(written)
    with pytest.raises(Damaged):
        Channel(b).receive()
    a.close()
    b.close()


def test_a_frame_that_names_a_file_elsewhere_is_damaged(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(8))
    (tmp_path / "arrays").mkdir()
    folder = Folder(str(tmp_path / "arrays"))
    with pytest.raises(Damaged):
        folder.take("../secret", np.dtype("float32"), [2])
    assert secret.exists()


def test_a_closed_connection_is_told_from_a_damaged_one():
    a, b = socket.socketpair()
    a.close()
    with pytest.raises(Closed) as caught:
        Channel(b).receive()
    assert not isinstance(caught.value, Damaged)
    b.close()
