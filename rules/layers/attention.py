"""Keras' attention layers."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class DotAttention(nn.Module):
    """Attention over [query, value] or [query, value, key] without projections; scores are not divided."""

    def __init__(self, scaled=False, concat=False, dropout=0.0):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0)) if scaled else None
        self.concat_score_weight = nn.Parameter(torch.tensor(1.0)) if concat else None
        self.dropout = dropout

    def forward(self, inputs, return_attention_scores=False, use_causal_mask=False):
        query, value, key = inputs if len(inputs) == 3 else (*inputs, inputs[1])
        scale = 1.0 if self.scale is None else self.scale
        if self.concat_score_weight is None:
            scores = query @ key.transpose(-2, -1) * scale
        else:
            sums = torch.tanh(scale * (query.unsqueeze(-2) + key.unsqueeze(-3)))
            scores = self.concat_score_weight * sums.sum(-1)
        if use_causal_mask:
            scores = scores.masked_fill(torch.ones_like(scores).tril() == 0, -1e9)
        weights = F.dropout(F.softmax(scores, dim=-1), self.dropout, self.training)
        return (weights @ value, weights) if return_attention_scores else weights @ value


class AttentionLayer(LayerEquivalence):
    """Keras' attention without projections over a list of query, value and key."""

    one_way = "tensorflow"
    calling = "[x, y]"
    options = ("return_attention_scores", "use_causal_mask")
    weights = {"scale": at("scale"), "concat_score_weight": at("concat_score_weight")}

    def in_torch(scaled: Flag = False, mode: Str = "dot", dropout: Float = 0.0):
        if mode == "concat":
            return DotAttention(scaled=scaled, concat=True, dropout=dropout)
        return DotAttention(scaled=scaled, dropout=dropout)

    def in_tensorflow(scaled: Flag = False, mode: Str = "dot", dropout: Float = 0.0):
        return keras.layers.Attention(use_scale=scaled, score_mode=mode, dropout=dropout)

    samples = cases(
        scaled=[Absent, True], mode=["dot", "concat"], dropout=[Absent, 0.1], call=(floats(2, 3, 4), floats(2, 5, 4))
    )


@helper
class AdditiveAttention(nn.Module):
    """Attention over [query, value] or [query, value, key] by a learnt sum of the tanh of their sums."""

    def __init__(self, width, scaled=True, dropout=0.0):
        super().__init__()
        self.scale = nn.Parameter(nn.init.xavier_uniform_(torch.empty(1, width)).flatten()) if scaled else None
        self.dropout = dropout

    def forward(self, inputs, return_attention_scores=False, use_causal_mask=False):
        query, value, key = inputs if len(inputs) == 3 else (*inputs, inputs[1])
        sums = torch.tanh(query.unsqueeze(-2) + key.unsqueeze(-3))
        scores = (sums if self.scale is None else self.scale * sums).sum(-1)
        if use_causal_mask:
            scores = scores.masked_fill(torch.ones_like(scores).tril() == 0, -1e9)
        weights = F.dropout(F.softmax(scores, dim=-1), self.dropout, self.training)
        return (weights @ value, weights) if return_attention_scores else weights @ value


class AdditiveAttentionLayer(LayerEquivalence):
    """Keras' additive attention over a list of query, value and key."""

    one_way = "tensorflow"
    calling = "[x, y]"
    options = ("return_attention_scores", "use_causal_mask")
    torch_only = ("width",)
    weights = {"scale": at("scale")}

    def in_torch(width: Int, scaled: Flag = True, dropout: Float = 0.0):
        return AdditiveAttention(width, scaled=scaled, dropout=dropout)

    def in_tensorflow(width, scaled=True, dropout=0.0):
        return keras.layers.AdditiveAttention(use_scale=scaled, dropout=dropout)

    samples = cases(width=4, scaled=[Absent, False], dropout=[Absent, 0.1], call=(floats(2, 3, 4), floats(2, 5, 4)))


@helper
class MultiHeadAttentionOfKeras(nn.Module):
    """Attention of several heads, called on query, value and key; ``size`` is the width of each head."""

    def __init__(self, width, heads, size, bias=True, dropout=0.0):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.in_proj_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(3 * heads * size, width)))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * heads * size)) if bias else None
        self.out_proj = nn.Linear(heads * size, width, bias=bias)

    def forward(
        self, query, value, key=None, attention_mask=None, return_attention_scores=False, use_causal_mask=False
    ):
        weights = self.in_proj_weight.chunk(3)
        biases = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        inputs = query, value if key is None else key, value
        query, key, value = (
            F.linear(x, weight, bias).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for x, weight, bias in zip(inputs, weights, biases, strict=True)
        )
        scores = query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
        seen = torch.ones_like(scores, dtype=torch.bool)
        if use_causal_mask:
            seen = seen.tril()
        if attention_mask is not None:
            mask = attention_mask.bool()
            seen = seen & (mask.unsqueeze(1) if mask.ndim == 3 else mask)
        scores = F.softmax(scores.masked_fill(~seen, -1e9), dim=-1) * seen
        mixed = F.dropout(scores, self.dropout, self.training) @ value
        result = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return (result, scores) if return_attention_scores else result


