"""Tells systemd how the process is: the protocol of ``sd_notify``, which is a datagram with lines.

Without ``NOTIFY_SOCKET`` in the environment nothing is sent.
Source: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

_USEC = 1_000_000
_LONGEST = 200
"""Characters of a status."""


class Notifier:
    """One process's line to its supervisor.

    :param environ: as systemd makes it.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog_s = _watchdog(environ)
        """Seconds after which silence counts as death; 0: any."""
        self._status = ""

    def ready(self) -> None:
        """The process has started, or is done with loading anew."""
        self._send("READY=1")

    def reloading(self) -> None:
        """The configuration is loaded anew."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """The process ends."""
        self._send("STOPPING=1")

    def beat(self) -> None:
        """The main loop goes round."""
        if self.watchdog_s:
            self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """What the process does, for ``systemctl status``; said when it changes."""
        if text != self._status:
            self._status = text
            self._send(f"STATUS={text[:_LONGEST]}")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        text = "\n".join(" ".join(line.splitlines()) for line in lines)
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line,
        ):
            line.connect(address)
            line.sendall(text.encode())


def _watchdog(environ: Mapping[str, str]) -> float:
    meant = environ.get("WATCHDOG_PID", "")
    with contextlib.suppress(ValueError):
        if not meant or int(meant) == os.getpid():
            return int(environ.get("WATCHDOG_USEC", "0")) / _USEC
    return 0.0
