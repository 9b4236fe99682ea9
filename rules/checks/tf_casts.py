"""DPT311."""

from diptych_checks._tensorflow_names import CASTS

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class TfCasts(Check):
    """``tf.to_float(x)`` and the like were removed: use ``tf.cast(x, tf.float32)``."""

    code = "DPT311"
    name = "tf-casts"
    severity = "error"
    message = "removed in TensorFlow 2: use tf.cast"
    url = "https://www.tensorflow.org/api_docs/python/tf/cast"
    tags = ("deprecated",)
    fix = "safe"
    names = tuple(f"tf.{name}" for name in CASTS)
    setup = "import tensorflow as tf\n"
    bad = ("y = tf.to_float(n)", "y = tf.to_int32(x, name='whole')", "y = tf.to_double(x=x + 1)", "cast = tf.to_int64")
    fixed = (
        "y = tf.cast(n, tf.float32)",
        "y = tf.cast(x, tf.int32, name='whole')",
        "y = tf.cast(x=x + 1, dtype=tf.float64)",
        None,
    )
    good = ("y = tf.cast(n, tf.float32)",)

    def visit(self, use: Use) -> Problem:
        dtype = CASTS[use.name.rpartition(".")[2]]
        message = f"{use.name} was removed in TensorFlow 2: use tf.cast(x, tf.{dtype})"
        arguments = use.arguments("x", "name")
        if arguments is None or "x" not in arguments:
            return use.problem(message=message)
        rewrite = use.rewrite("tf.cast")
        code = {name: use.source.code(argument.value) for name, argument in arguments.items()}
        named = arguments["x"].keyword is not None
        first = [f"x={code['x']}" if named else code["x"], ("dtype=" if named else "") + rewrite.spell(f"tf.{dtype}")]
        rewrite.replace_all(", ".join([*first, *([f"name={code['name']}"] if "name" in code else [])]))
        return use.problem(rewrite.done("Use tf.cast", "safe"), message=message)
