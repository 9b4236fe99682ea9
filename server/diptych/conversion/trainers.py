"""Lightning's ``Trainer``: ``compile``, ``fit`` and ``evaluate`` of the Keras model that the module became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import lightning, lightning_modules
from diptych.conversion.metrics import helper, named
from diptych.conversion.usage import used_names
from diptych.inference.layers import ClassInfo
from diptych.inference.values import FOREIGN, NONE, Value
from diptych.matching.emit import call
from diptych.matching.unify import is_simple
from diptych.syntax.keywords import by_name
from diptych.syntax.literals import node_of
from diptych.syntax.opaque import Opaque
from diptych.syntax.precedence import argument
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

KIND = "trainer"
# How the twin runs and what it shows, not what it computes; of some, only these values are known.
ANY = ("default_root_dir", "log_every_n_steps", "num_sanity_val_steps", "enable_model_summary", "enable_checkpointing",
       "deterministic", "benchmark", "inference_mode", "use_distributed_sampler", "enable_autolog_hparams",
       "model_registry")  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "accelerator": ("auto", "cpu", "gpu", "cuda", "mps"), "devices": ("auto", 1, "1"), "num_nodes": (1,),
    "strategy": ("auto",), "precision": (None, 32, "32", "32-true"), "logger": (None, True, False),
    "callbacks": (None, [], ()), "fast_dev_run": (False,), "max_steps": (-1,), "min_steps": (None,),
    "min_epochs": (None, 0, 1), "max_time": (None,), "overfit_batches": (0,), "val_check_interval": (None, 1.0),
    "limit_train_batches": (None, 1.0), "limit_val_batches": (None, 1.0), "limit_test_batches": (None, 1.0),
    "limit_predict_batches": (None, 1.0), "accumulate_grad_batches": (1,), "gradient_clip_algorithm": (None, "norm"),
    "barebones": (False,), "plugins": (None,), "sync_batchnorm": (False,), "detect_anomaly": (False,),
    "profiler": (None,), "reload_dataloaders_every_n_epochs": (0,), "enable_progress_bar": (None, True, False),
}  # fmt: skip
# Read where ``fit`` stands.
READ = ("max_epochs", "gradient_clip_val", "check_val_every_n_epoch")
EPOCHS = 1000  # what Lightning trains for where nothing is said
METHODS = {
    "fit": ("model", "train_dataloaders", "val_dataloaders", "datamodule", "ckpt_path", "weights_only"),
    "validate": ("model", "dataloaders", "ckpt_path", "verbose", "datamodule", "weights_only"),
    "test": ("model", "dataloaders", "ckpt_path", "verbose", "datamodule", "weights_only"),
    "predict": ("model", "dataloaders", "datamodule", "return_predictions", "ckpt_path", "weights_only"),
}
STEPS = {"validate": lightning_modules.VALIDATION, "test": lightning_modules.TEST}
EAGER = (
    "The twin's steps run eagerly, as PyTorch's do: without run_eagerly=True Keras makes a graph of each, which is "
    "faster, but runs what Python does in them only once."
)
ONLY_METHODS = "only fit, validate, test and predict of a trainer of this function are converted"


@dataclass(frozen=True)
class Settings:
    """What a trainer was made with; ``refused`` says why it is left over."""

    given: dict[str, cst.BaseExpression] = field(default_factory=dict)
    refused: bool = False


def assigned(c: Converter, node: cst.Assign) -> bool:
    """Whether this is ``trainer = Trainer(...)``, which stays for now: ``without_unused`` takes it out."""
    target = node.targets[0].target
    if len(node.targets) != 1 or not isinstance(target, cst.Name) or not _makes(c, node.value):
        return False
    assert isinstance(node.value, cst.Call)
    c.scope.names[target.value] = Value(KIND, api=f"{KIND} {c.fresh_storage()}", definition=_settings(c, node.value))
    c.trainers[id(node)] = target.value
    c.alive.append(node)
    return True


def without_unused(c: Converter, block: list[Any], later: frozenset[str]) -> list[Any]:
    """Statements without the trainers that nothing uses any more; their comments go to what follows."""
    kept: list[Any] = []
    comments: list[Any] = []
    for place, statement in enumerate(block):
        name = _assigns(c, statement)
        if name is not None and name not in later and not any(name in _names(each) for each in block[place + 1 :]):
            comments += [line for line in statement.leading_lines if line.comment or not kept]
            continue
        if comments and hasattr(statement, "leading_lines"):
            new = statement.with_changes(leading_lines=[*comments, *statement.leading_lines])
            c.origin[new] = c.origin.get(statement) or statement
            statement, comments = new, []
        kept.append(statement)
    return kept


def _assigns(c: Converter, statement: Any) -> str | None:
    line = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    return c.trainers.get(id(line[0])) if len(line) == 1 else None


def _names(statement: Any) -> Any:
    return statement.owner.names if isinstance(statement, Opaque) else used_names(statement)


def _makes(c: Converter, node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and lightning.name_of(c, node.func) == lightning.TRAINER


def _settings(c: Converter, node: cst.Call) -> Settings:
    """What a trainer is made with; what is not known of it is left over at its place."""
    given: dict[str, cst.BaseExpression] = {}
    refused = False
    for item in node.args:
        name = item.keyword.value if item.keyword is not None else ""
        if not name or item.star:
            reason: str | None = "starred arguments hide what is passed"
        else:
            reason = _why_not(c, name, item.value)
        if reason is not None:
            c.journal.error(item, f"{lightning.TRAINER}.{name}".rstrip("."), reason)
            refused = True
        given[name] = item.value
    return Settings(given, refused)


def _why_not(c: Converter, name: str, value: cst.BaseExpression) -> str | None:
    """Why a setting is not known; ``None`` where it is."""
    if name in ANY:
        return None
    known = c.literal(value)
    if name in READ:
        if name == "max_epochs" and known == -1:
            return "fit needs a number of epochs"
        if known is MISSING and not _settled(c, value):
            return "it is read where fit stands: give it by a name that is bound once"
        return None
    if name in VALUES and any(type(known) is type(each) and known == each for each in VALUES[name]):
        return None
    if name in ("overfit_batches", *(n for n in VALUES if n.startswith("limit_"))) and known in VALUES[name]:
        return None
    return c.why(f"{lightning.TRAINER}.{name}", "this setting is not converted")


def _settled(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether an expression means the same further down: a name that is bound once, or attributes of one."""
    first = node
    while isinstance(first, cst.Attribute):
        first = first.value
    if not is_simple(node) or not isinstance(first, cst.Name) or c.scope.around[:1] == []:
        return False
    text, bound = code_of(node), 0
    for statement in c.scope.around[0][0]:
        for part in walk(statement):
            target = getattr(part, "target", None)
            if isinstance(part, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.For, cst.NamedExpr)) and target:
                bound += code_of(target) == text or lightning.uses(target, first.value)
    return bound <= (first.value not in c.scope.parameters)


