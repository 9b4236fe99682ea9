"""The order in which losses take their arguments, where they are handed on."""

from diptych.catalog.language import *


@helper
def prediction_first(loss):
    """A loss of Keras as a function of prediction and target, in the order in which PyTorch's losses take them."""
    return lambda input, target: loss(target, input)


@helper
def target_first(loss):
    """A loss of PyTorch as a function of target and prediction, in the order in which Keras' losses take them."""
    return lambda y_true, y_pred: loss(y_pred, y_true)
