"""DPT298."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class SmallShuffleBuffer(FlowCheck):
    """``shuffle(n)`` keeps n elements and draws from those; data sorted by class stay nearly sorted. With 1 nothing is shuffled."""

    code = "DPT298"
    name = "small-shuffle-buffer"
    severity = "warning"
    message = "a buffer smaller than the batch shuffles next to nothing: it draws among that many neighbours only"
    url = "https://www.tensorflow.org/api_docs/python/tf/data/Dataset#shuffle"
    fix = "none"
    words = ("shuffle",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "ds = tf.data.Dataset.from_tensor_slices(x).shuffle(10).batch(64)",
        "ds = ds.shuffle(buffer_size=1)",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "ds = ds.shuffle(10000).batch(64)",
        "ds = ds.shuffle(len(x)).batch(64)",
        "random.shuffle(x)",
        "ds = files.shuffle(10)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("shuffle"):
            size = flow.value(flow.argument(call, 0, "buffer_size"))
            if (
                not isinstance(call.func, ast.Attribute)
                or type(size) is not int
                or flow.name(call.func) is not None
                or not flow.means("tf", "tf")
            ):
                continue
            outer = call.around.around if isinstance(call.around, ast.Attribute) else None
            batch = (
                flow.value(flow.argument(outer, 0, "batch_size"))
                if isinstance(outer, ast.Call) and call.around.attr == "batch"
                else None
            )
            if (type(batch) is int and size < batch) or (
                size == 1 and any(one.arg == "buffer_size" for one in call.keywords)
            ):
                yield flow.problem(call)