# --- Calls ------------------------------------------------------------------------------------------------------------


def statement(c: Converter, node: cst.Call) -> cst.BaseExpression | None:
    """``trainer.fit(model, loader)`` and the like that stand alone; ``None`` for other calls."""
    known = _trainer(c, node)
    if known is None:
        return None
    settings, name = known
    if name == "predict":
        return None
    key = f"{lightning.TRAINER}.{name}"
    if settings is None:
        return c.leave(node, key, ONLY_METHODS)[0]
    given = _given(c, node, name, settings)
    if isinstance(given, str):
        return c.leave(node, key, given)[0]
    steps = _steps(c, given["model"])
    if isinstance(steps, str):
        return c.leave(node, key, steps)[0]
    if name == "fit":
        return _fit(c, node, settings, given, steps)
    return _evaluate(c, node, name, given, steps)


def method(c: Converter, node: cst.Call) -> Code | None:
    """``trainer.predict(model, loader)``; other methods of a trainer whose result is used are left over."""
    known = _trainer(c, node)
    if known is None:
        return None
    settings, name = known
    key = f"{lightning.TRAINER}.{name}"
    if name != "predict":
        reason = "its result is not converted: Keras gives a History, or the mean of what each step returns"
        return c.leave(node, key, reason)
    if settings is None:
        return c.leave(node, key, ONLY_METHODS)
    given = _given(c, node, name, settings)
    if isinstance(given, str):
        return c.leave(node, key, given)
    steps = _steps(c, given["model"], train=False)
    if isinstance(steps, str):
        return c.leave(node, key, steps)
    return _predict(c, node, given, steps)


