"""Training scripts are converted and run for some steps on both sides: losses and states after them agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.conformance.case import GOOD, Case
from tests.conformance.census import COMMENT, converted
from tests.conformance.running import Runner
from tests.training.programs_run import PROGRAMS, trained

from diptych.verification.inputs import draw
from diptych.verification.specs import TensorSpec, parse_comment

SCRIPT = re.compile(r"^## (.+?)\n+```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FOUND = SCRIPT.findall(Path(__file__).with_name("scripts.md").read_text())
SCRIPTS = [("torch" if "import torch" in text else "tensorflow", title, text) for title, text in FOUND]


@pytest.fixture(scope="module")
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    with Runner(request.param) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=[path.stem for path in PROGRAMS])
def test_whole_script(path: Path) -> None:
    found = trained(path)
    assert found.agrees, found.row
    assert len(found.losses) >= 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runner", "title", "text"), SCRIPTS, ids=[title for _, title, _ in SCRIPTS], indirect=["runner"]
)
def test_script(title: str, text: str, runner: Runner) -> None:
    comment = COMMENT.search(text)
    assert comment is not None
    rng = np.random.default_rng(0)
    specs = parse_comment(comment[1]).values()
    arrays = tuple(draw(spec, "random", rng) for spec in specs if isinstance(spec, TensorSpec))
    job = {"kind": "step", "entry": "step", "modes": [False], "gradients": False, "weights": True}
    case = Case(title, runner.source, "step", "", title, "step", text, arrays, "", compare="values", job=job)
    (outcome,) = runner.ran([case], [converted(case, runner.target)])
    assert outcome.kind in GOOD, f"{outcome.kind}: {outcome.detail}\n{outcome.twin}"
