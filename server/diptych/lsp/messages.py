"""Diptych's own requests: their names, and their parameters read from plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import attrs
from lsprotocol.types import Position, Range
from pygls.exceptions import JsonRpcInvalidParams

CONVERT = "diptych/convert"
CONVERT_NOTEBOOK = "diptych/convertNotebook"
VERIFY = "diptych/verify"
DOCTOR = "diptych/doctor"
EXPLAIN = "diptych/explain"
DRAFT_RULE = "diptych/draftRule"
REQUEST_FAILED = -32803  # the protocol's code for what was asked rightly and cannot be done
METHODS = frozenset({CONVERT, CONVERT_NOTEBOOK, VERIFY, DOCTOR, EXPLAIN, DRAFT_RULE})

FRAMEWORKS = ("torch", "tensorflow")
LAYOUTS = ("channels-last", "preserve")
DEVICES = ("auto", "cpu", "cuda")


@attrs.define
class CustomRequest:
    """A request of ours as it arrives."""

    id: int | str
    method: str
    jsonrpc: str
    params: dict[str, Any] | None = None


@dataclass(frozen=True)
class ConvertParams:
    """``diptych/convert``: a document or a ``text`` of its own, or the statements that a range of it touches."""

    uri: str
    text: str | None
    range: Range | None
    to: Literal["torch", "tensorflow"] | None
    layout: Literal["channels-last", "preserve"]
    token: int | str | None


@dataclass(frozen=True)
class VerifyParams:
    """``diptych/verify``: all entries of a document, or one by its name; with ``lines``, what each line assigned."""

    uri: str
    entry: str | None
    to: Literal["torch", "tensorflow"] | None
    layout: Literal["channels-last", "preserve"]
    device: Literal["auto", "cpu", "cuda"]
    token: int | str | None
    lines: bool = False


@dataclass(frozen=True)
class PlaceParams:
    """``diptych/explain`` and ``diptych/draftRule``: a place in a document."""

    uri: str
    position: Position


def place_params(values: Mapping[str, Any] | None) -> PlaceParams:
    """Read a document and a position. Raises ``JsonRpcInvalidParams``."""
    values = values or {}
    position = values.get("position")
    found = _range({"start": position, "end": position})
    assert found is not None
    return PlaceParams(_uri(values), found.start)


def convert_params(values: Mapping[str, Any] | None) -> ConvertParams:
    """Read the parameters of ``diptych/convert``. Raises ``JsonRpcInvalidParams``."""
    values = values or {}
    layout = _choice(values, "layout", LAYOUTS) or "channels-last"
    text = values.get("text")
    if text is not None and not isinstance(text, str):
        raise _invalid("text is the code to convert")
    uri = _uri(values) if text is None else ""
    to = _choice(values, "to", FRAMEWORKS)
    return ConvertParams(uri, text, _range(values.get("range")), to, layout, _token(values))


def verify_params(values: Mapping[str, Any] | None) -> VerifyParams:
    """Read the parameters of ``diptych/verify``. Raises ``JsonRpcInvalidParams``."""
    values = values or {}
    entry = values.get("entry")
    if entry is not None and not isinstance(entry, str):
        raise _invalid("entry is the name of a function or class")
    lines = values.get("lines", False)
    if not isinstance(lines, bool):
        raise _invalid("lines is true or false")
    to, layout = _choice(values, "to", FRAMEWORKS), _choice(values, "layout", LAYOUTS) or "channels-last"
    device = _choice(values, "device", DEVICES) or "auto"
    return VerifyParams(_uri(values), entry, to, layout, device, _token(values), lines)


def _invalid(message: str) -> JsonRpcInvalidParams:
    return JsonRpcInvalidParams(f"Invalid parameters: {message}.")


def _token(values: Mapping[str, Any]) -> int | str | None:
    token = values.get("workDoneToken")
    if token is not None and not isinstance(token, (int, str)):
        raise _invalid("workDoneToken is a number or a string")
    return token


def _uri(values: Mapping[str, Any]) -> str:
    document = values.get("textDocument")
    uri = document.get("uri") if isinstance(document, Mapping) else None
    if not isinstance(uri, str):
        raise _invalid("textDocument.uri is missing")
    return uri


def _choice(values: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> Any:
    value = values.get(name)
    if value is not None and value not in choices:
        raise _invalid(f"{name} is one of {', '.join(choices)}")
    return value


def _range(value: Any) -> Range | None:
    if value is None:
        return None
    try:
        corners = [(int(value[corner]["line"]), int(value[corner]["character"])) for corner in ("start", "end")]
    except (KeyError, TypeError, ValueError) as error:
        raise _invalid("a position has a line and a character, a range two positions") from error
    if any(number < 0 for corner in corners for number in corner):
        raise _invalid("lines and characters count from 0")
    start, end = (Position(*corner) for corner in corners)
    return Range(start, end)
