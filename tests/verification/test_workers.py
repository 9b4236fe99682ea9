"""Workers survive what user code does: prints, loops, exits, kills; and say what is missing."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from twins import function, module, pair, verdict

from diptych.conversion.result import Conversion, Entry, Leftover, Parameter
from diptych.verification import Options, children, doctor, shutdown, standby, verify

SAME = ("def f(x):\n    return x + 1", "def f(x):\n    return x + 1")
ENTRY = function("f", "x", comment="x=float32[4]")
TWIN = SAME[1]


def source(body: str) -> str:
    return f"import os, signal, sys, time\ndef f(x):\n    {body}\n    return x + 1"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_prints_do_not_disturb_and_are_kept():
    body = "print('hello from the source'); sys.stderr.write('and its stderr'); os.write(1, b'raw ' * 50000)"
    found = verdict(source(body + "; print('the end')"), TWIN, ENTRY)
    assert found.agrees, found.summary
    assert "the end" in found.evidence.output
    assert len(found.evidence.output) < 10_000


def test_an_endless_loop_is_stopped_and_named():
    found = verdict(source("while True: pass"), TWIN, ENTRY, timeout=3)
    assert found.verdict == "not verified"
    assert found.reason == "the source did not finish in 3 s"
    assert 3 <= found.evidence.seconds < 20
    assert verdict(*SAME, ENTRY).agrees


def test_an_endless_loop_at_import_is_stopped_too():
    found = verdict(SAME[0], "while True:\n    pass", ENTRY, timeout=3)
    assert found.reason == "the twin did not finish in 3 s"


def test_a_program_that_kills_its_process_is_named():
    found = verdict(source("os.kill(os.getpid(), signal.SIGKILL)"), TWIN, ENTRY)
    assert (found.verdict, found.reason) == ("not verified", "the process of the source was killed by SIGKILL")
    assert verdict(*SAME, ENTRY).agrees


def test_a_program_that_leaves_its_process_is_named():
    found = verdict(source("os._exit(3)"), TWIN, ENTRY)
    assert (found.verdict, found.reason) == ("not verified", "the source ended its process with exit code 3")
    found = verdict(SAME[0], "import os\ndef f(x):\n    os._exit(3)", ENTRY)
    assert (found.verdict, found.reason) == ("differs", "the twin ended its process with exit code 3")


def test_sys_exit_is_an_exception_of_the_source():
    found = verdict(source("sys.exit(2)"), TWIN, ENTRY)
    assert found.verdict == "not verified"
    assert "SystemExit: 2 at line" in (found.reason or "")


def test_a_worker_killed_from_outside_is_named_and_the_next_claim_works(monkeypatch: pytest.MonkeyPatch):
    answer = children.Child._answer

    def shot(self: children.Child) -> dict:
        if self.side == "twin":
            os.kill(self.pid, signal.SIGKILL)
        return answer(self)

    with monkeypatch.context() as patched:
        patched.setattr(children.Child, "_answer", shot)
        found = verdict(*SAME, ENTRY)
    assert found.verdict == "not verified"
    assert found.reason == "the process of the twin was killed by SIGKILL"
    assert verdict(*SAME, ENTRY).agrees


def test_a_standby_worker_killed_from_outside_is_started_again():
    assert verdict(*SAME, ENTRY).agrees
    for one in list(standby._pool.values()):
        assert one.process is not None
        os.kill(one.process.pid, signal.SIGKILL)
    assert verdict(*SAME, ENTRY).agrees


def test_what_a_program_started_is_ended_with_it(tmp_path: Path):
    note = tmp_path / "pid"
    body = f"import subprocess; p = subprocess.Popen(['sleep', '600']); open({str(note)!r}, 'w').write(str(p.pid))"
    found = verdict(source(body), TWIN, ENTRY)
    assert found.agrees, found.summary
    deadline = time.monotonic() + 10
    while alive(int(note.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(int(note.read_text()))


def test_cancelling_stops_at_once():
    stop = threading.Event()
    timer = threading.Timer(1.5, stop.set)
    timer.start()
    started = time.monotonic()
    one = pair(source("time.sleep(60)"), TWIN, ENTRY)
    [found] = verify(one, options=Options(device="cpu"), cancelled=stop.is_set)
    assert (found.verdict, found.reason) == ("not verified", "cancelled")
    assert time.monotonic() - started < 50


def test_too_much_memory_is_named():
    found = verdict(source("y = bytearray(10**10)\n    time.sleep(20)"), TWIN, ENTRY, memory=2 << 30)
    assert found.verdict == "not verified"
    assert "MiB of memory" in (found.reason or "")


def test_a_missing_framework_says_what_to_install(tmp_path: Path):
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{os.path.realpath(sys.executable)}" -S "$@"\n')
    bare.chmod(0o755)
    found = verdict(*SAME, ENTRY, torch_interpreter=str(bare))
    assert found.verdict == "not verified"
    assert "install it there with" in (found.reason or "")
    [torch, tensorflow] = doctor(Options(device="cpu", torch_interpreter=str(bare)))
    assert torch.problem is not None and "pip install" in torch.problem
    assert tensorflow.problem is None and tensorflow.versions["keras"] and tensorflow.devices[0] == "cpu"


def test_an_interpreter_that_is_not_there_is_named():
    found = verdict(*SAME, ENTRY, tensorflow_interpreter="/no/such/python")
    assert found.verdict == "not verified"
    assert "/no/such/python cannot be started" in (found.reason or "")


def test_unknown_inputs_ask_for_a_comment():
    found = verdict(*SAME, function("f", "x"))
    assert found.verdict == "not verified"
    assert "# diptych: x=float32[2,16]" in (found.reason or "")


def test_a_comment_that_cannot_be_read_is_named():
    found = verdict(*SAME, function("f", "x", comment="x=float32[2,"))
    assert found.verdict == "not verified"
    assert "cannot be read" in (found.reason or "")


def test_a_range_that_the_source_refuses_is_named():
    torch = "class E(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    torch += "        self.e = nn.Embedding(5, 2)\n"
    torch += "    def forward(self, ids):\n        return self.e(ids)"
    twin = "class E(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
    twin += "        self.e = keras.layers.Embedding(5, 2)\n    def call(self, ids):\n        return self.e(ids)"
    found = verdict(torch, twin, module("E", "ids", comment="ids=int64[64]"))
    assert found.verdict == "not verified"
    assert "the source raises on all but edge inputs: random: IndexError" in (found.reason or "")


def test_a_source_that_does_not_load_is_not_verified_and_a_twin_that_does_not_differs():
    assert (
        verdict("raise RuntimeError('no')", TWIN, ENTRY).reason
        == "the source does not load: RuntimeError: no at line 4"
    )
    found = verdict(SAME[0], "undefined_name", ENTRY)
    assert found.verdict == "differs"
    assert found.twin_line == 3


def test_main_blocks_do_not_run():
    found = verdict(SAME[0] + "\nif __name__ == '__main__':\n    raise SystemExit(1)", TWIN, ENTRY)
    assert found.agrees, found.summary


def test_neighbours_of_the_source_can_be_imported(tmp_path: Path):
    (tmp_path / "neighbour_of_the_source.py").write_text("one = 1")
    text = "from neighbour_of_the_source import one\ndef f(x):\n    return x + one"
    found = verdict(text, text, ENTRY, folder=tmp_path)
    assert found.agrees, found.summary


def test_what_was_not_converted_is_not_run():
    entry = Entry("f", "function", 1, (Parameter("x"),), comment="x=float32[4]")
    left = Leftover(2, 4, 2, 10, "torch.special_thing", "no rule knows torch.special_thing")
    text = "def f(x):\n    return x"
    conversion = Conversion(text, text, "torch", "tensorflow", leftovers=(left,), entries=(entry,))
    [found] = verify(conversion, options=Options(device="cpu"))
    assert found.reason == "line 2 was not converted: no rule knows torch.special_thing"


def test_unknown_names_raise_and_progress_is_told():
    one = pair(*SAME, ENTRY)
    with pytest.raises(KeyError, match="there are: f"):
        verify(one, ["g"])
    told: list = []
    verify(one, options=Options(device="cpu"), progress=lambda *what: told.append(what))
    assert told[0] == (0, 1, "f")


def test_idle_standby_workers_leave(monkeypatch: pytest.MonkeyPatch):
    assert verdict(*SAME, ENTRY).agrees
    processes = [one.process for one in standby._pool.values() if one.process is not None]
    shutdown()
    assert processes and all(process.poll() is not None for process in processes)
    assert verdict(*SAME, ENTRY).agrees
    gone = standby.leave_if_idle(0.0)
    assert len(gone) == 2 and not standby._pool


def test_where_forking_is_not_safe_every_child_is_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch):
    shutdown()
    with monkeypatch.context() as patched:
        patched.setattr(standby, "FORKS", False)
        found = verdict(*SAME, ENTRY)
        assert found.agrees, found.summary
        shutdown()


def test_a_program_that_closes_every_file_is_ended():
    found = verdict(source("os.closerange(3, 256); time.sleep(30)"), TWIN, ENTRY)
    assert (found.verdict, found.reason) == ("not verified", "the process of the source was killed by SIGKILL")


def test_an_entry_that_is_not_there_is_named():
    found = verdict(*SAME, function("g", "x", comment="x=float32[4]"))
    assert found.reason == "the source cannot be found: NameError: nothing named g is defined"
