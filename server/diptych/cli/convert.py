"""``diptych convert``: the twin of a file in the other framework."""

from __future__ import annotations

import difflib
import enum
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diptych.cli.files import STANDARD_STREAM, SourceFile, read_source, write, write_output
from diptych.cli.messages import TITLES, Target, examples, fail, parse_errors_located, plural, problems_reported, say
from diptych.cli.project_rules import TrustRules, index_for, project_for

if TYPE_CHECKING:
    from diptych.conversion.result import Axes, Conversion, Entry, Leftover


class LayoutChoice(enum.StrEnum):
    """How the axes of image tensors are laid out in the twin, as an option."""

    channels_last = "channels-last"
    preserve = "preserve"


EXAMPLES = examples(
    "diptych convert model.py --to tensorflow",
    "diptych convert model.py --to tensorflow -o model_tf.py --report report.json",
    "diptych convert model.py --to tensorflow --diff",
    "diptych convert src/models --to tensorflow -o src/models_tf",
    "cat model_tf.py | diptych convert - --to torch",
    codes="0 nothing left over, 1 something left over, 2 bad usage or a file that does not parse",
)


def convert(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|FOLDER|-",
            help="The Python file to convert, or a package with -o OUT; - reads standard input.",
        ),
    ],
    to: Annotated[
        Target | None,
        typer.Option("--to", help="The framework to convert to. Left out: the one that the file does not import."),
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="OUT", help="Write the twin here, not to standard output.")
    ] = None,
    layout: Annotated[
        LayoutChoice, typer.Option(help="How the axes of images are laid out in the twin; preserve keeps the source's.")
    ] = LayoutChoice.channels_last,
    report: Annotated[
        str | None,
        typer.Option(
            "--report", metavar="REPORT.json", help="Write what was left over, assumed and laid out otherwise."
        ),
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Print a unified diff in place of the twin.")] = False,
    trust_rules: TrustRules = False,
) -> None:
    """Convert a Python file from PyTorch to TensorFlow, or back.

    What cannot be converted stays as it was, is marked in place, and is listed on standard error with the reason.
    The file itself is never changed, unless -o names it.
    """
    from diptych.conversion import convert as convert_text

    if file != STANDARD_STREAM and Path(file).is_dir():
        raise typer.Exit(_tree(Path(file), to, output, layout, report, diff=diff, trust_rules=trust_rules))
    with problems_reported():
        source = read_source(file)
        index = index_for(project_for(file, trusted=trust_rules))
        with parse_errors_located(source):
            framework = to.framework if to else None
            conversion = convert_text(source.text, to=framework, layout=layout.value, index=index)
        twin = source.encode(conversion.twin)
        if report is not None:
            write(report, (json.dumps(report_of(conversion), indent=2, ensure_ascii=False) + "\n").encode())
        if output is not None:
            write(output, twin)
        if diff:
            write_output(unified_diff(source, conversion, output).encode("utf-8", "surrogateescape"))
        elif output is None:
            write_output(twin)
    tell(source.label, conversion)
    raise typer.Exit(0 if conversion.complete else 1)


def _tree(
    folder: Path, to: Target | None, output: str | None, layout: LayoutChoice, report: str | None, *, diff: bool,
    trust_rules: bool,
) -> int:  # fmt: skip
    from diptych.cli.convert_tree import convert_tree

    if output is None or diff:
        fail(f"{folder}: is a directory; name the folder for its twin with -o, and compare the two with your diff")
    framework = to.framework if to else None
    with problems_reported():
        rules = project_for(str(folder), trusted=trust_rules)
        return convert_tree(folder, Path(output), framework, layout.value, report, rules)


def unified_diff(source: SourceFile, conversion: Conversion, output: str | None) -> str:
    """The change from source to twin as a unified diff; empty if there is none."""
    from diptych.text.lines import split_lines

    label = output or f"{source.label} ({TITLES[conversion.to]})"
    lines = difflib.unified_diff(split_lines(conversion.source), split_lines(conversion.twin), source.label, label)
    return "".join(line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n" for line in lines)


def tell(label: str, conversion: Conversion) -> None:
    """List leftovers, assumptions and notes on standard error, then one line that sums up."""
    for leftover in sorted(conversion.leftovers, key=lambda item: (item.line, item.column)):
        say(
            f"{label}:{leftover.line}:{leftover.column + 1}: {describe(leftover)}",
            color="red" if leftover.severity == "error" else "yellow",
        )
    for note in conversion.notes:
        say(f"{label}: note: {note}", color="cyan")
    if conversion.twin == conversion.source and not conversion.leftovers:
        return
    errors = sum(leftover.severity == "error" for leftover in conversion.leftovers)
    assumed = len(conversion.leftovers) - errors
    summary = "nothing left over" if not errors else f"{plural(errors, 'place')} left over"
    summary += f", {plural(assumed, 'assumption')}" if assumed else ""
    say(f"{label}: converted to {TITLES[conversion.to]}, {summary}", color="green" if not errors else "red", bold=True)


def describe(leftover: Leftover) -> str:
    """One leftover or assumption in words."""
    if leftover.severity == "error":
        return f"not converted: {leftover.api}: {leftover.reason}"
    return f"{leftover.api}: {leftover.reason}"


def report_of(conversion: Conversion) -> dict[str, Any]:
    """The report as JSON values. Lines count from 1 and columns from 0."""
    return {
        "framework": conversion.framework,
        "to": conversion.to,
        "layout": conversion.layout,
        "complete": conversion.complete,
        "leftovers": [vars(leftover) for leftover in conversion.leftovers],
        "notes": list(conversion.notes),
        "helpers": list(conversion.helpers),
        "entries": [_entry(entry, conversion.to) for entry in conversion.entries],
    }


def _entry(entry: Entry, to: str) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "line": entry.line,
        "inputs": {parameter.name: _axes(parameter.axes, to) for parameter in entry.parameters},
        "outputs": [_axes(axes, to) for axes in entry.outputs],
    }


# The usual layouts by number of axes: channels first as in PyTorch, channels last as in TensorFlow.
LAYOUTS = {3: ("NCW", "NWC"), 4: ("NCHW", "NHWC"), 5: ("NCDHW", "NDHWC")}


def _axes(axes: Axes, to: str) -> dict[str, Any]:
    """The permutation and, where it is the usual one between channels first and last, the layouts' names."""
    permutation = axes.permutation
    source = twin = None
    if permutation is not None:
        first, last = LAYOUTS.get(len(permutation), ("", ""))
        before, after = (first, last) if to == "tensorflow" else (last, first)
        if before and "".join(before[axis] for axis in permutation) == after:
            source, twin = before, after
    return {"permutation": list(permutation) if permutation is not None else None, "source": source, "twin": twin}
