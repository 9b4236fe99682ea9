"""DPT356."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of


class KerasSaving(Check):
    """Paths that Keras 3 refuses: ``ModelCheckpoint`` wants ``.weights.h5`` for weights and ``.keras`` for models.

    ``load_model`` reads ``.keras`` and ``.h5`` files; for a folder that TensorFlow saved there is
    ``keras.layers.TFSMLayer``. Only paths that are plain strings are looked at. The fix is unsafe, as the file must be
    looked for by its new name.
    """

    code = "DPT356"
    name = "keras-saving"
    severity = "error"
    message = "Keras 3 refuses this path"
    url = "https://keras.io/api/models/model_saving_apis/"
    tags = ("deprecated",)
    fix = "unsafe"
    names = (
        "keras.callbacks.ModelCheckpoint",
        *(f"keras.{module}.{name}" for module in ("models", "saving") for name in ("load_model", "save_model")),
    )
    setup = "import keras\n"
    bad = (
        "c = keras.callbacks.ModelCheckpoint('best.h5', save_weights_only=True)",
        "c = keras.callbacks.ModelCheckpoint(filepath='best.hdf5', monitor='val_loss')",
        "c = keras.callbacks.ModelCheckpoint('weights.{epoch:02d}.ckpt', save_weights_only=True)",
        "m = keras.models.load_model('saved/model')",
        "keras.models.save_model(m, 'saved')",
    )
    fixed = (
        'c = keras.callbacks.ModelCheckpoint("best.weights.h5", save_weights_only=True)',
        "c = keras.callbacks.ModelCheckpoint(filepath=\"best.keras\", monitor='val_loss')",
        'c = keras.callbacks.ModelCheckpoint("weights.{epoch:02d}.weights.h5", save_weights_only=True)',
        None,
        None,
    )
    good = (
        "c = keras.callbacks.ModelCheckpoint('best.weights.h5', save_weights_only=True)",
        "c = keras.callbacks.ModelCheckpoint('best.h5')",
        "m = keras.models.load_model(path)",
        "m = keras.models.load_model('m.keras')",
    )

    def visit(self, use: Use) -> Problem | None:
        call = use.call
        if call is None or any(argument.star for argument in call.args):
            return None
        last = use.name.rpartition(".")[2]
        given = {one.keyword.value: one for one in call.args if one.keyword is not None}
        positional = [one for one in call.args if one.keyword is None]
        place = 1 if last == "save_model" else 0
        path = positional[place] if len(positional) > place else given.get("filepath")
        value = value_of(path.value) if path is not None else None
        if path is None or not isinstance(value, str):
            return None
        if last != "ModelCheckpoint":
            if value.endswith((".keras", ".h5", ".hdf5")) or ("://" in value and "." in value):
                return None
            instead = "keras.layers.TFSMLayer for a folder" if last == "load_model" else "a path that ends in .keras"
            return use.problem(message=f"Keras 3 refuses the path {value!r}: use {instead}")
        weights = value_of(given["save_weights_only"].value) if "save_weights_only" in given else False
        endings = (".weights.h5",) if weights is True else (".keras", ".h5")
        if not isinstance(weights, bool) or value.endswith(endings) or len(positional) > 4:
            return None
        stem = value.removesuffix(".h5").removesuffix(".hdf5").removesuffix(".ckpt").removesuffix(".weights")
        rewrite = use.rewrite()
        rewrite.replace_value(path, f'"{stem}{endings[0]}"')
        fix = rewrite.done(f"End it in {endings[0]}", "unsafe") if '"' not in value and "\\" not in value else None
        return use.problem(fix, message=f"Keras 3 refuses the path {value!r}: it must end in {endings[0]}")
