"""A slice of the development corpus: two classes on both sides, and what holds of the conversion of some files."""

from __future__ import annotations

import random
from pathlib import Path, PurePosixPath

import pytest

from . import measure as measuring
from .measure import Known, measure
from .models import MISSING, SITE, installed, models
from .properties import files, problems
from .report import document
from .vendored import Vendored

needs_libraries = pytest.mark.skipif(not installed(), reason=MISSING)
SLICE = random.Random(5).sample(sorted(files()), 12) if installed() else []


def test_every_class_is_named_once_and_there_are_enough() -> None:
    names = [model.name for model in models()]
    assert len(names) == len(set(names))
    assert len(names) >= 60


@needs_libraries
@pytest.mark.parametrize("name", ["vit_pytorch.simple_vit.SimpleViT", "timm.layers.mlp.Mlp"])
def test_a_class_is_equal_in_both_layouts(name: str, tmp_path: Path) -> None:
    [model] = [model for model in models() if model.name == name]
    known = Known(tmp_path / "outcomes.jsonl", [model], resume=False)
    rows = [measure(model, layout, 120, known) for layout in measuring.LAYOUTS]
    assert [row.outcome for row in rows] == ["equal", "equal"], rows[0].reason
    again = Known(known.path, [model], resume=True)
    assert again.rows.keys() == known.rows.keys()
    assert f"| `{name}` | equal | equal |" in document(rows, {model.library: "1"}, 100)


@needs_libraries
@pytest.mark.parametrize("path", SLICE, ids=lambda path: path.relative_to(SITE).as_posix())
def test_a_file_is_converted_without_loss(path: Path) -> None:
    assert problems(path) == []


@needs_libraries
def test_what_a_model_imports_comes_along() -> None:
    [model] = [model for model in models() if model.name == "timm.layers.mlp.Mlp"]
    texts = Vendored(model).texts
    assert texts[PurePosixPath("timm/layers/mlp.py")].startswith((SITE / "timm/layers/mlp.py").read_text().rstrip())
    assert PurePosixPath("timm/layers/grn.py") in texts
    assert PurePosixPath("timm/layers/pool2d_same.py") not in texts
