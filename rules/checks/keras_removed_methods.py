"""DPT365."""

import ast
from collections.abc import Iterator

from diptych_checks._guards import is_guarded
from diptych_checks._keras import KerasFlowCheck, held, lacks

from diptych.checks.finding import Fix
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_NEW = {
    "fit_generator": "fit",
    "evaluate_generator": "evaluate",
    "predict_generator": "predict",
    "predict_proba": "predict",
}
_ADVICE = {
    "predict_classes": "take the argmax of predict() along its last axis, or compare it with 0.5",
    "to_yaml": "use to_json()",
    "reset_states": "call reset_states() of each recurrent layer",
    "get_losses_for": "use losses",
    "get_updates_for": "layers update their variables in call()",
    "add_update": "layers update their variables in call()",
}
_TAKEN = {
    "fit": {
        "steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps", "validation_freq",
        "class_weight", "shuffle", "initial_epoch",
    },
    "evaluate": {"steps", "callbacks", "verbose"},
    "predict": {"steps", "callbacks", "verbose", "batch_size"},
}  # fmt: skip


class KerasRemovedMethods(KerasFlowCheck):
    """Methods that models do not have in Keras 3: ``fit_generator``, ``predict_classes``, ``to_yaml``, ``reset_states`` and others.

    ``fit``, ``evaluate`` and ``predict`` take generators themselves. The fix is offered where the arguments stay as they are.
    """

    code = "DPT365"
    name = "keras-removed-methods"
    severity = "error"
    message = "models have no such method in Keras 3"
    url = "https://keras.io/api/models/model_training_apis/"
    tags = ("deprecated",)
    fix = "unsafe"
    words = (*_NEW, *_ADVICE)
    setup = "import keras\n"
    bad = (
        "model = keras.Sequential([keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "model.fit_generator(data, epochs=3)",
        "model = keras.Model(inputs, outputs)\nclasses = model.predict_classes(x)",
        "model = keras.models.load_model('m.keras')\np = model.predict_proba(x)",
        "class Net(keras.Model):\n"
        "    def call(self, x):\n"
        "        return x\n\n"
        "    def check(self, data):\n"
        "        return self.evaluate_generator(data, 10)",
    )
    fixed = (
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.compile('sgd', 'mse')\nmodel.fit(data, epochs=3)",
        None,
        "model = keras.models.load_model('m.keras')\np = model.predict(x)",
        None,
    )
    good = (
        "model = make()\nmodel.fit_generator(data)",
        "class Net(keras.Model):\n"
        "    def predict_classes(self, x):\n"
        "        return self.predict(x).argmax(-1)\n\n"
        "net = Net()\nnet.predict_classes(x)",
        "from sklearn.svm import SVC\nmodel = SVC()\np = model.predict_proba(x)",
        "layer = keras.layers.LSTM(3, stateful=True)\nlayer.reset_states()",
        "class Net(Base, keras.Model):\n    def check(self, data):\n        return self.predict_proba(data)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls(*_NEW, *_ADVICE):
            if not isinstance(call.func, ast.Attribute):
                continue
            old, holder = call.func.attr, held(flow, call.func.value)
            if holder is None or holder.kind != "model" or not lacks(flow, holder.owner, old):
                continue
            if not is_guarded(flow, call):
                advice = _ADVICE.get(old) or f"use {_NEW[old]}()"
                yield flow.problem(call, f"models have no {old}() in Keras 3: {advice}", self._fix(flow, call, old))

    def _fix(self, flow: Flow, call: ast.Call, old: str) -> Fix | None:
        new = _NEW.get(old)
        if new is None or not flow.is_whole(call) or len(call.args) != 1:
            return None
        if any(one.arg not in _TAKEN[new] for one in call.keywords):
            return None
        end = flow.offsets(call.func)[1]
        return flow.fix(f"Use {new}", "unsafe", flow.edit(end - len(old), end, new))
