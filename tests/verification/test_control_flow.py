"""TensorFlow's branches and loops as functions agree with PyTorch's own."""

from __future__ import annotations

from diptych.conversion import convert
from diptych.verification import Options, verify

PROGRAM = """
import tensorflow as tf


# diptych: n=1..8
def fib(n):
    i = tf.constant(0)
    a = tf.constant(0)
    b = tf.constant(1)
    i, a, b = tf.while_loop(lambda i, a, b: i < n, lambda i, a, b: (i + 1, b, a + b), [i, a, b])
    return a


# diptych: x=float32[3,4]
def clip(x):
    return tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: x - 1)


# diptych: x=float32[3,4]
def nested(x, flip=True):
    def more():
        return x * 2

    y = tf.cond(pred=tf.reduce_sum(x) > 0, true_fn=more, false_fn=lambda: x - 1 if flip else x)
    return y + 1


# diptych: x=float32[3,4]
def steps(x):
    def condition(i, total):
        return i < 5

    def body(i, total):
        return i + 1, total + tf.cast(i, tf.float32) * x

    _, total = tf.while_loop(condition, body, loop_vars=(0, tf.zeros_like(x)), maximum_iterations=4)
    return total


# diptych: x=float32[3,4]
def single(x):
    return tf.while_loop(lambda y: tf.reduce_sum(y * y) < 100, lambda y: (y * 2 + 1,), [x])[0]


# diptych: x=float32[2,5,6,3]
def images(x):
    y = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y[:, ::-1] * 2 + y), [0, y])[1]
"""


def test_branches_and_loops_agree() -> None:
    converted = convert(PROGRAM, to="torch")
    assert not converted.leftovers
    found = verify(converted, options=Options(device="cpu"))
    assert len(found) == 6
    assert all(each.agrees for each in found), [each.summary for each in found]
