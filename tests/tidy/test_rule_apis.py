"""Every API that a rule names exists in the installed frameworks."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from diptych.catalog.compiler import apis_of
from diptych.catalog.index import load

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
    "torch": ASK.format(imported="torch", roots="{'torch': torch, 'Tensor': torch.Tensor}"),
    "tensorflow": ASK.format(imported="tensorflow, keras", roots="{'tf': tensorflow, 'keras': keras}"),
}


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_every_api_of_the_rules_exists(framework: str) -> None:
    names = sorted({name for rule in load().rules for name in apis_of(rule) if name.split(".")[0] in ROOTS[framework]})
    assert len(names) > 150
    result = subprocess.run(
        [sys.executable, "-c", SCRIPTS[framework]], input=json.dumps(names), capture_output=True, text=True, check=True
    )
    assert json.loads(result.stdout) == []
