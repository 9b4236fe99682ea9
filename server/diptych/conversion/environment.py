"""What TensorFlow programs say to their surroundings: devices, versions, scopes, strategies, files, generators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.datasets import given
from diptych.conversion.metrics import helper, named
from diptych.inference.values import FOREIGN, Value
from diptych.matching.emit import call
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

# Statements that only say how TensorFlow is to run.
DROPPED = {
    "tf.config.run_functions_eagerly", "tf.debugging.set_log_device_placement", "tf.config.set_soft_device_placement",
    "tf.config.experimental.set_memory_growth", "keras.utils.clear_session", "keras.ops.clear_session",
    "tf.config.optimizer.set_jit", "keras.backend.clear_session", "tf.compat.v1.enable_tensor_equality",
    "tf.compat.v1.enable_eager_execution", "tf.compat.v1.enable_v2_behavior", "tf.compat.v1.enable_resource_variables",
}  # fmt: skip
# Those that change what is computed where the frameworks' own rules would not do.
ASSUMED = {
    "tf.experimental.numpy.experimental_enable_numpy_behavior":
        "assumes that operands have one dtype, but for numbers among floats: NumPy's rules give float64 where "
        "integers meet floats, PyTorch's float32",
}  # fmt: skip
# ``with`` blocks that only name what is made inside.
SCOPES = {"tf.name_scope", "tf.compat.v1.name_scope", "tf.compat.v1.variable_scope"}
STRATEGIES = ("tf.distribute.MirroredStrategy", "tf.distribute.OneDeviceStrategy", "tf.distribute.get_strategy")
ONE = "assumes one device: with several, PyTorch runs one process for each, started by torchrun"
VERSION = "assumes that the version is only shown: it is PyTorch's"
FILES = "assumes that the files are the twin's own: PyTorch reads and writes no checkpoints of TensorFlow"
WHOLE = "assumes that the file is the twin's own, and that a model that is loaded is compiled anew before it is trained"
CHECKPOINTS = {
    "tf.train.CheckpointManager": ("checkpoint", "directory", "max_to_keep", "checkpoint_name"),
    "tf.train.latest_checkpoint": ("checkpoint_dir",),
}  # fmt: skip
CALLBACKS = {
    "EarlyStopping": (
        "monitor", "min_delta", "patience", "verbose", "mode", "baseline", "restore_best_weights", "start_from_epoch",
    ),
    "ModelCheckpoint": ("filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode"),
    "LearningRateScheduler": ("schedule", "verbose"),
}  # fmt: skip
UNSAID = {"verbose", "save_weights_only"}
FILE = ("fname", "origin", "untar", "file_hash", "cache_subdir", "extract", "cache_dir", "force_download")
DRAWS = {"normal": "tf.random.normal", "uniform": "tf.random.uniform"}


def reference(c: Converter, node: cst.BaseExpression, qualified: str) -> Code | None:
    """``tf.__version__``; ``None`` for anything else."""
    if qualified == "tf.data.Dataset":
        return c.name("torch.utils.data.IterableDataset"), Value()
    if qualified in ("tf.__version__", "keras.__version__", "tf.version.VERSION"):
        c.journal.assume(node, qualified, VERSION, ("version", c.scope.name))
        return c.name("torch.__version__"), Value("str")
    return None


def devices(c: Converter, node: cst.Call) -> Code:
    """``tf.config.list_physical_devices("GPU")``."""
    args = [cst.Arg(argument(c.code(each.value))) for each in node.args]
    return call(helper(c, "devices"), args), Value("list", item=Value("device"))


def generator(c: Converter, node: cst.Call) -> Code:
    """``tf.random.Generator.from_seed(1)``: it gives other numbers."""
    found = given(node, ("seed", "alg"))
    if found is None or "seed" not in found:
        return c.leave(node, "tf.random.Generator.from_seed", "its arguments are not known here")
    made = call(cst.Attribute(call(c.name("torch.Generator"), []), cst.Name("manual_seed")), [])
    return made.with_changes(args=[cst.Arg(argument(c.code(found["seed"].value)))]), Value("generator")


def drawn(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression) -> Code:
    """``generator.normal((2, 3))``."""
    name = function.attr.value
    key = f"tf.random.Generator.{name}"
    if name not in DRAWS:
        return c.leave(node, key, c.why(key, f"no rule knows a generator's .{name}()"))
    source = c.source_call(DRAWS[name], list(node.args))
    c.journal.origins[id(source)] = node
    drawn_code, value = c.expr(source)
    if drawn_code is source:
        return node, Value()
    return _with_generator(drawn_code, code), value


def _with_generator(code: cst.BaseExpression, generator: cst.BaseExpression) -> cst.BaseExpression:
    """The code with the generator handed to what draws."""

    class Handed(cst.CSTTransformer):
        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: N802
            function = original_node.func
            if not isinstance(function, cst.Attribute) or function.attr.value not in ("randn", "rand", "randint"):
                return updated_node
            return call(updated_node.func, [*updated_node.args, named(generator, "generator")])

    new = code.visit(Handed())
    return new if isinstance(new, cst.BaseExpression) else code


def strategy(c: Converter, node: cst.Call) -> Code:
    """``tf.distribute.MirroredStrategy()``: on one device nothing stands for it."""
    c.journal.assume(node, c.qualified(node.func) or "tf.distribute", ONE, ("one device",))
    return node_of(None), Value("strategy")


def of_strategy(c: Converter, node: cst.Call, function: cst.Attribute) -> Code:
    """A method of a strategy, on one device."""
    name, key = function.attr.value, f"tf.distribute.Strategy.{function.attr.value}"
    if name in ("experimental_distribute_dataset", "experimental_local_results") and len(node.args) == 1:
        code, value = c.expr(node.args[0].value)
        if name == "experimental_distribute_dataset":
            return code, value
        one = cst.Tuple([cst.Element(c.plain(code, value))])
        return one, Value("tuple", items=(value.plain(),))
    if name == "reduce":
        found = given(node, ("reduce_op", "value", "axis"))
        if found is not None and "value" in found and ("axis" not in found or c.literal(found["axis"].value) is None):
            return c.expr(found["value"].value)
    if name == "run":
        found = given(node, ("fn", "args", "kwargs"))
        args = found.get("args") if found is not None else None
        if found is not None and "fn" in found and "kwargs" not in found:
            parts: list[cst.Arg] = []
            if args is not None:
                if not isinstance(args.value, (cst.Tuple, cst.List)):
                    return c.leave(node, key, "its arguments must be written as a tuple")
                parts = [cst.Arg(element.value) for element in args.value.elements]
            inner = call(found["fn"].value, parts)
            c.stands_for(inner, node)
            return c.expr(inner)
    return c.leave(node, key, "PyTorch runs one process per device, started by torchrun: call the function itself")


def checkpoint(c: Converter, node: cst.Call) -> Code:
    """``tf.train.Checkpoint(model=model, optimizer=optimizer)``."""
    if any(each.star for each in node.args) or len([each for each in node.args if each.keyword is None]) > 1:
        return c.leave(node, "tf.train.Checkpoint", "what it saves must stand in the call")
    args = [
        each.with_changes(value=argument(c.code(each.value)), **({} if each.keyword else _root(each)))
        for each in node.args
    ]
    c.journal.assume(node, "tf.train.Checkpoint", FILES, ("files", c.scope.name))
    return call(helper(c, "Checkpoint"), args), Value()


def _root(each: cst.Arg) -> dict[str, object]:
    keyword = named(each.value, "root")
    return {"keyword": keyword.keyword, "equal": keyword.equal}


def saved(c: Converter, node: cst.Call) -> Code:
    """``tf.train.latest_checkpoint(folder)`` and ``tf.train.CheckpointManager(...)``."""
    name = c.qualified(node.func) or ""
    found = given(node, CHECKPOINTS[name])
    if found is None:
        return c.leave(node, name, "its arguments are not known here")
    args = [each.with_changes(value=argument(c.code(each.value))) for each in node.args]
    return call(helper(c, name.rpartition(".")[2]), args), Value()


def whole(c: Converter, node: cst.Call) -> Code:
    """``keras.models.save_model(model, path)`` and ``keras.models.load_model(path)``."""
    name = c.qualified(node.func) or ""
    loads = name.endswith(".load_model")
    found = given(node, ("path",) if loads else ("model", "path")) if not any(a.keyword for a in node.args) else None
    if found is None or "path" not in found:
        return c.leave(node, name, c.why(name, "its arguments are not known here"))
    path = cst.Arg(argument(c.code(found["path"].value)))
    if loads:
        c.journal.assume(node, name, WHOLE, ("files", c.scope.name))
        return call(c.name("torch.load"), [path, named(node_of(False), "weights_only")]), Value("module")
    code, value = c.expr(found["model"].value)
    if value.kind != "module":
        return c.leave(node, name, c.why(name, "only models are saved"))
    return save(c, node, name, code, path)


def save(c: Converter, node: cst.Call, name: str, code: cst.BaseExpression, path: cst.Arg) -> Code:
    """A whole model written to a file."""
    c.journal.assume(node, name, WHOLE, ("files", c.scope.name))
    return call(helper(c, "save_model"), [cst.Arg(argument(code)), path]), Value("none")


def callback(c: Converter, node: cst.Call) -> Code:
    """``keras.callbacks.EarlyStopping(patience=3)``."""
    name = c.qualified(node.func) or ""
    kind = name.rpartition(".")[2]
    found = given(node, CALLBACKS[kind])
    if found is None:
        return c.leave(node, name, "no rule knows this combination of arguments")
    if kind == "ModelCheckpoint":
        c.journal.assume(node, name, FILES, ("files", c.scope.name))
    args = [
        named(c.code(each.value), parameter) if place or each.keyword else cst.Arg(argument(c.code(each.value)))
        for place, (parameter, each) in enumerate(found.items())
        if parameter not in UNSAID
    ]
    return call(helper(c, kind), args), Value()


def file(c: Converter, node: cst.Call) -> Code:
    """``keras.utils.get_file(name, url)``."""
    found = given(node, ("fname", "origin", "untar", "md5_hash", "file_hash", "cache_subdir", "hash_algorithm",
                         "extract", "archive_format", "cache_dir", "force_download"))  # fmt: skip
    if found is None or set(found) - set(FILE):
        return c.leave(node, "keras.utils.get_file", "only downloads without MD5 sums are converted")
    args = [named(c.code(each.value), parameter) for parameter, each in found.items()]
    if node.args and node.args[0].keyword is None:
        args[0] = cst.Arg(args[0].value)
    return call(helper(c, "get_file"), args), Value("str")


def categorical(c: Converter, node: cst.Call) -> Code:
    """``keras.utils.to_categorical(labels, 10)``: an array."""
    if given(node, ("x", "num_classes")) is None:
        return c.leave(node, "keras.utils.to_categorical", "its arguments are not known here")
    args = [each.with_changes(value=argument(c.code(each.value))) for each in node.args]
    return call(helper(c, "to_categorical"), args), FOREIGN


def penalty(c: Converter, node: cst.Call) -> Code:
    """``keras.regularizers.L2(0.01)``: a function of a weight."""
    kind = (c.qualified(node.func) or "").rpartition(".")[2].lower()
    first = {"l1": ("l1",), "l2": ("l2",), "l1l2": ("l1", "l2")}[kind]
    found = given(node, first)
    if found is None:
        return c.leave(node, c.qualified(node.func) or "", "its arguments are not known here")
    args = [named(c.code(each.value), parameter) for parameter, each in found.items()]
    if not args and len(first) == 1:
        args = [named(node_of(0.01), first[0])]
    return call(helper(c, "l1_l2"), args), Value("penalty")


def called_penalty(c: Converter, node: cst.Call, code: cst.BaseExpression) -> Code:
    """A penalty of a tensor."""
    args = [cst.Arg(argument(c.code(each.value))) for each in node.args]
    return call(code, args), c.fresh(Value("tensor", rank=0))


def dropped(c: Converter, node: cst.Call) -> bool:
    """Whether a statement only says how TensorFlow is to run."""
    qualified = c.qualified(node.func)
    if c.source == "tensorflow" and qualified in ASSUMED and not node.args:
        c.journal.assume(node, qualified, ASSUMED[qualified], ("dtypes",))
        return True
    if c.source != "tensorflow" or qualified not in DROPPED:
        return False
    c.journal.note(f"{qualified} says how TensorFlow runs, and was dropped.")
    return True


def scope(c: Converter, node: cst.Call) -> bool:
    """Whether a ``with`` block only names what is made inside, or spreads it over devices."""
    if c.source != "tensorflow":
        return False
    if c.qualified(node.func) in SCOPES:
        return True
    function = node.func
    holds = isinstance(function, cst.Attribute) and function.attr.value == "scope" and c.qualified(function) is None
    return holds and isinstance(function, cst.Attribute) and c.expr(function.value)[1].kind == "strategy"


def attribute(c: Converter, node: cst.Attribute, value: Value) -> Code | None:
    """``strategy.num_replicas_in_sync``."""
    if value.kind == "strategy" and node.attr.value == "num_replicas_in_sync":
        return node_of(1), Value("int", literal=1)
    return None


MADE: dict[str, Callable[[Converter, cst.Call], Code | None]] = {
    **dict.fromkeys((f"tf.config.{more}list_{kind}_devices" for more in ("", "experimental.")
                     for kind in ("physical", "logical")), devices),
    "tf.random.Generator.from_seed": generator,
    **dict.fromkeys(STRATEGIES, strategy),
    **dict.fromkeys(("keras.models.save_model", "keras.models.load_model"), whole),
    "tf.train.Checkpoint": checkpoint,
    **dict.fromkeys(CHECKPOINTS, saved),
    **dict.fromkeys((f"keras.callbacks.{kind}" for kind in CALLBACKS), callback),
    "keras.utils.get_file": file,
    "keras.utils.to_categorical": categorical,
    **dict.fromkeys((f"keras.regularizers.{kind}" for kind in ("L1", "L2", "L1L2")), penalty),
}  # fmt: skip
