"""What a command says on standard error, and how it ends."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, NoReturn

import typer

from diptych.cli.files import FileError, SourceFile

TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}

TorchPython = Annotated[
    str | None, typer.Option("--torch-python", metavar="PATH", help="The Python interpreter that has PyTorch.")
]
TensorFlowPython = Annotated[
    str | None, typer.Option("--tensorflow-python", metavar="PATH", help="The one that has TensorFlow.")
]


class Target(enum.StrEnum):
    """The framework to convert to, as an option."""

    tensorflow = "tensorflow"
    torch = "torch"

    @property
    def framework(self) -> Literal["torch", "tensorflow"]:
        """The name that the converter takes."""
        return "torch" if self is Target.torch else "tensorflow"


def say(message: str, *, color: str | None = None, bold: bool = False) -> None:
    """Print to standard error, coloured only on a terminal."""
    typer.secho(message, err=True, fg=color, bold=bold or None)


def fail(message: str) -> NoReturn:
    """End with exit code 2 and one line that says why."""
    say(message, color="red")
    raise typer.Exit(2)


@contextmanager
def problems_reported() -> Iterator[None]:
    """Turn a ``FileError`` into its message and exit code 2."""
    try:
        yield
    except FileError as problem:
        fail(str(problem))


@contextmanager
def parse_errors_located(source: SourceFile) -> Iterator[None]:
    """Turn a text that does not parse into ``FILE:LINE:COL: message`` and exit code 2."""
    from diptych.conversion import ParseError

    try:
        yield
    except ParseError as error:
        fail(f"{source.label}:{error.line}:{error.column + 1}: {error.message}")


def split_entry(file: str) -> tuple[str, str | None]:
    """The file and the name of ``FILE::NAME``; no name where none is given."""
    name, separator, entry = file.rpartition("::")
    return (name, entry) if separator and name else (file, None)


def no_such_entry(label: str, wanted: str, known: Iterable[str]) -> NoReturn:
    """End with exit code 2 and the names of a file that could have been meant."""
    names = ", ".join(known)
    have = f"there are: {names}" if names else "there is nothing to run in it"
    fail(f"{label}: no function or class is named {wanted}; {have}")


def plural(number: int, noun: str) -> str:
    """``1 place``, ``2 places``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def examples(*commands: str, codes: str | None = None) -> str:
    """The end of a command's help: example lines, then what its exit codes mean."""
    text = "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)
    return text + (f"\n\n\b\nExit code: {codes}." if codes else "")
