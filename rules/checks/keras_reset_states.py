"""DPT369."""

import ast
from collections.abc import Iterator

from diptych_checks._guards import is_guarded
from diptych_checks._keras import KerasFlowCheck, held, lacks

from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_OLD = "reset_states"


class KerasResetStates(KerasFlowCheck):
    """``reset_states`` of metrics was removed: it is ``reset_state``. Calling it raises ``AttributeError``."""

    code = "DPT369"
    name = "keras-reset-states"
    severity = "error"
    message = "metrics have no reset_states() in Keras 3: it is reset_state()"
    url = "https://keras.io/api/metrics/base_metric/"
    tags = ("deprecated",)
    fix = "unsafe"
    words = (_OLD,)
    setup = "import keras\n"
    bad = (
        "m = keras.metrics.Mean()\nm.reset_states()",
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.seen = keras.metrics.Mean(name='seen')\n\n"
        "    def restart(self):\n"
        "        self.seen.reset_states()",
        "model = keras.Sequential([keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "for metric in model.metrics:\n"
        "    metric.reset_states()",
    )
    fixed = (
        "m = keras.metrics.Mean()\nm.reset_state()",
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.seen = keras.metrics.Mean(name='seen')\n\n"
        "    def restart(self):\n"
        "        self.seen.reset_state()",
        "model = keras.Sequential([keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "for metric in model.metrics:\n"
        "    metric.reset_state()",
    )
    good = (
        "m = keras.metrics.Mean()\nm.reset_state()",
        "layer = keras.layers.GRU(3, stateful=True)\nlayer.reset_states()",
        "class Mine(keras.metrics.Mean):\n    def reset_states(self):\n        self.reset_state()\n\nMine().reset_states()",
        "def clear(metric):\n    metric.reset_states()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls(_OLD):
            holder = held(flow, call.func.value) if isinstance(call.func, ast.Attribute) else None
            if holder is None or holder.kind != "metric" or not lacks(flow, holder.owner, _OLD):
                continue
            if not is_guarded(flow, call):
                end = flow.offsets(call.func)[1]
                edit = flow.edit(end - len(_OLD), end, "reset_state")
                yield flow.problem(call, fix=flow.fix("Use reset_state", "unsafe", edit))
