"""Saving and loading the values of models, optimizers and tensors, as PyTorch programs do.

The functions stand for ``Module.state_dict``, ``load_state_dict``, ``torch.save`` and ``torch.load``. Keras makes the
weights of a layer at its first call, so that a state may be loaded before there is anything to load it into.
"""

import keras
import tensorflow as tf

from diptych.catalog.language import *


@helper
def members(layer):
    """The layers and variables in a layer's attributes, also those in lists and dicts, by name."""
    kept_by_keras = (
        "_layers",
        "_trainable_variables",
        "_non_trainable_variables",
        "_metrics",
        "_tracked",
        "_functional",
    )
    found = {}

    def add(name, value):
        if isinstance(value, (keras.layers.Layer, keras.Variable)):
            found[name] = value
        elif isinstance(value, (list, tuple, dict)):
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                add(f"{name}.{key}", item)

    if isinstance(layer, keras.Sequential):
        return {str(place): each for place, each in enumerate(layer.layers)}
    for name, value in vars(layer).items():
        if name not in kept_by_keras and not name.startswith("_self_"):
            add(name.strip("_"), value)
    return found


@helper
def unbuilt(layer):
    """Whether a layer gets variables of its own at its first call."""
    made_by_layers = isinstance(layer, keras.Sequential) or getattr(layer.build, "_is_default", False)
    return not layer.built and not made_by_layers


@helper
def state_dict(holder):
    """The variables of a model by the names of its attributes, or the state of an optimizer; training changes them."""
    if isinstance(holder, keras.optimizers.Optimizer):
        settings = {name: value for name, value in vars(holder).items() if isinstance(value, (int, float))}
        settings = {name: value for name, value in settings.items() if name != "built" and not name.startswith("_")}
        settings["learning_rate"] = float(holder.learning_rate)
        return {"settings": settings, "variables": [v for v in holder.variables if v is not holder.learning_rate]}
    if not isinstance(holder, keras.layers.Layer):
        return holder.state_dict()
    if unbuilt(holder):
        raise ValueError(
            f"{holder.name} has no weights before its first call: call the model before its state is taken"
        )
    state = {}
    for name, member in members(holder).items():
        inside = {"": member} if isinstance(member, keras.Variable) else state_dict(member)
        state |= {f"{name}.{key}".rstrip("."): value for key, value in inside.items()}
    return state


@helper
def later(holder, load):
    """Call ``load`` once Keras has made the variables of a layer or an optimizer."""
    import functools

    build = holder.build

    @functools.wraps(build)
    def built(*args, **kwargs):
        build(*args, **kwargs)
        with tf.init_scope():
            load()

    holder.build = built


@helper
def set_value(variable, value):
    """Give a variable a value, also one that Keras will fill only when it has looked a model through."""
    if tuple(variable.shape) != tuple(value.shape):
        raise ValueError(f"{variable.path} has shape {tuple(variable.shape)}, its state {tuple(value.shape)}")
    if variable._value is None:
        value = keras.ops.convert_to_numpy(value)
        variable._initializer = lambda shape, dtype=None: tf.convert_to_tensor(value, dtype)
    else:
        variable.assign(value)


@helper
def load_state_dict(holder, state, strict=True):
    """Give a model or an optimizer the values of a state; what Keras has not made yet gets them when it is made."""
    if isinstance(holder, keras.optimizers.Optimizer):
        load_optimizer(holder, state)
        return
    if not isinstance(holder, keras.layers.Layer):
        holder.load_state_dict(state)
        return
    left = dict(state)
    if unbuilt(holder) and left:
        values = {name: keras.ops.convert_to_numpy(left.pop(name)) for name in state}
        later(holder, lambda: load_state_dict(holder, values, strict))
    for name, member in members(holder).items():
        if isinstance(member, keras.layers.Layer):
            inside = {key: left.pop(key) for key in list(left) if key.startswith(f"{name}.")}
            load_state_dict(member, {key[len(name) + 1 :]: value for key, value in inside.items()}, strict)
        elif name in left:
            set_value(member, left.pop(name))
        elif strict:
            raise KeyError(f"the state has no {name} for {holder.name}")
    if left and strict:
        raise KeyError(f"{holder.name} has no {', '.join(left)}")


@helper
def load_optimizer(optimizer, state):
    """Give an optimizer its settings and, once they are made, the values of its variables."""
    values = [keras.ops.convert_to_numpy(value) for value in state["variables"]]
    for name, value in state["settings"].items():
        setattr(optimizer, name, value)

    def load():
        variables = [v for v in optimizer.variables if v is not optimizer.learning_rate]
        for variable, value in zip(variables, values, strict=True):
            set_value(variable, value)

    if optimizer.built or len(values) < 2:
        load()
    else:
        later(optimizer, load)


@helper
def save_values(value, file):
    """Pickle a value; its tensors and variables are written as bytes. This is no file of PyTorch."""
    import pathlib
    import pickle

    class Writer(pickle.Pickler):
        def persistent_id(self, obj):
            if isinstance(obj, keras.layers.Layer):
                raise TypeError("a whole model is not saved: save its state_dict")
            if not isinstance(obj, (tf.Tensor, tf.Variable, keras.Variable)):
                return None
            obj = tf.convert_to_tensor(obj)
            return obj.dtype.name, tuple(obj.shape), obj.numpy().tobytes()

    if not hasattr(file, "write"):
        with pathlib.Path(file).open("wb") as opened:
            save_values(value, opened)
    else:
        file.write(b"values of TensorFlow\n")
        Writer(file).dump(value)


@helper
def load_values(file, weights_only=True):
    """What ``save_values`` wrote, and nothing else: a file of PyTorch raises."""
    import pathlib
    import pickle

    class Reader(pickle.Unpickler):
        def persistent_load(self, pid):
            dtype, shape, values = pid
            return tf.reshape(tf.io.decode_raw(values, dtype), shape)

        def find_class(self, module, name):
            if weights_only and (module, name) != ("collections", "OrderedDict"):
                raise pickle.UnpicklingError(f"{module}.{name} is read with weights_only=False only")
            return super().find_class(module, name)

    if not hasattr(file, "read"):
        with pathlib.Path(file).open("rb") as opened:
            return load_values(opened, weights_only)
    if file.readline(32) != b"values of TensorFlow\n":
        raise ValueError("this file was not written by save_values; what PyTorch wrote is read by PyTorch")
    return Reader(file).load()
