"""DPT364."""

import ast
from collections.abc import Iterator

from diptych_checks._guards import is_guarded
from diptych_checks._keras import KerasFlowCheck, held, lacks

from diptych.checks.finding import Fix
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_IGNORED = "Keras 3 takes no notice of this: the learning rate is set by learning_rate"


class KerasOptimizerLrAttribute(KerasFlowCheck):
    """``optimizer.lr`` was removed: it is ``optimizer.learning_rate``. Reading it raises ``AttributeError``.

    Setting it raises nothing and changes nothing: the optimizer goes on with the rate that it had.
    """

    code = "DPT364"
    name = "keras-optimizer-lr-attribute"
    severity = "error"
    message = "optimizers have no lr in Keras 3: it is learning_rate"
    url = "https://keras.io/api/optimizers/"
    tags = ("deprecated",)
    fix = "unsafe"
    words = ("lr",)
    setup = "import keras\n"
    bad = (
        "opt = keras.optimizers.Adam()\nprint(opt.lr)",
        "opt = keras.optimizers.SGD(0.1)\nopt.lr = 0.01",
        "class Rate(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        print(self.model.optimizer.lr.numpy())",
        "def build():\n    model = keras.Sequential([keras.layers.Dense(1)])\n    return model\n\n"
        "model = build()\nmodel.compile('sgd', 'mse')\nmodel.optimizer.lr.assign(0.01)",
    )
    fixed = (
        "opt = keras.optimizers.Adam()\nprint(opt.learning_rate)",
        "opt = keras.optimizers.SGD(0.1)\nopt.learning_rate = 0.01",
        "class Rate(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        print(self.model.optimizer.learning_rate.numpy())",
        "def build():\n    model = keras.Sequential([keras.layers.Dense(1)])\n    return model\n\n"
        "model = build()\nmodel.compile('sgd', 'mse')\nmodel.optimizer.learning_rate.assign(0.01)",
    )
    good = (
        "opt = keras.optimizers.Adam()\nprint(opt.learning_rate)",
        "def show(opt):\n    print(opt.lr)",
        "class Mine(keras.optimizers.SGD):\n"
        "    @property\n    def lr(self):\n        return self.learning_rate\n\n"
        "opt = Mine()\nprint(opt.lr)",
        "opt = keras.optimizers.Adam()\nprint(opt.lr if hasattr(opt, 'lr') else opt.learning_rate)",
        "opt = keras.optimizers.Adam()\ntry:\n    rate = opt.learning_rate\nexcept AttributeError:\n    rate = opt.lr",
        "args = keras.utils.Config(lr=0.1)\nopt = keras.optimizers.Adam(args.lr)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        assigned = [one for one in flow.attribute_bindings() if one.target.attr == "lr"]
        for one in assigned:
            if self._is_optimizer(flow, one.target):
                adds = isinstance(one.node, ast.AugAssign)
                yield flow.problem(one.target, None if adds else _IGNORED, self._fix(flow, one.target))
        for node in flow.all(ast.Attribute) if not assigned else ():
            if node.attr == "lr" and isinstance(node.ctx, ast.Load) and self._is_optimizer(flow, node):
                yield flow.problem(node, fix=self._fix(flow, node))

    def _is_optimizer(self, flow: Flow, node: ast.Attribute) -> bool:
        holder = held(flow, node.value)
        return (
            holder is not None
            and holder.kind == "optimizer"
            and lacks(flow, holder.owner, "lr")
            and not is_guarded(flow, node)
        )

    def _fix(self, flow: Flow, node: ast.Attribute) -> Fix | None:
        end = flow.offsets(node)[1]
        return flow.fix("Use learning_rate", "unsafe", flow.edit(end - len("lr"), end, "learning_rate"))
