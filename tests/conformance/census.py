"""How much of the code that people write is covered, by the names that it uses and how often.

``python -m tests.conformance.census`` reports; with ``torch`` or ``tensorflow`` on that side only. The censuses in
``data/`` count call sites by name in code of users. A name is covered by a rule (whose samples run as a test of their
own) or by a program of ``data/programs_*.md``, which is converted and run here, for what the engine itself handles.
Else a small use of it is converted, and the reason that it gives is looked at.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tests.conformance import scoring
from tests.conformance.case import GOOD, Case, Outcome
from tests.conformance.converting import Converted
from tests.conformance.running import Runner

from diptych.catalog.index import Index, load
from diptych.conversion import convert
from diptych.conversion.result import Framework
from diptych.syntax.canonical import canonical
from diptych.verification.inputs import draw
from diptych.verification.specs import TensorSpec, parse_comment

DATA = Path(__file__).parent / "data"
SIDES: tuple[Framework, ...] = ("torch", "tensorflow")
PROGRAM = re.compile(r"^## (.+?)( \(shapes\))?\n+```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"# diptych: (.*)$", re.MULTILINE)
ENTRIES = {
    "def step(": ("step", "step"),
    "class Model(": ("Model", "class"),
    "def Model(": ("Model", "class"),
    "def sample(": ("sample", "function"),
}
VAGUE = re.compile(r"no rule knows|is not known here|it is not known|cannot be told")
MOST_USED = 300
# What stands for a name's owner in a small use of it.
OWNERS = {
    "torch": {
        "Tensor": "x",
        "Module": "torch.nn.Linear(2, 3)",
        "Optimizer": "torch.optim.SGD(torch.nn.Linear(2, 3).parameters(), lr=0.1)",
    },
    "tensorflow": {
        "Tensor": "x",
        "Module": "keras.Sequential([keras.layers.Dense(3)])",
        "Object": "tf.data.Dataset.range(3)",
    },
}
# Methods of TensorFlow's objects that are no data sets.
OBJECTS = {
    "gradient": "tf.GradientTape()",
    "jacobian": "tf.GradientTape()",
    "watch": "tf.GradientTape()",
    "apply_gradients": "keras.optimizers.SGD()",
    "minimize": "keras.optimizers.SGD()",
    "update_state": "keras.metrics.Mean()",
    "reset_state": "keras.metrics.Mean()",
    "reset_states": "keras.metrics.Mean()",
    "adapt": "keras.layers.Normalization()",
    "trainable_variables": "keras.layers.Dense(3)",
    "variables": "keras.layers.Dense(3)",
    "weights": "keras.layers.Dense(3)",
    "trainable_weights": "keras.layers.Dense(3)",
    "layers": "keras.Sequential([keras.layers.Dense(3)])",
    "input": "keras.Sequential([keras.layers.Dense(3)])",
    "output": "keras.Sequential([keras.layers.Dense(3)])",
    "assign": "tf.Variable(1.0)",
    "assign_add": "tf.Variable(1.0)",
    "assign_sub": "tf.Variable(1.0)",
    "read_value": "tf.Variable(1.0)",
}


@dataclass
class Name:
    """A name of the census. ``state``: "rule", "program", "reason" (left over, and told why) or "unknown"."""

    name: str
    sites: int
    form: str
    state: str = "unknown"
    detail: str = ""

    @property
    def outcome(self) -> str:
        """Whether it is covered, as the baseline keeps it."""
        return "same" if self.state in ("rule", "program") else "refused"


@dataclass
class Coverage:
    """One side's names, and what came of the programs."""

    side: Framework
    names: list[Name]
    programs: list[Outcome] = field(default_factory=list)

    def share(self, *states: str) -> float:
        """The share of call sites whose name is in one of these states."""
        return sum(name.sites for name in self.names if name.state in states) / sum(name.sites for name in self.names)

    @property
    def unexplained(self) -> list[Name]:
        """Names among the most used that are left over without a specific reason."""
        return [name for name in self.names[:MOST_USED] if name.state == "unknown"]


