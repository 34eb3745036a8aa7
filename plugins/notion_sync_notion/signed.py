"""The signed addresses of files, as answers show them: whoever reads the object soon need not ask for them again."""

from __future__ import annotations

import threading
from collections import OrderedDict

from notion_sync_notion import decode
from notion_sync_notion.client import Answer

_FRESH = 20_000
"""How many signed addresses of property files are remembered."""


class Signed:
    """Signed addresses of this run, by those without signature. Safe to use from several threads."""

    def __init__(self) -> None:
        self._fresh: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, answer: Answer) -> None:
        """Normalise an answer, and keep its signed addresses a while."""
        answer.raw.pop("request_id", None)
        if not answer.signed:
            return
        signed = decode.normalise(answer.raw)
        with self._lock:
            self._fresh.update(signed)
            while len(self._fresh) > _FRESH:
                self._fresh.popitem(last=False)

    def of(self, key: str) -> str:
        """The signed address, or the key itself where none is known."""
        with self._lock:
            return self._fresh.get(key, key)
