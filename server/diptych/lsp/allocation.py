"""How the C library gets memory for the server, and gives it back."""

from __future__ import annotations

import ctypes

_ARENAS, _TRIM, _MMAP = -8, -1, -3  # parameters of glibc's mallopt
_LARGE = 64 * 1024


def keep_small() -> None:
    """Have all threads share one heap, and what is freed given back. To be called before there are threads.

    Only one thread at a time runs Python: heaps of their own save no time, and cost a fifth of all memory. Other C
    libraries than glibc are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for parameter, value in ((_ARENAS, 1), (_TRIM, _LARGE), (_MMAP, _LARGE)):
        mallopt(parameter, value)
