"""DPT314."""

from diptych_checks._tensorflow_names import TABLES, TENSORFLOW_1, is_tensorflow_1

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class TfReorderedArguments(Check):
    """Arguments without keywords that TensorFlow 2 reads as others than TensorFlow 1 did, in code for the older one.

    ``tf.argmax(x, 0, "name")`` passed a name; the third argument is now the dtype of the result. TensorFlow's own upgrade
    table tells which functions. The same call may be right in code for TensorFlow 2, so only files are looked at that use
    names which it does not have. Write keywords.
    """

    code = "DPT314"
    name = "tf-reordered-arguments"
    severity = "warning"
    message = "TensorFlow 2 has these arguments in another order"
    url = "https://www.tensorflow.org/guide/migrate/upgrade"
    tags = ("deprecated",)
    fix = "unsafe"
    names = tuple(TABLES["reordered"])
    evidence = TENSORFLOW_1
    setup = "import tensorflow as tf\ntf.logging.info('TensorFlow 1')  # noqa: DPT310\n"
    bad = ("y = tf.argmax(x, 0, 'name')", "y = tf.shape(x, 'name', tf.int64)", "y = tf.tuple([x], None, [], None, 1)")
    fixed = (
        "y = tf.argmax(x, 0, name='name')",
        "y = tf.shape(x, name='name', out_type=tf.int64)",
        None,
    )
    good = ("y = tf.argmax(x, 0)", "y = tf.shape(x, name='size')")

    def visit(self, use: Use) -> Problem | None:
        if use.call is None or not is_tensorflow_1(use.source):
            return None
        common, former = TABLES["reordered"][use.name]
        positional = [one for one in use.call.args if one.keyword is None and not one.star]
        if len(positional) <= common or any(one.star for one in use.call.args):
            return None
        rewrite = use.rewrite()
        for argument, name in zip(positional[common:], former[common:], strict=False):
            if name is None:
                return use.problem()
            rewrite.replace(argument, f"{name}={use.source.code(argument.value)}")
        done = len(positional) <= len(former)
        return use.problem(rewrite.done("Write keywords", "unsafe") if done else None)
