"""Faults before any server is reached: real errors from real sockets, in the place of one request."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connectionpool import HTTPConnectionPool

from notion_sync_demo import Emulator


@contextmanager
def unreachable(emulator: Emulator) -> Iterator[None]:
    """Let the emulator's network faults strike every client in this process."""
    whole = HTTPConnectionPool.urlopen
    with socket.socket() as closed, socket.socket() as full:
        closed.bind(("127.0.0.1", 0))
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        for _ in range(2):  # a queue that is full answers no more
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(full.getsockname())
        places = {
            "refused": closed.getsockname(),
            "connect_timeout": full.getsockname(),
            "dns": ("nowhere.invalid", 80),
        }

        def urlopen(self: Any, method: str, url: str, body: Any = None, **rest: Any) -> Any:
            parts = urlsplit(url)
            asked = f"{parts.query} {(body or b'').decode('latin-1')}" if "/v1/" in parts.path else ""
            fault = emulator.faults.strike(parts.path, asked, network=True)
            if fault is None:
                return whole(self, method, url, body=body, **rest)
            rest["timeout"] = urllib3.Timeout(connect=0.2, read=0.2)
            with HTTPConnectionPool(*places[fault.kind], maxsize=1) as pool:
                return whole(pool, method, url, body=body, **rest)

        HTTPConnectionPool.urlopen = urlopen  # type: ignore[method-assign]
        try:
            yield
        finally:
            HTTPConnectionPool.urlopen = whole  # type: ignore[method-assign]
            for each in waiting:
                each.close()
