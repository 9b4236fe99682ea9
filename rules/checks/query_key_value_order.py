"""DPT272."""

import ast
from collections.abc import Iterator

from diptych_checks._losses import calls_of

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_ROLES = {
    "q": "q",
    "query": "q",
    "queries": "q",
    "k": "k",
    "key": "k",
    "keys": "k",
    "v": "v",
    "value": "v",
    "values": "v",
}


class QueryKeyValueOrder(FlowCheck):
    """PyTorch takes query, key, value; Keras' ``MultiHeadAttention`` query, *value*, key. Swapped, nothing raises."""

    code = "DPT272"
    name = "query-key-value-order"
    severity = "warning"
    message = "by their names these stand in another order than query, key, value"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html"
    fix = "unsafe"
    words = ("scaled_dot_product_attention", "MultiheadAttention", "MultiHeadAttention")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "y = F.scaled_dot_product_attention(k, q, v)",
        "import keras\nattention = keras.layers.MultiHeadAttention(2, 8)\ny = attention(q, k, v)",
    )
    fixed = (
        None,
        "import keras\nattention = keras.layers.MultiHeadAttention(2, 8)\ny = attention(q, key=k, value=v)",
    )
    good = (
        "y = F.scaled_dot_product_attention(q, k, v)",
        "import keras\nattention = keras.layers.MultiHeadAttention(2, 8)\ny = attention(q, v, k)",
        "attention = nn.MultiheadAttention(8, 2)\ny, _ = attention(x, x, x)",
        "attention = nn.MultiheadAttention(8, 2)\ny, _ = attention(query, key, value)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        found = [
            (call, "qkv")
            for call in flow.calls("scaled_dot_product_attention")
            if flow.called(call) == "torch.nn.functional.scaled_dot_product_attention"
        ]
        for name, order in (("MultiheadAttention", "qkv"), ("MultiHeadAttention", "qvk")):
            for maker in flow.calls(name):
                if flow.called(maker) in ("torch.nn.MultiheadAttention", "keras.layers.MultiHeadAttention"):
                    found += [(call, order) for call in calls_of(flow, maker)]
        for call, order in found:
            roles = "".join(_ROLES.get(one.id, "?") if isinstance(one, ast.Name) else "?" for one in call.args[:3])
            if len(roles) == 3 and sorted(roles) == ["k", "q", "v"] and roles != order:
                edit = None
                if order == "qvk" and roles == "qkv":
                    second, third = call.args[1], call.args[2]
                    edit = flow.edit(
                        flow.offsets(second)[0],
                        flow.offsets(third)[1],
                        f"key={flow.code(second)}, value={flow.code(third)}",
                    )
                    if len(call.args) > 3:
                        edit = None
                message = (
                    None
                    if order == "qkv"
                    else "Keras takes query, value, key: by their names these stand in another order"
                )
                yield flow.problem(call, message, flow.fix("Name them", "unsafe", edit))
