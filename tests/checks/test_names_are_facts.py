"""Checks by a table of names: what is gone is gone from the installed frameworks, and what replaces it is there."""

import importlib
import importlib.util
import inspect
import json
import warnings

import keras
import pytest
import tensorflow as tf
import torch

from diptych.checks.keywords import Keywords
from diptych.checks.registry import all_checks, checks_folder
from diptych.checks.renamed import Renamed

ROOTS = {"torch": torch, "tf": tf, "keras": keras}
TABLES = [check for check in all_checks() if isinstance(check, Renamed)]


def exists(name, package=None):
    """Whether a full name can be read, or imported if it is a module; a name of Keras also through TensorFlow."""
    root, *parts = name.split(".")
    value = ROOTS.get(root) or importlib.import_module(root)
    if package == "tensorflow" and root == "keras":
        value = tf.keras
    for number, part in enumerate(parts):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inner = getattr(value, part, None)
            if inner is None:
                module = ".".join([getattr(value, "__name__", ""), *parts[number:]])
                try:
                    importlib.import_module(module)
                except (ImportError, ValueError):
                    return False
                return True
        value = inner
    return True


@pytest.mark.parametrize("check", TABLES, ids=lambda check: check.code)
def test_every_name_is_as_the_table_says(check):
    packages = {name: [None] for name in check.renames}
    for name in check.renames:
        if name.startswith("keras."):
            packages[name] = [package for package in ("keras", "tensorflow") if check.applies(name, package)]
            assert packages[name], f"{name} is looked for nowhere"
    for name, new in check.renames.items():
        for package in packages[name]:
            assert exists(name, package) != check.gone, f"{name} through {package}: gone should be {check.gone}"
            assert new is None or exists(new, package), f"{new} through {package} is missing"
        assert check.advice.get(name) or new, f"{name}: what to do instead is not said"


def test_the_tables_of_tensorflow_are_those_of_the_installed_one():
    path = checks_folder() / "tables" / "generate.py"
    spec = importlib.util.spec_from_file_location("generate", path)
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    written = json.loads((path.parent / "tensorflow.json").read_text("utf-8"))
    assert json.loads(json.dumps(generate.tables())) == written, "run: python rules/checks/tables/generate.py"
    assert len(written["same"]) > 200


def test_a_name_that_is_missing_is_seen():
    assert exists("torch.nn.functional.relu")
    assert exists("keras.losses.Reduction", "tensorflow")
    assert not exists("keras.losses.Reduction", "keras")
    assert not exists("torch.gels")
    assert not exists("keras.layers.core")


def parameters(name):
    """The arguments that a public function or class says it takes."""
    value = ROOTS[name.partition(".")[0]]
    for part in name.split(".")[1:]:
        value = getattr(value, part)
    found = inspect.signature(value.__init__ if isinstance(value, type) else value).parameters.values()
    if name in ("keras.Model", "keras.models.Model"):  # made as a Functional
        return {"inputs", "outputs", "name"}
    return {one.name for one in found if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)}


@pytest.mark.parametrize(
    "check", [check for check in all_checks() if isinstance(check, Keywords)], ids=lambda check: check.code
)
def test_every_keyword_is_as_the_table_says(check):
    for name, table in check.keywords.items():
        taken = parameters(name)
        for old, new in table.items():
            assert old not in taken or check.severity == "warning", f"{name} takes {old}="
            assert new is None or new in taken, f"{name} does not take {new}="
