"""DPT270."""

import ast
from collections.abc import Iterator

from diptych_checks._masks import polarity
from diptych_checks._outputs import made

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_TORCH = {
    f"torch.nn.{name}"
    for name in (
        "MultiheadAttention",
        "TransformerEncoder",
        "TransformerEncoderLayer",
        "TransformerDecoder",
        "Transformer",
    )
}


class PaddingMaskInverted(FlowCheck):
    """In ``nn.MultiheadAttention`` and the transformer layers a bool padding mask is ``True`` where a position is to be *ignored*.

    In ``scaled_dot_product_attention`` and in Keras ``True`` means to attend.
    """

    code = "DPT270"
    name = "padding-mask-inverted"
    severity = "warning"
    message = "True means ignore here: this mask hides the real tokens and attends to the padding"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html"
    fix = "unsafe"
    words = ("key_padding_mask", "src_key_padding_mask", "tgt_key_padding_mask", "memory_key_padding_mask")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "y = encoder(x, src_key_padding_mask=ids != pad_id)",
        "attention = nn.MultiheadAttention(8, 2)\nmask = ids.ne(PAD)\ny, _ = attention(x, x, x, key_padding_mask=mask)",
        "mask = torch.arange(n)[None, :] < lengths[:, None]\ny = encoder(x, src_key_padding_mask=mask)",
    )
    fixed = (
        "y = encoder(x, src_key_padding_mask=~(ids != pad_id))",
        None,
        None,
    )
    good = (
        "y = encoder(x, src_key_padding_mask=ids == pad_id)",
        "y = encoder(x, src_key_padding_mask=~(ids != pad_id))",
        "y = other(x, key_padding_mask=ids != pad_id)",
        "mask = torch.arange(n)[None, :] >= lengths[:, None]\ny = encoder(x, src_key_padding_mask=mask)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        seen = set()
        for name in self.words:
            for call in flow.keyword_calls(name):
                mask = flow.argument(call, None, name)
                if mask is None or mask in seen or (name == "key_padding_mask" and made(flow, call.func) not in _TORCH):
                    continue
                seen.add(mask)
                if polarity(flow, mask) == "real":
                    edit = flow.replace(mask, f"~({flow.code(mask)})") if isinstance(mask, ast.Compare) else None
                    yield flow.problem(mask, fix=flow.fix("Turn the mask around", "unsafe", edit))
