"""What became of the names of TensorFlow 1, by the tables that ``tables/generate.py`` writes."""

import json
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from diptych.checks.source import Source

TABLES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "tables" / "tensorflow.json").read_text("utf-8")
)

GRAPH = (
    "Session InteractiveSession placeholder placeholder_with_default sparse_placeholder get_default_session "
    "get_default_graph reset_default_graph global_variables_initializer local_variables_initializer tables_initializer "
    "variables_initializer initialize_all_variables initialize_all_tables initialize_local_variables initialize_variables "
    "ConfigProto GPUOptions RunOptions RunMetadata GraphKeys get_collection get_collection_ref add_to_collection "
    "add_to_collections trainable_variables global_variables local_variables model_variables all_variables "
    "moving_average_variables report_uninitialized_variables is_variable_initialized train.Supervisor "
    "train.MonitoredSession train.MonitoredTrainingSession train.SingularMonitoredSession train.start_queue_runners"
)
VARIABLES = (
    "get_variable variable_scope variable_op_scope get_variable_scope VariableScope AUTO_REUSE get_local_variable "
    "make_template fixed_size_partitioner min_max_variable_partitioner variable_axis_size_partitioner no_regularizer "
    "create_partitioned_variables"
)
CASTS = {
    "to_float": "float32",
    "to_double": "float64",
    "to_int32": "int32",
    "to_int64": "int64",
    "to_bfloat16": "bfloat16",
    "to_complex64": "complex64",
    "to_complex128": "complex128",
}
ASSIGNMENTS = ("assign", "assign_add", "assign_sub")
EAGER = (
    "enable_eager_execution enable_v2_behavior enable_resource_variables enable_v2_tensorshape enable_control_flow_v2 "
    "enable_tensor_equality"
)
_ELSEWHERE = {
    f"tf.{name}"
    for name in [
        *GRAPH.split(),
        *VARIABLES.split(),
        *CASTS,
        *ASSIGNMENTS,
        *EAGER.split(),
        "py_func",
        "div",
        "set_random_seed",
        "random.set_random_seed",
    ]
}
_FAMILIES = (
    *(
        "tf.layers.",
        "tf.losses.",
        "tf.metrics.",
        "tf.summary.",
        "tf.logging.",
        "tf.app.",
        "tf.flags.",
        "tf.nn.rnn_cell.",
    ),
    *("tf.image.resize_",),
)


def is_optimizer(name: str) -> bool:
    """Whether a name is that of an optimizer of TensorFlow 1."""
    return name.startswith("tf.train.") and name.endswith("Optimizer")


def is_recurrent(name: str) -> bool:
    """Whether a name is that of a function of TensorFlow 1 that runs recurrent cells."""
    return name.startswith("tf.nn.") and name.endswith("_rnn")


def family(prefix: str) -> dict[str, str | None]:
    """What only ``tf.compat.v1`` has of the names that begin so."""
    return {name: new for name, new in TABLES["v1"].items() if name.startswith(prefix)}


def others() -> dict[str, str | None]:
    """What only ``tf.compat.v1`` has and no check of its own looks for."""
    return {
        name: new
        for name, new in TABLES["v1"].items()
        if name not in _ELSEWHERE
        and not name.startswith(_FAMILIES)
        and not is_optimizer(name)
        and not is_recurrent(name)
    }


TENSORFLOW_1 = (
    *TABLES["same"], *TABLES["v1"], *TABLES["moved"],
    "tf.contrib.*", "tf.logging.*", "tf.app.*", "tf.flags.*",
)  # fmt: skip
_OLD = frozenset(TENSORFLOW_1)
_FOLDERS = tuple(name.removesuffix("*") for name in TENSORFLOW_1 if name.endswith("*"))
_WRITTEN: WeakKeyDictionary[Source, bool] = WeakKeyDictionary()


def is_tensorflow_1(source: Source) -> bool:
    """Whether a file uses names that TensorFlow 2 does not have: ``TENSORFLOW_1``, evidence of the check that asks."""
    if source not in _WRITTEN:
        found = (source.names.qualified(node) or "" for node in source.names.loads)
        _WRITTEN[source] = any(name in _OLD or name.startswith(_FOLDERS) for name in found)
    return _WRITTEN[source]
