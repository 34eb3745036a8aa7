"""Reads the bodies of answers: none without end, none for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator

import urllib3

from notion_sync_core.plugin import SkippableError

LEAST_BYTES = 16 << 10
"""What must come in each ``timeout_s``; a slower answer is given up like one that does not come."""
MAX_RATIO = 200
"""A body that unpacks to more than so many times its size is a bomb."""
_SMALL = 1 << 20
"""Up to here no ratio is suspicious."""
_CHUNK = 64 << 10
_DIGITS = 18
"""More make no size that anything could have; Python refuses to read thousands."""


def chunks(response: urllib3.BaseHTTPResponse, limit: int, timeout_s: float, what: str) -> Iterator[bytes]:
    """The unpacked bytes of an answer, as they come.

    :raises SkippableError: it is larger than ``limit``, or says so, or is a bomb.
    :raises TimeoutError: it drips.
    :raises urllib3.exceptions.HTTPError: it ends too early, or says no length that could be believed.
    """
    if _claimed(response.headers.get("Content-Length", "0")) > limit:
        raise _too_large(what, limit)
    size = before = 0
    since = time.monotonic()
    # Not read(): that waits until a whole chunk has come, however slowly.
    while chunk := response.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        received = response.tell()
        if size > limit:
            raise _too_large(what, limit)
        if size > _SMALL and size > MAX_RATIO * received:
            raise SkippableError(f"{what} unpacks to more than {MAX_RATIO} times its size")
        yield chunk
        now = time.monotonic()
        if now - since > timeout_s:
            if received - before < LEAST_BYTES:
                raise TimeoutError
            since, before = now, received


def _claimed(length: str) -> int:
    """The size in a header, or one as large; a proxy may have repeated it."""
    digits, *others = {each.strip() for each in length.split(",")}
    if others or not (digits.isascii() and digits.isdigit()):
        raise urllib3.exceptions.InvalidHeader("the Content-Length is no number")
    return int(digits[:_DIGITS])


def _too_large(what: str, limit: int) -> SkippableError:
    return SkippableError(f"{what} is larger than {limit >> 20} MiB")