def _trainer(c: Converter, node: cst.Call) -> tuple[Settings | None, str] | None:
    """The settings of the trainer that a call belongs to and the method; ``None`` where it belongs to none.

    Settings that are not known here are ``None``.
    """
    function = node.func
    if c.source != "torch" or not isinstance(function, cst.Attribute) or function.attr.value not in METHODS:
        return None
    owner, name = function.value, function.attr.value
    if _makes(c, owner):
        assert isinstance(owner, cst.Call)
        return _settings(c, owner), name
    known = c.scope.names.get(owner.value) if isinstance(owner, cst.Name) else None
    if known is not None and known.kind == KIND:
        return (None if known.api is None else known.definition), name  # of either of two, the settings are not known
    if not node.args or node.args[0].star or c.qualified(function) is not None:
        return None
    outer = c.scope.lookup(owner.value) if isinstance(owner, cst.Name) else None
    if outer is not None and outer.kind == KIND:
        return None, name
    layer = c.expr(node.args[0].value)[1].layer if not isinstance(node.args[0].value, cst.Lambda) else None
    info = layer.definition if layer is not None else None
    return (None, name) if isinstance(info, ClassInfo) and info.lightning is not None else None


def _given(c: Converter, node: cst.Call, name: str, settings: Settings) -> dict[str, cst.BaseExpression] | str:
    """The arguments of a method by name, or why it is not converted."""
    if settings.refused:
        return "its Trainer is not converted"
    given = by_name(node, METHODS[name])
    if given is None:
        return "starred arguments, or some that Lightning does not know, are not converted"
    given = {key: value for key, value in given.items() if c.literal(value) is not None}
    if "datamodule" in given:
        return "a data module is not converted: give its loaders"
    if "ckpt_path" in given:
        return "a checkpoint of Lightning's holds PyTorch's weights: load_weights reads those that Keras saved"
    if "model" not in given:
        return "it is not known which model it runs"
    return given


def _steps(c: Converter, model: cst.BaseExpression, *, train: bool = True) -> lightning.Steps | str:
    """What is known of the module's steps, or why it is not converted."""
    layer = c.expr(model)[1].layer
    info = layer.definition if layer is not None else None
    if not isinstance(info, ClassInfo) or info.lightning is None:
        return "the model is not known here as a LightningModule of this file"
    steps: lightning.Steps = info.lightning
    if train and steps.unknown is not None:
        return steps.unknown
    if train and c.scope.mode(code_of(model)) is False:
        return "the model is in evaluation mode, in which Lightning leaves it and Keras does not"
    return steps


def _model(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression:
    """The model, by a name."""
    code = c.code(node)
    if is_simple(code):
        return code
    assert c.scope.prefix is not None
    name = cst.Name(_fresh(c, "model"))
    c.scope.prefix.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(name)], code)]))
    return name


def _fresh(c: Converter, wanted: str) -> str:
    """A name that this function neither uses nor sees."""
    function = c.scope.function
    if function is None or wanted in lightning.names_in(function) or c.scope.lookup(wanted) is not None:
        return c.twin.fresh(wanted)
    return wanted