@helper
class LazyMultiHeadAttentionOfKeras(nn.modules.lazy.LazyModuleMixin, MultiHeadAttentionOfKeras):
    """The same, whose first call tells the width of what it is called on."""

    def __init__(self, heads, size, bias=True, dropout=0.0):
        super().__init__(1, heads, size, bias, dropout)
        self.in_proj_weight, self.size = nn.UninitializedParameter(), size
        self.out_proj = nn.LazyLinear(0, bias=bias)

    def initialize_parameters(self, query, *others, **options):
        width = query.shape[-1]
        if nn.parameter.is_lazy(self.in_proj_weight):
            self.in_proj_weight.materialize((3 * self.heads * self.size, width))
            nn.init.xavier_uniform_(self.in_proj_weight)
        self.out_proj.out_features = width


class MultiHeadAttentionLayer(LayerEquivalence):
    """Keras' attention of several heads, whose widths need not add up to the input's. Value and key come in that order."""

    one_way = "tensorflow"
    inputs = (2, 3)
    options = ("key", "attention_mask", "return_attention_scores", "use_causal_mask")
    calling = "x, y"
    torch_only = ("width",)
    width = "width"
    weights = {}

    def in_torch(width: Int, heads: Int, size: Int, dropout: Float = 0.0, bias: Flag = True):
        return MultiHeadAttentionOfKeras(width, heads, size, bias=bias, dropout=dropout)

    def in_tensorflow(width, heads, size, dropout=0.0, bias=True):
        return keras.layers.MultiHeadAttention(heads, size, dropout=dropout, use_bias=bias)

    samples = cases(
        width=8, heads=2, size=[3, 4], dropout=[Absent, 0.1], bias=[Absent, False],
        call=(floats(2, 3, 8), floats(2, 5, 8)),
    )  # fmt: skip


@helper
class GroupQueryAttention(nn.Module):
    """Attention in which several heads of the query share one of key and value."""

    def __init__(self, width, size, heads, shared_heads, bias=True, dropout=0.0):
        super().__init__()
        self.size, self.repeats, self.dropout = size, heads // shared_heads, dropout
        self.query = nn.Linear(width, heads * size, bias=bias)
        self.key = nn.Linear(width, shared_heads * size, bias=bias)
        self.value = nn.Linear(width, shared_heads * size, bias=bias)
        self.output = nn.Linear(heads * size, width, bias=bias)

    def forward(self, query, value, key=None, return_attention_scores=False, use_causal_mask=False):
        query = self.query(query).unflatten(-1, (-1, self.size)).transpose(1, 2)
        key = self.key(value if key is None else key).unflatten(-1, (-1, self.size)).transpose(1, 2)
        value = self.value(value).unflatten(-1, (-1, self.size)).transpose(1, 2)
        key, value = key.repeat_interleave(self.repeats, 1), value.repeat_interleave(self.repeats, 1)
        scores = query @ key.transpose(-2, -1) * self.size**-0.5
        if use_causal_mask:
            scores = scores.masked_fill(torch.ones_like(scores).tril() == 0, -1e9)
        scores = F.softmax(scores, dim=-1)
        result = self.output((F.dropout(scores, self.dropout, self.training) @ value).transpose(1, 2).flatten(2))
        return (result, scores) if return_attention_scores else result


class GroupQueryAttentionLayer(LayerEquivalence):
    """Keras' attention in which several heads of the query share one of key and value."""

    one_way = "tensorflow"
    inputs = (2, 3)
    options = ("key", "return_attention_scores", "use_causal_mask")
    calling = "x, y"
    torch_only = ("width",)
    width = "width"
    weights = {}

    def in_torch(width: Int, size: Int, heads: Int, shared_heads: Int, dropout: Float = 0.0, bias: Flag = True):
        return GroupQueryAttention(width, size, heads, shared_heads, bias=bias, dropout=dropout)

    def in_tensorflow(width, size, heads, shared_heads, dropout=0.0, bias=True):
        return keras.layers.GroupQueryAttention(size, heads, shared_heads, dropout=dropout, use_bias=bias)

    samples = cases(
        width=8, size=3, heads=4, shared_heads=[1, 2], dropout=[Absent, 0.1], bias=[Absent, False],
        call=(floats(2, 3, 8), floats(2, 5, 8)),
    )  # fmt: skip
