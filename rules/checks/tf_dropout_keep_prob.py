"""DPT315."""

import libcst as cst

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.precedence import operand


class TfDropoutKeepProb(Check):
    """``tf.nn.dropout(x, keep_prob=p)`` was removed: it is told what to drop, ``rate=1 - p``.

    Only the keyword is looked for: ``tf.nn.dropout(x, 0.9)`` may be written for either version.
    """

    code = "DPT315"
    name = "tf-dropout-keep-prob"
    severity = "error"
    message = "tf.nn.dropout has no keep_prob= in TensorFlow 2: use rate=1 - keep_prob"
    url = "https://www.tensorflow.org/api_docs/python/tf/nn/dropout"
    tags = ("deprecated",)
    fix = "safe"
    names = ("tf.nn.dropout",)
    setup = "import tensorflow as tf\n"
    bad = (
        "y = tf.nn.dropout(x, keep_prob=0.75)",
        "y = tf.nn.dropout(x, keep_prob=keep if True else 1.0, seed=1)",
        "y = tf.nn.dropout(x, keep_prob=0.75, rate=None)",
    )
    fixed = (
        "y = tf.nn.dropout(x, rate=1 - 0.75)",
        "y = tf.nn.dropout(x, rate=1 - (keep if True else 1.0), seed=1)",
        None,
    )
    good = ("y = tf.nn.dropout(x, rate=0.25)", "y = tf.nn.dropout(x, 0.25)")

    def visit(self, use: Use) -> Problem | None:
        if use.call is None:
            return None
        given = {one.keyword.value: one for one in use.call.args if one.keyword is not None}
        if "keep_prob" not in given:
            return None
        if "rate" in given or any(argument.star for argument in use.call.args):
            return use.problem()
        kept = use.source.code(operand(given["keep_prob"].value, cst.Subtract(), "right"))
        rewrite = use.rewrite()
        rewrite.replace(given["keep_prob"], f"rate=1 - {kept}")
        return use.problem(rewrite.done("Use rate=", "safe"))
