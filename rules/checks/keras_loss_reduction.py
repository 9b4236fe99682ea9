"""DPT353."""

import libcst as cst

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of

_LOSSES = (
    "BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy MeanSquaredError MeanAbsoluteError "
    "MeanAbsolutePercentageError MeanSquaredLogarithmicError KLDivergence Huber Hinge SquaredHinge CategoricalHinge LogCosh "
    "Poisson CosineSimilarity BinaryFocalCrossentropy"
)
_VALUES = {"AUTO": "sum_over_batch_size", "SUM_OVER_BATCH_SIZE": "sum_over_batch_size", "SUM": "sum", "NONE": "none"}


class KerasLossReduction(Check):
    """``keras.losses.Reduction`` was removed and ``reduction="auto"`` raises ``ValueError`` in Keras 3: use strings.

    ``"auto"`` meant ``"sum_over_batch_size"``, except under a distribution strategy, so its fix is worth a look.
    ``tf.keras.losses.Reduction`` still exists, but its ``AUTO`` raises as well.
    """

    code = "DPT353"
    name = "keras-loss-reduction"
    severity = "error"
    message = 'keras.losses.Reduction was removed from Keras 3: use reduction="sum_over_batch_size", "sum" or "none"'
    url = "https://keras.io/api/losses/"
    tags = ("deprecated",)
    fix = "unsafe"
    names = (
        *(f"keras.losses.Reduction.{name}" for name in _VALUES),
        *(f"keras.losses.{name}" for name in _LOSSES.split()),
    )
    setup = "import keras\nimport tensorflow as tf\n"
    bad = (
        "loss = keras.losses.MeanSquaredError(reduction=keras.losses.Reduction.NONE)",
        "loss = tf.keras.losses.MeanSquaredError(reduction=tf.keras.losses.Reduction.AUTO)",
        "loss = keras.losses.MeanSquaredError(reduction='auto')",
    )
    fixed = (
        'loss = keras.losses.MeanSquaredError(reduction="none")',
        'loss = tf.keras.losses.MeanSquaredError(reduction="sum_over_batch_size")',
        'loss = keras.losses.MeanSquaredError(reduction="sum_over_batch_size")',
    )
    good = (
        "loss = keras.losses.MeanSquaredError(reduction='none')",
        "loss = tf.keras.losses.MeanSquaredError(reduction=tf.keras.losses.Reduction.NONE)",
    )

    def visit(self, use: Use) -> Problem | None:
        last = use.name.rpartition(".")[2]
        rewrite = use.rewrite()
        if last in _VALUES:
            if use.source.names.package(use.node) != "keras" and last != "AUTO":
                return None
            rewrite.write(f'"{_VALUES[last]}"')
            return use.problem(rewrite.done("Use the string", "unsafe"))
        given = next((one for one in use.call.args if _is_reduction(one)), None) if use.call is not None else None
        if given is None or value_of(given.value) != "auto":
            return None
        rewrite.replace_value(given, '"sum_over_batch_size"')
        message = f'{last} has no reduction="auto" in Keras 3: use "sum_over_batch_size"'
        return use.problem(rewrite.done('Use "sum_over_batch_size"', "unsafe"), message=message)


def _is_reduction(argument: cst.Arg) -> bool:
    return argument.keyword is not None and argument.keyword.value == "reduction"
