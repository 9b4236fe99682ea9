"""Verification: runs both sides of a conversion in worker processes and judges whether they agree.

``verify(conversion_or_pair, entries, options, progress, cancelled) -> list[Verdict]`` and ``doctor(options) -> list[Health]``
are all that the command line and the language server need; ``shutdown()`` ends the standby workers.
"""

from diptych.verification.claims import Options, Pair
from diptych.verification.standby import shutdown
from diptych.verification.verdict import Difference, Evidence, Verdict
from diptych.verification.verify import verify

__all__ = ["Difference", "Evidence", "Options", "Pair", "Verdict", "shutdown", "verify"]
