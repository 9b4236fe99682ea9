"""Children forked ahead: a claim that gets them cannot tell, and nothing of them is left."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from twins import CNN_TORCH, Options, function, module, pair, verdict, verify

from diptych.conversion import convert
from diptych.verification import Verdict, shutdown, standby

SAME = ("def f(x):\n    return x + 1", "def f(x):\n    return x + 1")
ENTRY = function("f", "x", comment="x=float32[4]")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def waiting() -> dict[str, list[int]]:
    """The children that wait, by framework, once there are two of each and all have been asleep for a while."""
    deadline = time.monotonic() + 60
    calm, found = 0, {}
    while time.monotonic() < deadline:
        found = {one.framework: children(one.process.pid) for one in standby._pool.values() if one.process}
        calm = calm + 1 if all(len(pids) == 2 and all(map(asleep, pids)) for pids in found.values()) else 0
        if calm == 5:
            return found
        time.sleep(0.1)
    raise AssertionError(f"no children wait: {found}")


def asleep(pid: int) -> bool:
    """Whether a process waits, be it for a message or for a lock: the latter is short."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def essence(found: Verdict) -> str:
    return json.dumps({**found.to_json(), "seconds": 0}, default=str, sort_keys=True)


def test_a_verdict_is_the_same_bit_for_bit_in_children_forked_ahead():
    shutdown()
    converted = convert("import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n\n"
                        "# diptych: x=float32[2,3,16,16]" + CNN_TORCH)  # fmt: skip
    [first] = verify(converted, options=Options(device="cpu"))
    ready = waiting()
    [second] = verify(converted, options=Options(device="cpu"))
    assert first.agrees and essence(second) == essence(first)
    assert not {pid for pids in ready.values() for pid in pids} & {pid for pids in waiting().values() for pid in pids}


def test_initial_weights_are_the_same_every_time():
    tensorflow = """
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.fc = keras.layers.Dense(2)

        def call(self, x):
            return self.fc(x)
    """
    torch = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.LazyLinear(2)

        def forward(self, x):
            return self.fc(x)
    """
    one = pair(torch, tensorflow, module("Net", "x", comment="x=float32[4,3]"), backwards=True)
    found = [verify(one, options=Options(device="cpu"))[0]]
    waiting()
    found += verify(one, options=Options(device="cpu"))
    shutdown()
    found += verify(one, options=Options(device="cpu"))
    assert found[0].agrees and len(set(map(essence, found))) == 1, [one.summary for one in found]


def test_a_program_finds_its_process_as_if_it_were_new():
    assert verdict(*SAME, ENTRY).agrees
    waiting()
    torch = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 2)

        def forward(self, x):
            return self.fc(x), torch.initial_seed()
    """
    tensorflow = """
    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration(), tf.config.LogicalDeviceConfiguration()],
    )

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.fc = keras.layers.Dense(2)

        def call(self, x):
            assert self.name == "net" and self.fc.name == "dense", (self.name, self.fc.name)
            assert len(tf.config.list_logical_devices("CPU")) == 2
            return self.fc(x), 0
    """
    found = verdict(torch, tensorflow, module("Net", "x", comment="x=float32[4,3]"))
    assert found.agrees, found.summary


def test_a_child_that_was_killed_while_it_waited_is_not_missed():
    assert verdict(*SAME, ENTRY).agrees
    for pids in waiting().values():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
    assert verdict(*SAME, ENTRY).agrees


def test_children_that_wait_go_with_their_worker():
    assert verdict(*SAME, ENTRY).agrees
    pids = [pid for some in waiting().values() for pid in some]
    one, *others = [one for one in standby._pool.values() if one.process]
    assert one.process is not None
    os.kill(one.process.pid, signal.SIGKILL)
    shutdown()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert others and not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_claims_that_follow_at_once_do_without():
    one = pair(*SAME, ENTRY)
    for _ in range(3):
        [found] = verify(one, options=Options(device="cpu"))
        assert found.agrees, found.summary
