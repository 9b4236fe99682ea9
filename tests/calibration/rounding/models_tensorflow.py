"""Models with weights and training steps, in TensorFlow."""

import keras
import tensorflow as tf


class Perceptron(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = keras.layers.Dense(64)
        self.drop = keras.layers.Dropout(0.3)
        self.second = keras.layers.Dense(64)
        self.last = keras.layers.Dense(4)

    def call(self, x, training=False):
        x = self.drop(tf.nn.relu(self.first(x)), training=training)
        return self.last(tf.tanh(self.second(x)))


class Mixer(keras.Model):
    def __init__(self):
        super().__init__()
        self.norm1 = keras.layers.LayerNormalization(epsilon=1e-5)
        self.tokens = keras.layers.Dense(9)
        self.norm2 = keras.layers.LayerNormalization(epsilon=1e-5)
        wide = keras.layers.Dense(32), keras.layers.Activation(lambda x: tf.nn.gelu(x, approximate=False))
        self.channels = keras.Sequential([*wide, keras.layers.Dense(16)])

    def call(self, x):
        x = x + tf.transpose(self.tokens(tf.transpose(self.norm1(x), [0, 2, 1])), [0, 2, 1])
        return x + self.channels(self.norm2(x))


class Normalised(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = keras.layers.Dense(24)
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5)
        self.b = keras.layers.Dense(24)
        self.scale = self.add_weight(shape=(24,), initializer="ones", name="scale")

    def call(self, x):
        x = self.norm(self.a(x))
        x = self.b(x * tf.sigmoid(x)) * self.scale
        return x / tf.maximum(tf.norm(x, axis=-1, keepdims=True), 1e-12)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = keras.layers.Dense(16)
        self.b = keras.layers.Dense(3)

    def call(self, x):
        return self.b(tf.tanh(self.a(x)))


def step_with_momentum(model, x, y):
    optimizer = keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)
    losses = []
    for _ in range(3):
        with tf.GradientTape() as tape:
            logits = model(x)
            picked = tf.gather(logits, y, axis=1, batch_dims=1)
            loss = tf.reduce_mean(tf.reduce_logsumexp(logits, axis=1) - picked)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        losses.append(loss)
    return losses


def step_of_regression(model, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.math.squared_difference(model(x), y))
    variables = model.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign_sub(0.05 * (gradient + 0.01 * variable))
    return loss
