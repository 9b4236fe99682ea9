"""TensorFlow's graphs and tapes."""

import ast
from collections.abc import Iterator

from diptych.checks.flow import Flow
from diptych.checks.fragments import Binding

# What makes a tensor, not a variable.
MAKERS = {
    "tf.zeros", "tf.ones", "tf.constant", "tf.fill", "tf.range", "tf.eye", "tf.linspace", "tf.random.normal",
    "tf.random.uniform", "tf.convert_to_tensor", "tf.zeros_like", "tf.ones_like", "tf.stack", "tf.reshape", "tf.matmul",
}  # fmt: skip


def graph_functions(flow: Flow) -> Iterator[ast.FunctionDef]:
    """Functions decorated with ``@tf.function``, with arguments or without."""
    for function in flow.all(ast.FunctionDef):
        if any((flow.called(one) or flow.name(one)) == "tf.function" for one in function.decorator_list):
            yield function


def tape_calls(flow: Flow) -> Iterator[tuple[ast.Call, Binding]]:
    """The calls ``tape.gradient(...)``, each with the ``with`` statement that its tape comes from."""
    for call in flow.calls("gradient"):
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            binding = flow.binding(call.func.value)
            if binding is not None and binding.kind == "with" and flow.called(binding.value) == "tf.GradientTape":
                yield call, binding
