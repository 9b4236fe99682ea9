"""Verification: runs both sides of a conversion in worker processes and judges whether they agree.

``verify(conversion_or_pair, entries, options, progress, cancelled)`` gives a :class:`Verdict` for each entry and
``doctor(options)`` the :class:`Health` of each framework: all that the command line and the language server need.
``save(path, cases)`` keeps what verdicts depend on (from ``verify(record=...)``), ``repeat(path)`` runs it again.
``shutdown()`` ends the standby workers, which otherwise leave when idle or with this process.
"""

from diptych.verification.cases import BadCase, Case, Given, save
from diptych.verification.claims import Options, Pair
from diptych.verification.health import Health, doctor
from diptych.verification.standby import shutdown
from diptych.verification.verdict import Difference, Evidence, Verdict
from diptych.verification.verify import repeat, verify

__all__ = [
    "BadCase",
    "Case",
    "Difference",
    "Evidence",
    "Given",
    "Health",
    "Options",
    "Pair",
    "Verdict",
    "doctor",
    "repeat",
    "save",
    "shutdown",
    "verify",
]