def _fit(
    c: Converter, node: cst.Call, settings: Settings, given: dict[str, cst.BaseExpression], steps: lightning.Steps
) -> cst.BaseExpression:
    assert c.scope.prefix is not None
    model = _model(c, given["model"])
    data = _loader(c, given.get("train_dataloaders"), model, steps, "train_dataloader")
    if isinstance(data, str) or data is None:
        return c.leave(node, f"{lightning.TRAINER}.fit", data or "it is not known what it trains on")[0]
    validation = _loader(c, given.get("val_dataloaders"), model, steps, "val_dataloader")
    if isinstance(validation, str):
        return c.leave(node, f"{lightning.TRAINER}.fit", validation)[0]
    made: cst.BaseExpression = call(cst.Attribute(model, cst.Name(lightning_modules.OPTIMIZERS)), [])
    scheduler = None
    if steps.schedule is not None:
        optimizer, scheduler = _fresh(c, "optimizer"), _fresh(c, "scheduler")
        both = cst.Tuple([cst.Element(cst.Name(optimizer)), cst.Element(cst.Name(scheduler))], lpar=[], rpar=[])
        c.scope.prefix.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(both)], made)]))
        made = cst.Name(optimizer)
    limit = settings.given.get("gradient_clip_val")
    if limit is not None and c.literal(limit) not in (None, 0, 0.0):
        made = call(helper(c, "clipped"), [cst.Arg(argument(made)), cst.Arg(argument(c.code(limit)))])
    compiled = [named(made, "optimizer"), named(cst.Name("True"), "run_eagerly")]
    c.scope.prefix.append(_line(call(cst.Attribute(model, cst.Name("compile")), compiled)))
    c.journal.note(EAGER)
    epochs = settings.given.get("max_epochs")
    known = epochs is not None and c.literal(epochs) is not None
    args = [cst.Arg(data), named(c.code(epochs) if epochs is not None and known else node_of(EPOCHS), "epochs")]
    validates = steps.evaluates == lightning_modules.VALIDATION and "test_step" in steps.modes
    if validation is not None and validates:
        args.append(named(validation, "validation_data"))
        every = settings.given.get("check_val_every_n_epoch")
        if every is not None and c.literal(every) != 1:
            args.append(named(c.code(every), "validation_freq"))
    if scheduler is not None:
        callback = cst.Name(_fresh(c, "callback"))
        made = _stepping(c, scheduler, steps)
        c.scope.prefix.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(callback)], made)]))
        args.append(named(cst.List([cst.Element(callback)]), "callbacks"))
    return call(cst.Attribute(model, cst.Name("fit")), [*args, *_silent(c, settings)])


def _stepping(c: Converter, scheduler: str, steps: lightning.Steps) -> cst.BaseExpression:
    """The callback that lets a scheduler step when Lightning does."""
    when, first = ("on_epoch_end", "epoch") if steps.schedule == "epoch" else ("on_train_batch_end", "batch")
    step = call(cst.Attribute(cst.Name(scheduler), cst.Name("step")), [])
    told = cst.Lambda(cst.Parameters([cst.Param(cst.Name(first)), cst.Param(cst.Name("logs"))]), step)
    return call(c.name("keras.callbacks.LambdaCallback"), [named(told, when)])


def _silent(c: Converter, settings: Settings) -> list[cst.Arg]:
    shown = settings.given.get("enable_progress_bar")
    return [named(node_of(0), "verbose")] if shown is not None and c.literal(shown) is False else []


def _line(code: cst.BaseExpression) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Expr(code)])


def _loader(
    c: Converter, node: cst.BaseExpression | None, model: cst.BaseExpression, steps: lightning.Steps, method: str
) -> cst.BaseExpression | str | None:
    """What gives Keras the batches: of a loader, or of the one that the module gives; or why there is none."""
    if node is None:
        if method not in steps.loaders:
            return None
        code: cst.BaseExpression = call(cst.Attribute(model, cst.Name(method)), [])
    else:
        code, value = c.expr(node)
        if value.kind in ("list", "tuple", "dict"):
            return "several loaders at once are not converted"
    return call(helper(c, "dataset_of"), [cst.Arg(argument(code))])


