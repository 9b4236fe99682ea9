"""The development corpus: models of libraries from PyPI, converted and run on both sides."""
