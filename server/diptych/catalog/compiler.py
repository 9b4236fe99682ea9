"""Reads rule files as text and compiles them; never imports them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.catalog import folding, language
from diptych.catalog.rule import Branch, Rule, Side
from diptych.catalog.template import Reader, Template, TemplateError, parameters, walk
from diptych.syntax.canonical import canonical

APIS = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "tf": "tf", "keras": "keras", "math": "math"}
CONDITIONS = {
    "given", "rank", "is_tensor", "is_number", "is_literal", "is_floating", "is_integer", "is_bool", "known",
    "known_bool", "known_floating", "known_integer", "length", "differ_in_rank", "is_schedule",
}  # fmt: skip
FUNCTIONS = set(folding.FUNCTIONS) | CONDITIONS
BASES = {name for name in language.__all__ if name == "Equivalence" or name.endswith("Equivalence")} | {
    "Elementwise",
    "Reduction",
    "View",
}
LITERAL_ATTRIBUTES = {
    "dtype", "result", "views", "random", "gradient", "torch_only", "tensorflow_only", "layout", "train", "one_way",
    "reads_back", "state",
    "method_evidence", "weights", "width", "axes", "assumes", "tolerance", "inputs", "call_order", "more_axes", "ranks",
    "unbatched",
    "default_dtype", "promotes", "writes", "context", "passes", "outputs", "options", "calling", "also",
    "narrow", "reads", "derived", "derive_from", "hands_back", "takes_one_size", "not_finite", "ties",
}  # fmt: skip
HELPER = re.compile(r"^@helper\n(?:class|def) (\w+)", re.MULTILINE)


class RuleError(Exception):
    """A rule that cannot be compiled: ``text`` says what is wrong, on a ``line`` of its file."""

    def __init__(self, message: str, path: Path, line: int) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.text, self.line = message, line


@dataclass(frozen=True)
class Compiled:
    """The rules and helpers of one file; ``helpers`` maps a name to its source text, without the decorator."""

    rules: tuple[Rule, ...]
    helpers: dict[str, str]


def rule_files(folder: Path) -> list[Path]:
    """The files of a folder that hold equivalences, sorted."""
    return sorted(
        p for p in folder.glob("*/*.py") if p.parent.name not in ("checks", "signatures") and p.name != "__init__.py"
    )


def helper_names(path: Path) -> set[str]:
    """The helpers of one rule file, which rules of every other may use."""
    return set(HELPER.findall(path.read_text(encoding="utf-8")))


def compile_file(path: Path, shared: Set[str] = frozenset()) -> Compiled:
    """Compile one rule file; ``shared`` are the helpers of others. Raises ``RuleError`` with its place where a rule is
    wrong.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise RuleError(f"does not parse: {error.msg}", path, error.lineno or 1) from error
    helpers = dict(_helpers(tree, text))
    rules = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in BASES for b in node.bases):
            try:
                rules.append(_compile_class(node, f"{path.parent.name}/{path.stem}", shared | set(helpers)))
            except TemplateError as error:
                raise RuleError(f"{node.name}: {error}", path, error.line) from error
    return Compiled(tuple(rules), helpers)


def _helpers(tree: ast.Module, text: str) -> Iterator[tuple[str, str]]:
    lines = [line.removesuffix("  # fmt: skip") for line in text.splitlines()]  # said to our formatter alone
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and any(
            isinstance(d, ast.Name) and d.id == "helper" for d in node.decorator_list
        ):
            yield node.name, "\n".join(lines[node.lineno - 1 : node.end_lineno]) + "\n"


def _compile_class(node: ast.ClassDef, family: str, helpers: Set[str]) -> Rule:
    functions = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    attributes: dict[str, Any] = {}
    for item in node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            name = item.targets[0].id
            if name in LITERAL_ATTRIBUTES:
                attributes[name] = _attribute(item.value)
            elif name in ("samples", "differs"):
                attributes[name] = ast.unparse(item.value)
                if name == "differs":
                    attributes["differences"] = _differences(attributes[name])
            else:
                raise TemplateError(f"a rule has no attribute {name!r}", item.lineno)
    kinds: dict[str, str] = {}
    sides: dict[str, Side] = {}
    for framework in ("torch", "tensorflow"):
        function = functions.get(f"in_{framework}")
        if function is None:
            raise TemplateError(f"in_{framework} is missing", node.lineno)
        for argument in function.args.args:
            if argument.annotation is not None:
                kinds[argument.arg] = ast.unparse(argument.annotation)
        sides[framework] = _compile_side(function, helpers)
    for side in sides.values():
        for parameter in side.parameters:
            if parameter not in kinds:
                raise TemplateError(f"no kind is given for {parameter!r}", node.lineno)
    rank = functions.get("rank")
    bases = [b.id for b in node.bases if isinstance(b, ast.Name) and b.id in BASES]
    base = bases[0]
    attributes["elementwise"] = "Elementwise" in bases
    doc = ast.get_docstring(node) or ""
    if not doc:
        raise TemplateError("a rule has a docstring", node.lineno)
    branches = _compile_side(rank, helpers).branches if rank else ()
    return Rule(node.name, family, base, doc, kinds, sides, attributes, branches)


