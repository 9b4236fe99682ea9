"""``diptych doctor``: what verification finds on this machine."""

from __future__ import annotations

import sys

import typer

from diptych.cli.messages import TensorFlowPython, TorchPython, examples, say

EXAMPLES = examples(
    "diptych doctor",
    "diptych doctor --torch-python torch/bin/python --tensorflow-python tf/bin/python",
    codes="0 if both frameworks can be used, 1 if not",
)


def doctor(
    torch_python: TorchPython = None,
    tensorflow_python: TensorFlowPython = None,
) -> None:
    """Tell which interpreters, frameworks and devices are used, and what to do about what is missing.

    Imports both frameworks, which takes some seconds; none of your code is run.
    """
    from diptych import verification
    from diptych.verification.advice import advice

    options = verification.Options(
        torch_interpreter=torch_python or sys.executable, tensorflow_interpreter=tensorflow_python or sys.executable
    )
    say("Asking both interpreters…")
    try:
        healths = verification.doctor(options)
    finally:
        verification.shutdown()
    typer.echo(advice(healths), nl=False)
    raise typer.Exit(1 if any(health.problem is not None for health in healths) else 0)
