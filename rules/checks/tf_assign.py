"""DPT312."""

from diptych_checks._tensorflow_names import ASSIGNMENTS

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.precedence import atom


class TfAssign(Check):
    """``tf.assign(v, x)``, ``tf.assign_add`` and ``tf.assign_sub`` were removed: they are methods, ``v.assign(x)``."""

    code = "DPT312"
    name = "tf-assign"
    severity = "error"
    message = "removed in TensorFlow 2: use the method of the variable"
    url = "https://www.tensorflow.org/api_docs/python/tf/Variable"
    tags = ("deprecated",)
    fix = "safe"
    names = tuple(f"tf.{name}" for name in ASSIGNMENTS)
    setup = "import tensorflow as tf\n"
    bad = (
        "y = tf.assign(v, x)",
        "tf.assign_add(ref=model.step, value=1)",
        "tf.assign_sub(v, x, use_locking=True)",
        "tf.assign(v if True else w, x)",
    )
    fixed = ("y = v.assign(x)", "model.step.assign_add(1)", None, "(v if True else w).assign(x)")
    good = ("v.assign(x)",)

    def visit(self, use: Use) -> Problem:
        method = use.name.rpartition(".")[2]
        message = f"{use.name} was removed in TensorFlow 2: use the variable's method, v.{method}(x)"
        arguments = use.arguments("ref", "value")
        if arguments is None or set(arguments) != {"ref", "value"}:
            return use.problem(message=message)
        rewrite = use.rewrite()
        rewrite.write(f"{use.source.code(atom(arguments['ref'].value))}.{method}")
        rewrite.replace_all(use.source.code(arguments["value"].value))
        return use.problem(rewrite.done(f"Use the variable's method {method}", "safe"), message=message)
