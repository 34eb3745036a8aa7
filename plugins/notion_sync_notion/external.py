"""Fetches files that lie outside Notion, at addresses that people typed.

Each redirect is an address like the first: checked, and asked without credentials.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import BinaryIO
from urllib.parse import urljoin

from attrs import field, frozen

from notion_sync_core.plugin import RetryableError, SkippableError, endpoint
from notion_sync_notion.addresses import is_public
from notion_sync_notion.fetch import PORTS, Fetch, Opened, Resolve, resolve

MAX_BYTES = 1 << 30
"""A larger file is only linked."""
DEADLINE_S = 600.0
REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)
_BUSY = (429, 502, 503, 504)


@frozen
class External:
    """Downloads from public addresses.

    :param timeout_s: seconds without any byte.
    """

    timeout_s: float = 60.0
    max_bytes: int = MAX_BYTES
    resolve: Resolve = resolve
    is_public: Callable[[str], bool] = is_public
    ports: tuple[int, ...] = tuple(PORTS.values())
    _fetch: Fetch = field(init=False, eq=False, repr=False)

    @_fetch.default
    def _make_fetch(self) -> Fetch:
        return Fetch(self.timeout_s, resolve=self.resolve, is_public=self.is_public, ports=self.ports)

    def close(self) -> None:
        """Close all connections."""
        self._fetch.close()

    @endpoint(lambda *_: "external files")
    def download(self, url: str, out: BinaryIO) -> str:
        """Write the file at a URL to ``out``, from its start. No credentials are sent.

        :returns: the media type.
        :raises SkippableError: not public, too large, or a web page instead of a file.
        :raises RetryableError: it may work in a moment.
        """
        deadline = time.monotonic() + DEADLINE_S
        for _ in range(REDIRECTS + 1):
            out.seek(0)
            out.truncate()
            with self._fetch.open(url) as answer:
                if answer.status not in _MOVED:
                    return self._take(answer, out, deadline)
                url = _next(url, answer)
        raise SkippableError(f"a file at {answer.host}: more than {REDIRECTS} redirects")

    def _take(self, answer: Opened, out: BinaryIO, deadline: float) -> str:
        what = f"a file at {answer.host}"
        if answer.status != 200:
            error = (RetryableError if answer.status in _BUSY else SkippableError)(f"{what}: {answer.status}")
            error.status = answer.status
            raise error
        if answer.media_type == "text/html":
            raise SkippableError(f"{answer.host} shows a web page there, not a file: it is only linked")
        for chunk in answer.chunks(self.max_bytes):
            out.write(chunk)
            if time.monotonic() > deadline:
                raise SkippableError(f"{what} takes longer than {DEADLINE_S:.0f} s: it is only linked")
        return answer.media_type


def _next(url: str, answer: Opened) -> str:
    """Where a redirect leads."""
    location = str(answer.headers.get("Location", ""))
    try:
        if location:
            return urljoin(url, location)
    except ValueError:
        pass
    raise SkippableError(f"a file at {answer.host}: the redirect leads to no valid URL")
