"""PyTorch's attention with learnt projections, and the Transformer layers made of it."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class MultiheadAttention(keras.layers.Layer):
    """PyTorch's nn.MultiheadAttention, with its weights and masks, which say what to leave out."""

    def __init__(
        self, width, heads, dropout=0.0, bias=True, bias_kv=False, zero=False, kdim=None, vdim=None, batch_first=False
    ):
        super().__init__()
        self.heads, self.dropout, self.zero, self.batch_first = heads, dropout, zero, batch_first
        sizes = {"q_proj_weight": width, "k_proj_weight": kdim or width, "v_proj_weight": vdim or width}
        shapes = {name: (width, size) for name, size in sizes.items()}
        self.matrices = list(shapes) if set(sizes.values()) != {width} else ["in_proj_weight"]
        shapes |= {"in_proj_weight": (3 * width, width), "in_proj_bias": (3 * width,), "bias_k": (1, 1, width)}
        shapes |= {"bias_v": (1, 1, width)}
        self.extra = ["bias_k", "bias_v"] if bias_kv else []
        for name in [*self.matrices, *(["in_proj_bias"] if bias else []), *self.extra]:
            setattr(self, name, self.add_weight(shape=shapes[name], name=name))
        self.out_proj = keras.layers.Dense(width, use_bias=bias)

    def call(
        self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True,
        is_causal=False, training=None,
    ):  # fmt: skip
        single, swap = len(query.shape) == 2, (0, 1, 2) if self.batch_first else (1, 0, 2)
        items = [x[None] if single else tf.transpose(x, swap) for x in (query, key, value)]
        matrices = [getattr(self, name) for name in self.matrices]
        matrices = matrices if len(matrices) == 3 else tf.split(matrices[0], 3)
        shifts = tf.split(getattr(self, "in_proj_bias", tf.zeros(3, query.dtype)), 3)
        q, k, v = (tf.matmul(x, w, transpose_b=True) + b for x, w, b in zip(items, matrices, shifts, strict=True))
        batch, length, width = *tf.unstack(tf.shape(q)[:2]), q.shape[-1]
        more = [tf.zeros_like(k[:, :1])] * self.zero
        if self.extra:
            k = tf.concat([k, tf.repeat(self.bias_k.value, batch, 0)], 1)
            v = tf.concat([v, tf.repeat(self.bias_v.value, batch, 0)], 1)
        k, v = tf.concat([k, *more], 1), tf.concat([v, *more], 1)
        q, k, v = (
            tf.transpose(tf.reshape(x, (batch, -1, self.heads, width // self.heads)), (0, 2, 1, 3)) for x in (q, k, v)
        )
        scores = tf.matmul(q, k, transpose_b=True) * (width // self.heads) ** -0.5
        for mask, shape in ((attn_mask, (-1, self.heads, length)), (key_padding_mask, (batch, 1, 1))):
            if mask is not None:
                shape = (1, 1, length) if mask is attn_mask and len(mask.shape) == 2 else shape
                mask = tf.where(mask, -float("inf"), 0.0) if mask.dtype == tf.bool else mask
                mask = tf.reshape(tf.cast(mask, scores.dtype), (*shape, mask.shape[-1]))
                scores += tf.pad(mask, [(0, 0)] * 3 + [(0, len(self.extra) // 2 + self.zero)])
        some = tf.reduce_max(scores, -1, keepdims=True) > -float("inf")
        nothing = tf.cast(float("nan") if need_weights else 0.0, scores.dtype)
        weights = tf.where(some, tf.nn.softmax(tf.where(some, scores, 0.0)), nothing)
        weights = tf.nn.dropout(weights, self.dropout) if training and self.dropout else weights
        out = tf.reshape(tf.transpose(tf.matmul(weights, v), (0, 2, 1, 3)), (batch, length, width))
        out = self.out_proj(out)
        weights = tf.reduce_mean(weights, 1) if average_attn_weights else weights
        out, weights = (out[0], weights[0]) if single else (tf.transpose(out, swap), weights)
        return out, weights if need_weights else None


@helper
class TransformerEncoderLayer(keras.layers.Layer):
    """PyTorch's nn.TransformerEncoderLayer."""

    def __init__(
        self, width, heads, inner=2048, dropout=0.1, activation="relu", eps=1e-5, batch_first=False, norm_first=False,
        bias=True,
    ):  # fmt: skip
        super().__init__()
        self.args = (width, heads, inner, dropout, activation, eps, batch_first, norm_first, bias)
        self.self_attn = MultiheadAttention(width, heads, dropout=dropout, bias=bias, batch_first=batch_first)
        self.linear1, self.linear2 = (keras.layers.Dense(n, use_bias=bias) for n in (inner, width))
        self.norm1, self.norm2 = (keras.layers.LayerNormalization(epsilon=eps, center=bias) for _ in range(2))
        self.drop, self.norm_first = keras.layers.Dropout(dropout), norm_first
        self.activation = keras.activations.get(activation)

    def added(self, x, norm, part):
        return x + self.drop(part(norm(x))) if self.norm_first else norm(x + self.drop(part(x)))

    def attended(self, layer, x, memory, padding, mask, training):
        options = {"key_padding_mask": padding, "attn_mask": mask, "need_weights": False, "training": training}
        return layer(x, memory, memory, **options)[0]

    def feed(self, x):
        return self.linear2(self.drop(self.activation(self.linear1(x))))

    def call(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False, training=None):
        def attend(x):
            return self.attended(self.self_attn, x, x, src_key_padding_mask, src_mask, training)

        return self.added(self.added(src, self.norm1, attend), self.norm2, self.feed)


@helper
class TransformerDecoderLayer(TransformerEncoderLayer):
    """PyTorch's nn.TransformerDecoderLayer."""

    def __init__(self, width, heads, *rest, **named):
        super().__init__(width, heads, *rest, **named)
        _, _, _, dropout, _, eps, batch_first, _, bias = self.args
        self.multihead_attn = MultiheadAttention(width, heads, dropout=dropout, bias=bias, batch_first=batch_first)
        self.norm3 = keras.layers.LayerNormalization(epsilon=eps, center=bias)

    def call(
        self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
        tgt_is_causal=False, memory_is_causal=False, training=None,
    ):  # fmt: skip
        def attend(x):
            return self.attended(self.self_attn, x, x, tgt_key_padding_mask, tgt_mask, training)

        def remember(x):
            return self.attended(self.multihead_attn, x, memory, memory_key_padding_mask, memory_mask, training)

        x = self.added(self.added(tgt, self.norm1, attend), self.norm2, remember)
        return self.added(x, self.norm3, self.feed)


@helper
class TransformerEncoder(keras.layers.Layer):
    """PyTorch's nn.TransformerEncoder: copies of a layer one after the other, and a norm."""

    def __init__(self, layer, number, norm=None):
        super().__init__()
        self.layers, self.norm = [type(layer)(*layer.args) for _ in range(number)], norm

    def compute_mask(self, inputs, previous_mask=None):
        return None  # or Keras hands the mask on to whatever attends to the result

    def call(self, src, mask=None, src_key_padding_mask=None, is_causal=None, training=None):
        for layer in self.layers:
            src = layer(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, training=training)
        return src if self.norm is None else self.norm(src)


@helper
class TransformerDecoder(keras.layers.Layer):
    """PyTorch's nn.TransformerDecoder: copies of a layer one after the other, and a norm."""

    def __init__(self, layer, number, norm=None):
        super().__init__()
        self.layers, self.norm = [type(layer)(*layer.args) for _ in range(number)], norm

    def call(
        self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
        tgt_is_causal=None, memory_is_causal=False, training=None,
    ):  # fmt: skip
        masks = {"tgt_mask": tgt_mask, "tgt_key_padding_mask": tgt_key_padding_mask}
        masks |= {"memory_mask": memory_mask, "memory_key_padding_mask": memory_key_padding_mask}
        for layer in self.layers:
            tgt = layer(tgt, memory, **masks, training=training)
        return tgt if self.norm is None else self.norm(tgt)


@helper
class Transformer(keras.layers.Layer):
    """PyTorch's nn.Transformer: an encoder, and a decoder that attends to what it gives."""

    def __init__(
        self, width=512, heads=8, encoders=6, decoders=6, inner=2048, dropout=0.1, activation="relu", eps=1e-5,
        batch_first=False, norm_first=False, bias=True,
    ):  # fmt: skip
        super().__init__()
        args = (width, heads, inner, dropout, activation, eps, batch_first, norm_first, bias)
        norms = [keras.layers.LayerNormalization(epsilon=eps, center=bias) for _ in range(2)]
        self.encoder = TransformerEncoder(TransformerEncoderLayer(*args), encoders, norms[0])
        self.decoder = TransformerDecoder(TransformerDecoderLayer(*args), decoders, norms[1])

    def call(
        self, src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
        tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None, tgt_is_causal=None,
        memory_is_causal=False, training=None,
    ):  # fmt: skip
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, training=training)
        masks = {"tgt_mask": tgt_mask, "tgt_key_padding_mask": tgt_key_padding_mask}
        masks |= {"memory_mask": memory_mask, "memory_key_padding_mask": memory_key_padding_mask}
        return self.decoder(tgt, memory, **masks, training=training)


class MultiheadAttentionRule(LayerEquivalence):
    """Attention with learnt projections. Keras' layer takes the value before the key and masks in the opposite sense."""

    one_way = "torch"
    inputs = "any"
    also = ("optional",)
    train = False
    width = "width"
    weights = {"in_proj_weight": at("in_proj_weight"), "in_proj_bias": at("in_proj_bias")}

    def in_torch(
        width: Int, heads: Int, dropout: Float = 0.0, bias: Flag = True, bias_kv: Flag = False, zero: Flag = False,
        kdim: Int = Absent, vdim: Int = Absent, batch_first: Flag = False,
    ):  # fmt: skip
        return nn.MultiheadAttention(
            width, heads, dropout=dropout, bias=bias, add_bias_kv=bias_kv, add_zero_attn=zero, kdim=kdim, vdim=vdim,
            batch_first=batch_first,
        )  # fmt: skip

    def in_tensorflow(
        width: Int, heads: Int, dropout: Float = 0.0, bias: Flag = True, bias_kv: Flag = False, zero: Flag = False,
        kdim: Int = Absent, vdim: Int = Absent, batch_first: Flag = False,
    ):  # fmt: skip
        return MultiheadAttention(
            width, heads, dropout=dropout, bias=bias, bias_kv=bias_kv, zero=zero, kdim=kdim, vdim=vdim,
            batch_first=batch_first,
        )  # fmt: skip

    samples = (
        cases(
            width=4, heads=2, bias=[True, False], batch_first=[False, True],
            call=(floats(2, 3, 4), floats(2, 3, 4), floats(2, 3, 4)),
        )
        + cases(width=4, heads=2, bias_kv=[False, True], zero=True, call=(floats(5, 4), floats(3, 4), floats(3, 4)))
        + cases(width=4, heads=2, kdim=5, vdim=6, call=(floats(2, 3, 4), floats(2, 3, 5), floats(2, 3, 6)))
    )  # fmt: skip


class TransformerEncoderLayerRule(LayerEquivalence):
    """A Transformer's encoder layer: attention and two linear layers, each added to its input and normalised."""

    one_way = "torch"
    inputs = "any"
    train = False
    width = "width"
    weights = {"linear1.weight": at("linear1.kernel", permute(1, 0))}

    def in_torch(
        width: Int, heads: Int, inner: Int = 2048, dropout: Float = 0.1, activation: Any = "relu", eps: Float = 1e-5,
        batch_first: Flag = False, norm_first: Flag = False, bias: Flag = True,
    ):  # fmt: skip
        return nn.TransformerEncoderLayer(
            width, heads, dim_feedforward=inner, dropout=dropout, activation=activation, layer_norm_eps=eps,
            batch_first=batch_first, norm_first=norm_first, bias=bias,
        )  # fmt: skip

    def in_tensorflow(
        width: Int, heads: Int, inner: Int = 2048, dropout: Float = 0.1, activation: Any = "relu", eps: Float = 1e-5,
        batch_first: Flag = False, norm_first: Flag = False, bias: Flag = True,
    ):  # fmt: skip
        return TransformerEncoderLayer(
            width, heads, inner=inner, dropout=dropout, activation=activation, eps=eps, batch_first=batch_first,
            norm_first=norm_first, bias=bias,
        )  # fmt: skip

    samples = cases(
        width=4, heads=2, inner=6, dropout=[Absent, 0.0], batch_first=[False, True], call=floats(2, 3, 4)
    ) + cases(width=4, heads=1, inner=6, activation="gelu", norm_first=True, bias=[True, False], call=floats(3, 4))


class TransformerDecoderLayerRule(LayerEquivalence):
    """A Transformer's decoder layer, which attends to what an encoder gives too."""

    one_way = "torch"
    inputs = "any"
    train = False
    width = "width"
    weights = {"linear1.weight": at("linear1.kernel", permute(1, 0))}

    def in_torch(
        width: Int, heads: Int, inner: Int = 2048, dropout: Float = 0.1, activation: Any = "relu", eps: Float = 1e-5,
        batch_first: Flag = False, norm_first: Flag = False, bias: Flag = True,
    ):  # fmt: skip
        return nn.TransformerDecoderLayer(
            width, heads, dim_feedforward=inner, dropout=dropout, activation=activation, layer_norm_eps=eps,
            batch_first=batch_first, norm_first=norm_first, bias=bias,
        )  # fmt: skip

    def in_tensorflow(
        width: Int, heads: Int, inner: Int = 2048, dropout: Float = 0.1, activation: Any = "relu", eps: Float = 1e-5,
        batch_first: Flag = False, norm_first: Flag = False, bias: Flag = True,
    ):  # fmt: skip
        return TransformerDecoderLayer(
            width, heads, inner=inner, dropout=dropout, activation=activation, eps=eps, batch_first=batch_first,
            norm_first=norm_first, bias=bias,
        )  # fmt: skip

    samples = cases(
        width=4,
        heads=2,
        inner=6,
        dropout=[Absent, 0.0],
        batch_first=[False, True],
        call=(floats(2, 3, 4), floats(2, 3, 4)),
    ) + cases(
        width=4,
        heads=1,
        inner=6,
        activation="gelu",
        norm_first=True,
        bias=[True, False],
        call=(floats(3, 4), floats(5, 4)),
    )


class TransformerEncoderRule(LayerEquivalence):
    """Several of a Transformer's encoder layers."""

    one_way = "torch"
    inputs = "any"
    train = False
    weights = {"layers.0.linear1.weight": at("layers.0.linear1.kernel", permute(1, 0))}

    def in_torch(layer: Module, number: Int, norm: Module = Absent, nested: Flag = True, checked: Flag = True):
        return nn.TransformerEncoder(layer, number, norm=norm, enable_nested_tensor=nested, mask_check=checked)

    def in_tensorflow(layer: Module, number: Int, norm: Module = Absent, nested: Flag = True, checked: Flag = True):
        return TransformerEncoder(layer, number, norm=norm)

    samples = cases(
        layer=expression("nn.TransformerEncoderLayer(4, 2, 6)"), number=2, norm=[Absent, expression("nn.LayerNorm(4)")],
        call=floats(2, 3, 4),
    )  # fmt: skip


class TransformerDecoderRule(LayerEquivalence):
    """Several of a Transformer's decoder layers."""

    one_way = "torch"
    inputs = "any"
    train = False
    weights = {"layers.0.linear1.weight": at("layers.0.linear1.kernel", permute(1, 0))}

    def in_torch(layer: Module, number: Int, norm: Module = Absent):
        return nn.TransformerDecoder(layer, number, norm=norm)

    def in_tensorflow(layer: Module, number: Int, norm: Module = Absent):
        return TransformerDecoder(layer, number, norm=norm)

    samples = cases(
        layer=expression("nn.TransformerDecoderLayer(4, 2, 6)"), number=2, norm=[Absent, expression("nn.LayerNorm(4)")],
        call=(floats(2, 3, 4), floats(2, 3, 4)),
    )  # fmt: skip


class TransformerRule(LayerEquivalence):
    """A whole Transformer."""

    one_way = "torch"
    inputs = "any"
    train = False
    weights = {"encoder.layers.0.linear1.weight": at("encoder.layers.0.linear1.kernel", permute(1, 0))}

    def in_torch(
        width: Int = 512, heads: Int = 8, encoders: Int = 6, decoders: Int = 6, inner: Int = 2048,
        dropout: Float = 0.1, activation: Any = "relu", eps: Float = 1e-5, batch_first: Flag = False,
        norm_first: Flag = False, bias: Flag = True,
    ):  # fmt: skip
        return nn.Transformer(
            d_model=width, nhead=heads, num_encoder_layers=encoders, num_decoder_layers=decoders,
            dim_feedforward=inner, dropout=dropout, activation=activation, layer_norm_eps=eps,
            batch_first=batch_first, norm_first=norm_first, bias=bias,
        )  # fmt: skip

    def in_tensorflow(
        width: Int = 512, heads: Int = 8, encoders: Int = 6, decoders: Int = 6, inner: Int = 2048,
        dropout: Float = 0.1, activation: Any = "relu", eps: Float = 1e-5, batch_first: Flag = False,
        norm_first: Flag = False, bias: Flag = True,
    ):  # fmt: skip
        return Transformer(
            width=width, heads=heads, encoders=encoders, decoders=decoders, inner=inner, dropout=dropout,
            activation=activation, eps=eps, batch_first=batch_first, norm_first=norm_first, bias=bias,
        )  # fmt: skip

    samples = cases(
        width=4, heads=2, encoders=2, decoders=1, inner=6, norm_first=[False, True], batch_first=[False, True],
        call=(floats(2, 3, 4), floats(2, 3, 4)),
    ) + cases(
        width=4, heads=2, encoders=1, decoders=1, inner=6, batch_first=True,
        call=[(floats(2, 3, 4), floats(2, 3, 4), floats(3, 3)), (floats(3, 4), floats(3, 4), floats(3, 3), floats(3, 3))],
    )  # fmt: skip