def _differences(text: str) -> list[tuple[dict[str, Any], str]]:
    """Known differences: the kind or literal of each parameter in question, and the reason."""
    found: list[tuple[dict[str, Any], str]] = []
    for case in eval(text, {name: getattr(language, name) for name in language.__all__}):
        facts = {n: v.kind if isinstance(v, language.Array) else v for n, v in case.values.items()}
        telling = {n: v for n, v in facts.items() if v not in ("float", "unit", "positive")} or facts
        if (telling, case.because or "") not in found:
            found.append((telling, case.because or ""))
    return found


def _attribute(node: ast.expr) -> Any:
    """A literal attribute; calls such as ``at("kernel", permute(1, 0))`` and layout names are computed."""
    names = {
        name: getattr(language, name)
        for name in ("NCL", "NCHW", "NCDHW", "NLC", "NHWC", "NDHWC", "at", "permute", "blocks", "concat", "identity")
    }
    return eval(compile(ast.Expression(node), "<rule>", "eval"), {"__builtins__": {}}, names)


def _compile_side(function: ast.FunctionDef, helpers: Set[str]) -> Side:
    names = [argument.arg for argument in function.args.args]
    if function.args.vararg:
        names.append(function.args.vararg.arg)
    reader = Reader(set(names), APIS, helpers, FUNCTIONS)
    defaults: dict[str, Any] = {}
    for name, default in zip(names[len(names) - len(function.args.defaults) :], function.args.defaults, strict=False):
        template = reader.read(default)
        if template[0] != "v":
            raise TemplateError("a default must be a literal", default.lineno)
        defaults[name] = template[1]
    return Side(tuple(names), defaults, tuple(_branches(function.body, reader, (), [])))


def _branches(
    body: list[ast.stmt], reader: Reader, conditions: tuple[Template, ...], excluded: list[Template]
) -> Iterator[Branch]:
    """Flatten ``if`` statements into branches. ``excluded`` collects the conditions that came to nothing before."""
    before = list(excluded)
    for statement in body:
        if isinstance(statement, ast.Return) and statement.value is not None:
            yield _result(statement.value, reader, conditions, tuple(before))
            return
        if isinstance(statement, ast.If):
            test = reader.read(statement.test)
            yield from _branches(statement.body, reader, (*conditions, test), before)
            if statement.orelse:
                yield from _branches(statement.orelse, reader, conditions, [*before, test])
                return
            before.append(test)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        else:
            raise TemplateError("a rule's body is made of `if` and `return`", statement.lineno)


def _result(node: ast.expr, reader: Reader, conditions: tuple[Template, ...], excluded: tuple[Template, ...]) -> Branch:
    marked = False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        if name == "general":
            marked, node = True, node.args[0]
        elif name == "refuse":
            (why,) = node.args
            return Branch(conditions, excluded, (), ast.literal_eval(why))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "spellings":
        ways = tuple(reader.read(way) for way in node.args)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "parts":
        ways = (("parts", tuple((k.arg, reader.read(k.value)) for k in node.keywords)),)
    else:
        ways = (reader.read(node),)
    return Branch(conditions, excluded, ways, None, marked)


def key_of(template: Template) -> str | None:
    """The name under which a spelling is looked up: qualified name, ``Tensor.method``, ``operator.@``, or ``None``."""
    if template[0] == "call":
        function = template[1]
        if function[0] == "api":
            return function[1]
        if function[0] == "helper":
            return f"helper.{function[1]}"
        if function[0] == "attr":
            return f"Tensor.{function[2]}"
    if template[0] in ("api", "helper"):
        return template[1] if template[0] == "api" else f"helper.{template[1]}"
    if template[0] == "attr" and template[1][0] in ("p", "sub", "call"):
        return f"Tensor.{template[2]}"
    if template[0] == "bin":
        return f"operator.{template[1]}"
    if template[0] == "un":
        return f"operator.unary{template[1]}"
    if template[0] == "sub":
        return "operator.[]"
    return None


def keyed_spellings(rule: Rule, side: str) -> Iterator[tuple[int, str, Template]]:
    """The branch, the name to look it up by, and the spelling of everything that a rule recognises on one side."""
    for place, branch in enumerate(rule.side(side).branches):
        for spelling in () if branch.emission_only else branch.spellings:
            if (key := key_of(spelling)) is not None:
                yield place, canonical(key), spelling


def apis_of(rule: Rule) -> set[str]:
    """Every qualified framework name that a rule uses."""
    found = set()
    for side in rule.sides.values():
        for branch in side.branches:
            for spelling in branch.spellings:
                for template in [t for _, t in spelling[1]] if spelling[0] == "parts" else [spelling]:
                    found |= {part[1] for part in walk(template) if part[0] == "api"}
                    found |= {
                        f"Tensor.{part[1][2]}" for part in walk(template) if part[0] == "call" and part[1][0] == "attr"
                    }
    return found


def used_parameters(template: Template) -> set[str]:
    """The rule's parameters that occur in a spelling (``parts`` included)."""
    if template[0] == "parts":
        return {name for _, part in template[1] for name in parameters(part)}
    return set(parameters(template))
