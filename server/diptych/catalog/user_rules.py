"""Rules that a project keeps for itself, in ``.diptych/rules/*.py``: the same language, read as text like the others.

Compiling a rule evaluates its samples and attributes, so that only the rules of a trusted folder may be loaded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from diptych.catalog.index import Index, helper_signature, load, rules_folder, specificity
from diptych.catalog.rule import SIDES, Rule

FOLDER = Path(".diptych") / "rules"
FAMILY = "project"


@dataclass(frozen=True)
class Problem:
    """A rule file that cannot be used: what is wrong and where; lines count from 1."""

    path: Path
    line: int
    text: str


@dataclass(frozen=True, eq=False)
class UserRules:
    """The installed rules with those of one project, whose files that cannot be used are left out as ``problems``."""

    index: Index
    problems: tuple[Problem, ...] = ()


def user_rules(project: Path) -> UserRules | None:
    """The rules for a project's files, read again when one has changed; ``None`` if it keeps none of its own."""
    try:
        found = sorted((project / FOLDER).glob("*.py"))
        stamp = tuple((path, (status := path.stat()).st_mtime_ns, status.st_size) for path in found)
    except OSError:
        return None
    return _read(stamp) if stamp else None


@lru_cache(8)
def _read(stamp: tuple[tuple[Path, int, int], ...]) -> UserRules:
    from diptych.catalog.compiler import RuleError, compile_file

    base = load()
    taken = base.numbers.keys() | set(base.helpers)
    rules: list[Rule] = []
    helpers: dict[str, str] = {}
    problems: list[Problem] = []
    for path, _, _ in stamp:
        try:
            compiled = compile_file(path, frozenset(base.helpers))
        except RuleError as error:
            problems.append(Problem(path, error.line, error.text))
            continue
        except Exception as error:  # what a sample's own code raises, or an unreadable file
            problems.append(Problem(path, 1, f"cannot be read: {type(error).__name__}: {error}"))
            continue
        names = {rule.name for rule in compiled.rules} | set(compiled.helpers)
        if names & taken:
            problems.append(Problem(path, 1, f"the name {sorted(names & taken)[0]} is taken by another rule"))
            continue
        taken |= names
        rules += [replace(rule, family=f"{FAMILY}/{path.stem}") for rule in compiled.rules]
        helpers |= compiled.helpers
    return UserRules(_extended(base, rules, helpers) if rules else base, tuple(problems))


def _extended(base: Index, rules: list[Rule], helpers: dict[str, str]) -> Index:
    """The index with more rules. Where two ask as much of code, the project's own comes first."""
    from diptych.catalog.compiler import apis_of, keyed_spellings

    everything = [*base.rules, *rules]
    found = {side: dict(base.entries[side]) for side in SIDES}
    signatures = dict(base.signatures)
    tables = {side: json.loads((rules_folder() / "signatures" / f"{side}.json").read_text()) for side in SIDES}
    for number, rule in enumerate(rules, len(base.rules)):
        for table in tables.values():
            signatures |= {name: table[name] for name in apis_of(rule) if name in table}
        for side in SIDES:
            for place, key, spelling in keyed_spellings(rule, side):
                entries = [(number, place, spelling), *found[side].get(key, ())]
                entries.sort(key=lambda entry: specificity(entry[2]), reverse=True)
                found[side][key] = entries
    for name, text in helpers.items():
        signatures[f"helper.{name}"] = helper_signature(text, tables)
    return replace(
        base,
        rules=everything,
        helpers=base.helpers | helpers,
        entries=found,
        signatures=signatures,
        numbers={rule.name: number for number, rule in enumerate(everything)},
    )
