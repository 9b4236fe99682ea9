"""Runs two hand-written versions of a function or model against each other."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from diptych.conversion.result import Entry
    from diptych.verification import Given, Options, Verdict

__tracebackhide__ = True  # pytest shows the test that failed, not this file
Version = str | Any
"""``"path/to/file.py::Name"``, or a function or class that stands at the top of a file."""


def assert_equivalent(
    torch_version: Version,
    tensorflow_version: Version,
    inputs: str | Mapping[str, Any] | Sequence[Any] = "",
    *,
    source: Literal["torch", "tensorflow"] = "torch",
    options: Options | None = None,
) -> Verdict:
    """Run both versions, each in a process of its own, and raise ``AssertionError`` unless they agree in values,
    gradients and training: with the first lines on which they part, and what they printed.

    ``inputs`` is written as in a ``# diptych:`` comment (``"x=float32[2,3,32,32], k=3"``), or holds values by the name
    of the parameter or in their order: numpy arrays and tensors, numbers, strings, lists, dicts, ``None``, or a text
    such as ``"float32[2,16]"`` for random ones. Without ``inputs``, the comment above the ``source`` version counts.
    The versions are read from their files: neither framework is imported here. A twin that only rounds better than its
    source agrees with it, so ``source`` matters. Raises ``TypeError`` for a version that stands at the top of no file,
    ``ValueError`` for one that is not there.
    """
    from diptych.verification import Given, Options, Pair, verify

    options = options or Options()
    places = {"torch": _place(torch_version), "tensorflow": _place(tensorflow_version)}
    other = "tensorflow" if source == "torch" else "torch"
    (path, name), (twin_path, twin_name) = places[source], places[other]
    text, twin = _read(path), _read(twin_path)
    entry = _entry(text, name, path)
    _entry(twin, twin_name, twin_path)
    entry, given = _with_inputs(entry, inputs, Given)
    pair = Pair(text, twin, source, other, (entry,), {name: twin_name}, path, twin_path)
    [verdict] = verify(pair, None, options, given={name: given} if given else None)
    if not verdict.agrees:
        raise AssertionError(f"{path.name}::{name} and {twin_path.name}::{twin_name}: {_told(verdict)}")
    return verdict


def _told(verdict: Verdict) -> str:
    """The verdict, where the versions part first, and the end of what they printed."""
    lines = [verdict.summary]
    if verdict.divergence is not None:
        first, *others = verdict.divergence.lines()
        lines += [f"first apart: {first}", *others]
    if verdict.evidence.output:
        lines.append(f"printed: {verdict.evidence.output.strip()[-500:]}")
    return "\n".join(lines)


def _place(version: Version) -> tuple[Path, str]:
    if isinstance(version, str):
        file, separator, name = version.rpartition("::")
        if not separator:
            raise ValueError(f"{version!r} names no function or class; write 'path/to/file.py::Name'")
        return Path(file), name
    name = getattr(version, "__qualname__", None)
    try:
        file = inspect.getsourcefile(inspect.unwrap(version))
    except TypeError:
        file = None
    if name is None or file is None or "<" in name:
        raise TypeError(f"{version!r} must stand at the top of a file: it is run in another process, from its file")
    return Path(file), name


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path.absolute()} cannot be read: {error.strerror or error}") from None


def _entry(text: str, name: str, path: Path) -> Entry:
    """What the text says of a function or class: its parameters, and the comment above it."""
    from diptych.conversion.result import Entry

    body: list[ast.stmt] = ast.parse(text, str(path)).body
    found: ast.stmt | None = None
    for part in name.split("."):
        nodes = [node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == part]
        if not nodes:
            raise ValueError(f"{path} defines no function or class named {name}")
        found = nodes[-1]
        body = found.body if isinstance(found, ast.ClassDef) else []
    assert isinstance(found, (ast.FunctionDef, ast.ClassDef))
    if isinstance(found, ast.FunctionDef):
        return Entry(name, "function", found.lineno, _parameters(found), comment=_comment(text, found))
    methods = {node.name: node for node in found.body if isinstance(node, ast.FunctionDef)}
    call = methods.get("forward") or methods.get("call") or methods.get("__call__")
    given = _parameters(call)[1:] if call else ()
    made = _parameters(methods["__init__"])[1:] if "__init__" in methods else ()
    return Entry(name, "class", found.lineno, given, made, comment=_comment(text, found))


def _parameters(node: ast.FunctionDef) -> tuple[Any, ...]:
    from diptych.conversion.result import Parameter

    def made(argument: ast.arg, default: ast.expr | None) -> Parameter:
        annotation = ast.unparse(argument.annotation) if argument.annotation else None
        return Parameter(argument.arg, annotation, ast.unparse(default) if default is not None else None)

    plain = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(node.args.defaults))
    defaults += node.args.defaults
    pairs = [*zip(plain, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    return tuple(made(argument, default) for argument, default in pairs)


def _comment(text: str, node: ast.FunctionDef | ast.ClassDef) -> str | None:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    above = text.splitlines()[first - 2].strip() if first >= 2 else ""
    before, marker, comment = above.partition("# diptych:")
    return comment.strip() if marker and not before else None


def _with_inputs(entry: Entry, inputs: Any, given: type[Given]) -> tuple[Entry, Given | None]:
    """The entry with a comment that says its inputs, and the arrays among them."""
    from dataclasses import replace

    from diptych.verification.inputs import Sample

    if isinstance(inputs, str):
        return (replace(entry, comment=inputs) if inputs else entry), None
    if not isinstance(inputs, Mapping):
        if len(inputs) > len(entry.parameters):
            raise ValueError(f"{entry.name} takes {len(entry.parameters)} arguments, {len(inputs)} were given")
        inputs = {parameter.name: value for parameter, value in zip(entry.parameters, inputs, strict=False)}
    arrays: dict[str, Any] = {}
    comment = ", ".join(f"{name}={_written(value, name, arrays)}" for name, value in inputs.items())
    made = given({"entry": [Sample("given", arrays)]}) if arrays else None
    return replace(entry, comment=comment), made


def _written(value: Any, path: str, arrays: dict[str, Any]) -> str:
    """A value as a comment writes it; arrays are collected by the path of their place."""
    import numpy as np

    if isinstance(value, dict):
        items = (f"{key!r}: {_written(item, f'{path}.{n}', arrays)}" for n, (key, item) in enumerate(value.items()))
        return "{" + ", ".join(items) + "}"
    if isinstance(value, (list, tuple)):
        items = [_written(item, f"{path}.{number}", arrays) for number, item in enumerate(value)]
        return f"[{', '.join(items)}]" if isinstance(value, list) else f"({', '.join(items)}{',' * (len(items) == 1)})"
    if isinstance(value, str):
        return value if _is_spec(value) else repr(value)
    if value is None or isinstance(value, (bool, int, float, complex, bytes)):
        return repr(value)
    array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{path} is a {type(value).__name__}, which cannot be handed to another process")
    arrays[path] = array
    return f"{array.dtype.name}[{','.join(map(str, array.shape))}]"


def _is_spec(text: str) -> bool:
    """Whether a string says what to draw (``"float32[2,16]"``, ``"0.1..0.5"``), instead of being an argument."""
    from diptych.verification.specs import BadComment, NumberSpec, TensorSpec, parse_comment

    try:
        [spec] = parse_comment(f"x={text}").values()
    except (BadComment, ValueError):
        return False
    return isinstance(spec, (TensorSpec, NumberSpec))
