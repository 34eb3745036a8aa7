"""What a process was given: streams that may be closed, a locale that may know ASCII alone, perhaps no home.

Services, cron and containers start programs so. Nothing heavy is imported here: every command pays for it.
"""

from __future__ import annotations

import contextlib
import os
import sys


def speak_utf8() -> None:
    """Begin anew in UTF-8 mode if names of files would be spelt in anything else.

    A tree is the same whatever the locale. Python's own way out, for the locale "C" alone, may be switched off.
    """
    if sys.getfilesystemencoding().lower().replace("-", "") == "utf8" or sys.flags.utf8_mode or not sys.executable:
        return
    os.environ["PYTHONUTF8"] = "1"  # for the processes that this one starts
    with contextlib.suppress(OSError):
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 # nosec B606 - ourselves


def keep_no_cache() -> None:
    """Without a home stevedore's cache of plugins would lie in the current folder, where others may have put one."""
    if not os.path.isabs(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~")):  # noqa: PTH111, PTH117
        os.environ["XDG_CACHE_HOME"] = os.devnull


def open_closed() -> None:
    """Let closed streams lead nowhere: else the next file that is opened takes the place of one, and its bytes."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it takes the first number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - a descriptor


def let_go() -> None:
    """Who read our output has left: what is still unsaid goes nowhere, and Python does not complain of it."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, number)
                os.close(nowhere)
