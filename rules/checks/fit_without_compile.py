"""DPT294."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class FitWithoutCompile(FlowCheck):
    """``fit`` and ``evaluate`` need ``compile`` first: "You must call compile() before calling fit()"."""

    code = "DPT294"
    name = "fit-without-compile"
    severity = "error"
    message = "the model is not compiled: fit() raises"
    url = "https://keras.io/api/models/model_training_apis/"
    fix = "none"
    words = ("fit", "evaluate")
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = ("model = keras.Sequential([keras.layers.Dense(1)])\nmodel.fit(x, y)",)
    fixed = (None,)
    good = (
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.compile('sgd', 'mse')\nmodel.fit(x, y)",
        "model = keras.Sequential([keras.layers.Dense(1)])\nprepare(model)\nmodel.fit(x, y)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        done = set()
        for call in sorted(flow.calls("fit", "evaluate"), key=flow.place):
            if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
                continue
            made = flow.origin(call.func.value)
            if (
                flow.called(made) not in ("keras.Sequential", "keras.Model")
                or made in done
                or flow.function(made) is not flow.function(call)
            ):
                continue
            done.add(made)
            name = call.func.value.id
            place = flow.function(call)
            uses = [
                one
                for one in flow.all(ast.Name)
                if one.id == name and isinstance(one.ctx, ast.Load) and (place is None or flow.within(one, place))
            ]
            if all(
                isinstance(one.around, ast.Attribute)
                and one.around.attr in ("fit", "add", "summary", "evaluate", "predict")
                for one in uses
            ):
                yield flow.problem(call)
