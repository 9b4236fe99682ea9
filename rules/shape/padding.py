"""Padding of tensors. PyTorch lists the last axis first, in one flat list; TensorFlow lists every axis in order."""

import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def pad_last(x, pad, mode="CONSTANT", value=0):
    """Pad, or crop by negative numbers, the last axes of x; `pad` lists (before, after) from the last axis on."""
    pairs = [(0, 0)] * (x.shape.rank - len(pad) // 2) + [pad[i : i + 2] for i in range(0, len(pad), 2)][::-1]
    kept = [slice(max(-before, 0), min(after, 0) or None) for before, after in pairs]
    sides = [(max(before, 0), max(after, 0)) for before, after in pairs]
    return tf.pad(x[tuple(kept)], sides, mode, tf.cast(value, x.dtype))


@helper
def pad_around(x, pad, mode="replicate"):
    """Pad the last axes of x with its edge, round the end ("circular") or mirrored ("reflect"); negative numbers crop.

    `pad` lists (before, after) from the last axis on.
    """
    for axis in range(len(pad) // 2):
        before, after = pad[2 * axis], pad[2 * axis + 1]
        n = tf.shape(x)[-1 - axis]
        places = tf.range(-before, n + after)
        first, last = max(-before, 0), n - 1 - max(-after, 0)
        if mode == "circular":
            places = first + (places - first) % (last - first + 1)
        elif mode == "reflect":
            places = last - tf.abs(last - (first + tf.abs(places - first)))
        else:  # the edge is that of the whole
            places = tf.clip_by_value(places, 0, n - 1)
        x = tf.gather(x, places, axis=x.shape.rank - 1 - axis)
    return x


class Pad(Equivalence):
    """Padding by a constant. Negative numbers crop in PyTorch; `tf.pad` refuses them."""

    def in_torch(x: Tensor, pad: Any, value: Number = Absent):
        return spellings(
            F.pad(x, pad, value=value), F.pad(x, pad, mode="constant", value=value),
            torch.constant_pad_nd(x, pad, value=value),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, pad: Any, value: Number = 0):
        if known_bool(x):
            return pad_last(x, pad, value=value)
        if is_literal(pad) and min(pad) >= 0 and rank(x) > 0 and known_integer(x) and isinstance(value, float):
            return tf.pad(x, pad_pairs(pad, rank(x)), constant_values=int(value))
        if is_literal(pad) and min(pad) >= 0 and rank(x) > 0:
            return tf.pad(x, pad_pairs(pad, rank(x)), constant_values=value)
        return general(pad_last(x, pad, value=value))

    def rank(x, pad, value):
        return rank(x)

    samples = cases(
        x=[floats(2, 3, 4), ints(2, 3, 4), bools(2, 3, 4), unranked(2, 3, 4)], pad=[(1, 2), (1, -1, 0, 2), (1, 1, 1, 1, 1, 1)],
        value=[Absent, 1.5],
    )  # fmt: skip


class PadReflect(Equivalence):
    """Padding by reflection, the edge not repeated."""

    def in_torch(x: Tensor, pad: Any):
        return F.pad(x, pad, mode="reflect")

    def in_tensorflow(x: Tensor, pad: Any):
        if known(length(x, 0) == 0) or known(length(x, 1) == 0):
            return pad_around(x, pad, "reflect")
        if is_literal(pad) and min(pad) >= 0 and rank(x) > 0:
            return tf.pad(x, pad_pairs(pad, rank(x)), mode="REFLECT")
        return general(pad_around(x, pad, "reflect"))

    def rank(x, pad):
        return rank(x)

    samples = cases(x=[floats(2, 3, 4), unranked(2, 3, 4), floats(0, 3, 4)], pad=[(1, 2), (3, 0), (-1, 2)]) + cases(
        x=floats(2, 3, 4, 5), pad=(1, 2, 2, 0)
    )


class PadReplicate(Equivalence):
    """Padding by repeating the edge, which `tf.pad` does not know."""

    def in_torch(x: Tensor, pad: Any):
        return F.pad(x, pad, mode="replicate")

    def in_tensorflow(x: Tensor, pad: Any):
        return pad_around(x, pad)

    def rank(x, pad):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), pad=[(1, 2), (5, 0)]) + cases(x=floats(2, 3, 4, 5), pad=(1, 2, 2, 0))


class PadCircular(Equivalence):
    """Padding by going round the end, which `tf.pad` does not know."""

    def in_torch(x: Tensor, pad: Any):
        return F.pad(x, pad, mode="circular")

    def in_tensorflow(x: Tensor, pad: Any):
        return pad_around(x, pad, "circular")

    def rank(x, pad):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), pad=[(1, 2), (4, 0), (-1, 2)]) + cases(x=floats(2, 3, 4, 5), pad=(1, 2, 2, 0))


class PadPairs(Equivalence):
    """Padding of every axis by a constant, as TensorFlow lists it."""

    def in_torch(x: Tensor, pairs: Any, value: Number = Absent):
        return F.pad(x, flat_pads(pairs), value=value)

    def in_tensorflow(x: Tensor, pairs: Any, value: Number = 0):
        return spellings(
            tf.pad(x, pairs, constant_values=value), tf.pad(x, pairs, mode="CONSTANT", constant_values=value)
        )

    def rank(x, pairs, value):
        return rank(x)

    one_way = "tensorflow"
    samples = cases(x=floats(2, 3, 4), pairs=[((0, 0), (1, 2), (3, 0)), ((1, 1), (0, 0), (0, 0))], value=[Absent, 1.5])


class PadPairsReflect(Equivalence):
    """Padding of every axis by reflection, as TensorFlow lists it."""

    def in_torch(x: Tensor, pairs: Any):
        return F.pad(x, flat_pads(pairs), mode="reflect")

    def in_tensorflow(x: Tensor, pairs: Any):
        return tf.pad(x, pairs, mode="REFLECT")

    def rank(x, pairs):
        return rank(x)

    one_way = "tensorflow"
    samples = cases(x=floats(2, 3, 4), pairs=((0, 0), (0, 0), (1, 2))) + cases(
        x=floats(2, 4, 5, 3), pairs=((0, 0), (1, 2), (3, 0), (0, 0))
    )
