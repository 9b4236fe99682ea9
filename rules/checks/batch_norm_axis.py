"""DPT296."""

import ast
import itertools
from collections.abc import Iterator

from diptych_checks._outputs import sequence

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class BatchNormAxis(FlowCheck):
    """``BatchNormalization`` takes the last axis for the channels, whatever ``data_format`` its neighbours have."""

    code = "DPT296"
    name = "batch-norm-axis"
    severity = "warning"
    message = "with channels first the channels are axis 1, and this normalises the last: say axis=1"
    url = "https://keras.io/api/layers/normalization_layers/batch_normalization/"
    fix = "unsafe"
    words = ("BatchNormalization",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "net = keras.Sequential([keras.layers.Conv2D(8, 3, data_format='channels_first'), keras.layers.BatchNormalization()])",
        "x = keras.layers.Conv2D(8, 3, data_format='channels_first')(x)\nx = keras.layers.BatchNormalization()(x)",
    )
    fixed = (
        "net = keras.Sequential([keras.layers.Conv2D(8, 3, data_format='channels_first'), keras.layers.BatchNormalization(axis=1)])",
        "x = keras.layers.Conv2D(8, 3, data_format='channels_first')(x)\n"
        "x = keras.layers.BatchNormalization(axis=1)(x)",
    )
    good = (
        "net = keras.Sequential([keras.layers.Conv2D(8, 3, data_format='channels_first'), keras.layers.BatchNormalization(axis=1)])",
        "net = keras.Sequential([keras.layers.Conv2D(8, 3), keras.layers.BatchNormalization()])",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        for call in flow.calls("Sequential"):
            pairs += itertools.pairwise(sequence(flow, call) or [])
        for layer in flow.calls("BatchNormalization"):
            applied = layer.around
            if isinstance(applied, ast.Call) and applied.func is layer and len(applied.args) == 1:
                before = flow.origin(applied.args[0])
                if isinstance(before, ast.Call):
                    pairs.append((before.func, layer))
        for before, layer in pairs:
            if (
                flow.called(layer) != "keras.layers.BatchNormalization"
                or not isinstance(layer, ast.Call)
                or not isinstance(before, ast.Call)
            ):
                continue
            first = flow.value(flow.argument(before, None, "data_format")) == "channels_first"
            if (
                first
                and (flow.called(before) or "").startswith("keras.layers.Conv")
                and flow.is_whole(layer)
                and flow.argument(layer, 0, "axis") is None
            ):
                yield flow.problem(
                    layer, fix=flow.fix("Normalise the channels", "unsafe", flow.append(layer, "axis=1"))
                )
