"""Functions: right twins pass, wrong ones are told from rounding."""

from __future__ import annotations

import pytest
from twins import NCHW, function, verdict

from diptych.conversion.result import Parameter

RIGHT = {
    "relu of a sum": (
        "def f(x):\n    return F.relu(torch.add(x, 1.0)).sum(dim=-1)",
        "def f(x):\n    return tf.reduce_sum(tf.nn.relu(tf.add(x, 1.0)), axis=-1)",
        function("f", "x", comment="x=float32[2,3,8]"),
    ),
    "top-2 of each row scattered into zeros": (
        """
        def f(x):
            values, indices = torch.topk(x, 2, dim=1)
            out = torch.zeros_like(x)
            out.scatter_(1, indices, values)
            return out.permute(1, 0).contiguous().view(-1)
        """,
        """
        def f(x):
            values, indices = tf.math.top_k(x, 2)
            rows = tf.repeat(tf.range(tf.shape(x)[0])[:, None], 2, axis=1)
            out = tf.scatter_nd(tf.stack([rows, indices], axis=-1), values, tf.shape(x))
            return tf.reshape(tf.transpose(out), [-1])
        """,
        function("f", "x", comment="x=float32[4,7]"),
    ),
    "root mean square norm that casts to float32 inside": (
        """
        def f(x, weight):
            wide = x.float()
            wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-6)
            return wide.to(torch.float32) * weight
        """,
        """
        def f(x, weight):
            wide = tf.cast(x, tf.float32)
            wide = wide * tf.math.rsqrt(tf.reduce_mean(tf.square(wide), axis=-1, keepdims=True) + 1e-6)
            return tf.cast(wide, "float32") * weight
        """,
        function("f", "x", "weight", comment="x=float32[4,64], weight=float32[64]"),
    ),
    "bilinear resizing, which TensorFlow computes in float32, in the middle": (
        "def f(x, w):\n    x = F.interpolate(torch.tanh(x * w), size=(5, 11), mode='bilinear', align_corners=False)\n"
        "    return F.interpolate(x, scale_factor=2, mode='bilinear').exp().sum(1)",
        "def f(x, w):\n    x = tf.image.resize(tf.transpose(tf.tanh(x * w), [0, 2, 3, 1]), [5, 11])\n"
        "    return tf.reduce_sum(tf.exp(keras.layers.UpSampling2D(interpolation='bilinear')(x)), axis=-1)",
        function("f", "x", "w", comment="x=float32[2,3,8,8], w=float32[8]"),
    ),
    "max with ties": (
        "def f(x):\n    return x.max(dim=1).values",
        "def f(x):\n    return tf.reduce_max(x, axis=1)",
        function("f", "x", comment="x=float32[4,16]"),
    ),
    "exact gelu": (
        "def f(x):\n    return F.gelu(x)",
        "def f(x):\n    return tf.nn.gelu(x, approximate=False)",
        function("f", "x", comment="x=float32[4,16]"),
    ),
    "integers, masks, numbers and tuples": (
        "def f(x, ids, mask, k):\n    return x[ids] * mask, ids + k, {'k': k, 'n': x.shape[0]}",
        "def f(x, ids, mask, k):\n"
        "    return tf.gather(x, ids) * tf.cast(mask, x.dtype), ids + k, {'n': x.shape[0], 'k': k}",
        function("f", "x", "ids", "mask", "k", comment="x=float32[8], ids=int64[5] in 0..7, mask=bool[5], k=3"),
    ),
    "another layout": (
        "def f(x):\n    return F.avg_pool2d(x, 2)",
        "def f(x):\n    return tf.nn.avg_pool2d(x, 2, 2, 'VALID')",
        function("f", Parameter("x", axes=NCHW), comment="x=float32[2,3,8,8]", outputs=(NCHW,)),
    ),
    "random numbers": (
        "def f(x):\n    return x + torch.randn_like(x) * F.dropout(x, 0.3) + torch.rand(4) + torch.randint(0, 5, (4,))",
        "def f(x):\n"
        "    noise = tf.random.normal(tf.shape(x)) * tf.nn.dropout(x, 0.3)\n"
        "    noise = x + noise + tf.random.uniform([4])\n"
        "    return noise + tf.cast(tf.random.uniform([4], 0, 5, dtype=tf.int64), x.dtype)",
        function("f", "x", comment="x=float32[3,4]"),
    ),
}

DEEP = (
    """
    def f(x, w):
        for _ in range(12):
            x = torch.tanh(x @ w) * 3 + x
        return x
    """,
    """
    def f(x, w):
        for _ in range(12):
            x = tf.tanh(x @ w) * 3 + x
        return x
    """,
)