def census(side: Framework) -> list[Name]:
    """The names that code uses most, most used first."""
    with (DATA / f"census_{side}.csv").open() as stream:
        return [Name(row["name"], int(row["sites"]), row["form"]) for row in csv.DictReader(stream)]


def programs(side: Framework) -> Iterator[tuple[tuple[str, ...], Case]]:
    """Each program with the names that it proves."""
    path = DATA / f"programs_{side}.md"
    for match in PROGRAM.finditer(path.read_text() if path.exists() else ""):
        names = tuple(name.strip() for name in match[1].split(","))
        yield names, _case(side, match[1], match[3], bool(match[2]))


def _case(side: Framework, title: str, text: str, shapes: bool) -> Case:
    entry, kind = next((name, kind) for start, (name, kind) in ENTRIES.items() if start in text)
    rng = np.random.default_rng(0)
    if kind == "step":
        arrays = tuple(rng.standard_normal(shape).astype("float32") for shape in ((8, 3), (8, 2)))
    else:
        comment = COMMENT.search(text)
        specs = parse_comment(comment[1]) if comment else {"x": TensorSpec((2, 3))}
        arrays = tuple(draw(spec, "random", rng) for spec in specs.values() if isinstance(spec, TensorSpec))
    job: dict[str, Any] = {
        "kind": kind, "entry": entry, "modes": [False, True] if kind == "class" else [False],
        "gradients": kind != "step" and not shapes, "weights": kind != "function",
    }  # fmt: skip
    return Case(
        title, side, kind, "", title, entry, text, arrays, "", compare="shapes" if shapes else "values", job=job
    )


def ran(side: Framework) -> list[tuple[tuple[str, ...], Outcome]]:
    """Convert and run the programs of a side, each alone."""
    found = list(programs(side))
    target: Framework = "tensorflow" if side == "torch" else "torch"
    with _keras_home(), Runner(side) as runner:
        outcomes = runner.ran([case for _, case in found], [converted(case, target) for _, case in found])
    return [(names, outcome) for (names, _), outcome in zip(found, outcomes, strict=True)]


@contextmanager
def _keras_home() -> Iterator[None]:
    """Keras' files in a folder of their own: programs put there what they would download."""
    before = os.environ.get("KERAS_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KERAS_HOME"] = folder
        try:
            yield
        finally:
            os.environ.pop("KERAS_HOME")
            if before is not None:
                os.environ["KERAS_HOME"] = before


def converted(case: Case, target: Framework) -> Converted:
    try:
        conversion = convert(case.code, to=target)
    except Exception as error:
        return Converted(crash=f"the conversion raised {type(error).__name__}: {error}")
    errors = [f"{item.api}: {item.reason}" for item in conversion.leftovers if item.severity == "error"]
    if errors:
        return Converted(error="; ".join(dict.fromkeys(errors)), twin=conversion.twin)
    entry = next((entry for entry in conversion.entries if entry.name == case.entry), None)
    inputs = tuple(parameter.axes.permutation for parameter in entry.parameters) if entry else ()
    outputs = tuple(out.permutation for out in entry.outputs) if entry else ()
    assumed = tuple(item.reason for item in conversion.leftovers)
    return Converted(conversion.twin, case.entry, inputs, outputs=outputs, assumed=assumed)


def small_use(side: Framework, name: Name) -> str:
    """Code that uses a name as the census saw it used most."""
    plain = name.name.rpartition(":")[2]
    owner, _, last = plain.partition(".")
    imports = "import torch\n" if side == "torch" else "import keras\nimport tensorflow as tf\n"
    if plain.startswith("operator"):
        return f"{imports}\n\ndef use(x: torch.Tensor, y: torch.Tensor):\n    return x {plain[8:]} y\n"
    call = "()" if name.form in ("call", "method") else ""
    if owner in OWNERS[side]:
        holder = OBJECTS.get(last, OWNERS[side][owner]) if side == "tensorflow" else OWNERS[side][owner]
        kind = "torch.Tensor" if side == "torch" else "tf.Tensor"
        return f"{imports}\n\ndef use(x: {kind}):\n    holder = {holder}\n    return holder.{last}{call}\n"
    module = plain.rpartition(".")[0]
    more = f"import {module}\n" if side == "torch" and module.count(".") and module.islower() else ""
    return f"{imports}{more}\nresult = {plain}{call}\n"


