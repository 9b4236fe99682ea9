"""Findings as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diptych.checks.finding import Finding
from diptych.checks.registry import all_checks

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "information": "note"}


def sarif(findings: Mapping[str, Sequence[Finding]], errors: Sequence[str] = ()) -> dict[str, Any]:
    """A SARIF log of one run. ``findings`` are by file, as paths relative to the working folder or absolute.

    ``errors`` are what kept files from being checked. Lines and columns count from 1, in code points.
    """
    rules = [_rule(check) for check in all_checks()]
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Diptych", "version": version("diptych"), "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not errors,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": message}} for message in errors
                        ],
                    }
                ],
                "results": [
                    _result(path, finding, numbers[finding.code])
                    for path, found in findings.items()
                    for finding in found
                ],
            }
        ],
    }


def _rule(check: Any) -> dict[str, Any]:
    return {
        "id": check.code,
        "name": type(check).__name__,
        "shortDescription": {"text": check.message},
        "fullDescription": {"text": inspect.cleandoc(check.__doc__)},
        "helpUri": check.url,
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {"tags": list(check.tags)},
    }


def _result(path: str, finding: Finding, rule: int) -> dict[str, Any]:
    location = {"uri": Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())}
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": _region(finding)}}],
    }
    if finding.fix is not None:
        replacements = [
            {"deletedRegion": _region(edit), "insertedContent": {"text": edit.text}} for edit in finding.fix.edits
        ]
        description = f"{finding.fix.title} ({finding.fix.safety})"
        changes = [{"artifactLocation": location, "replacements": replacements}]
        result["fixes"] = [{"description": {"text": description}, "artifactChanges": changes}]
    return result


def _region(place: Any) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column + 1,
        "endLine": place.end_line,
        "endColumn": place.end_column + 1,
    }
