"""Cases: saved inputs, weights and seeds repeat a verdict bit for bit. And what inputs there are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from twins import CNN, CNN_TORCH, cnn_twin, function, module, pair, verdict

from diptych.conversion.result import Parameter
from diptych.verification import BadCase, Case, Given, Options, repeat, save, verify
from diptych.verification.cases import load
from diptych.verification.inputs import Plan, Sample, plan, samples
from diptych.verification.specs import BadComment, NumberSpec, TensorSpec, parse_comment

OPTIONS = Options(device="cpu", seed=3)


def kept(one, **more) -> tuple[list, list[Case]]:
    cases: list[Case] = []
    return verify(one, options=OPTIONS, record=cases.append, **more), cases


def test_a_verdict_is_repeated_bit_for_bit(tmp_path: Path):
    torch = "def f(x, k, names):\n    return torch.softmax(x * k, -1).cumsum(0) + torch.rand(3, 5) + len(names)"
    twin = (
        "def f(x, k, names):\n    e = tf.exp(k * x - tf.reduce_max(k * x, axis=-1, keepdims=True))\n"
        "    p = e / tf.reduce_sum(e, axis=-1, keepdims=True)\n"
        "    return tf.cumsum(p) + tf.random.uniform([3, 5]) + len(names)"
    )
    comment = "x=float32[3,5], k=0.1..0.9, names=['a', 'b..c']"
    [found], cases = kept(pair(torch, twin, function("f", "x", "k", "names", comment=comment)))
    assert found.verdict == "equal within rounding", found.summary
    save(tmp_path / "case.npz", cases)
    [(case, again)] = repeat(tmp_path / "case.npz", Options(device="cpu"))
    assert case.same(again.to_json()) and again.evidence.seed == 3
    assert again.evidence.largest == found.evidence.largest


def test_a_model_starts_from_its_saved_weights(tmp_path: Path):
    [found], cases = kept(pair(CNN_TORCH, cnn_twin(), CNN))
    assert found.agrees, found.summary
    [case] = cases
    assert {name for state in case.given.states for name in state} >= {"conv1.weight", "bn.running_var"}
    case.given.states[0]["conv1.weight"][:] *= 0.5
    save(tmp_path / "case.npz", [case])
    [(case, again)] = repeat(tmp_path / "case.npz", Options(device="cpu"))
    assert again.agrees, again.summary
    assert not case.same(again.to_json())


def test_a_difference_is_saved_and_repeated(tmp_path: Path):
    one = pair("def f(x):\n    return x.var(-1)", "def f(x):\n    return tf.math.reduce_variance(x, -1)",
               function("f", "x", comment="x=float32[4,5]"))  # fmt: skip
    [found], cases = kept(one)
    save(tmp_path / "case.npz", cases)
    [(case, again)] = repeat(tmp_path / "case.npz", Options(device="cpu"))
    assert found.verdict == again.verdict == "differs"
    assert case.same(again.to_json())
    assert json.loads(json.dumps(case.verdict))["reason"] == found.reason


def test_what_is_no_case_says_so(tmp_path: Path):
    for name, content in (("a.npz", b"no zip"), ("b.npz", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadCase, match="is not a case"):
            load(tmp_path / name)
    np.savez(tmp_path / "c.npz", other=np.ones(3))
    with pytest.raises(BadCase):
        load(tmp_path / "c.npz")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "d.npz")


def test_given_inputs_are_the_ones_that_run():
    one = pair("def f(x):\n    return x.sqrt()", "def f(x):\n    return tf.sqrt(tf.abs(x))",
               function("f", "x", comment="x=float32[3]"))  # fmt: skip
    positive = {"f": Given({"entry": [Sample("mine", {"x": np.array([1, 4, 9], np.float32)})]})}
    [found], _ = kept(one, given=positive)
    assert found.agrees, found.summary
    assert found.evidence.samples == 1
    negative = {"f": Given({"entry": [Sample("mine", {"x": np.array([-1, 4, 9], np.float32)})]})}
    [found], _ = kept(one, given=negative)
    assert found.verdict == "differs" and "(mine inputs)" in (found.reason or "")


def test_every_kind_of_input_reaches_both_sides():
    body = """
def f(x, mode, sizes, table, nothing, k, share, pair_):
    assert mode == "a..b" and nothing is None and isinstance(k, int) and 2 <= k <= 4
    assert isinstance(share, float) and -0.5 <= share <= 0.5 and sizes == [1, 2]
    assert isinstance(pair_, tuple) and pair_[1] is None
    return x * k + share + table[1]["w"] + pair_[0] + sizes[1]
