"""A subclassed Keras model, trained with a gradient tape."""

import tensorflow as tf
import keras


# diptych: x=float32[4,12]
class MLP(keras.Model):
    def __init__(self, units=32, classes=3):
        super().__init__()
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.dropout = keras.layers.Dropout(0.1)
        self.out = keras.layers.Dense(classes)

    def call(self, x, training=False):
        h = self.hidden(x)
        h = self.dropout(h, training=training)
        return self.out(h)


def train_step(model, optimizer, x, y):
    """One step of training; returns the mean loss before it."""
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


def train():
    """Return the loss of each of three steps of SGD."""
    model = MLP()
    optimizer = keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)
    x = tf.reshape(tf.linspace(-1.0, 1.0, 48), (4, 12))
    y = tf.constant([0, 1, 2, 0])
    losses = []
    for step in range(3):
        losses.append(train_step(model, optimizer, x, y))
    return tf.stack(losses)
