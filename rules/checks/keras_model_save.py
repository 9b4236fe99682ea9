"""DPT367."""

import ast
from collections.abc import Iterator

from diptych_checks._guards import is_guarded
from diptych_checks._keras import KerasFlowCheck, held, lacks
from diptych_checks._paths import ending, refuses

from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_ENDINGS = (".keras", ".h5", ".hdf5")


class KerasModelSave(KerasFlowCheck):
    """``model.save(path)`` raises ``ValueError`` unless the path ends in ``.keras`` or, for the older format, ``.h5``.

    A SavedModel for serving is written by ``model.export(folder)``. The fix is unsafe, as whoever loads the file must
    look for its new name.
    """

    code = "DPT367"
    name = "keras-model-save"
    severity = "error"
    message = "Keras 3 saves to a path that ends in .keras or .h5; export() writes a SavedModel"
    url = "https://keras.io/api/models/model_saving_apis/model_saving_and_loading/"
    tags = ("deprecated",)
    fix = "unsafe"
    words = ("save",)
    setup = "import keras\nimport os\n"
    bad = (
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save('folder')",
        "model = keras.Model(inputs, outputs)\nmodel.save(os.path.join(where, 'saved_model'), save_format='tf')",
        "model = keras.models.load_model('m.keras')\nmodel.save(f'{where}/1/')",
    )
    fixed = (
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save('folder.keras')",
        None,
        None,
    )
    good = (
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save('model.keras')",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save(f'{name}.h5')",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save(path)",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save('hf://me/model')",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.save('folder', zipped=False)",
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.export('folder')",
        "from PIL import Image\nimage = Image.open('x.png')\nimage.save('y.png')",
        "model = wrapped(net)\nmodel.save('folder')",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("save"):
            if not isinstance(call.func, ast.Attribute) or not flow.is_whole(call):
                continue
            path = flow.argument(call, 0, "filepath")
            if path is None or any(one.arg == "zipped" for one in call.keywords) or len(call.args) > 2:
                continue
            if not refuses(ending(flow, path), _ENDINGS) or "hf://" in flow.code(flow.origin(path)):
                continue
            holder = held(flow, call.func.value)
            if holder is None or holder.kind != "model" or not lacks(flow, holder.owner, "save"):
                continue
            if not is_guarded(flow, call):
                edit = None
                if isinstance(path, ast.Constant) and flow.code(path)[-3:-2] not in "'\"" and not call.keywords:
                    end = flow.offsets(path)[1] - 1
                    edit = flow.edit(end, end, ".keras") if path.value[-1:].isalnum() else None
                yield flow.problem(call, fix=flow.fix("End the path in .keras", "unsafe", edit))
