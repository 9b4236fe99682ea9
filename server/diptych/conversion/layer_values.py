"""What is known of a layer that a rule's constructor makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.catalog.rule import Rule
from diptych.catalog.template import Template
from diptych.conversion import train_steps
from diptych.conversion.names import dotted
from diptych.inference.layers import Layer
from diptych.inference.permutations import Permutation, between, normal
from diptych.inference.values import Value, replace
from diptych.matching.emit import Emitted, call
from diptych.matching.fold import RefusedError, UndecidedError
from diptych.syntax.literals import node_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.application import Attempt
    from diptych.conversion.converter import Converter

AXES_UNKNOWN = "how many axes its input has is not known here: add # diptych: with the shape of the input"
LAZY = {
    "torch.nn.Linear", "torch.nn.Conv1d", "torch.nn.Conv2d", "torch.nn.Conv3d", "torch.nn.ConvTranspose1d",
    "torch.nn.ConvTranspose2d", "torch.nn.ConvTranspose3d", "torch.nn.BatchNorm1d", "torch.nn.BatchNorm2d",
    "torch.nn.BatchNorm3d",
    "torch.nn.InstanceNorm1d", "torch.nn.InstanceNorm2d", "torch.nn.InstanceNorm3d",
}  # fmt: skip


def lazy(c: Converter, attempt: Attempt, templates: list[Template]) -> list[Template] | None:
    """The same layers in their lazy form, where only the width of the input is not known."""
    if c.target != "torch" or not attempt.rule.attributes.get("torch_only"):
        return None
    (template,) = templates
    unknown = [("p", name) for name in attempt.rule.attributes["torch_only"]]
    if template[0] != "call" or not template[2] or template[2][0] not in unknown:
        return None
    kind, name = template[1][:2]
    if kind == "api" and name in LAZY:
        base, _, name = name.rpartition(".")
        return [("call", ("api", f"{base}.Lazy{name}"), template[2][1:], template[3])]
    if kind == "helper" and f"Lazy{name}" in c.index.helpers:
        return [("call", ("helper", f"Lazy{name}"), template[2][1:], template[3])]
    return None


def from_context(c: Converter, attempt: Attempt) -> dict[str, Emitted]:
    """What PyTorch's constructor needs and the code around it tells: the width of the input, a model's parameters."""
    only = attempt.rule.attributes.get("torch_only") or ()
    if attempt.rule.base == "OptimizerEquivalence":
        only = attempt.rule.side("torch").parameters[:1]
    if c.target != "torch" or not only:
        return {}
    if attempt.rule.base == "OptimizerEquivalence":
        return {only[0]: _updated(c)}
    if len(only) == 1 and c.flowing is not None and c.flowing.width is not None:
        return {only[0]: node_of(c.flowing.width)}
    return {}


def _updated(c: Converter) -> cst.BaseExpression:
    """The parameters that the optimizer which is being made updates: those of the one model, or of several at once."""
    applied = [variables for variables, optimizer in c.optimizers.items() if optimizer == c.assigning]
    applied = train_steps.resolved(c, applied)
    if not applied:
        raise UndecidedError("the model that the optimizer updates")
    known = [found for found in map(_models, applied) if found and all(_in_scope(c, model) for model in found)]
    if not known:
        raise UndecidedError("the model, before the optimizer is made,")
    if len(known) > 1:
        raise RefusedError(
            "it updates several models in turn, and Keras counts its steps over all of them: make an optimizer for each"
        )
    made = [call(cst.Attribute(model, cst.Name("parameters")), []) for model in known[0]]
    return made[0] if len(made) == 1 else cst.List([cst.StarredElement(each) for each in made])


def _models(variables: str) -> list[cst.BaseExpression]:
    """The models of ``a.trainable_variables + b.trainable_variables``; none where anything else is added."""
    waiting, found = [cst.parse_expression(variables)], list[cst.BaseExpression]()
    while waiting:
        node = waiting.pop()
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            waiting += [node.right, node.left]
        elif isinstance(node, cst.Attribute) and node.attr.value in ("trainable_variables", "trainable_weights"):
            found.append(node.value)
        else:
            return []
    return found


def _in_scope(c: Converter, model: cst.BaseExpression) -> bool:
    while isinstance(model, cst.Attribute):
        model = model.value
    return isinstance(model, cst.Name) and c.scope.lookup(model.value) is not None


def fitting(c: Converter, candidates: list[Any]) -> list[Any]:
    """Rules for layers that take as many axes as the input has, where that is known."""
    if c.flowing is None or c.flowing.rank is None:
        return candidates
    rank = c.flowing.rank
    if c.source == "torch":
        broadcast = c.flowing.literal == "broadcast"
        return [
            entry
            for entry in candidates
            if _takes(entry[0], rank) and not (broadcast and entry[0].attributes.get("ranks") == "same")
        ]
    known = [entry for entry in candidates if _rank(entry[0]) in (None, rank)]
    exact = [entry for entry in known if _rank(entry[0]) == rank]
    return exact + [entry for entry in known if entry not in exact]


def _takes(rule: Rule, rank: int) -> bool:
    """Whether a layer of PyTorch may be converted by a rule where it is called on so many axes."""
    if rule.base != "LayerEquivalence":
        return True
    ranks = rule.attributes.get("ranks")
    if ranks in ("classes", "same"):
        return rank in ((1, 2) if ranks == "classes" else range(1, 9))
    return ranks == "any" or _rank(rule) in (None, rank) or rule.attributes.get("unbatched") == rank


def _rank(rule: Rule) -> int | None:
    layout = (rule.attributes.get("layout") or {}).get("call")
    return len(layout[0]) if rule.base == "LayerEquivalence" and layout else None


def ambiguous(c: Converter, attempt: Attempt, fitting: Iterable[Rule]) -> bool:
    """Whether another of the rules that fit a layer is for other ranks."""
    if c.source == "torch" or attempt.rule.base != "LayerEquivalence" or _rank(attempt.rule) is None:
        return False
    if c.flowing is not None and c.flowing.rank is not None:
        return False
    return len({_rank(rule) for rule in fitting if rule.base == "LayerEquivalence"}) > 1


def provisional(attempt: Attempt) -> Value:
    """A layer that could not be chosen yet, but is known to keep the number of axes: what follows it can be
    followed.
    """
    return Value("module", layer=Layer(attempt.rule.name, any_layout=True, dtype="same", keeps_width=True))


def _unpacks(attributes: Mapping[str, Any]) -> bool:
    """Whether PyTorch's layer returns its states beside a sequence, while the twin returns the sequence alone."""
    weights = attributes.get("weights") or {}
    return not attributes.get("also") and any(name.startswith("weight_hh_l") for name in weights)


