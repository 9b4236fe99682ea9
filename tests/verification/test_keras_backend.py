"""Functions of `tf.keras.backend`, whose defaults are not those of TensorFlow, agree with their twins."""

from __future__ import annotations

from diptych.conversion import convert
from diptych.verification import Options, verify

PROGRAM = """
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow import keras


# diptych: y_true=float32[4,3] in 0..1, y_pred=float32[4,3] in 0..1
def dice(y_true, y_pred, smooth=1):
    y_true_f = K.flatten(y_true)
    y_pred_f = K.flatten(y_pred)
    intersection = K.sum(y_true_f * y_pred_f)
    return (2.0 * intersection + smooth) / (K.sum(y_true_f) + K.sum(y_pred_f) + smooth)


# diptych: y_true=float32[4,3] in 0..1, y_pred=float32[4,3] in 0..1
def focal(y_true, y_pred, gamma=2.0, alpha=0.25):
    eps = K.epsilon()
    y_pred = K.clip(y_pred, eps, 1.0 - eps)
    pt = tf.where(K.equal(y_true, 1), y_pred, 1 - y_pred)
    return -K.mean(alpha * K.pow(1.0 - pt, gamma) * K.log(pt), axis=-1)


# diptych: a=float32[4,3], b=float32[4,3]
def rmse(a, b):
    return K.sqrt(K.mean(K.square(a - b))), K.sqrt(a)


# diptych: mean=float32[4,3], log_var=float32[4,3]
def sample(mean, log_var):
    batch = K.shape(mean)[0]
    dim = K.int_shape(mean)[1]
    return mean + K.exp(0.5 * log_var) * K.random_normal(shape=(batch, dim))


# diptych: x=float32[4,3], y=float32[4,3]
def reduced(x, y):
    sums = tf.keras.backend.sum(x, axis=-1, keepdims=True), K.max(x, axis=1), K.min(x), K.std(x), K.var(x)
    return sums, K.any(x > 0), K.all(x > 0), K.mean(K.equal(x, y)), K.argmax(x), K.cumsum(x)


# diptych: x=float32[4,3], y=float32[4,3]
def joined(x, y):
    return K.concatenate([x, y]), K.concatenate([x, y], axis=0), K.stack([x, y]), K.expand_dims(x)


# diptych: x=float32[4,3], z=float32[3,5], w=float32[2,4,3]
def products(x, z, w):
    return K.dot(w, z), K.dot(x, z), K.permute_dimensions(w, (0, 2, 1)), K.transpose(x), K.l2_normalize(x, axis=-1)


# diptych: x=float32[4,3]
def elements(x):
    kept = K.relu(x), K.softmax(x), K.maximum(x, 0.0), K.zeros_like(x)
    return kept, K.one_hot(K.argmax(x), 3), K.cast(x, K.floatx()), K.reshape(x, (2, 6)), K.gather(x, [0, 2])


# diptych: x=float32[4,3] in 0..1, y=float32[4,3] in 0..1
def entropies(x, y):
    return K.binary_crossentropy(x, y), K.binary_crossentropy(x, y, from_logits=True), keras.backend.mean(x)
"""


def test_functions_of_the_backend_agree() -> None:
    converted = convert(PROGRAM, to="torch")
    assert not converted.leftovers
    found = verify(converted, options=Options(device="cpu"))
    assert len(found) == 9
    assert all(each.agrees for each in found), [each.summary for each in found]
