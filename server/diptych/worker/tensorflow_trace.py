"""What the recorder asks of TensorFlow."""

from __future__ import annotations

from typing import Any, Callable

import keras
import tensorflow as tf
from keras.src.layers.layer import Layer
from keras.src.ops.function import Function

try:  # not public, and elsewhere in other versions
    from tensorflow.python.eager import record
except ImportError:
    record = None

from .recorder import Recorder, watch_calls


def trace_eagerly(recorder: Recorder) -> None:
    """Run ``tf.function``s as they are written, let every layer tell its result, and functional models that of each
    of their nodes.
    """
    tf.config.run_functions_eagerly(True)
    watch_calls(Layer, recorder)
    run = Function._run_through_graph

    def watched(self: Any, inputs: Any, operation_fn: Callable = lambda op: op, **named: Any) -> Any:
        if named:  # it is only being put together
            return run(self, inputs, operation_fn, **named)
        nodes = iter(_nodes(self))

        def following(operation: Any) -> Callable:
            call = operation_fn(operation)
            node = next((node for node in nodes if node.operation is operation), None)

            def told(*arguments: Any, **options: Any) -> Any:
                result = call(*arguments, **options)
                for symbolic, value in zip(node.outputs if node is not None else (), tf.nest.flatten(result)):
                    recorder.tapped(symbolic, value)
                return result

            return told

        return run(self, inputs, following)

    Function._run_through_graph = watched  # type: ignore[method-assign]


def _nodes(model: Any) -> list[Any]:
    """The nodes of a functional model in the order in which it runs them."""
    by_depth = model._nodes_by_depth
    return [n for depth in sorted(by_depth, reverse=True) for n in by_depth[depth] if n.operation and not n.is_input]


def is_symbolic(value: Any) -> bool:
    """Whether a value only stands for one, in a functional model."""
    return isinstance(value, keras.KerasTensor)


def in_graph() -> bool:
    """Whether a graph is being made instead of values."""
    return not tf.executing_eagerly()


def has_gradient(tensor: Any) -> bool:
    """Whether a gradient flows through a tensor: it depends on what the tape watches."""
    if not isinstance(tensor, tf.Tensor) or not (tensor.dtype.is_floating or tensor.dtype.is_complex):
        return False
    return record is None or bool(record.should_record_backprop([tensor]))


def with_tensors(roots: Any, tensors: dict[str, Any]) -> Any:
    """The roots of :func:`tensorflow_side.gradients` with more tensors."""
    tape, watched = roots
    return tape, {**watched, **tensors}
