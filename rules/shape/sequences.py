"""Sequences of different lengths in one tensor, and complex numbers as pairs."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Sequences of different lengths in one tensor, time before the batch unless ``batch_first``."""
    longest = tf.reduce_max([tf.shape(sequence)[0] for sequence in sequences])
    rows = []
    for sequence in sequences:
        missing = longest - tf.shape(sequence)[0]
        ends = (0, missing) if padding_side == "right" else (missing, 0)
        value = tf.cast(padding_value, sequence.dtype)
        rows.append(tf.pad(sequence, [ends] + [(0, 0)] * (len(sequence.shape) - 1), constant_values=value))
    return tf.stack(rows, axis=0 if batch_first else 1)


class PadSequence(Equivalence):
    """Sequences of different lengths in one tensor, filled up at their ends."""

    one_way = "torch"

    def in_torch(
        sequences: Tensors, batch_first: Flag = False, padding_value: Number = 0.0, padding_side: Str = "right"
    ):
        return torch.nn.utils.rnn.pad_sequence(
            sequences, batch_first=batch_first, padding_value=padding_value, padding_side=padding_side
        )

    def in_tensorflow(
        sequences: Tensors, batch_first: Flag = False, padding_value: Number = 0.0, padding_side: Str = "right"
    ):
        return pad_sequence(sequences, batch_first=batch_first, padding_value=padding_value, padding_side=padding_side)

    samples = cases(sequences=[(floats(2, 3), floats(4, 3)), (ints(3), ints(1))], batch_first=[False, True]) + cases(
        sequences=(floats(2), floats(4)), padding_value=-1.0, padding_side=["right", "left"]
    )


@helper
def view_as_real(x):
    """Real and imaginary parts along a last axis."""
    return tf.stack([tf.math.real(x), tf.math.imag(x)], axis=-1)
