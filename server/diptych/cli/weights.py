"""``diptych weights``: a file of weights in the format of the other framework."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diptych.cli.convert import LayoutChoice
from diptych.cli.files import read_source
from diptych.cli.messages import (
    TITLES,
    Target,
    TensorFlowPython,
    TorchPython,
    examples,
    fail,
    no_such_entry,
    parse_errors_located,
    plural,
    problems_reported,
    say,
    split_entry,
)

if TYPE_CHECKING:
    from diptych.verification import Options

EXAMPLES = examples(
    "diptych weights resnet.pth --model resnet.py::ResNet -o resnet.weights.h5",
    "diptych weights model.safetensors --model model.py::Net -o net.keras",
    "diptych weights cnn.weights.h5 --model cnn_keras.py::CNN --to torch -o cnn.safetensors",
    codes="2 an error, else 1 the weights do not fit or both sides do not agree with them, else 0",
)


def weights(
    given: Annotated[
        Path,
        typer.Argument(metavar="IN", help=".pt, .pth, .safetensors (or its index or folder), .weights.h5 or .keras."),
    ],
    model: Annotated[
        str, typer.Option("--model", metavar="FILE::NAME", help="The model, in either framework; a class or function.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", help="What to write; its name tells the format.")
    ],
    to: Annotated[Target | None, typer.Option("--to", help="The framework of OUT; its name tells it as well.")] = None,
    layout: Annotated[
        LayoutChoice, typer.Option(help="How the axes of images are laid out in the twin.")
    ] = LayoutChoice.channels_last,
    force: Annotated[bool, typer.Option("--force", help="Write over OUT where it exists.")] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="The longest that each of the three runs may take.")
    ] = 60,
    torch_python: TorchPython = None,
    tensorflow_python: TensorFlowPython = None,
) -> None:
    """Carry weights into the other framework's format. This executes the code of the model.

    The model and its twin are run with the weights, and compared as "diptych verify" does; OUT is written only where
    they agree. The twin that loads OUT is what "diptych convert FILE" gives.
    """
    from diptych.verification import Options

    _check_names(given, output, to, force)
    options = Options(
        timeout=timeout,
        torch_interpreter=torch_python or sys.executable,
        tensorflow_interpreter=tensorflow_python or sys.executable,
        device="cpu",
    )
    raise typer.Exit(_carry(given, output, model, layout, options))


def _check_names(given: Path, output: Path, to: Target | None, force: bool) -> None:
    """End the command where the names of the files do not tell a format, or not the one that is asked for."""
    from diptych.verification.weight_files import SUFFIXES, WRITTEN, framework_of

    if not given.exists():
        fail(f"{given}: there is no such file")
    if framework_of(given) is None:
        fail(f"{given}: its name tells no format that can be read; there are: {', '.join(SUFFIXES)}")
    if not output.name.endswith(WRITTEN):
        fail(f"{output}: its name tells no format that can be written; there are: {', '.join(WRITTEN)}")
    if to is not None and framework_of(output) != to.framework:
        fail(f"{output} is a file of {TITLES[str(framework_of(output))]}, but --to says {to.value}")
    if output.exists() and not force:
        fail(f"{output} exists; --force writes over it")


def _carry(given: Path, output: Path, model: str, layout: LayoutChoice, options: Options) -> int:
    from dataclasses import replace

    from diptych import verification
    from diptych.conversion import convert
    from diptych.verification.weight_files import WeightsError, carry

    file, name = split_entry(model)
    if name is None:
        fail(f"--model {model}: say which model of the file, as FILE::NAME")
    with problems_reported():
        source = read_source(file)
    with parse_errors_located(source):
        conversion = convert(source.text, layout=layout.value)
    known = {entry.name: entry for entry in conversion.entries}
    if name not in known:
        no_such_entry(source.label, name, known)
    try:
        folder = replace(options, folder=Path(file).parent)
        carried = carry(conversion, known[name], given, output, folder, lambda: False)
    except WeightsError as error:
        say(f"{error}; nothing was written", color="red")
        for line in error.unmatched:
            say(f"  {line}")
        return 1
    finally:
        verification.shutdown()
    say(f"{plural(len(carried.weights), 'weight')} carried into {output}; with them both sides are:")
    say(carried.verdict.summary)
    return 0
