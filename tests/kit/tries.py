"""Tries things in processes of their own, which may hang or die: forked from this one, where everything that they need
is loaded already.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO

from attrs import define

_MOMENT_S = 0.02


def load(modules: Iterable[str]) -> None:
    """Load modules before anything is tried; what cannot be loaded is left to those that need it."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


@define
class _Try:
    """One that is under way."""

    number: int
    process: int
    ends: float
    said: IO[bytes]


def tried(attempts: Sequence[Callable[[], str]], limit_s: float, jobs: int) -> Iterator[tuple[int, str]]:
    """Try each, so many at once.

    :param attempts: give words for what they found, ``""`` if nothing.
    :param limit_s: seconds after which one is taken to hang.
    :returns: its number, and its words; of one that died the last that it said.
    """
    waiting, running = list(enumerate(attempts)), list[_Try]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_begun(*waiting.pop(0), limit_s))
            over = [(each, words) for each in running if (words := _words(each)) is not None]
            for each, words in over:
                running.remove(each)
                yield each.number, words
            if not over:
                time.sleep(_MOMENT_S)
    finally:
        for each in running:
            _kill(each)


def _begun(number: int, attempt: Callable[[], str], limit_s: float) -> _Try:
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the try
    process = os.fork()
    if not process:
        os.setpgid(0, 0)
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        status = 2
        try:
            words = attempt()
            os.write(1, f"\n{words}".encode())
            status = 1 if words else 0
        except BaseException as error:
            os.write(1, f"\n{type(error).__name__}: {error}".encode())
        finally:
            os._exit(status)
    return _Try(number, process, time.monotonic() + limit_s, said)


def _words(each: _Try) -> str | None:
    """What one found; ``None``: it is not over."""
    process, status = os.waitpid(each.process, os.WNOHANG)
    if not process:
        if time.monotonic() < each.ends:
            return None
        _kill(each)
        return "it hangs"
    each.said.seek(0)
    said = each.said.read().decode(errors="replace").strip()
    each.said.close()
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGALRM:
        return "it hangs"
    return "" if code == 0 else said or f"status {code}"


def _kill(each: _Try) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(each.process, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(each.process, 0)
    each.said.close()
