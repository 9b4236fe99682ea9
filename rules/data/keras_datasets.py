"""The data sets that Keras downloads, as arrays of numpy; the files are shared with Keras' own cache."""

from diptych.catalog.language import *


@helper
def load_mnist(path="mnist.npz"):
    """Images [n, 28, 28] and labels [n] of handwritten digits, uint8: (training), (test)."""
    import numpy as np

    origin = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
    digest = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
    with np.load(get_file(path, origin, file_hash=digest)) as arrays:
        return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


@helper
def load_fashion_mnist():
    """Images [n, 28, 28] and labels [n] of clothes, uint8: (training), (test)."""
    import gzip

    import numpy as np

    def read(name, offset):
        origin = f"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{name}"
        with gzip.open(get_file(name, origin, cache_subdir="datasets/fashion-mnist"), "rb") as file:
            return np.frombuffer(file.read(), np.uint8, offset=offset)

    return tuple(
        (read(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28), read(f"{part}-labels-idx1-ubyte.gz", 8))
        for part in ("train", "t10k")
    )
