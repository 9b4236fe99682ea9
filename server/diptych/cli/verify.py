"""``diptych verify``: run a file and its twin, and say whether they agree."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diptych.cli.convert import LayoutChoice
from diptych.cli.files import STANDARD_STREAM, FileError, SourceFile, read_source, write_output
from diptych.cli.messages import (
    TITLES,
    Target,
    TensorFlowPython,
    TorchPython,
    examples,
    fail,
    no_such_entry,
    parse_errors_located,
    problems_reported,
    say,
    split_entry,
)
from diptych.cli.project_rules import TrustRules, index_for, project_for
from diptych.cli.verify_tree import milliseconds

if TYPE_CHECKING:
    from diptych.cli.verify_tree import FileReport
    from diptych.conversion.result import Conversion, Entry
    from diptych.verification import Case, Options, Pair, Verdict

INTERRUPTED = 130


@dataclass(frozen=True)
class Claims:
    """What is to be run: a pair, the entries chosen by name, and those left out, each with the reason."""

    pair: Conversion | Pair
    entries: tuple[str, ...]
    verdicts: tuple[Verdict, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


EXAMPLES = examples(
    "diptych verify model.py --to tensorflow",
    "diptych verify model.py::Net --to tensorflow --json",
    "diptych verify model.py --twin model_tf.py",
    "diptych verify models/ --resume",
    "diptych verify model.py --save case.npz",
    "diptych verify --load case.npz",
    "diptych verify model.py::Net --trace",
    "diptych verify model.py --against cuda",
    "diptych verify model.py --torch-python torch/bin/python --tensorflow-python tf/bin/python",
    codes="2 an error, else 1 something differs, else 3 something undecided, else 4 something not verified, else 0",
)


def verify(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE[::NAME]", help="The source, one function or class in it, or a folder of sources."),
    ] = None,
    to: Annotated[
        Target | None, typer.Option("--to", help="The framework of the twin. Left out: the one FILE does not import.")
    ] = None,
    twin: Annotated[
        str | None,
        typer.Option("--twin", metavar="FILE", help="A twin of your own, or a folder of them; paired by name."),
    ] = None,
    layout: Annotated[
        LayoutChoice, typer.Option(help="How the axes of images are laid out in the twin.")
    ] = LayoutChoice.channels_last,
    device: Annotated[
        str,
        typer.Option(metavar="DEVICE", help="Where both sides run: auto (a GPU if any), cpu, cuda, cuda:N."),
    ] = "auto",
    torch_device: Annotated[
        str | None, typer.Option("--torch-device", metavar="DEVICE", help="Where PyTorch runs, if elsewhere.")
    ] = None,
    tensorflow_device: Annotated[
        str | None, typer.Option("--tensorflow-device", metavar="DEVICE", help="Where TensorFlow runs, if elsewhere.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="DEVICE", help="Compare FILE with itself on another device, instead of with a twin."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="CASE.npz", help="Keep inputs, weights and seeds, to repeat the verdicts.")
    ] = None,
    load: Annotated[Path | None, typer.Option(metavar="CASE.npz", help="Repeat what --save kept.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Of a folder, how many entries run at once (default: half the cores).")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Of a folder, go on after an interruption: run what is new or has changed.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="Of a file, show what each line assigned on both sides, paired.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the verdicts with all their evidence as JSON.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="The longest that one entry may take.")
    ] = 60,
    trust_rules: TrustRules = False,
    torch_python: TorchPython = None,
    tensorflow_python: TensorFlowPython = None,
) -> None:
    """Run a file's functions and models on both sides and say whether they agree. This executes the code.

    Both sides get the same inputs, weights and random numbers; outputs, gradients and training steps are compared.
    Without a NAME, everything is run whose inputs are known: from a comment such as "# diptych: x=float32[2,3,32,32]"
    above a definition, from its annotations or defaults, or because it has none.
    """
    from diptych.verification import Options

    try:
        options = Options(
            timeout=timeout,
            device=device,
            torch_device=torch_device,
            tensorflow_device=tensorflow_device,
            twin_device=against,
            torch_interpreter=torch_python or sys.executable,
            tensorflow_interpreter=tensorflow_python or sys.executable,
            timing=True,
            trace=trace,
        )
    except ValueError as error:
        fail(str(error))
    if load is not None:
        if file is not None:
            fail("--load repeats what was saved, texts included: leave FILE out")
        raise typer.Exit(repeat_case(load, options, as_json))
    if file is None:
        fail("say what to verify: a FILE, FILE::NAME, a folder, or --load CASE.npz")
    if Path(file).is_dir():
        for option, given in (("--save", save is not None), ("--against", against is not None), ("--trace", trace)):
            if given:
                fail(f"{option} is for a file, {file} is a folder")
        to_framework = to.framework if to else None
        rules = project_for(file, trusted=trust_rules)
        request = TreeRequest(Path(file), Path(twin) if twin else None, to_framework, layout, jobs, resume, rules)
        raise typer.Exit(_verify_tree(request, options, as_json))
    name, entry = split_entry(file)
    with problems_reported():
        source = read_source(name)
        other = read_source(twin) if twin is not None else None
    framework = to.framework if to else None
    choice = layout.value
    rules = project_for(name, trusted=trust_rules)
    claims = _claims(source, other, entry, framework, choice, rules, against is not None)
    options = replace(options, folder=None if name == STANDARD_STREAM else Path(name).parent)
    cases: list[Case] = []
    verdicts = [*_run(claims, options, cases.append if save else None), *claims.verdicts]
    if save is not None:
        _save(save, cases)
    if as_json:
        skipped = [{"entry": name, "reason": reason} for name, reason in claims.skipped]
        values = {"entries": [verdict.to_json() for verdict in verdicts], "skipped": skipped}
        write_output((json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode())
    else:
        _print(verdicts, claims)
    raise typer.Exit(exit_code(verdicts))


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """1 where something differs, else 3 undecided, else 4 not verified (or nothing to verify), else 0."""
    return _code({verdict.verdict for verdict in verdicts})


def _code(outcomes: set[str]) -> int:
    for outcome, code in (("differs", 1), ("undecided", 3), ("not verified", 4)):
        if outcome in outcomes:
            return code
    return 0 if outcomes else 4


def _save(path: Path, cases: list[Case]) -> None:
    from diptych import verification

    try:
        verification.save(path, cases)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}")
    say(f"{len(cases)} case{'' if len(cases) == 1 else 's'} saved; repeat with: diptych verify --load {path}")


@dataclass(frozen=True)
class TreeRequest:
    """What is asked of a folder."""

    folder: Path
    twins: Path | None
    to: Any
    layout: LayoutChoice
    jobs: int | None
    resume: bool
    rules: Path | None = None


def verify_all(request: TreeRequest, options: Options) -> tuple[list[FileReport], bool]:
    """Verify every file of a folder; what was found by file, and whether nothing interrupted it."""
    from diptych import verification
    from diptych.cli import verify_tree

    layout = request.layout.value

    def prepare(path: Path) -> Any:
        other = request.twins / path.relative_to(request.folder) if request.twins else None
        try:
            source = read_source(str(path))
            twin = read_source(str(other)) if other is not None else None
            claims = _claims(source, twin, None, request.to, layout, request.rules)
        except typer.Exit:
            raise ValueError("cannot be read or parsed") from None
        except FileError as error:
            raise ValueError(str(error)) from None
        decided = [verdict.to_json() for verdict in claims.verdicts]
        return claims.pair, list(claims.entries), decided, [{"entry": n, "reason": r} for n, r in claims.skipped]

    files = verify_tree.source_files(request.folder)
    reports, claims = verify_tree.claims_of(
        files, request.folder, prepare, lambda path: replace(options, folder=path.parent)
    )
    kept = verify_tree.Kept(request.folder, request.resume)
    try:
        with _progress(len(claims)) as progress:
            finished = verify_tree.run(claims, kept, request.jobs or max(1, (os.cpu_count() or 2) // 2), progress)
    finally:
        kept.close()
        verification.shutdown()
    return reports, finished


def _verify_tree(request: TreeRequest, options: Options, as_json: bool) -> int:
    """Verify every file of a folder and show what was found; the exit code."""
    from diptych.cli import verify_tree

    reports, finished = verify_all(request, options)
    if as_json:
        values = verify_tree.as_json(reports, finished)
        write_output((json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode())
    else:
        verify_tree.show(reports, COLORS)
    if not finished:
        say("Stopped; what is known is kept. Go on with --resume.", color="red")
        return INTERRUPTED
    if any(report.error for report in reports):
        return 2
    return _code(set(verify_tree.outcomes(reports)))


def repeat_case(path: Path, options: Options, as_json: bool) -> int:
    """Run saved cases again and say whether the verdicts are the saved ones; the exit code."""
    from diptych import verification

    try:
        with _progress(1) as progress:
            found = verification.repeat(path, options, progress)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}")
    except verification.BadCase as error:
        fail(str(error))
    finally:
        verification.shutdown()
    if as_json:
        rows = [{**verdict.to_json(), "as_saved": case.same(verdict.to_json())} for case, verdict in found]
        write_output((json.dumps({"entries": rows, "skipped": []}, indent=2, ensure_ascii=False) + "\n").encode())
    else:
        for case, verdict in found:
            same = "the same as saved" if case.same(verdict.to_json()) else f"saved was: {case.verdict['summary']}"
            write_output(f"{verdict.entry}: {verdict.summary} ({same})\n".encode())
        _print_lines([verdict for _, verdict in found])
    return exit_code([verdict for _, verdict in found])


def _claims(
    source: SourceFile, other: SourceFile | None, wanted: str | None, to: Any, layout: Any, rules: Path | None,
    itself: bool = False,
) -> Claims:  # fmt: skip
    """What to run, perhaps converted with the rules of a project. Ends the command where the source does not parse or
    has no such entry.
    """
    from diptych.conversion import convert
    from diptych.verification import Pair, Verdict

    with parse_errors_located(source):
        conversion = convert(source.text, to=to, layout=layout, index=index_for(rules))
    known = {entry.name: entry for entry in conversion.entries}
    if wanted is not None and wanted not in known:
        no_such_entry(source.label, wanted, known)
    pair: Conversion | Pair = conversion
    if itself:
        plain = tuple(_without_axes(entry) for entry in conversion.entries)
        pair = Pair(source.text, source.text, conversion.framework, conversion.framework, plain)
    verdicts: list[Verdict] = []
    chosen = [entry for entry in conversion.entries if wanted in (None, entry.name)]
    if other is not None:
        with parse_errors_located(other):
            defined = _defined(other)
        pair = Pair(source.text, other.text, conversion.framework, conversion.to, conversion.entries)
        missing = [entry for entry in chosen if entry.name not in defined]
        verdicts = [Verdict(entry.name, "not verified", f"{other.label} does not define it") for entry in missing]
        chosen = [entry for entry in chosen if entry.name in defined]
    skipped: list[tuple[str, str]] = []
    if wanted is None:
        skipped = [(entry.name, reason) for entry in chosen if (reason := _unknown_inputs(entry)) is not None]
        if len(skipped) < len(chosen):
            left_out = {name for name, _ in skipped}
            chosen = [entry for entry in chosen if entry.name not in left_out]
        else:
            skipped = []  # nothing else could be run, so these are what the answer is about
    return Claims(pair, tuple(entry.name for entry in chosen), tuple(verdicts), tuple(skipped))


def _without_axes(entry: Entry) -> Entry:
    """The entry as the source itself has it, not a twin in another layout."""
    from diptych.conversion.result import Axes

    def plain(items: Any) -> Any:
        return tuple(replace(item, axes=Axes()) for item in items)

    return replace(entry, parameters=plain(entry.parameters), constructor=plain(entry.constructor), outputs=())


def _defined(source: SourceFile) -> set[str]:
    """The names that a file binds at its top level."""
    import libcst as cst

    from diptych.syntax.source import parse

    names: set[str] = set()
    for statement in parse(source.text.removeprefix("\ufeff")).body:
        if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
            names.add(statement.name.value)
        elif isinstance(statement, cst.SimpleStatementLine):
            for part in statement.body:
                targets = part.targets if isinstance(part, cst.Assign) else ()
                names |= {target.target.value for target in targets if isinstance(target.target, cst.Name)}
    return names


def _unknown_inputs(entry: Entry) -> str | None:
    """Why an entry cannot be run without being told its inputs. What has a comment, even a wrong one, is run."""
    from diptych.verification.inputs import UnknownInputs, plan

    if entry.comment is not None or entry.kind == "model":
        return None
    try:
        plan(entry)
    except UnknownInputs as error:
        return str(error)
    return None


def _run(claims: Claims, options: Options, record: Callable[[Case], None] | None) -> list[Verdict]:
    from diptych import verification

    if not claims.entries:
        return []
    try:
        with _progress(len(claims.entries)) as progress:
            return verification.verify(claims.pair, claims.entries, options, progress, record=record)
    except KeyboardInterrupt:
        say("Stopped.", color="red")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        verification.shutdown()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int, int, str], None] | None]:
    """A progress bar on standard error; none where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("Verifying"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done, of, text: bar.update(task, completed=done, total=of, description=text)


COLORS = {
    "identical": "green",
    "equal within rounding": "green",
    "differs": "red",
    "undecided": "yellow",
    "not verified": "yellow",
}


def _print(verdicts: Sequence[Verdict], claims: Claims) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    if verdicts:
        heads = "Entry", "Verdict", "Largest difference", "Samples", "Modes", "Source", "Twin", "Seconds"
        table = Table(*heads, box=None, pad_edge=False)
        for verdict in verdicts:
            evidence, largest = verdict.evidence, verdict.evidence.largest
            table.add_row(
                Text(verdict.entry),
                Text(verdict.verdict, style=COLORS[verdict.verdict]),
                Text(f"{largest.absolute:.1e} in {largest.where}" if largest and largest.absolute else ""),
                Text(str(evidence.samples) if evidence.samples else ""),
                Text(", ".join(evidence.modes)),
                Text(milliseconds(evidence.times.get("source"))),
                Text(milliseconds(evidence.times.get("twin, tf.function", evidence.times.get("twin")))),
                Text(f"{evidence.seconds:.1f}" if evidence.seconds else ""),
            )
        console.print(table)
    for verdict in verdicts:
        for line in remarks(verdict):
            console.print(Text(f"{verdict.entry}: {line}"))
    _print_lines(verdicts)
    for name, reason in claims.skipped:
        say(f"{name} is not run: {reason}")
    if not verdicts:
        say("There is nothing to run: no function or model was found.", color="yellow")
    if line := _circumstances(verdicts, claims):
        console.print(Text(line, style="dim"))


LINE_COLORS = {"differs": "red", "undecided": "yellow", "not compared": "dim"}


def _print_lines(verdicts: Sequence[Verdict]) -> None:
    """What each line assigned on both sides, where that was asked for."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from diptych.verification.line_by_line import shown

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    for verdict in verdicts:
        if verdict.lines is None:
            continue
        if not verdict.lines:
            console.print(Text(f"{verdict.entry}: nothing could be seen line by line"))
            continue
        table = Table(f"{verdict.entry}, source", "Twin", "Shape", "Largest difference", box=None, pad_edge=False)
        for *cells, status in shown(verdict.lines):
            table.add_row(*(Text(cell) for cell in cells), style=LINE_COLORS.get(status))
        console.print(table)


def remarks(verdict: Verdict) -> list[str]:
    """What the table has no room for: the reason, where the twin failed, and what was not compared."""
    evidence = verdict.evidence
    lines = [verdict.reason] if verdict.reason else []
    if verdict.twin_line is not None:
        lines.append(f"see line {verdict.twin_line} of the twin")
    if verdict.divergence is not None:
        lines += [f"first apart: {verdict.divergence.lines()[0]}", *verdict.divergence.lines()[1:]]
    lines += [f"not judged at a kink, where the frameworks' gradients differ: {kink}" for kink in evidence.kinks]
    lines += [f"not run, because the source raises there: {dropped}" for dropped in evidence.dropped]
    lines += evidence.notes
    if evidence.output and not verdict.agrees:
        lines.append(f"printed: {evidence.output.strip()[-500:]}")
    return lines


def _circumstances(verdicts: Sequence[Verdict], claims: Claims) -> str:
    """Versions and device of the first verdict that ran; all entries of one command share them."""
    for verdict in verdicts:
        evidence = verdict.evidence
        if evidence.versions:
            versions = ", ".join(f"{name} {version}" for name, version in evidence.versions.items())
            devices = ", ".join(sorted(set(evidence.devices.values())))
            frameworks = f"{TITLES[claims.pair.framework]} against {TITLES[claims.pair.to]}"
            return f"{frameworks}; {versions}; on {devices or 'cpu'}; seed {evidence.seed}"
    return ""
