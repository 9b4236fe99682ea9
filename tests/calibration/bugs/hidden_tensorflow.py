"""The result may look right: gradients, training, precision, rare inputs. In TensorFlow."""

import keras
import tensorflow as tf


def stopped_gradient(x):
    return x * tf.stop_gradient(x)


def detached_target(x, w):
    return tf.reduce_mean((tf.matmul(x, w) - tf.matmul(x, w) * 2) ** 2)


def straight_through(x):
    return tf.round(x)


def overflowing_softmax(x):
    e = tf.exp(x)
    return e / tf.reduce_sum(e, axis=1, keepdims=True)


def logarithm_of_sigmoid(x):
    return tf.math.log(tf.sigmoid(x))


def norm_of_zeros(x):
    return x / tf.norm(x)


def logarithm_of_negatives(x):
    return tf.math.log(tf.abs(x))


def kept_axis(x):
    return tf.reduce_sum(x, 1)


def index_as_float(x):
    return tf.cast(tf.argmax(x, 1), x.dtype)


def two_results(x):
    return x


class MomentumOfStatistics(keras.Model):
    def __init__(self):
        super().__init__()
        self.norm = keras.layers.BatchNormalization(epsilon=1e-5)

    def call(self, x, training=False):
        return self.norm(x, training=training)


class BiasedStatistics(keras.Model):
    def __init__(self):
        super().__init__()
        self.norm = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
        self.out = keras.layers.Dense(2)

    def call(self, x, training=False):
        return self.out(self.norm(x, training=training))


class DropoutOutsideOfTraining(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = keras.layers.Dense(4)

    def call(self, x, training=False):
        return self.out(tf.nn.dropout(x, 0.5))


class ResetBeforeProduct(keras.Model):
    def __init__(self):
        super().__init__()
        self.embed = keras.layers.Embedding(10, 4)
        self.gru = keras.layers.GRU(5, return_sequences=True, reset_after=False)

    def call(self, ids):
        return self.gru(self.embed(ids))


class MissingActivation(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = keras.layers.Dense(8)
        self.b = keras.layers.Dense(2)

    def call(self, x):
        return self.b(self.a(x))


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = keras.layers.Dense(8)
        self.b = keras.layers.Dense(3)

    def call(self, x):
        return self.b(tf.tanh(self.a(x)))


def gradients_of(model, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    return tape.gradient(loss, model.trainable_variables)


def place_of_epsilon(model, x, y):
    optimizer = keras.optimizers.Adam(learning_rate=0.01, epsilon=1e-3)
    optimizer.apply_gradients(zip(gradients_of(model, x, y), model.trainable_variables, strict=True))


def decay_of_weights(model, x, y):
    optimizer = keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, weight_decay=0.1)
    for _ in range(2):
        optimizer.apply_gradients(zip(gradients_of(model, x, y), model.trainable_variables, strict=True))


def gradients_that_add_up(model, x, y):
    optimizer = keras.optimizers.SGD(learning_rate=0.1)
    for _ in range(2):
        optimizer.apply_gradients(zip(gradients_of(model, x, y), model.trainable_variables, strict=True))


def norm_of_each_gradient(model, x, y):
    optimizer = keras.optimizers.SGD(learning_rate=0.1, clipnorm=0.5)
    optimizer.apply_gradients(zip(gradients_of(model, x, y * 50), model.trainable_variables, strict=True))
