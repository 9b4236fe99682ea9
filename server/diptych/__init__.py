"""PyTorch and TensorFlow side by side: convert code, run both, and see whether they agree."""

__version__ = "0.1.0"