"""
    comment = (
        "x=float32[3], mode='a..b', sizes=[1, 2], table={1: {'w': float32[3]}}, nothing=None, k=2..4, share=-0.5..0.5, "
        "pair_=(float32[3], None)"
    )
    names = ("x", "mode", "sizes", "table", "nothing", "k", "share", "pair_")
    found = verdict(body, body, function("f", *names, comment=comment))
    assert found.agrees, found.summary


def test_a_constructor_gets_drawn_numbers_and_tensors_too():
    torch = (
        "class N(nn.Module):\n    def __init__(self, rate, start):\n        super().__init__()\n"
        "        self.rate, self.start = rate, nn.Parameter(start.clone())\n"
        "    def forward(self, x):\n        return x * self.rate + self.start"
    )
    twin = (
        "class N(keras.Model):\n    def __init__(self, rate, start):\n        super().__init__()\n"
        "        self.rate, self.begin = rate, start\n"
        "        self.start = self.add_weight(shape=(4,), initializer='zeros', name='start')\n"
        "        self.start.assign(start)\n"
        "    def call(self, x):\n        return x * self.rate + self.start"
    )
    entry = module("N", "x", constructor=("rate", "start"), comment="x=float32[2,4], rate=0.1..0.5, start=float32[4]")
    found = verdict(torch, twin, entry)
    assert found.agrees, found.summary


def test_ranges_draw_whole_numbers_where_they_are_written_so():
    specs = parse_comment("k=1..3, r=0.5..1, text='1..3'")
    assert specs["k"] == NumberSpec(1, 3) and specs["k"].text() == "1..3"
    assert specs["text"].text() == "'1..3'"
    found = plan(function("f", "k", "r", "text", comment="k=1..3, r=0.5..1, text='1..3'"))
    drawn = [samples(Plan(found.call), ("random",), seed)[0].arrays for seed in range(40)]
    assert {one["k"] for one in drawn} == {1, 2, 3}
    assert all(isinstance(one["r"], float) and 0.5 <= one["r"] <= 1 for one in drawn)
    with pytest.raises(BadComment, match="is empty"):
        parse_comment("k=3..1")


@pytest.mark.parametrize("written", ["float32[]", "int32[ ]", "bool[]", "complex64[]", "int64[] in 3..5", "prob[]"])
def test_a_tensor_without_axes_is_written_with_empty_brackets(written: str):
    specs = parse_comment(f"t={written}, x=float32[2,3], text='float32[]'")
    assert isinstance(specs["t"], TensorSpec) and specs["t"].shape == () and specs["text"].text() == "'float32[]'"
    assert parse_comment(f"t={specs['t'].text()}")["t"] == specs["t"]
    found = plan(function("f", "t", "x", "text", comment=f"t={written}, x=float32[2,3], text='float32[]'"))
    [one] = samples(Plan(found.call), ("random",), 0)
    assert isinstance(one.arrays["t"], np.ndarray) and one.arrays["t"].shape == ()
    assert one.arrays["t"].dtype.name.startswith(specs["t"].dtype.rstrip("0123456789"))
    moved = one.moved(1e-3, 1, single=True).arrays["t"]
    assert isinstance(moved, np.ndarray) and (moved != one.arrays["t"]) == (one.arrays["t"].dtype.kind in "fc")
    with pytest.raises(BadComment, match="write int64"):
        parse_comment("x=int32[2,6] < 12")
    with pytest.raises(BadComment, match="cannot be read"):
        parse_comment("t=shape[]")


def test_tensors_without_axes_reach_both_sides():
    torch = "def f(x, t, i):\n    assert t.ndim == i.ndim == 0\n    return torch.softmax(x[i] / t, -1)"
    twin = "def f(x, t, i):\n    assert t.ndim == i.ndim == 0\n    return tf.nn.softmax(x[i] / t, axis=-1)"
    entry = function("f", "x", "t", "i", comment="x=float32[4,5], t=float32[] in 0.5..2, i=int32[] in 0..3")
    found = verdict(torch, twin, entry)
    assert found.agrees and found.evidence.samples == 6, found.summary


def test_times_per_call_are_of_both_sides():
    torch = "def f(x):\n    return x @ x"
    entry = function("f", Parameter("x"), comment="x=float32[8,8]")
    found = verdict(torch, "def f(x):\n    return tf.matmul(x, x)", entry, timing=True)
    assert found.agrees, found.summary
    assert set(found.evidence.times) == {"source", "twin", "twin, tf.function"}
    assert all(0 < seconds < 1 for seconds in found.evidence.times.values())


def test_each_framework_has_a_device_of_its_own():
    options = Options(device="cpu", torch_device="cuda:1", twin_device="cuda")
    assert options.device_of("torch") == "cuda:1"
    assert options.device_of("tensorflow") == "cpu"
    assert options.device_of("torch", twin=True) == "cuda"
    with pytest.raises(ValueError, match="gpu is no device"):
        Options(device="gpu")


def test_a_device_that_is_not_there_is_named():
    found = verdict("def f(x):\n    return x", "def f(x):\n    return x", function("f", "x", comment="x=float32[2]"),
                    torch_device="cuda:7")  # fmt: skip
    assert found.verdict == "not verified"
    assert "torch sees no device cuda:7" in (found.reason or "")


def test_a_source_is_compared_with_itself():
    from diptych.verification import Pair

    text = "import torch\ndef f(x):\n    return torch.softmax(x, -1)"
    one = Pair(text, text, "torch", "torch", (function("f", "x", comment="x=float32[3,4]"),))
    [found] = verify(one, options=Options(device="cpu"))
    assert found.verdict == "identical", found.summary


@pytest.mark.gpu
def test_the_gpu_agrees_with_the_cpu():
    from diptych.verification import Pair

    text = "import torch\ndef f(x, w):\n    return torch.tanh(x @ w)"
    one = Pair(text, text, "torch", "torch", (function("f", "x", "w", comment="x=float32[8,64], w=float32[64,64]"),))
    [found] = verify(one, options=Options(device="cpu", twin_device="cuda"))
    assert found.agrees, found.summary
    assert found.evidence.devices["twin"] != "cpu" and "TF32 off" in found.evidence.flags


@pytest.mark.gpu
def test_a_gpu_out_of_memory_is_undecided():
    text = "import torch\ndef f(x):\n    return x + torch.zeros(10**12, device=x.device).sum()"
    entry = function("f", "x", comment="x=float32[8]")
    found = verdict(text, "def f(x):\n    return x", entry, torch_device="cuda")
    assert found.verdict == "undecided" and "GPU memory" in (found.reason or "")
