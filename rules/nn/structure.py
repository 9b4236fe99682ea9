"""What a model is made of: its layers and parameters by name, as PyTorch walks them."""

import keras
import tensorflow as tf

from diptych.catalog.language import *


@helper
def of_keras(layer):
    """Whether a layer is one of Keras' own, or derived from one: what is inside it is no module of the source."""
    bases = [base for base in type(layer).__mro__ if base is not keras.layers.Layer]
    return any(base.__module__.startswith("keras.src.layers.") for base in bases)


@helper
def hands_on(layer):
    """A class of layers whose `call` hands on what it is given: Keras takes no tensors beside others in `*args`."""
    call, start = layer.call, layer.__call__

    def unpacked(self, x, rest=None):
        args, kwargs = ((), {}) if rest is None else rest()
        return call(self, x, *args, **kwargs)

    def packed(self, x, /, *args, **kwargs):
        mode = {"training": kwargs.pop("training")} if "training" in kwargs else {}
        return start(self, x, rest=lambda: (args, kwargs), **mode)

    layer.call, layer.__call__ = unpacked, packed
    return layer


@helper
def named_children(layer):
    """The layers in a layer's attributes by name, each once."""
    found = {}
    for name, member in {} if of_keras(layer) else members(layer).items():
        if "." in name:
            raise TypeError(f"{name} is in a list or dict, which is a module in PyTorch and none in Keras")
        if isinstance(member, keras.layers.Layer) and not any(member is known for known in found.values()):
            found[name] = member
    return list(found.items())


@helper
def children(layer):
    """The layers in a layer's attributes, each once."""
    return [child for _, child in named_children(layer)]


@helper
def named_modules(layer, prefix="", known=None):
    """A model and all layers in it by the path of their attributes, each once."""
    known = [] if known is None else known
    if any(layer is other for other in known):
        return []
    known.append(layer)
    found = [(prefix, layer)]
    for name, member in {} if of_keras(layer) else members(layer).items():
        if isinstance(member, keras.layers.Layer):
            found += named_modules(member, f"{prefix}.{name}".strip("."), known)
    return found


@helper
def named_parameters(layer, prefix="", known=None):
    """The parameters of a model, trained or frozen, each once; kernels and scales are called weights, as in PyTorch."""
    if unbuilt(layer):
        raise ValueError(f"{layer.name} has no weights before its first call: call the model before they are listed")
    known, found = [] if known is None else known, []
    names = {"kernel": "weight", "gamma": "weight", "embeddings": "weight", "beta": "bias"} if of_keras(layer) else {}
    inside = members(layer)
    for name, member in inside.items():
        parameter = any(member is variable for variable in layer._trainable_variables)
        if parameter and not any(member is other for other in known):
            known.append(member)
            found.append((f"{prefix}.{names.get(name, name)}".strip("."), member))
    for name, member in inside.items():
        if isinstance(member, keras.layers.Layer):
            found += named_parameters(member, f"{prefix}.{name}".strip("."), known)
    return found


@helper
def parameters(layer):
    """The parameters of a model, trained or frozen, each once."""
    return [variable for _, variable in named_parameters(layer)]


@helper
def alike(layer):
    """A model of which each variable is one parameter in PyTorch, with as many axes; raises ``ValueError`` for others."""
    for name, member in members(layer).items():
        inside = isinstance(member, keras.layers.Layer)
        trained = any(member is variable for variable in layer._trainable_variables)
        if of_keras(layer) and (inside or (trained and name not in ("kernel", "gamma", "embeddings", "beta", "bias"))):
            raise ValueError(
                f"{layer.name} keeps its weights otherwise than PyTorch does: put them into groups by hand"
            )
        if inside:
            alike(member)
    return layer


@helper
def set_trainable(layer, trainable):
    """Train a layer's weights or not, from now on or once they are made; unlike Keras' flag, it changes no mode."""
    if unbuilt(layer):
        later(layer, lambda: set_trainable(layer, trainable))
    for member in members(layer).values():
        if isinstance(member, keras.layers.Layer):
            set_trainable(member, trainable)
        elif any(member is variable for variable in layer._trainable_variables):
            member.trainable = trainable