WRONG = {
    "tanh gelu for the exact one": (
        "def f(x):\n    return F.gelu(x)",
        "def f(x):\n    return tf.nn.gelu(x, approximate=True)",
        "x=float32[4,16]",
        "the result is off by",
    ),
    "variance as E[x^2] - E[x]^2": (
        "def f(x):\n    return x.var(dim=-1, unbiased=False)",
        "def f(x):\n    return tf.reduce_mean(x * x, axis=-1) - tf.reduce_mean(x, axis=-1) ** 2",
        "x=float32[4,64]",
        "less accurate",
    ),
    "another structure": (
        "def f(x):\n    return x, x",
        "def f(x):\n    return x",
        "x=float32[4]",
        "the source returns 2 values",
    ),
    "another shape": (
        "def f(x):\n    return x.sum(-1, keepdim=True)",
        "def f(x):\n    return tf.reduce_sum(x, -1)",
        "x=float32[4,3]",
        "shape [4, 1] in the source and [4] in the twin",
    ),
    "another kind of dtype": (
        "def f(x):\n    return x.argmax(-1)",
        "def f(x):\n    return tf.cast(tf.argmax(x, -1), tf.float32)",
        "x=float32[4,3]",
        "int64 in the source and float32 in the twin",
    ),
    "NaN elsewhere": (
        "def f(x):\n    return torch.log(x)",
        "def f(x):\n    return tf.math.log(tf.abs(x))",
        "x=float32[16]",
        "nan in the source",
    ),
    "a gradient that is stopped": (
        "def f(x):\n    return x * x",
        "def f(x):\n    return x * tf.stop_gradient(x)",
        "x=float32[16]",
        "the gradient of x",
    ),
    "an exception": (
        "def f(x):\n    return x",
        "def f(x):\n    return x.no_such_name",
        "x=float32[16]",
        "the twin raises AttributeError",
    ),
    "an argument changed in place": (
        "def f(x):\n    x += 1\n    return x * 2",
        "def f(x):\n    x += 1\n    return x * 2",
        "x=float32[16]",
        "in place",
    ),
    "another dropout rate": (
        "def f(x):\n    return F.dropout(x, 0.5)",
        "def f(x):\n    return tf.nn.dropout(x, 0.4)",
        "x=float32[16]",
        "rate 0.5 in the source and rate 0.4 in the twin",
    ),
    "the corners of images lined up": (
        "def f(x):\n    return F.interpolate(x, size=(5, 11), mode='bilinear', align_corners=True)",
        "def f(x):\n    return tf.transpose(tf.image.resize(tf.transpose(x, [0, 2, 3, 1]), [5, 11]), [0, 3, 1, 2])",
        "x=float32[2,3,8,8]",
        "the result is off by",
    ),
    "a small epsilon": (
        "def f(x):\n    return F.layer_norm(x, (32,), eps=1e-5)",
        "def f(x):\n"
        "    mean, variance = tf.nn.moments(x, [-1], keepdims=True)\n"
        "    return (x - mean) * tf.math.rsqrt(variance + 1e-4)",
        "x=float32[4,32]",
        "in float64",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_twins_agree(name: str):
    torch, tensorflow, entry = RIGHT[name]
    found = verdict(torch, tensorflow, entry)
    assert found.agrees, found.summary
    assert "eager" in found.evidence.modes
    backwards = verdict(torch, tensorflow, entry, backwards=True) if not entry.outputs else found
    assert backwards.agrees, backwards.summary


@pytest.mark.parametrize("name", WRONG)
def test_wrong_twins_differ(name: str):
    torch, tensorflow, comment, reason = WRONG[name]
    parameters = [part.partition("=")[0] for part in comment.split(", ")]
    found = verdict(torch, tensorflow, function("f", *parameters, comment=comment))
    assert found.verdict == "differs", found.summary
    assert reason in found.summary


def test_a_deep_network_off_by_a_hundredth_through_rounding_alone_passes():
    found = verdict(*DEEP, function("f", "x", "w", comment="x=float32[8,64], w=float32[64,64]"))
    assert found.verdict == "equal within rounding", found.summary
    assert found.evidence.largest is not None
    assert found.evidence.largest.absolute > 1e-3


def test_ties_are_reported_as_kinks_where_gradients_follow_conventions():
    found = verdict(*RIGHT["max with ties"][:2], RIGHT["max with ties"][2])
    assert found.evidence.kinks == ("the gradient of x",)
    assert "not judged at a kink" in found.summary


def test_draws_that_cannot_be_paired_are_undecided():
    torch = "def f(x):\n    return x + torch.randn(4) * 0 + torch.rand(4)"
    tensorflow = "def f(x):\n    return x + tf.random.uniform([4])"
    found = verdict(torch, tensorflow, function("f", "x", comment="x=float32[4]"))
    assert found.verdict == "undecided"
    assert "random draw 1 is normal in the source and uniform in the twin" in (found.reason or "")


def test_inputs_on_which_the_source_raises_are_dropped_and_recorded():
    torch = "def f(x):\n    if bool((x == 0).all()):\n        raise ValueError('all zero')\n    return x"
    tensorflow = "def f(x):\n    return tf.identity(x)"
    found = verdict(torch, tensorflow, function("f", "x", comment="x=float32[4]"))
    assert found.agrees, found.summary
    assert found.evidence.dropped == ("zeros: ValueError: all zero at line 6",)