def _evaluate(
    c: Converter, node: cst.Call, name: str, given: dict[str, cst.BaseExpression], steps: lightning.Steps
) -> cst.BaseExpression:
    assert c.scope.prefix is not None
    key = f"{lightning.TRAINER}.{name}"
    if steps.evaluates != STEPS[name] or "test_step" not in steps.modes:
        return c.leave(node, key, f"keras.Model.evaluate runs test_step, which {STEPS[name]} did not become")[0]
    model = _model(c, given["model"])
    own = "val_dataloader" if name == "validate" else "test_dataloader"
    data = _loader(c, given.get("dataloaders"), model, steps, own)
    if isinstance(data, str) or data is None:
        return c.leave(node, key, data or "it is not known what it runs on")[0]
    if not _fitted(c, given["model"]):
        eager = named(cst.Name("True"), "run_eagerly")
        c.scope.prefix.append(_line(call(cst.Attribute(model, cst.Name("compile")), [eager])))
    return call(cst.Attribute(model, cst.Name("evaluate")), [cst.Arg(data)])


def _fitted(c: Converter, model: cst.BaseExpression) -> bool:
    """Whether the model was surely fitted, and so compiled, in this block or one around it."""
    return any(_is_fit(statement, code_of(model)) for block, place in c.scope.around for statement in block[:place])


def _is_fit(statement: Any, model: str) -> bool:
    small: Sequence[Any] = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    found = small[0].value if len(small) == 1 and isinstance(small[0], cst.Expr) else None
    if not isinstance(found, cst.Call) or not isinstance(found.func, cst.Attribute) or not found.args:
        return False
    return found.func.attr.value == "fit" and code_of(found.args[0].value) == model


def _predict(c: Converter, node: cst.Call, given: dict[str, cst.BaseExpression], steps: lightning.Steps) -> Code:
    """``[model(batch, training=False) for batch in loader]``, or with the class's own ``predict_step``."""
    key = f"{lightning.TRAINER}.predict"
    if set(given) != {"model", "dataloaders"} or not is_simple(given["model"]):
        return c.leave(node, key, "it is converted with a model by a name, and a loader")
    if lightning_modules.PREDICTION in steps.left:
        return c.leave(node, key, "its predict_step is not converted")
    data = _loader(c, given["dataloaders"], given["model"], steps, "")
    if data is None or isinstance(data, str):
        return c.leave(node, key, data or "it is not known what it runs on")
    batch = _fresh(c, "batch")
    model, loader = given["model"], given["dataloaders"]
    own = lightning_modules.PREDICTION in steps.modes
    function = cst.Attribute(model, cst.Name(lightning_modules.PREDICTION)) if own else model
    listed = cst.ListComp(call(function, [cst.Arg(cst.Name(batch))]), cst.CompFor(cst.Name(batch), loader))
    c.stands_for(listed, node)
    text, before = code_of(model), dict(c.scope.modes)
    c.scope.modes[text] = False
    try:
        code, value = c.expr(listed)
    finally:
        c.scope.modes = before
    assert isinstance(code, cst.ListComp)
    return code.with_changes(for_in=code.for_in.with_changes(iter=data)), value


def seeded(c: Converter, node: cst.Call) -> Code | None:
    """``seed_everything(42)``; ``None`` for other calls."""
    if lightning.name_of(c, node.func) != lightning.SEED:
        return None
    given = by_name(node, ("seed", "workers", "verbose"))
    if given is None or "seed" not in given or c.literal(given["seed"]) is None:
        return c.leave(node, lightning.SEED, "it is converted with a seed")
    return call(c.name("keras.utils.set_random_seed"), [cst.Arg(argument(c.code(given["seed"])))]), NONE


def used(c: Converter, node: cst.BaseExpression) -> Code | None:
    """Something of Lightning that is used in a way that nothing stands for; ``None`` for other expressions."""
    name = lightning.name_of(c, node)
    if name is not None and (isinstance(node, cst.Attribute) or lightning.is_known(name)):
        return c.leave(node, name, c.why(name, f"{name} is not converted"))[0], FOREIGN
    known = c.scope.lookup(node.value) if isinstance(node, cst.Name) else None
    if known is not None and known.kind == KIND:
        return c.leave(node, lightning.TRAINER, ONLY_METHODS)
    return None
