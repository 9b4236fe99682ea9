"""How things are called: qualified names of imports in the source, and of the other framework in the twin."""

from __future__ import annotations

import builtins

import libcst as cst

ROOTS = {"torch": "torch", "tensorflow": "tf", "keras": "keras"}
FRAMEWORK_ROOTS = {"torch": {"torch"}, "tensorflow": {"tf", "keras"}}

IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "from torch.nn import functional as F",
    "tf": "import tensorflow as tf",
    "keras": "import keras",
    "math": "import math",
}
PREFIXES = [("torch.nn.functional", "F"), ("torch.nn", "nn"), ("torch", "torch"), ("keras", "keras"), ("tf", "tf"), ("math", "math")]


def canonical(name: str) -> str:
    """One name for each thing: ``tensorflow.keras.layers`` -> ``keras.layers``, ``tensorflow.reduce_sum`` -> ``tf.reduce_sum``."""
    for prefix in ("tensorflow.compat.v2", "tensorflow", "tf"):
        if name == prefix or name.startswith(prefix + "."):
            rest = name[len(prefix) :]
            if rest == ".keras" or rest.startswith(".keras."):
                return canonical(rest[1:])
            name = "tf" + rest
            break
    for old, new in (("keras.api.", "keras."), ("keras.src.", "keras."), ("torch.nn.modules.", "torch.nn.")):
        if name.startswith(old):
            name = new + name[len(old) :]
    aliases = {
        "keras.Layer": "keras.layers.Layer", "keras.models.Model": "keras.Model", "keras.models.Sequential": "keras.Sequential",
        "keras.layers.Input": "keras.Input", "keras.layers.InputLayer": "keras.InputLayer", "keras.backend": "keras.ops",
        "torch.nn.Module": "torch.nn.Module", "tf.concat": "tf.concat", "tf.nn.sigmoid": "tf.sigmoid", "tf.math.sigmoid": "tf.sigmoid",
        "tf.nn.tanh": "tf.tanh", "tf.math.tanh": "tf.tanh", "tf.math.reduce_sum": "tf.reduce_sum",
        "keras.layers.MaxPool2D": "keras.layers.MaxPooling2D", "keras.layers.MaxPool1D": "keras.layers.MaxPooling1D",
        "keras.layers.MaxPool3D": "keras.layers.MaxPooling3D", "keras.layers.AvgPool2D": "keras.layers.AveragePooling2D",
        "keras.layers.AvgPool1D": "keras.layers.AveragePooling1D", "keras.layers.GlobalAvgPool2D": "keras.layers.GlobalAveragePooling2D",
        "keras.layers.GlobalMaxPool2D": "keras.layers.GlobalMaxPooling2D", "keras.layers.Convolution2D": "keras.layers.Conv2D",
        "keras.layers.Convolution1D": "keras.layers.Conv1D",
    }  # fmt: skip
    if name in aliases:
        return aliases[name]
    if name.startswith("tf.math.") and name[8:] in {
        "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_any", "reduce_all", "abs", "add", "subtract", "multiply",
        "divide", "square", "sqrt", "exp", "pow", "minimum", "maximum", "equal", "not_equal", "greater", "greater_equal", "less",
        "less_equal", "logical_and", "logical_or", "logical_not", "argmax", "argmin", "round", "sign", "sin", "cos", "tan", "floor",
        "negative", "cumsum", "add_n", "reduce_logsumexp",
    }:  # fmt: skip
        return "tf." + name[8:] if name[8:] != "reduce_logsumexp" else "tf.reduce_logsumexp"
    return name


def dotted(node: cst.BaseExpression) -> str | None:
    """``a.b.c`` as text, ``None`` for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr.value}" if base else None
    return None


class TwinNames:
    """Chooses how framework things are called in the twin, so that no name of the source is hidden.

    ``taken`` are the names that the source binds itself (parameters, variables, functions, imports that stay).
    """

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken | set(dir(builtins))
        self.used: set[str] = set()
        self.helpers: dict[str, str] = {}

    def expression(self, qualified: str) -> cst.BaseExpression:
        """Code that names something of a framework; its import is noted."""
        if qualified.startswith("helper."):
            name = self.fresh(qualified[7:])
            self.helpers[qualified[7:]] = name
            return cst.Name(name)
        for prefix, alias in PREFIXES:
            if qualified == prefix or qualified.startswith(prefix + "."):
                rest = qualified[len(prefix) :].strip(".")
                if alias in self.taken and alias in ("nn", "F", "keras"):
                    prefix_code, root = {"nn": ("torch.nn", "torch"), "F": ("torch.nn.functional", "torch"), "keras": ("tf.keras", "tf")}[alias]
                    self.used.add(self._root(root))
                    return self._path(prefix_code.replace(root, self._root(root), 1), rest)
                self.used.add(self._root(alias))
                return self._path(self._root(alias), rest)
        raise ValueError(f"no import is known for {qualified}")

    def _root(self, alias: str) -> str:
        return alias + "_" if alias in self.taken else alias

    def imports(self) -> list[str]:
        """The import statements that the used names need."""
        order = list(IMPORTS)
        lines = []
        for name in sorted(self.used, key=lambda n: order.index(n.rstrip("_"))):
            base = name.rstrip("_")
            line = IMPORTS[base]
            if name != base:
                line = f"import tensorflow as {name}" if base == "tf" else f"{line} as {name}"
            lines.append(line)
        return sorted(lines, key=lambda line: (not line.startswith("import math"), line.startswith("from"), line))

    def fresh(self, wanted: str) -> str:
        """A name that nothing in the source has."""
        name = wanted
        while name in self.taken and self.helpers.get(wanted) != name:
            name += "_"
        return name

    @staticmethod
    def _path(root: str, rest: str) -> cst.BaseExpression:
        node: cst.BaseExpression = cst.Name(root.split(".")[0])
        for part in [*root.split(".")[1:], *(rest.split(".") if rest else [])]:
            node = cst.Attribute(node, cst.Name(part))
        return node
