"""Mistakes within one framework, and their fixes. The checks themselves are in ``rules/checks``.

``run`` is for an editor, ``inspect`` also tells which checks failed, ``fix`` applies what can be mended.
"""

from __future__ import annotations

import logging

from diptych.checks.engine import Checked, inspect, mentions_framework, require_python
from diptych.checks.finding import Failure, Finding, Fix, Report
from diptych.checks.fixing import Fixed, fix

__all__ = [
    "Checked",
    "Failure",
    "Finding",
    "Fix",
    "Fixed",
    "Report",
    "fix",
    "inspect",
    "mentions_framework",
    "require_python",
    "run",
]

_log = logging.getLogger(__name__)


def run(text: str, checked: Checked | None = None) -> list[Finding]:
    """All findings in a text, in its order. Reads only; neither the text nor a framework is run or imported.

    Raises ``diptych.syntax.source.ParseError`` if a text that mentions a framework is not Python. A check that fails
    is left out and logged. ``checked`` is what an earlier version of the text left, to be quicker with this one.
    """
    report = inspect(text, checked=checked)
    for failure in report.failures:
        _log.warning("the check %s failed: %s", failure.code, failure.reason)
    return list(report.findings)
