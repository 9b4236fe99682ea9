"""The index: every rule, looked up by the qualified name of a call. A build product, made anew when a rule has
changed.
"""

from __future__ import annotations

import ast
import json
import os
import pickle
import tempfile
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from diptych.catalog.kept import KeptDict, KeptList
from diptych.catalog.reasons import Reason, Reasons, read
from diptych.catalog.rule import SIDES, Rule
from diptych.catalog.signatures import Overload, bind_all
from diptych.catalog.template import Template, walk

FORMAT = 3
Entry = tuple[int, int, Template]


@dataclass
class Index:
    """Rules, helpers and the signatures that they need.

    ``entries[side][key]`` lists (rule number, branch number, spelling) whose template on that side has this key.
    ``numbers`` are those of the rules, by name.
    """

    rules: Sequence[Rule] = ()
    helpers: dict[str, str] = field(default_factory=dict)
    entries: Mapping[str, Mapping[str, Sequence[Entry]]] = field(default_factory=dict)
    signatures: Mapping[str, list[Overload]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    known: dict[str, frozenset[str]] = field(default_factory=dict)
    reasons: dict[str, Reasons] = field(default_factory=lambda: {side: Reasons() for side in SIDES})
    _arguments: dict[int, tuple[Template, Mapping[str, Any] | None]] = field(default_factory=dict, compare=False)

    def candidates(self, side: str, key: str) -> list[tuple[Rule, int, Template]]:
        """Rules with a spelling under this key, in the order of their files."""
        return [(self.rules[rule], branch, spelling) for rule, branch, spelling in self.entries[side].get(key, ())]

    def reason(self, side: str, key: str) -> Reason | None:
        """Why no rule of this side knows a name, where there is something to say about it."""
        return None if self.converts(side, key) else self.reasons[side].of(key)

    def converts(self, side: str, key: str) -> bool:
        """Whether some rule converts a name of this side."""
        return any(rule.attributes.get("one_way") in (None, side) for rule, _, _ in self.candidates(side, key))

    def rule(self, name: str) -> Rule:
        """The rule of this name; ``KeyError`` if there is none."""
        return self.rules[self.numbers[name]]

    def arguments_of(self, call: Template, name: str | None) -> Mapping[str, Any] | None:
        """The arguments of a spelling by the names of its function's parameters; ``None`` where it takes no such."""
        known = self._arguments.get(id(call))
        if known is None:
            bound = bind_all(self.overloads(name) if name else [], call[2], dict(call[3]))
            known = self._arguments[id(call)] = call, bound[0] if bound else None
        return known[1]

    def overloads(self, name: str) -> list[Overload]:
        """The signatures of a framework name, empty if unknown."""
        return self.signatures.get(name, [])


def specificity(template: Template) -> tuple[int, int]:
    """How much a template asks of code: first what is not left to parameters, then everything."""
    nodes = walk(template)
    return sum(node[0] != "p" for node in nodes), len(nodes)


def rules_folder() -> Path:
    """Where the rules are: beside the package in a checkout, inside it when installed; ``DIPTYCH_RULES`` names
    another.
    """
    if chosen := os.environ.get("DIPTYCH_RULES"):
        return Path(chosen)
    here = Path(__file__).resolve()
    for candidate in (here.parents[1] / "rules", here.parents[3] / "rules"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError("Diptych's rules are missing: reinstall the package")


def cache_folder() -> Path:
    """Where the compiled index is kept."""
    base = os.environ.get("DIPTYCH_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "diptych"


def build(folder: Path) -> Index:
    """Compile every rule under ``folder``. Raises ``RuleError`` on a rule that cannot be compiled."""
    from diptych.catalog.compiler import RuleError, apis_of, compile_file, helper_names, keyed_spellings, rule_files

    helpers: dict[str, str] = {}
    rules: list[Rule] = []
    owners: dict[str, Path] = {}
    files = rule_files(folder)
    shared = {name for path in files for name in helper_names(path)}
    for path in files:
        compiled = compile_file(path, shared)
        other = {name for name, text in compiled.helpers.items() if helpers.get(name, text) != text}
        for name in (*(rule.name for rule in compiled.rules), *other):
            if name in other or owners.setdefault(name, path) != path:
                raise RuleError(f"the name {name} is taken by {owners.get(name, 'another helper')}", path, 1)
        rules += compiled.rules
        helpers |= compiled.helpers
    names: set[str] = set()
    found: dict[str, dict[str, list[Entry]]] = {side: {} for side in SIDES}
    for number, rule in enumerate(rules):
        names |= apis_of(rule)
        for side in ("torch", "tensorflow"):
            for place, key, spelling in keyed_spellings(rule, side):
                found[side].setdefault(key, []).append((number, place, spelling))
    tables = {
        side: json.loads((folder / "signatures" / f"{side}.json").read_text()) for side in ("torch", "tensorflow")
    }
    signatures: dict[str, list[Overload]] = {}
    for table in tables.values():
        signatures |= {name: table[name] for name in names if name in table}
    lazy = {name.replace("torch.nn.", "torch.nn.Lazy", 1) for name in names if name.startswith("torch.nn.")}
    signatures |= {name: tables["torch"][name] for name in lazy if name in tables["torch"]}
    for name, text in helpers.items():
        signatures[f"helper.{name}"] = helper_signature(text, tables)
    for entries in (each for side in SIDES for each in found[side].values()):
        entries.sort(key=lambda entry: specificity(entry[2]), reverse=True)
    return Index(
        rules=KeptList(rules),
        helpers=helpers,
        entries={side: KeptDict(found[side]) for side in SIDES},
        signatures=KeptDict(signatures),
        numbers={rule.name: number for number, rule in enumerate(rules)},
        known={side: frozenset(table) for side, table in tables.items()},
        reasons={side: read(folder / "reasons" / f"{side}.toml") for side in SIDES},
    )


def helper_signature(text: str, tables: dict[str, dict[str, list[Overload]]]) -> list[Overload]:
    """What a helper accepts: its own parameters, or those of the framework's class that it extends."""
    (node,) = ast.parse(text).body
    function: ast.stmt | None = node
    if isinstance(node, ast.ClassDef):
        function = next(
            (item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"), None
        )
        if function is None:
            bases = [canonical_alias(ast.unparse(base)) for base in node.bases]
            return next((table[b] for b in bases for table in tables.values() if b in table), [])
    if not isinstance(function, ast.FunctionDef) or function.args.vararg or function.args.kwarg:
        return []
    arguments = function.args.args[1:] if isinstance(node, ast.ClassDef) else function.args.args
    defaults = function.args.defaults
    overload: list[list[Any]] = [[argument.arg, "a"] for argument in arguments]
    for entry, default in zip(overload[len(overload) - len(defaults) :], defaults, strict=True):
        entry.append(default.value if isinstance(default, ast.Constant) else {"unknown": True})
        if isinstance(default, ast.UnaryOp):
            entry[-1] = ast.literal_eval(default)
    return [overload]


def signature_of(name: str) -> list[Overload]:
    """The signatures of a framework name by the tables, for names that no rule uses; empty if unknown."""
    for side in SIDES:
        table = json.loads((rules_folder() / "signatures" / f"{side}.json").read_text())
        if name in table:
            return table[name]
    return []


def canonical_alias(name: str) -> str:
    """A class named through the rule files' own imports."""
    for alias, full in (("nn.", "torch.nn."), ("F.", "torch.nn.functional.")):
        if name.startswith(alias):
            return full + name[len(alias) :]
    return name


def _stamp(files: Iterable[Path]) -> str:
    parts = [f"{FORMAT}"]
    for path in files:
        status = path.stat()
        parts.append(f"{path}:{status.st_mtime_ns}:{status.st_size}")
    return "\n".join(parts)


_LOADING = threading.Lock()


def load() -> Index:
    """The index of the installed rules, compiled anew only when a rule or the compiler has changed.

    Always the same object: threads that ask at once wait for one, since what is remembered goes with the very index.
    """
    with _LOADING:
        return _load()


@cache
def _load() -> Index:
    folder = rules_folder()
    from diptych.catalog import compiler, folding, kept, language, reasons, rule, template

    modules = (compiler, folding, kept, language, reasons, rule, template)
    sources = [Path(module.__file__ or "") for module in modules]
    data = [path for kind in ("*/*.py", "signatures/*.json", "reasons/*.toml") for path in sorted(folder.glob(kind))]
    stamp = _stamp([*data, *sources, Path(__file__)])
    target = cache_folder() / f"index-{zlib.crc32(stamp.encode()):08x}.bin"
    try:
        with target.open("rb") as stream:
            if pickle.load(stream) == stamp:
                return pickle.load(stream)
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError):
        pass
    index = build(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as stream:
            pickle.dump(stamp, stream, protocol=pickle.HIGHEST_PROTOCOL)
            pickle.dump(index, stream, protocol=pickle.HIGHEST_PROTOCOL)
        Path(stream.name).replace(target)
    except OSError:
        pass  # a read-only home costs a compilation at each start, no more
    return index
