"""Every API that a rule names exists in the installed frameworks."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from diptych.catalog.compiler import apis_of
from diptych.catalog.index import load

PACKAGED = ("torch.utils.tensorboard",)  # needs a package that the tests do not
ROOTS = {"torch": ("torch", "Tensor"), "tensorflow": ("tf", "keras")}
ASK = """
import importlib, json, sys
names = json.load(sys.stdin)
sys.stdout, out = sys.stderr, sys.stdout
import {imported}
roots = {roots}
missing = []
for name in names:
    first, *rest = name.split(".")
    value = roots[first]
    for part in rest:
        if not hasattr(value, part):
            missing.append(name)
            break
        value = getattr(value, part)
print(json.dumps(missing), file=out)
"""
SCRIPTS = {
    "torch": ASK.format(
        imported="torch, torch.distributed.tensor, torch.distributed.rpc, torch.optim.swa_utils, torch.onnx",
        roots="{'torch': torch, 'Tensor': torch.Tensor, 'Module': torch.nn.Module, 'Optimizer': torch.optim.Optimizer}",
    ),
    "tensorflow": ASK.format(
        imported="tensorflow, keras",
        roots="{'tf': tensorflow, 'keras': keras, 'Model': keras.Model, 'Layer': keras.Layer}",
    ),
}


MENTIONED = re.compile(r"(?<![\w./])(torch|tf|keras)((?:\.[A-Za-z_]\w*)+)")


def absent(framework: str, names: set[str]) -> list[str]:
    """The names that the installed framework does not have."""
    result = subprocess.run(
        [sys.executable, "-c", SCRIPTS[framework]],
        input=json.dumps(sorted(names)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(result.stdout)


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_every_api_of_the_rules_exists(framework: str) -> None:
    names = {name for rule in load().rules for name in apis_of(rule) if name.split(".")[0] in ROOTS[framework]}
    assert len(names) > 150
    assert absent(framework, names) == []


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_every_api_that_a_reason_advises_exists(framework: str) -> None:
    texts = [reason.text for reasons in load().reasons.values() for reason in reasons.all]
    found = {root + rest for text in texts for root, rest in MENTIONED.findall(text)}
    names = {name for name in found if name.split(".")[0] in ROOTS[framework] and not name.startswith(PACKAGED)}
    assert len(names) > 50
    assert absent(framework, names) == []
