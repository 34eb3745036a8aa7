"""Two writes into one page at once: the second is refused, as the service may refuse it.

https://developers.notion.com/reference/status-codes: 409, ``conflict_error``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

_APPEND = re.compile(r"/v1/blocks/([^/]+)/children")
_CREATE = ("/v1/pages", "/v1/databases", "/v1/data_sources")
CONFLICT = {
    "object": "error",
    "status": 409,
    "code": "conflict_error",
    "message": "Conflict occurred while saving. Please try again.",
}


class Writers:
    """Who writes where just now."""

    def __init__(self) -> None:
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def writing(self, method: str, path: str, body: bytes) -> Iterator[bool]:
        """Write meanwhile; ``False``: somebody else writes into the same container."""
        container = _container(method, path, body)
        with self._lock:
            free = not container or container not in self._busy
            if free and container:
                self._busy.add(container)
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._busy.discard(container)


def _container(method: str, path: str, body: bytes) -> str:
    """What a request makes something in; ``""``: it makes nothing."""
    found = _APPEND.fullmatch(path) if method == "PATCH" else None
    if found:
        return found[1].replace("-", "")
    if method != "POST" or path.rstrip("/") not in _CREATE:
        return ""
    try:
        parent = orjson.loads(body)["parent"]
        return next((value.replace("-", "") for key, value in parent.items() if key.endswith("_id")), "")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return ""
