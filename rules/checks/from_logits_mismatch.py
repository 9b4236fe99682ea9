"""DPT293."""

import ast
from collections.abc import Iterator

from diptych_checks._losses import calls_of
from diptych_checks._modules import is_keras
from diptych_checks._outputs import instance, module_output, output

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_CLASSES = ("BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy")
_FUNCTIONS = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
_OF_LOGITS = {
    "tf.nn.softmax_cross_entropy_with_logits": "logits",
    "tf.nn.sparse_softmax_cross_entropy_with_logits": "logits",
    "tf.nn.sigmoid_cross_entropy_with_logits": "logits",
}
_TWICE = "this loss applies softmax or sigmoid itself, and the last layer did already: give it the scores"


class FromLogitsMismatch(FlowCheck):
    """Keras' losses take probabilities unless ``from_logits=True``; the last layer must fit.

    Scores without it: they are clipped to [0, 1] and rescaled, and the model hardly learns. Probabilities with it: softmax twice.
    """

    code = "DPT293"
    name = "from-logits-mismatch"
    severity = "warning"
    message = "this loss takes its input for probabilities, but the last layer gives scores: say from_logits=True"
    url = "https://keras.io/api/losses/probabilistic_losses/"
    fix = "none"
    words = (
        "compile",
        "crossentropy",
        "Crossentropy",
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "SparseCategoricalCrossentropy",
        "softmax_cross_entropy_with_logits",
        "sparse_softmax_cross_entropy_with_logits",
        "sigmoid_cross_entropy_with_logits",
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
        "binary_crossentropy",
    )
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "model = keras.Sequential([keras.layers.Dense(10)])\n"
        "model.compile('adam', loss='sparse_categorical_crossentropy')",
        "model = keras.Sequential()\n"
        "model.add(keras.layers.Dense(10, activation='softmax'))\n"
        "model.compile(optimizer='adam', loss=keras.losses.CategoricalCrossentropy(from_logits=True))",
        "inputs = keras.Input((8,))\n"
        "outputs = keras.layers.Dense(1)(inputs)\n"
        "model = keras.Model(inputs, outputs)\n"
        "model.compile(loss='binary_crossentropy')",
        "loss = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=tf.nn.softmax(scores))",
        "model = keras.Sequential([keras.layers.Dense(1, activation='sigmoid')])\n"
        "loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)\n"
        "loss = loss_fn(y, model(x))",
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.out = keras.layers.Dense(5, activation='softmax')\n\n"
        "    def call(self, x):\n"
        "        return self.out(x)\n\n"
        "net = Net()\n"
        "net.compile('adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))",
    )
    fixed = (
        None,
        None,
        None,
        None,
        None,
        None,
    )
    good = (
        "model = keras.Sequential([keras.layers.Dense(10, activation='softmax')])\n"
        "model.compile('adam', loss='sparse_categorical_crossentropy')",
        "model = keras.Sequential([keras.layers.Dense(10)])\n"
        "model.compile('adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))",
        "model = keras.Sequential([keras.layers.Dense(10)])\nmodel.compile('adam', loss='mse')",
        "model = make()\nmodel.compile('adam', loss='binary_crossentropy')",
        "model = keras.Sequential([keras.layers.Dense(10), keras.layers.Activation('softmax')])\n"
        "model.compile(loss='categorical_crossentropy')",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("compile"):
            loss = flow.argument(call, 1, "loss")
            if loss is not None and isinstance(call.func, ast.Attribute):
                yield from self._compare(flow, loss, self._of_logits(flow, loss), self._given(flow, call.func.value))
        for name in _CLASSES:
            for maker in flow.calls(name):
                if flow.called(maker) == f"keras.losses.{name}":
                    for call in calls_of(flow, maker):
                        given = flow.argument(call, 1, "y_pred")
                        if given is not None:
                            yield from self._compare(flow, call, self._of_logits(flow, maker), output(flow, given))
        for name in _FUNCTIONS:
            for call in flow.calls(name):
                given = flow.argument(call, 1, "y_pred")
                if flow.called(call) == f"keras.losses.{name}" and given is not None:
                    yield from self._compare(flow, call, self._of_logits(flow, call), output(flow, given))
        for name, keyword in _OF_LOGITS.items():
            for call in flow.calls(name.rpartition(".")[2]):
                given = flow.argument(call, 1, keyword)
                if flow.called(call) == name and given is not None and output(flow, given) in ("softmax", "sigmoid"):
                    yield flow.problem(call, _TWICE)

    def _given(self, flow: Flow, model: ast.expr) -> str | None:
        made = instance(flow, model)
        if isinstance(made, ast.Call) and flow.called(made) == "keras.Model":
            outputs = flow.argument(made, 1, "outputs")
            return output(flow, outputs) if outputs is not None else None
        local = flow.class_of(made.func) if isinstance(made, ast.Call) else None
        if flow.called(made) == "keras.Sequential" or (local is not None and is_keras(flow, local)):
            return module_output(flow, model)
        return None

    def _of_logits(self, flow: Flow, loss: ast.expr) -> bool | None:
        """Whether a loss takes scores; ``None`` where that is not known, or it is another loss."""
        loss = flow.origin(loss)
        if isinstance(loss, ast.Constant):
            return False if loss.value in _FUNCTIONS else None
        name = (flow.called(loss) or "").rpartition(".")[2]
        if not isinstance(loss, ast.Call) or not flow.is_whole(loss) or name not in (*_CLASSES, *_FUNCTIONS):
            return None
        given = flow.argument(loss, 0 if name in _CLASSES else 2, "from_logits")
        value = False if given is None else flow.value(given)
        return value if isinstance(value, bool) else None

    def _compare(self, flow: Flow, place: ast.expr, of_logits: bool | None, given: str | None) -> Iterator[Problem]:
        if of_logits is False and given == "scores":
            yield flow.problem(place)
        elif of_logits is True and given in ("softmax", "sigmoid"):
            yield flow.problem(place, _TWICE)
