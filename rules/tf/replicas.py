"""Losses shared out among devices; on one device there is one replica."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


class ComputeAverageLoss(Equivalence):
    """The sum of the samples' losses by the number of samples of all devices, here one."""

    one_way = "tensorflow"

    def in_torch(loss: Tensor, size: Int = None):
        if size is None:
            return loss.mean()
        return loss.sum() / size

    def in_tensorflow(loss: Tensor, size: Int = None):
        return tf.nn.compute_average_loss(loss, global_batch_size=size)

    def rank(loss, size):
        return 0

    samples = cases(loss=floats(5), size=[Absent, 8])


class ScaleRegularizationLoss(Equivalence):
    """The sum of a penalty by the number of devices, here one."""

    one_way = "tensorflow"

    def in_torch(loss: Tensor):
        return torch.sum(loss)

    def in_tensorflow(loss: Tensor):
        return tf.nn.scale_regularization_loss(loss)

    def rank(loss):
        return 0

    samples = cases(loss=[floats(3), floats()])
