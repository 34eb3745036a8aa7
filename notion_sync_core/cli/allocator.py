"""How the memory of a process with many threads is kept small."""

from __future__ import annotations

import contextlib
import os

_M_ARENA_MAX = -8
"""mallopt(3)."""
_ARENAS = 2


def keep_few_arenas() -> None:
    """Have the threads of this process share two heaps. For a program of our own, never for one that embeds us.

    glibc gives threads up to eight heaps a core, and gives little back of what one thread took and another let go:
    61 MB instead of 57 for 180 pages. Other libraries of C know no such heaps, or no such call. Who has set
    MALLOC_ARENA_MAX keeps it.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    import ctypes

    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
