"""Recurrences, in TensorFlow: each step feeds the next."""

import keras
import tensorflow as tf


def elman(x, w, u):
    projected = tf.einsum("btc,cd->btd", x, w)
    h = tf.zeros_like(projected[:, 0])
    for t in range(30):
        h = tf.tanh(tf.matmul(h, u) + projected[:, t])
    return h


def lstm_by_hand(x, w, b):
    h = c = tf.zeros([2, 6])
    for t in range(12):
        gates = tf.matmul(x[:, t], w[:5]) + tf.matmul(h, w[5:]) + b
        i, f, g, o = tf.split(gates, 4, axis=1)
        c = c * tf.sigmoid(f) + tf.tanh(g) * tf.sigmoid(i)
        h = tf.tanh(c) * tf.sigmoid(o)
    return h, c


def gru_by_hand(x, w, u):
    h = tf.zeros([2, 6])
    for t in range(10):
        a = tf.split(tf.matmul(x[:, t], w), 3, axis=1)
        b = tf.split(tf.matmul(h, u), 3, axis=1)
        r, z = tf.sigmoid(a[0] + b[0]), tf.sigmoid(a[1] + b[1])
        n = tf.tanh(a[2] + r * b[2])
        h = n + z * (h - n)
    return h


def moving_average(x):
    rows = tf.range(50)
    age = tf.cast(rows[:, None] - rows[None, :], x.dtype)
    weights = tf.where(age >= 0, 0.1 * tf.pow(tf.constant(0.9, x.dtype), tf.maximum(age, 0.0)), 0.0)
    return tf.matmul(x, weights, transpose_b=True)


def linear_system(x, w):
    m = w / tf.sqrt(tf.reduce_sum(w * w))
    h = x[:, 0]
    for t in range(1, 25):
        h = x[:, t] + tf.matmul(h, m)
    return h


def kalman_filter(x, noise):
    mean, spread = x[0], 1.0
    for t in range(1, 40):
        spread = spread + noise
        gain = spread / (spread + 1.0)
        mean = (1 - gain) * mean + gain * x[t]
        spread = spread - gain * spread
    return mean


def van_der_pol(x):
    p, v = x[:, 0], x[:, 1]
    for _ in range(40):
        p, v = p + v / 20, v + (v - p * (p * v + 1)) / 20
    return tf.stack([p, v], axis=1)


def running_logsumexp(x):
    total, out = x[:, 0], [x[:, 0]]
    for t in range(1, 30):
        total = tf.reduce_logsumexp(tf.stack([total, x[:, t]]), axis=0)
        out.append(total)
    return tf.stack(out, axis=1)


class LstmTagger(keras.Model):
    def __init__(self):
        super().__init__()
        self.embed = keras.layers.Embedding(20, 8)
        self.lstm = keras.layers.LSTM(6, return_sequences=True)
        self.out = keras.layers.Dense(5)

    def call(self, ids):
        return self.out(self.lstm(self.embed(ids)))


class GruReader(keras.Model):
    def __init__(self):
        super().__init__()
        self.gru = keras.layers.GRU(7, reset_after=True)
        self.out = keras.layers.Dense(2)

    def call(self, x):
        return self.out(self.gru(x))


def gated_scan(a, x):
    h, out = tf.zeros([3]), []
    for t in range(20):
        h = x[:, t] + a[:, t] * (h - x[:, t])
        out.append(h)
    return tf.stack(out, axis=1)
