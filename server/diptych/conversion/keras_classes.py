"""``isinstance(m, keras.layers.Dense)``: what stands in the twin for Keras' layer classes that a layer is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from diptych.catalog.rule import Rule
from diptych.catalog.template import Template
from diptych.conversion import layer_values
from diptych.conversion.rewriting import fit
from diptych.inference.layers import Layer
from diptych.inference.values import Value
from diptych.matching.emit import call, sequence
from diptych.syntax.precedence import parenthesized
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

LAYERS = "keras.layers."
LAYER = "keras.layers.Layer"
# What many classes become, or one class of several of PyTorch's that others become, too.
GENERAL = ("Activation", "ReLU", "LeakyReLU", "Softmax", "Lambda", "Wrapper", "TimeDistributed", "Bidirectional", "RNN")
MOST = 4
NONE_ALONE = "no class of PyTorch stands for it alone, for which a layer could be asked"
# Whether a weight is there: as Keras asks, and the weight of PyTorch's layer.
FLAGS = {"use_bias": "bias"}


def settle(c: Converter, asked: cst.BaseExpression, node: cst.BaseExpression) -> None:
    """Decide what stands in the twin for one class that a value is asked to be of; others convert as they do."""
    qualified = c.qualified(node) or ""
    if not qualified.startswith(LAYERS):
        return
    if qualified == LAYER:
        c.remember(node, (c.name("torch.nn.Module"), Value()))
        return
    rules = _rules(c, qualified)
    if not rules:
        return
    found = _classes(c, rules)
    if qualified.removeprefix(LAYERS) in GENERAL or not 0 < len(found) <= MOST:
        c.journal.error(node, qualified, NONE_ALONE)
        c.remember(node, (node, Value()))
        return
    _assume_alone(c, asked, node, qualified)
    _assume_no_other(c, node, qualified, set(found))
    helpers = [name.removeprefix("helper.") for name in found if name.startswith("helper.")]
    c.helpers.update(helpers)
    codes = [c.name(name) for name in found]
    one = codes[0] if len(codes) == 1 else sequence([cst.Element(code) for code in codes])
    c.remember(node, (one, Value()))


def _rules(c: Converter, qualified: str) -> list[Rule]:
    found = {rule.name: rule for rule, _, _ in c.index.candidates("tensorflow", qualified)}
    return [
        rule
        for rule in found.values()
        if rule.base == "LayerEquivalence"
        and rule.attributes.get("result") != "class"
        and rule.attributes.get("one_way") in (None, "tensorflow")
    ]


def _classes(c: Converter, rules: list[Rule]) -> list[str]:
    """The classes of which PyTorch's layer may be, those before others that derive from them."""
    found: dict[str, None] = {}
    for rule in rules:
        for branch in rule.side("torch").branches:
            for spelling in branch.spellings[:1]:
                found[_class(c, spelling)] = None
    return sorted(found, key=lambda name: name.startswith("helper.")) if "" not in found else []


def _class(c: Converter, template: Template) -> str:
    """The class that makes a layer; empty for what is no class, or several layers."""
    kind, name = template[1][:2] if template[0] == "call" else ("", "")
    if kind == "helper":
        base = re.match(r"class \w+\(nn\.(\w+)\)", c.index.helpers[name])
        kind, name = ("api", f"torch.nn.{base[1]}") if base and base[1] != "Module" else (kind, f"helper.{name}")
    if kind == "api" and (not name.startswith("torch.nn.") or name == "torch.nn.Sequential"):
        return ""
    return name.replace("torch.nn.Lazy", "torch.nn.") if kind in ("api", "helper") else ""


def _assume_alone(c: Converter, asked: cst.BaseExpression, node: cst.BaseExpression, qualified: str) -> None:
    """Say that a layer with an activation, or with axes of its own that others call, would be several in the twin. A
    walk over all layers of a model comes by the ones inside, too.
    """
    value = c.expr(asked)[1]
    if value.api == layer_values.WALKED:
        return
    what, short = code_of(asked).strip(), qualified.removeprefix(LAYERS)
    reason = f"assumes that `{what}` is no {short} that is several layers in the twin, as with an activation"
    c.journal.assume(node, qualified, reason, ("stands for", c.scope.name, qualified))


def _assume_no_other(c: Converter, node: cst.BaseExpression, qualified: str, found: set[str]) -> None:
    """Say so where the file has another class of Keras whose layers are of the same class in PyTorch."""
    text = c.alive[0].code if isinstance(c.alive[0], cst.Module) else ""
    for other in c.index.entries["tensorflow"]:
        short = other.removeprefix(LAYERS)
        if not other.startswith(LAYERS) or other == qualified or not re.search(rf"\b{short}\b", text):
            continue
        if found & set(_classes(c, _rules(c, other))):
            reason = f"assumes that no keras.layers.{short} is tested here: PyTorch has one class for both"
            c.journal.assume(node, qualified, reason, ("class", c.scope.name, qualified))


def of_class(c: Converter, qualified: str) -> Value | None:
    """What is known of an instance of one of Keras' layer classes that PyTorch has a class for."""
    rules = _rules(c, qualified) if qualified.startswith(LAYERS) and qualified != LAYER else []
    if qualified.removeprefix(LAYERS) in GENERAL or len(_classes(c, rules)) != 1:
        return None
    return Value("module", layer=Layer(rules[0].name, within="", fresh=False))


def flag(c: Converter, name: str, base: cst.BaseExpression, value: Value) -> Code | None:
    """``layer.use_bias``: whether PyTorch's layer has that weight; ``None`` for other attributes."""
    layer = value.layer
    if name not in FLAGS or layer is None or layer.definition is not None or layer.within is None:
        return None
    if FLAGS[name] not in (c.index.rule(layer.name).attributes.get("weights") or {}):
        return None
    weight = cst.Attribute(base, cst.Name(FLAGS[name]))
    weight = weight.with_changes(value=fit(weight, "value", base))
    there = cst.Comparison(weight, [cst.ComparisonTarget(cst.IsNot(), cst.Name("None"))])
    return parenthesized(there), Value("bool")


def walked(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression) -> Code:
    """``model._flatten_layers()``: all layers at any depth, the model itself first."""
    said = {each.keyword.value if each.keyword else "": c.literal(each.value) for each in node.args}
    itself = said.get("include_self", True)
    known = not set(said) - {"include_self", "recursive"} and said.get("recursive", True) is True
    if not known or not isinstance(itself, bool):
        return c.leave(node, "Layer._flatten_layers", "PyTorch's modules() gives the layers at any depth")
    modules = call(cst.Attribute(fit(function, "value", code), cst.Name("modules")), [])
    if not itself:
        others = cst.SubscriptElement(cst.Slice(cst.Integer("1"), None))
        modules = cst.Subscript(call(cst.Name("list"), [cst.Arg(modules)]), [others])
    return modules, Value("list", item=Value("module", api=layer_values.WALKED))
