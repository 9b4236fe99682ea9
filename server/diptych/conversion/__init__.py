"""Converting PyTorch code to TensorFlow and back."""

from diptych.conversion.convert import convert
from diptych.conversion.result import Axes, Conversion, Entry, Leftover, Parameter
from diptych.syntax.source import ParseError

__all__ = ["Axes", "Conversion", "Entry", "Leftover", "Parameter", "ParseError", "convert"]