def _inputs(attributes: Mapping[str, Any]) -> int | None:
    """How many tensors a layer is called on; ``None`` where its twin takes the very arguments."""
    given = attributes.get("inputs")
    return None if given == "any" else given or len(attributes.get("call_order") or (0,))


def waiting(c: Converter, attempt: Attempt) -> Value | None:
    """What is known of a layer that only lacks the width of its input, so that what follows it can be followed."""
    unknown = c.flowing is None or c.flowing.width is None
    if c.target != "torch" or attempt.rule.base != "LayerEquivalence" or not attempt.rule.attributes.get("torch_only"):
        return None
    return of_rule(c, attempt) if unknown else None


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
    image = "call" in layout and rule.family.rsplit("/", 1)[-1] in ("pooling", "padding", "resizing")
    keeps = rule.family.rsplit("/", 1)[-1] in (
        "linear", "normalization", "recurrent", "dropout", "activations", "activation_layers",
    )  # fmt: skip
    layer = Layer(
        name=rule.name,
        any_layout=elementwise,
        takes=wanted(c, layout.get("call")),
        gives=wanted(c, layout.get("result")),
        rank=len(layout["call"][0]) if "call" in layout else None,
        gives_rank=len(layout["result"][0]) if "result" in layout else None,
        keeps_rank=keeps or ("width" in attributes and not layout),
        more_axes=attributes.get("more_axes", 0),
        width_in=size(only[0]),
        width=None if literals.get("both_ways") or literals.get("proj") else size(attributes.get("width")),
        keeps_width=elementwise
        or image
        or (keeps and "width" not in attributes)
        or ("width" in attributes and attributes["width"] == only[0]),
        dtype="same" if elementwise or attributes.get("dtype") == "call" else attributes.get("dtype", "float"),
        mode=random or "running_mean" in weights,
        fresh=rule.base == "LayerEquivalence"
        and not random
        and attributes.get("views") is None
        and rule.name not in ("Identity", "Flatten"),
        call_order=attributes.get("call_order"),
        ranks=attributes.get("ranks"),
        unbatched=attributes.get("unbatched"),
        also=tuple(attributes.get("also") or ()),
        inputs=_inputs(attributes),
        options=tuple(attributes.get("options") or ()),
        outputs=attributes.get("outputs"),
        unpacks="states" if c.source == "torch" and _unpacks(attributes) else None,
    )
    c.moves_axes = c.moves_axes or layer.takes is not None
    return Value("module", layer=layer)


