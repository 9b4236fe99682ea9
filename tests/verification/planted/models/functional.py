"""A functional Keras model with two branches and a layer that is called twice."""

import keras
from keras import layers

inputs = keras.Input((8, 12, 3))
x = layers.Conv2D(6, 3, padding="same", activation="relu")(inputs)
left = layers.MaxPooling2D(2)(x)
right = layers.Conv2D(6, 2, strides=2)(x)
right = layers.LayerNormalization()(right)
x = layers.Concatenate()([left, right])
x = layers.Conv2D(5, 3, activation="tanh")(x)
y = layers.GlobalAveragePooling2D()(x)
z = layers.GlobalMaxPooling2D()(x)
shared = layers.Dense(7, activation="relu")
a = shared(y)
b = shared(z)
both = layers.Subtract()([a, b])
outputs = layers.Dense(4)(both)
model = keras.Model(inputs, outputs)
