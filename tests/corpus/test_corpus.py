"""A slice of the development corpus: two classes on both sides, and what holds of the conversion of some files."""

from __future__ import annotations

import random
import textwrap
from pathlib import Path, PurePosixPath

import pytest

from . import measure as measuring
from . import places, roundtrip
from .measure import Known, measure
from .models import MISSING, SITE, installed, models
from .needed import needed
from .properties import files, problems
from .report import document
from .vendored import Vendored, write

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
def test_a_conversion_that_tells_of_no_model_has_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [model] = [model for model in models() if model.name == "vit_pytorch.simple_vit.SimpleViT"]
    monkeypatch.setattr(roundtrip, "ENTRY", "another")
    row = roundtrip.measure(model, "channels-last", 120, Known(tmp_path / "outcomes.jsonl", [model], resume=False))
    assert (row.outcome, row.reason) == ("undecided", "the conversion to tensorflow tells of no another")


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


def test_of_a_large_library_what_the_class_computes_with_is_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SITE", tmp_path)
    texts = {
        "big/__init__.py": "",
        "big/model.py": """
            from torch import nn
            from . import parts, shapes as sizes
            from .acts import ACTS
            from .cache import Cache
            from .outputs import Output
            from .unused import Other
            class Model(nn.Module):
                def forward(self, x, cache: Cache = None):
                    from .late import late
                    return Output(late(parts.Part()(ACTS["relu"](sizes.double(x)))))
            class Neighbour(Other): ...
        """,
        "big/parts/__init__.py": "from .inner import *",
        "big/parts/inner.py": "import torch\nclass Part(torch.nn.Module): ...",
        "big/acts.py": "from .activations import Relu\nACTS = {'relu': Relu}",
        "big/activations.py": """
            try:
                from torch.nn import Module
            except ImportError:
                Module = object
            if True:
                class Relu(Module): ...
        """,
        "big/shapes.py": "import torch\ndef double(x): return 2 * x\ndef other(x): return torch.abs(x)",
        "big/late.py": "def late(x):\n    import torch\n    return torch.abs(x)",
        **{
            f"big/{name}.py": f"import torch\nclass {name.title()}(torch.nn.Module): ..."
            for name in ("cache", "unused")
        },
        "big/outputs.py": "class Output:\n    def __init__(self, x): self.x = x",
    }
    write({PurePosixPath(path): textwrap.dedent(text) for path, text in texts.items()}, tmp_path)
    found = needed("big", PurePosixPath("big/model.py"), "Model")
    names = {path.relative_to("big").as_posix() for path in found}
    assert names == {"model.py", "parts/inner.py", "activations.py", "late.py"}


@needs_libraries
def test_the_rest_of_a_large_library_stays_around_what_is_converted(tmp_path: Path) -> None:
    [model] = [model for model in models() if model.name.endswith("GPT2MLP")]
    vendored = Vendored(model)
    converted = {"models/gpt2/modeling_gpt2.py", "pytorch_utils.py", "activations.py", "utils/import_utils.py"}
    assert {path.relative_to("transformers").as_posix() for path in vendored.texts} == converted
    write(vendored.texts, tmp_path, vendored.within)
    for name in ("pytorch_utils.py", "modeling_utils.py", "models/gpt2/__init__.py", "models/vit/modeling_vit.py"):
        path = tmp_path / "transformers" / name
        assert path.read_text() == (SITE / "transformers" / name).read_text()
        assert path.resolve().is_relative_to(SITE.resolve()) != (name in converted)
