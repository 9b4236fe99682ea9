"""DPT271."""

import ast
from collections.abc import Iterator

from diptych_checks._masks import polarity

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class AttentionMaskInverted(FlowCheck):
    """In ``scaled_dot_product_attention`` a bool mask is ``True`` where a position takes part, unlike in ``nn.MultiheadAttention``.

    A triangle above the diagonal, as one writes it for the other, lets each position see the future alone.
    """

    code = "DPT271"
    name = "attention-mask-inverted"
    severity = "warning"
    message = "True means attend here: this mask hides the real tokens, or what came before"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html"
    fix = "none"
    words = ("scaled_dot_product_attention",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "y = F.scaled_dot_product_attention(q, k, v, attn_mask=ids == pad_id)",
        "mask = torch.triu(torch.ones(n, n), diagonal=1).bool()\n"
        "y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "y = F.scaled_dot_product_attention(q, k, v, attn_mask=ids != pad_id)",
        "mask = torch.tril(torch.ones(n, n)).bool()\ny = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)",
        "mask = torch.triu(torch.full((n, n), float('-inf')), diagonal=1)\n"
        "y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("scaled_dot_product_attention"):
            mask = flow.argument(call, 3, "attn_mask")
            if flow.called(call) != "torch.nn.functional.scaled_dot_product_attention" or mask is None:
                continue
            if polarity(flow, mask) in ("padding", "future"):
                yield flow.problem(mask)
