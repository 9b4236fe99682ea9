"""DPT289."""

import ast
import struct
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class Float64OfPythonNumber(FlowCheck):
    """``tf.cast(0.1, tf.float64)`` is 0.10000000149011612: what is no tensor yet is made one of float32."""

    code = "DPT289"
    name = "float64-of-python-number"
    severity = "warning"
    message = "the number becomes a float32 first, and loses its digits: use tf.constant(..., tf.float64)"
    url = "https://www.tensorflow.org/api_docs/python/tf/cast"
    fix = "unsafe"
    words = ("cast",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = ("x = tf.cast(0.1, tf.float64)",)
    fixed = ("x = tf.constant(0.1, tf.float64)",)
    good = (
        "x = tf.constant(0.1, tf.float64)",
        "x = tf.cast(0.5, tf.float64)",
        "x = tf.cast(y, tf.float64)",
        "x = tf.cast(0.1, tf.float32)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("cast"):
            if flow.called(call) != "tf.cast" or len(call.args) != 2 or not isinstance(call.args[0], ast.Constant):
                continue
            value, kind = call.args[0].value, call.args[1]
            double = flow.name(kind) == "tf.float64" or (isinstance(kind, ast.Constant) and kind.value == "float64")
            if (
                double
                and type(value) is float
                and abs(value) < 1e38
                and struct.unpack("f", struct.pack("f", value))[0] != value
            ):
                written = flow.code(call.func)
                new = written[: -len("cast")] + "constant"
                edit = flow.replace(call.func, new) if written.endswith(".cast") else None
                yield flow.problem(call, fix=flow.fix("Make it float64 at once", "unsafe", edit))
