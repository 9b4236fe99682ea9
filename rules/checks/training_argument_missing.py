"""DPT295."""

import ast
from collections.abc import Iterator

from diptych_checks._outputs import instance, sequence

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_MODAL = {
    "keras.layers.Dropout",
    "keras.layers.BatchNormalization",
    "keras.layers.SpatialDropout2D",
    "keras.layers.GaussianNoise",
}


class TrainingArgumentMissing(FlowCheck):
    """A Keras model runs in inference mode unless it is told ``training=True``; ``fit`` tells it, a loop of one's own has to."""

    code = "DPT295"
    name = "training-argument-missing"
    severity = "warning"
    message = "called so, the model does not train its dropout and batch norm: pass training=True"
    url = "https://keras.io/guides/writing_a_custom_training_loop_in_tensorflow/"
    fix = "unsafe"
    words = ("GradientTape",)
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dropout(0.5), keras.layers.Dense(1)])\n"
        "for x, y in data:\n"
        "    with tf.GradientTape() as tape:\n"
        "        loss = tf.reduce_mean((model(x) - y) ** 2)\n"
        "    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))",
    )
    fixed = (
        "model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dropout(0.5), keras.layers.Dense(1)])\n"
        "for x, y in data:\n"
        "    with tf.GradientTape() as tape:\n"
        "        loss = tf.reduce_mean((model(x, training=True) - y) ** 2)\n"
        "    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))",
    )
    good = (
        "model = keras.Sequential([keras.layers.Dropout(0.5)])\n"
        "with tf.GradientTape() as tape:\n"
        "    y = model(x, training=True)\n"
        "optimizer.apply_gradients(zip(tape.gradient(y, w), w))",
        "model = keras.Sequential([keras.layers.Dense(1)])\n"
        "with tf.GradientTape() as tape:\n"
        "    y = model(x)\n"
        "optimizer.apply_gradients(zip(tape.gradient(y, w), w))",
        "model = keras.Sequential([keras.layers.Dropout(0.5)])\n"
        "with tf.GradientTape() as tape:\n"
        "    y = model(x)\n"
        "g = tape.gradient(y, x)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        if not any(True for _ in flow.calls_anywhere("apply_gradients", "apply")):
            return
        for node in flow.all(ast.With):
            if not any(flow.called(one.context_expr) == "tf.GradientTape" for one in node.items):
                continue
            function = flow.function(node)
            if not flow.says("apply_gradients", function) and not flow.says("optimizer.apply", function):
                continue
            for statement in node.body:
                for call in flow.inside(statement):
                    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or len(call.args) != 1:
                        continue
                    told = not flow.is_whole(call) or flow.argument(call, None, "training") is not None
                    if not told and self._has_modes(flow, call.func):
                        edit = flow.append(call, "training=True")
                        yield flow.problem(call, fix=flow.fix("Pass training=True", "unsafe", edit))

    def _has_modes(self, flow: Flow, node: ast.expr) -> bool:
        made = instance(flow, node)
        layers = sequence(flow, made)
        return layers is not None and any(flow.called(one) in _MODAL for one in layers)
