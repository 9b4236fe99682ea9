"""The samples of a rule: evaluated from the rule's text, without any framework."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diptych.catalog.language import Case
    from diptych.catalog.rule import Rule


@dataclass(frozen=True)
class Named:
    """Something of a framework that stands for itself in a sample, such as ``torch.float64``."""

    name: str

    def __getattr__(self, attribute: str) -> Named:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return Named(f"{self.name}.{attribute}")

    def __repr__(self) -> str:
        return self.name


def agreeing(rule: Rule) -> list[Case]:
    """The cases in which both sides agree."""
    return _evaluate(rule.attributes.get("samples", "[]"))


def differing(rule: Rule) -> list[Case]:
    """The cases in which both sides are known to differ, each with its reason."""
    return _evaluate(rule.attributes.get("differs", "[]"))


def count(rule: Rule) -> int:
    """The number of cases in which both sides agree."""
    return len(agreeing(rule))


@lru_cache(maxsize=4096)
def _evaluate(text: str) -> list[Case]:
    from diptych.catalog import language

    words = {name: getattr(language, name) for name in language.__all__}
    return eval(text, words | {name: Named(name) for name in ("torch", "tf", "keras")})