# --- Which layer of the twin holds the weights -------------------------------------------------------------------

WALKED = "one of all layers"
CONTAINER = "torch.nn.Sequential"  # rules know it with certain layers in it
WEIGHTLESS = ("Padding", "Cropping", "Activation", "Permute", "Lambda", "ReLU", "Dropout")


def located(value: Value, code: cst.BaseExpression) -> Value:
    """The value of a layer with the place of its weights in the twin's code for it."""
    if value.layer is None or not isinstance(code, cst.Call):
        return value
    if (dotted(code.func) or "").rpartition(".")[2] != "Sequential":
        return replace(value, layer=replace(value.layer, within=""))
    parts = code.args[0].value if code.args else None
    if not isinstance(parts, cst.List):
        return value
    names = [dotted(e.value.func) or "" if isinstance(e.value, cst.Call) else "" for e in parts.elements]
    places = [place for place, name in enumerate(names) if not any(word in name for word in WEIGHTLESS)]
    if len(places) != 1:
        return value
    place = -1 if places[0] == len(names) - 1 else places[0]
    return replace(value, layer=replace(value.layer, within=f".layers[{place}]"))


def inside(code: cst.BaseExpression, within: str) -> cst.BaseExpression:
    """The part of a layer that ``within`` names."""
    if not within:
        return code
    index = cst.parse_expression(f"x{within}")
    assert isinstance(index, cst.Subscript)
    return index.with_changes(value=cst.Attribute(code, cst.Name("layers")))


def of_class(c: Converter, qualified: str) -> Value | None:
    """What is known of an instance of one of PyTorch's layer classes that stands in the twin as one Keras layer."""
    if not qualified.startswith("torch.nn.") or keras_class(c, qualified) is None:
        return None
    rule = general_rules(c, qualified)[0]
    layout = rule.attributes.get("layout") or {}
    takes, gives = wanted(c, layout.get("call")), wanted(c, layout.get("result"))
    return Value("module", layer=Layer(rule.name, takes=takes, gives=gives, within=""))


def keras_class(c: Converter, qualified: str) -> str | None:
    """The Keras class that stands in the twin for one of PyTorch's layer classes; ``None`` if there is none."""
    return next(iter(keras_classes(c, qualified)), None)


def keras_classes(c: Converter, qualified: str) -> list[str | None]:
    """The Keras classes that may stand for one of PyTorch's; ``None`` among them for what is no single layer."""
    if qualified == CONTAINER:
        return []
    branches = [branch for rule in general_rules(c, qualified) for branch in rule.side(c.target).branches]
    return [_class_of(c, branch.spellings[0]) for branch in branches if branch.spellings]


def _goes_there(c: Converter, rule: Rule) -> bool:
    return rule.attributes.get("one_way") in (None, c.source)


def general_rules(c: Converter, qualified: str) -> list[Rule]:
    """The rules for a layer class: those for layers of Keras first, by how many arguments they take."""
    known = (rule for rule, _, _ in c.index.candidates(c.source, qualified) if rule.base == "LayerEquivalence")
    rules = [rule for rule in known if rule.attributes.get("result") != "class" and _goes_there(c, rule)]
    return sorted(rules, key=lambda rule: (_own_weight(rule), -len(rule.side(c.source).parameters)))


def _own_weight(rule: Rule) -> bool:
    """Whether the twin is a layer written for the purpose, which keeps PyTorch's names of weights."""
    place = (rule.attributes.get("weights") or {}).get("weight")
    return place is not None and place[0] == "weight"


def _class_of(c: Converter, template: Template) -> str | None:
    if template[0] != "call":
        return None
    kind, name = template[1][:2]
    if kind == "helper":
        found = re.match(r"class \w+\((keras\.layers\.\w+)\)", c.index.helpers[name])
        name = found[1] if found else ""
    return name if kind in ("api", "helper") and name.startswith("keras.layers.") else None


def same_class(c: Converter, qualified: str) -> list[str]:
    """Other layer classes of PyTorch that the same Keras class stands for."""
    twin = keras_class(c, qualified)
    return [
        name
        for name in c.index.entries[c.source]
        if name.startswith("torch.nn.") and name != qualified and name.count(".") == 2 and keras_class(c, name) == twin
    ]
