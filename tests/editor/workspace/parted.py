"""Attention weights, with a scale that depends on who serves the model."""

import sys

import torch

SCALE = 2.0 if "tensorflow" in sys.modules else 1.0


# diptych: scores=float32[4,8]
def attention(scores):
    """The weights of each row, which add up to one."""
    scaled = scores / SCALE
    return torch.softmax(scaled, dim=-1)
