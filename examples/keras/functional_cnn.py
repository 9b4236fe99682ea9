"""A functional Keras model with a skip connection."""

import keras
from keras import layers

inputs = keras.Input(shape=(16, 16, 3))
x = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
skip = x
x = layers.Conv2D(8, 3, padding="same")(x)
x = layers.BatchNormalization()(x)
x = layers.ReLU()(x)
x = layers.Add()([x, skip])  # the skip connection
x = layers.MaxPooling2D(2)(x)
x = layers.Flatten()(x)
outputs = layers.Dense(10)(x)
# diptych: inputs=float32[2,16,16,3]
model = keras.Model(inputs, outputs)
