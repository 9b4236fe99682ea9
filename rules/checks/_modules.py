"""Classes of models and layers."""

import ast

from diptych.checks.flow import Flow

_TORCH = {
    "torch.nn.Module", "pytorch_lightning.LightningModule", "lightning.LightningModule",
    "lightning.pytorch.LightningModule", "torch.nn.Sequential",
}  # fmt: skip
_KERAS = {"keras.Model", "keras.layers.Layer", "keras.Sequential"}
_WITH_WEIGHTS = {
    "Linear", "LazyLinear", "Bilinear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d",
    "ConvTranspose3d", "Embedding", "EmbeddingBag", "LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell",
    "MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer", "BatchNorm1d", "BatchNorm2d",
    "BatchNorm3d", "PReLU",
}  # fmt: skip
_KERAS_WITH_WEIGHTS = {
    "Dense", "EinsumDense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose",
    "Embedding", "LSTM", "GRU", "SimpleRNN", "MultiHeadAttention", "BatchNormalization", "DepthwiseConv2D",
    "SeparableConv2D",
}  # fmt: skip


def is_module(flow: Flow, owner: ast.ClassDef) -> bool:
    """Whether a class is a torch module, by its bases in this file."""
    return bool(flow.bases(owner) & _TORCH)


def is_keras(flow: Flow, owner: ast.ClassDef) -> bool:
    """Whether a class is a Keras layer or model, by its bases in this file."""
    return bool(flow.bases(owner) & _KERAS)


def has_weights(flow: Flow, node: ast.AST) -> bool:
    """Whether an expression makes a layer that has weights of its own."""
    module, _, last = (flow.called(node) or "").rpartition(".")
    return (module == "torch.nn" and last in _WITH_WEIGHTS) or (
        module == "keras.layers" and last in _KERAS_WITH_WEIGHTS
    )
