"""Seeds and devices."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class ManualSeed(Equivalence):
    """Sets the seed. The same seed draws other numbers in the other framework. Keras also seeds Python and NumPy."""

    result = "none"

    def in_torch(seed: Int):
        return torch.manual_seed(seed)

    def in_tensorflow(seed: Int):
        return spellings(tf.random.set_seed(seed), keras.utils.set_random_seed(seed))

    samples = cases(seed=0)


class CudaManualSeed(Equivalence):
    """Sets the seed of the GPU; TensorFlow has one seed for all devices."""

    result = "none"
    one_way = "torch"

    def in_torch(seed: Int):
        return spellings(torch.cuda.manual_seed(seed), torch.cuda.manual_seed_all(seed))

    def in_tensorflow(seed: Int):
        return tf.random.set_seed(seed)

    samples = cases(seed=0)


class CudaIsAvailable(Equivalence):
    """Whether there is a GPU."""

    result = "bool"

    def in_torch():
        return spellings(torch.cuda.is_available(), torch.accelerator.is_available())

    def in_tensorflow():
        return spellings(bool(tf.config.list_physical_devices("GPU")), tf.test.is_gpu_available())

    samples = cases()


class CudaDeviceCount(Equivalence):
    """How many GPUs there are."""

    result = "int"

    def in_torch():
        return spellings(torch.cuda.device_count(), torch.accelerator.device_count())

    def in_tensorflow():
        return len(tf.config.list_physical_devices("GPU"))

    samples = cases()


class Assert(Equivalence):
    """Raises unless a condition holds, also where a graph is traced."""

    result = "none"
    one_way = "torch"

    def in_torch(condition: Any, message: Str):
        return torch._assert(condition, message)

    def in_tensorflow(condition: Any, message: Str):
        return tf.debugging.Assert(condition, [message])

    samples = cases(condition=True, message="never")
