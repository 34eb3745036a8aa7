"""From many small texts to a file's bytes, without holding the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SIZE = 1 << 16
"""Characters of a chunk: few enough for memory, enough to be cheap to write."""


def encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    """The texts one after another as UTF-8, in chunks; what has no encoding becomes ``?``."""
    waiting: list[str] = []
    size = 0
    for text in pieces:
        waiting.append(text)
        size += len(text)
        if size >= SIZE:
            yield "".join(waiting).encode("utf-8", "replace")
            waiting.clear()
            size = 0
    yield "".join(waiting).encode("utf-8", "replace")
