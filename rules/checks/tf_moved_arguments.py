"""DPT302."""

from diptych_checks._tensorflow_names import TABLES

from diptych.checks.renamed import Renamed
from diptych.checks.use import Problem, Rewrite, Use

_MOVED = {name: row for name, row in TABLES["moved"].items() if name != "tf.image.resize_images"}


class TfMovedArguments(Renamed):
    """What TensorFlow 2 renamed together with arguments, such as ``tf.multinomial`` to ``tf.random.categorical``.

    A fix is offered where the new function takes all arguments of the call, under the new names of their keywords. It is
    unsafe: some do a little else, such as ``tf.gfile.Glob``, which takes a list as well.
    """

    code = "DPT302"
    name = "tf-moved-arguments"
    severity = "error"
    message = "renamed in TensorFlow 2, with other arguments"
    because = "was renamed in TensorFlow 2"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {name: new for name, (new, _) in _MOVED.items()}
    setup = "import tensorflow as tf\n"
    bad = (
        "y = tf.multinomial(x, 3, output_dtype=tf.int32)",
        "y = tf.count_nonzero(x, keep_dims=True)",
        "y = tf.depth_to_space(x, 2)",
        "y = tf.depth_to_space(x, 2, 'name')",
        "tf.gfile.MakeDirs(dirname=folder)",
        "y = tf.nn.softmax_cross_entropy_with_logits_v2(labels=a, logits=b, dim=0)",
    )
    fixed = (
        "y = tf.random.categorical(x, 3, dtype=tf.int32)",
        "y = tf.math.count_nonzero(x, keepdims=True)",
        "y = tf.nn.depth_to_space(x, 2)",
        None,
        "tf.io.gfile.makedirs(path=folder)",
        "y = tf.nn.softmax_cross_entropy_with_logits(labels=a, logits=b, axis=0)",
    )
    good = ("y = tf.random.categorical(x, 3)",)

    def visit(self, use: Use) -> Problem | None:
        found = super().visit(use)
        if found is None or use.call is None:
            return found
        new, (common, keywords, renamed) = _MOVED[self.old(use.name)]
        rewrite: Rewrite = use.rewrite(new)
        positional = 0
        for argument in use.call.args:
            if argument.star:
                return found
            if argument.keyword is None:
                positional += 1
                continue
            name = argument.keyword.value
            if name in renamed:
                rewrite.rename_keyword(argument, renamed[name])
            elif name not in keywords:
                return found
        if positional > common:
            return found
        return use.problem(rewrite.done(f"Use {new}", "unsafe"), message=found.message)

    def mends(self, use: Use, old: str) -> bool:
        return False
