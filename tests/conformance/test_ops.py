"""A slice of the operators: frequent ones on a few samples each, and that the comparison can fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from . import ops, table
from .case import Case, stated
from .ops_kinds import COMPARISONS
from .running import Runner

FREQUENT = [
    "add", "sub", "mul", "div[no_rounding_mode]", "matmul", "sum", "mean", "max[reduction_with_dim]", "argmax", "exp",
    "sqrt", "clamp", "where", "cat", "stack", "reshape", "transpose", "permute", "squeeze", "unsqueeze", "gather",
    "softmax", "nn.functional.relu", "nn.functional.gelu", "nn.functional.linear", "masked_fill", "sort", "topk",
    "cumsum", "__getitem__", "linalg.inv", "nn.functional.mse_loss",
]  # fmt: skip


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(comparisons=COMPARISONS) as both:
        yield both


def test_frequent_operators(runner: Runner) -> None:
    subjects, outcomes = ops.run(FREQUENT, cap=1, runner=runner)
    assert len(subjects) >= len(FREQUENT) and len(outcomes) > 200
    assert not table.regressions(subjects.values(), ops.BASELINE, "ops")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("return x.tanh()", "same"),
        ("return torch.nn.functional.gelu(x)", "same"),
        ("return x.as_strided((2, 2), (1, 2))", "refused"),
    ],
)
def test_outcomes(runner: Runner, code: str, kind: str) -> None:
    x = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")
    case = Case(
        "a test", "tests", "function", "float32", code, "sample_1", f"def sample_1(x):\n    {code}\n", (x,),
        stated(["x"], [x]), gradients=(0,),
    )  # fmt: skip
    (outcome,) = runner.outcomes([case])
    assert outcome.kind == kind, outcome.detail


def test_a_wrong_twin_is_seen(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """GELU by tanh against the exact one differs by less than 1e-3, and is wrong all the same."""
    from . import running

    x = np.linspace(-3, 3, 13, dtype="float32")
    case = Case(
        "a test", "tests", "function", "float32", "gelu", "sample_1",
        "def sample_1(x):\n    return F.gelu(x)\n", (x,), stated(["x"], [x]), gradients=(0,),
    )  # fmt: skip
    honest = running.converted

    def dishonest(*given: object) -> list[running.Converted]:
        twins = honest(*given)  # type: ignore[arg-type]
        return [
            replace(twin, twin=twin.twin.replace("tf.nn.gelu(x", "tf.nn.gelu(x, approximate=True")) for twin in twins
        ]

    monkeypatch.setattr(running, "converted", dishonest)
    (outcome,) = runner.outcomes([case])
    assert "approximate=True" in outcome.twin
    assert outcome.kind == "wrong"
