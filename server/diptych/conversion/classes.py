"""Converting classes: ``nn.Module`` <-> ``keras.Model`` and ``keras.layers.Layer``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import (
    built_weights,
    comments,
    derived_layers,
    evidence,
    initialisers,
    lightning,
    lightning_modules,
    loaders,
    packages,
    references,
    sequence_classes,
    statements,
)
from diptych.conversion.journal import Written
from diptych.conversion.names import dotted
from diptych.conversion.scope import Scope
from diptych.inference.layers import ClassInfo, Signature
from diptych.inference.values import Value
from diptych.syntax.walk import methods_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter
    from diptych.conversion.definitions import LocalFunction
    from diptych.conversion.lightning import Steps

BASES = {"torch": {"torch.nn.Module"}, "tensorflow": {"keras.Model", "keras.layers.Layer", "tf.Module"}}
FIRST = ("__init__", built_weights.NAME, "forward", "call", lightning_modules.OPTIMIZERS)
HANDS_ON = "helper.hands_on"


class LocalClass:
    """A class of the file; converted when it is first needed, once, by ``home`` if that is known."""

    home: Converter | None = None

    def __init__(self, node: cst.ClassDef, scope: Scope) -> None:
        self.node = node
        self.divided = node  # with what build() makes in the places where PyTorch makes it
        self.scope = scope
        self.comment = comments.of_definition(node)
        self.twin: cst.ClassDef | None = None
        self.constructor: LocalFunction | None = None
        self.forward: LocalFunction | None = None
        self.written = Written()
        self.bases = list(node.bases)
        self.is_schedule = False  # a learning rate as a function of the step
        self._info: ClassInfo | None = None
        self._running = False

    def info(self, c: Converter) -> ClassInfo | None:
        """What is known of it as a module; ``None`` if it is none."""
        if self.twin is None and self._info is None and not self._running:
            self.convert(self.home or c)
        return self._info

    def convert(self, c: Converter) -> cst.ClassDef:
        """Convert the class."""
        if self.twin is not None:
            c.journal.again(self.written)
            return self.twin
        mark = c.journal.mark()
        outer, memo, flowing = c.scope, dict(c._memo), c.flowing
        statement, c.journal.statement = c.journal.statement, self.node
        c.flowing = None
        self._running = True
        try:
            twin = self._convert(c)
            signature = self.forward.signature(c) if self.forward is not None else None
            if signature is not None:
                twin = comments.turned(twin, signature.orders)
            self.twin = twin
        finally:
            self._running = False
            c.scope, c._memo, c.flowing = outer, memo, flowing
            c.journal.statement = statement
        self.written = c.journal.since(mark)
        c.origin[twin] = self.node
        return twin

    def _convert(self, c: Converter) -> cst.ClassDef:
        rewritten = lightning_modules.rewritten(c, self.node) if c.source == "torch" else None
        if rewritten is None:
            return self._converted(c, None)
        node, (self.node, steps) = self.node, rewritten
        self.divided = self.node
        try:
            return lightning_modules.finished(c, self._converted(c, steps), steps)
        finally:
            self.node = node

    def _converted(self, c: Converter, steps: Steps | None) -> cst.ClassDef:
        self.bases = loaders.without_base(c, list(self.node.bases))
        self.is_schedule = any(c.qualified(argument.value) == loaders.SCHEDULE for argument in self.node.bases)
        bases = [self._base(c, argument) for argument in self.bases]
        kept = [argument for argument, base in zip(self.bases, bases, strict=True) if base == "plain"]
        for part in [*self.node.decorators, *kept, *self.node.keywords]:
            if not isinstance(part, cst.Decorator) or c.qualified(part.decorator) != HANDS_ON:
                references.left_in(c, part)
        if "other" in bases:
            place = bases.index("other")
            name = c.qualified(self.bases[place].value) or ""
            c.journal.error(self.bases[place], name, c.why(name, f"classes derived from {name} are not converted"))
            return self.node
        is_module = any(base in ("module", "sequence") or isinstance(base, ClassInfo) for base in bases)
        if not is_module:
            plain = self._plain_class(c)
            if "callback" not in bases:
                return plain
            args = [self._twin_base(c, argument, base) for argument, base in zip(self.node.bases, bases, strict=True)]
            return plain.with_changes(bases=args)
        refusal = sequence_classes.why_not(c, self.node) if "sequence" in bases else None
        if refusal is not None:
            c.journal.error(self.bases[bases.index("sequence")], sequence_classes.BASES[c.source], refusal)
            return self.node
        info = self._info = ClassInfo(self.node.name.value, constructing=initialisers.constructing(self.node))
        info.derived = any(isinstance(base, ClassInfo) for base in bases)
        info.sequence = "sequence" in bases
        info.lightning = steps
        info.methods = methods_of(self.node)
        for base in bases:
            if isinstance(base, ClassInfo):
                info.attributes |= base.attributes
                info.renamed |= base.renamed
                info.methods += base.methods
                info.signature = base.signature
                info.mode = info.mode or base.mode
                info.sequence = info.sequence or base.sequence
                info.elsewhere = info.elsewhere or base.elsewhere
                info.layer = info.layer or base.layer
                if info.lightning is None and base.lightning is not None:
                    info.lightning = lightning_modules.derived(c, self.node, base.lightning)
                info.forward = base.forward if base.sequence else None
        derived_layers.refuse_replaced(c, self.node, info)
        if c.source == "tensorflow":
            self._divide(c, info)
        mark, inherited = c.journal.mark(), dict(info.attributes)
        members = self._members(c, info)
        self._check_sequence(c, info)
        if c.source == "tensorflow" or info.again:  # now it is known what each layer is called on
            c.journal.back_to(mark)
            info.attributes = inherited if info.again else inherited | _apart_from_layers(info.attributes)
            members = self._members(c, info)
        body = self._body(c, info, members)
        args = [self._twin_base(c, argument, base) for argument, base in zip(self.bases, bases, strict=True)]
        if self.divided is not self.node and _method(self.divided, built_weights.NAME):
            args.insert(0, cst.Arg(c.name(built_weights.MIXIN)))
        return self.node.with_changes(bases=args, body=body, decorators=self._decorators(c))

    def _divide(self, c: Converter, info: ClassInfo) -> None:
        """Let the constructor and the first call make what ``build`` makes."""
        inherited = info.methods[len(methods_of(self.node)) :]
        self.divided, why = built_weights.parted(c, self.node, any(each.name.value == "build" for each in inherited))
        if why is not None:
            c.journal.error(_method(self.node, "build")[0].name, "Layer.build", why)

    def _decorators(self, c: Converter) -> list[cst.Decorator]:
        """With the one that lets Keras hand on tensors and others, or without it on the way back."""
        kept = [each for each in self.node.decorators if c.qualified(each.decorator) != HANDS_ON]
        forward = self.forward
        if c.target == "tensorflow" and forward is not None and not forward.scope_after.reads_training:
            from diptych.conversion.definitions import hands_on

            if hands_on(forward.node):
                c.helpers.add(HANDS_ON.removeprefix("helper."))
                kept.append(cst.Decorator(c.name(HANDS_ON)))
        return kept

    def _check_sequence(self, c: Converter, info: ClassInfo) -> None:
        """Modules that are attributes too would be run by PyTorch after the others."""
        if info.sequence and any(value.kind in ("module", "modules") for value in info.attributes.values()):
            reason = "a class that runs its layers in a row and has other modules as attributes is not converted"
            c.journal.error(self.node.name, sequence_classes.BASES[c.source], reason)

    def _base(self, c: Converter, argument: cst.Arg) -> Any:
        if lightning.name_of(c, argument.value) == lightning.MODULE:
            return "module"
        qualified = c.qualified(argument.value)
        if qualified == sequence_classes.BASES[c.source]:
            return "sequence"
        if qualified in BASES[c.source]:
            return "module"
        if qualified == "keras.callbacks.Callback" and not _unheard(self.node):
            return "callback"
        if qualified is not None and c.is_framework(qualified):
            return derived_layers.base(c, qualified) or "other"
        if packages.is_elsewhere(c, argument.value):
            return ClassInfo(dotted(argument.value) or "", elsewhere=True)
        value = c.scope.lookup(argument.value.value) if isinstance(argument.value, cst.Name) else None
        if value is not None and isinstance(value.definition, LocalClass):
            return value.definition.info(c) or "plain"
        return "plain"

    def _twin_base(self, c: Converter, argument: cst.Arg, base: Any) -> cst.Arg:
        if base == "callback":
            c.helpers.add("Callback")
            return argument.with_changes(value=c.name("helper.Callback"))
        if base == "sequence":
            return argument.with_changes(value=c.name(sequence_classes.BASES[c.target]))
        if isinstance(base, ClassInfo) and (qualified := c.qualified(argument.value)) is not None:
            return argument.with_changes(value=derived_layers.twin_base(c, qualified))
        if base != "module":
            return argument
        if c.target == "torch":
            return argument.with_changes(value=c.name("torch.nn.Module"))
        layer = self.node.name.value in c.sublayers and lightning.name_of(c, argument.value) is None
        return argument.with_changes(value=c.name("keras.layers.Layer" if layer else "keras.Model"))

    def _plain_class(self, c: Converter) -> cst.ClassDef:
        """A class that is no module; what its attributes hold is followed, since some hold modules and optimizers."""
        info = ClassInfo(self.node.name.value, is_module=False, attributes=evidence.held(self.node))
        info.methods = methods_of(self.node)
        body = self._body(c, info, self._members(c, info))
        if len(self.bases) < len(self.node.bases):
            bare = not self.bases and not self.node.keywords
            parentheses = cst.MaybeSentinel.DEFAULT if bare else self.node.lpar
            return self.node.with_changes(
                body=body,
                bases=self.bases,
                lpar=parentheses,
                rpar=cst.MaybeSentinel.DEFAULT if bare else self.node.rpar,
            )
        return self.node if body is self.node.body else self.node.with_changes(body=body)

    def _members(self, c: Converter, info: ClassInfo) -> dict[int, LocalFunction]:
        """The methods, converted: the constructor first, then what a call runs, then the others."""
        from diptych.conversion.definitions import LocalFunction

        scope = Scope("class", info.name, self.scope, info)
        functions: dict[int, LocalFunction] = {}
        for node in self.divided.body.body:
            if isinstance(node, cst.FunctionDef):
                local = LocalFunction(
                    node, scope, info, self.comment if node.name.value in ("forward", "call") else None
                )
                local.home = c
                functions[id(node)] = local
                if info.is_module or not node.decorators:
                    info.attributes[node.name.value] = Value("function", definition=local)
        c.scope, built = scope, None
        ordered = sorted(
            functions.values(),
            key=lambda f: FIRST.index(f.node.name.value) if f.node.name.value in FIRST else len(FIRST),
        )
        for local in ordered:
            name = local.node.name.value
            c.scope = scope
            if name == "build" and c.source == "tensorflow" and info.is_module:
                local.twin = local.node  # why it stays has been said
                continue
            if info.lightning is not None and name in info.lightning.left:
                local.twin = local.node
                continue
            local.convert(c)
            if name == "__init__":
                self.constructor = local
            elif info.lightning is not None and name == lightning_modules.OPTIMIZERS:
                lightning_modules.settle(info, local.signature(c))
            elif local.is_forward:
                self.forward = local
                info.signature = local.signature(c) or Signature()
                info.comment = local.comment
                info.forward = local.node
                info.elsewhere = False
            info.mode = info.mode or local.scope_after.reads_training
            if name == built_weights.NAME:
                built = local
        if built is not None and self.forward is not None:
            built.twin = built_weights.materialised(c, built, self.forward)
        info.mode = info.mode or any(_mode(value) for value in info.attributes.values())
        return functions

    def _body(self, c: Converter, info: ClassInfo, functions: dict[int, LocalFunction]) -> Any:
        body = self.divided.body
        if isinstance(body, cst.SimpleStatementSuite):
            return body
        c.scope = Scope("class", info.name, self.scope, info)
        result: list[Any] = []
        for node in body.body:
            if id(node) in functions:
                (twin,) = statements.marked([functions[id(node)].twin], c.journal.errors_in(node))
                c.origin.setdefault(twin, node)
                result.append(twin)
            else:
                result += statements.block(c, [node])
        if len(result) == len(body.body) and all(a is b for a, b in zip(result, body.body, strict=True)):
            return body
        return body.with_changes(body=result)


def _apart_from_layers(attributes: dict[str, Value]) -> dict[str, Value]:
    """What is known of attributes that hold no layers, which are made anew."""
    return {name: value for name, value in attributes.items() if value.kind not in ("module", "modules")}


def _method(node: cst.ClassDef, name: str) -> list[cst.FunctionDef]:
    return [each for each in methods_of(node) if each.name.value == name]


def _unheard(node: cst.ClassDef) -> bool:
    """Whether a callback waits for what the loops of the twin do not tell."""
    names = [item.name.value for item in methods_of(node)]
    return any(name.startswith(("on_test_", "on_predict_")) for name in names)


def _mode(value: Value) -> bool:
    if value.kind == "module":
        return value.layer is None or value.layer.mode
    if value.kind in ("modules", "list", "dict"):
        inside = [*(value.items or ()), *([value.item] if value.item else [])]
        return any(_mode(item) for item in inside)
    return False
