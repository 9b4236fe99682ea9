"""What is known of a layer that a rule's constructor makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diptych.catalog.template import Template
from diptych.inference.layers import Layer
from diptych.inference.permutations import Permutation, between, normal
from diptych.inference.values import Value
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.application import Attempt
    from diptych.conversion.converter import Converter

LAZY = {
    "torch.nn.Linear", "torch.nn.Conv1d", "torch.nn.Conv2d", "torch.nn.Conv3d", "torch.nn.ConvTranspose1d",
    "torch.nn.ConvTranspose2d", "torch.nn.ConvTranspose3d", "torch.nn.BatchNorm1d", "torch.nn.BatchNorm2d", "torch.nn.BatchNorm3d",
    "torch.nn.InstanceNorm1d", "torch.nn.InstanceNorm2d", "torch.nn.InstanceNorm3d",
}  # fmt: skip


def lazy(c: Converter, attempt: Attempt, templates: list[Template]) -> list[Template] | None:
    """The same layers in their lazy form, where only the width of the input is not known."""
    if c.target != "torch" or not attempt.rule.attributes.get("torch_only"):
        return None
    (template,) = templates
    unknown = [("p", name) for name in attempt.rule.attributes["torch_only"]]
    if template[0] != "call" or template[1][0] != "api" or template[1][1] not in LAZY or not template[2] or template[2][0] not in unknown:
        return None
    base, _, name = template[1][1].rpartition(".")
    return [("call", ("api", f"{base}.Lazy{name}"), template[2][1:], template[3])]


def wanted(c: Converter, layout: tuple[str, str] | None) -> Permutation | None:
    """The permutation that a layer's layout asks for in the twin."""
    if not layout:
        return None
    torch, keras = layout
    return normal(between(torch, keras) if c.source == "torch" else between(keras, torch))


def of_rule(c: Converter, attempt: Attempt) -> Value:
    """The value of a layer instance."""
    rule, attributes = attempt.rule, attempt.rule.attributes
    layout = attributes.get("layout") or {}
    literals = attempt.facts.literals

    def size(name: str | None) -> int | None:
        value: Any = literals.get(name, MISSING) if name else MISSING
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    only = attributes.get("torch_only") or (None,)
    weights = attributes.get("weights") or {}
    elementwise = bool(attributes.get("elementwise"))
    random = attributes.get("train") is False
    keeps = rule.family.rsplit("/", 1)[-1] in ("linear", "normalization", "recurrent", "dropout", "activations")
    layer = Layer(
        name=rule.name,
        any_layout=elementwise,
        takes=wanted(c, layout.get("call")),
        gives=wanted(c, layout.get("result")),
        rank=len(layout["call"][0]) if "call" in layout else None,
        gives_rank=len(layout["result"][0]) if "result" in layout else None,
        keeps_rank=keeps or ("width" in attributes and not layout),
        width_in=size(only[0]),
        width=size(attributes.get("width")),
        keeps_width=elementwise or (keeps and "width" not in attributes),
        dtype="same" if elementwise or attributes.get("dtype") == "call" else attributes.get("dtype", "float"),
        mode=random or "running_mean" in weights,
        fresh=rule.base == "LayerEquivalence" and not random and attributes.get("views") is None and rule.name not in ("Identity", "Flatten"),
        call_order=attributes.get("call_order"),
        unpacks="states" if any(name.startswith("weight_hh") for name in weights) else None,
    )
    return Value("module", layer=layer)
