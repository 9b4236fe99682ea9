"""Rules say whose memory PyTorch's results share: what is written into in place is converted by that."""

import importlib.util
import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diptych.catalog import language

torch = pytest.importorskip("torch")
pytest.importorskip("keras")
ROOT = Path(__file__).parents[2]
# Functions that write into their argument and give it back; conversion knows them by name.
WRITING = ("nn/initialisers.py", "shape/random_writing.py")


def made(given: Any) -> Any:
    """A sample's value as PyTorch gets it."""
    if isinstance(given, language.Array):
        if given.kind == "bool":
            return torch.rand(given.shape) > 0.5
        if given.kind in ("int", "int32"):
            dtype = torch.int64 if given.kind == "int" else torch.int32
            return torch.randint(given.low, given.high, given.shape, dtype=dtype)
        return torch.rand(given.shape) + 0.1
    if isinstance(given, language.Variable):
        return made(given.value)
    if isinstance(given, language.Expression):
        return eval(given.text, {"torch": torch})
    return type(given)(made(item) for item in given) if isinstance(given, (list, tuple)) else given


def storages(value: Any) -> set[int]:
    """Where the tensors in a value lie."""
    if isinstance(value, torch.Tensor):
        return {value.untyped_storage().data_ptr()} if value.numel() else set()
    return set().union(*map(storages, value)) if isinstance(value, (list, tuple)) else set()


def rules() -> Iterator[tuple[str, type]]:
    """Every rule that is read from PyTorch, with the file it stands in."""
    for path in sorted(ROOT.glob("rules/*/*.py")):
        family = path.relative_to(ROOT / "rules").as_posix()
        if path.parent.name in ("checks", "signatures") or family in WRITING:
            continue
        spec = importlib.util.spec_from_file_location(f"rules_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except NameError:  # its helpers derive from those of another file
            continue
        found = [rule for rule in list(vars(module).values()) if inspect.isclass(rule) and hasattr(rule, "in_torch")]
        for rule in found:
            if rule.__module__ == module.__name__ and getattr(rule, "one_way", None) != "tensorflow":
                yield family, rule


def shares(rule: Any) -> bool:
    """Whether some sample's result lies in an argument's memory; samples that PyTorch refuses say nothing."""
    known = inspect.signature(rule.in_torch).parameters
    for case in getattr(rule, "samples", ()):
        try:
            given = {name: made(value) for name, value in case.values.items() if name in known}
            result = rule.in_torch(**given)
            inputs: Any = list(given.values())
            if issubclass(rule, language.LayerEquivalence):
                inputs = [made(each) for each in case.call]
                result = [result.train(mode)(*inputs) for mode in (True, False)] if inputs else []
        except Exception:
            continue
        if storages(result) & storages(inputs):
            return True
    return False


def says_so(rule: Any) -> bool:
    """Whether a rule says that its result may share memory; layers that draw at random hand back what they got."""
    if getattr(rule, "train", True) is False or rule.__name__ in ("Identity", "Flatten"):
        return True
    return issubclass(rule, language.View) or hasattr(rule, "views") or hasattr(rule, "hands_back")


def test_rules_say_whose_memory_results_share() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [(family, rule) for family, rule in rules() if shares(rule)]
    assert len(found) > 50
    assert [f"{family}: {rule.__name__}" for family, rule in found if not says_so(rule)] == []