def reason(side: Framework, name: Name) -> str | None:
    """Why a small use of a name is left over, or what is assumed of the name itself; ``None`` if it is converted."""
    conversion = convert(small_use(side, name), to="tensorflow" if side == "torch" else "torch")
    last = f".{name.name.rpartition('.')[2]}"
    told = [item for item in conversion.leftovers if item.severity == "error" or item.api.endswith(last)]
    return next((item.reason for item in sorted(told, key=lambda item: item.severity != "error")), None)


def has_rule(index: Index, side: Framework, name: str) -> bool:
    """Whether a rule stands for a name."""
    return ":" not in name and canonical(name) in index.entries[side]


def coverage(side: Framework, index: Index) -> Coverage:
    """What is known of each name of a side."""
    result = Coverage(side, census(side))
    proved: dict[str, Outcome] = {}
    for names, outcome in ran(side):
        result.programs.append(outcome)
        proved |= dict.fromkeys(names, outcome)
    for name in result.names:
        program = proved.get(name.name)
        if has_rule(index, side, name.name):
            name.state = "rule"
        elif program is not None and program.kind in GOOD:
            name.state = "program"
        else:
            why = reason(side, name)
            vague = why is None or VAGUE.search(why)
            name.state, name.detail = "unknown" if vague else "reason", why or "converted, but no program proves it"
            if program is not None:
                name.detail += f" (its program: {program.kind}: {program.detail})"
    return result


def summary(found: Coverage) -> dict[str, float]:
    """The numbers that are asked for."""
    states = [name.state for name in found.names]
    return {
        "names": len(found.names),
        "call sites": sum(name.sites for name in found.names),
        "% of call sites with a rule or a program that ran": round(100 * found.share("rule", "program"), 2),
        "% of call sites left over with a specific reason": round(100 * found.share("reason"), 2),
        "names without rule, program or specific reason": states.count("unknown"),
        f"of those among the {MOST_USED} most used": len(found.unexplained),
        "programs": len(found.programs),
        "programs that are not the same": sum(outcome.kind not in GOOD for outcome in found.programs),
    }


def main() -> int:
    """Report on both sides; 1 if a name that was covered is not any more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sides", nargs="*", choices=[[], *SIDES], help="only these")
    parser.add_argument("--keep", action="store_true", help="make the outcomes the baseline")
    options = parser.parse_args()
    index = load()
    numbers: dict[str, dict[str, float]] = {}
    records: list[dict[str, Any]] = []
    names: list[Name] = []
    for side in options.sides or SIDES:
        found = coverage(side, index)
        names += found.names
        numbers[side] = summary(found)
        records += list(shown(found))
        print(f"--- {side}")
        for label, number in numbers[side].items():
            print(f"{label:56}{number}")
    if not options.sides:
        print(f"written to {scoring.write('census', numbers, records)}")
    return scoring.settled("census", names, keep=options.keep and not options.sides)


def shown(found: Coverage) -> Iterator[dict[str, Any]]:
    """Records of what is not covered, printed on the way."""
    for outcome in found.programs:
        if outcome.kind not in GOOD:
            print(f"program {outcome.kind:9} {outcome.case.label}: {outcome.detail}")
            record = {"program": outcome.case.label, "ending": outcome.kind, "reason": outcome.detail}
            yield record | {"source": outcome.case.code, "twin": outcome.twin}
    for name in found.names:
        if name.state in ("unknown", "reason"):
            print(f"{name.state:8} {name.sites:5} {name.name}: {name.detail}")
            yield {"side": found.side, **vars(name)}


if __name__ == "__main__":
    sys.exit(main())
