"""The test of rules finds what is wrong with a rule."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.catalog.index import load
from diptych.catalog.samples import count

HERE = Path(__file__).parent
FOUND = {
    "WrongValues": "elements differ",
    "WrongDtype": "dtype int64, int32 in the twin",
    "WrongShape": "shape [2], [2, 1] in the twin",
    "WrongGradient": "gradient of argument 1",
    "WrongCall": "the twin raises InvalidArgumentError",
    "WrongLayer": "elements differ",
    "WrongSpelling": "elements differ",
    "Unseen": "no difference was seen",
    "Unreached": "no sample reaches this branch",
    "Unconverted": "left over",
    "Ending": "the process ended with exit code 3",
    "WrongRandom": "shape [2, 3], [4] in the twin",
    "WrongOptimizer": "differ",
    "WrongWeightMap": "the rule's weight map is wrong for weight",
    "WrongPrecision": "dtype float64, float32 in the twin",
    "WrongTrace": "under tf.function with an unknown batch size the twin raises TypeError",
}


def run(*arguments: str, rules: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DIPTYCH_RULES": str(rules), "DIPTYCH_CACHE": str(rules / "cache")}
    command = [sys.executable, "-m", "diptych", "rules", "test", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    rules = tmp_path_factory.mktemp("rules")
    (rules / "math").mkdir()
    (rules / "math" / "wrong.py").write_text((HERE / "wrong_rules.py").read_text())
    (rules / "signatures").symlink_to(Path(os.environ.get("DIPTYCH_RULES", HERE.parents[1] / "rules")) / "signatures")
    return rules


@pytest.fixture(scope="module")
def outcome(folder):
    return run("--json", rules=folder)


@pytest.mark.parametrize("name", FOUND)
def test_a_wrong_rule_is_found(outcome, name):
    details = [
        c["detail"] for c in json.loads(outcome.stdout)["checks"] if c["rule"] == name and c["outcome"] == "failed"
    ]
    assert any(FOUND[name] in detail for detail in details), details


@pytest.mark.parametrize("name", ["Right", "RightMean", "RightLayer"])
def test_a_right_rule_passes_beside_the_wrong_ones(outcome, name):
    checks = [check for check in json.loads(outcome.stdout)["checks"] if check["rule"] == name]
    assert {check["outcome"] for check in checks} == {"same"}
    assert {check["side"] for check in checks} >= {"torch", "tensorflow"}


def test_failures_are_the_exit_code(outcome, folder):
    assert outcome.returncode == 1
    chosen = run("Right", rules=folder)
    assert chosen.returncode == 0
    assert (
        chosen.stdout
        # with and without stated types, in both directions
        == "1 rule, 1 sample: 4 same, 0 refused as they should be, 0 one way only, 0 left for want of types, "
        "0 differences seen, 0 failed\n"
    )


def test_a_name_that_no_rule_has(folder):
    chosen = run("Wrong", rules=folder)
    assert chosen.returncode == 2
    assert "No rule is named Wrong" in chosen.stderr


COUNTING = """
import sys
from diptych.catalog import index, samples
print(samples.count(index.load().rule("Sum")))
assert not {"torch", "tensorflow", "numpy"} & set(sys.modules)
"""


def test_samples_are_counted_without_a_framework():
    done = subprocess.run([sys.executable, "-c", COUNTING], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == count(load().rule("Sum")) > 1
