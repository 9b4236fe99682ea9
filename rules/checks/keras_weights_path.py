"""DPT368."""

import ast
from collections.abc import Iterator

from diptych_checks._guards import is_guarded
from diptych_checks._keras import KerasFlowCheck, held, lacks
from diptych_checks._paths import ending, refuses

from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_OLD = (".hdf5", ".h5", ".ckpt", ".keras", ".tf")


class KerasWeightsPath(KerasFlowCheck):
    """``model.save_weights(path)`` raises ``ValueError`` unless the path ends in ``.weights.h5``.

    ``ModelCheckpoint`` is looked at by DPT356. The fix is unsafe, as whoever loads the file must look for its new name.
    """

    code = "DPT368"
    name = "keras-weights-path"
    severity = "error"
    message = "Keras 3 saves weights to a path that ends in .weights.h5"
    url = "https://keras.io/api/models/model_saving_apis/weights_saving_and_loading/"
    tags = ("deprecated",)
    fix = "unsafe"
    words = ("save_weights",)
    setup = "import keras\nimport os\n"
    bad = (
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save_weights('x.h5')",
        "model = keras.Model(inputs, outputs)\nmodel.save_weights(f'{where}/cp-{epoch:04d}.ckpt')",
        "class Net(keras.Model):\n    def keep(self, where):\n        self.save_weights(os.path.join(where, 'net'))",
    )
    fixed = (
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save_weights('x.weights.h5')",
        None,
        None,
    )
    good = (
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save_weights('x.weights.h5')",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save_weights(name + '.weights.h5')",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save_weights(path)",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save_weights(f'{path}.h5')",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save_weights('x.weights.json', max_shard_size=0.5)",
        "agent = make(model)\nagent.save_weights('x.h5')",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("save_weights"):
            if not isinstance(call.func, ast.Attribute) or not flow.is_whole(call):
                continue
            path = flow.argument(call, 0, "filepath")
            sharded = len(call.args) > 2 or any(one.arg == "max_shard_size" for one in call.keywords)
            if path is None or sharded or not refuses(ending(flow, path), (".weights.h5",)):
                continue
            holder = held(flow, call.func.value)
            if holder is None or holder.kind != "model" or not lacks(flow, holder.owner, "save_weights"):
                continue
            if not is_guarded(flow, call):
                edit = None
                old = next((one for one in _OLD if flow.code(path)[1:-1].endswith(one)), None)
                if isinstance(path, ast.Constant) and old is not None and not call.keywords:
                    end = flow.offsets(path)[1] - 1
                    edit = flow.edit(end - len(old), end, ".weights.h5")
                yield flow.problem(call, fix=flow.fix("End the path in .weights.h5", "unsafe", edit))
