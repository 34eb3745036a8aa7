"""A diskcache disk without pickle and without a way out of its folder.

diskcache reads pickles and follows file names found in its database (CVE-2025-69872), when it
fetches and when it removes. This disk knows bytes and text only and refuses any other row.
"""

from __future__ import annotations

import io
import os.path as op
import re
from typing import Any

import diskcache
from diskcache.core import MODE_BINARY, MODE_RAW, MODE_TEXT

from notion_sync_core.errors import StateError

_FILE_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{28}\.val")


class SafeDisk(diskcache.Disk):  # type: ignore[misc]
    """Keys are text, values are bytes; everything else is refused on the way in and out."""

    def put(self, key: object) -> tuple[str, bool]:
        """The database form of a key."""
        if not isinstance(key, str):
            raise TypeError(f"mirror keys are text, not {type(key).__name__}")
        return key, True

    def get(self, key: object, raw: object) -> str:
        """The key a database row stands for."""
        if not raw or not isinstance(key, str):
            raise _damaged(f"a key of type {type(key).__name__}")
        return key

    def store(self, value: object, read: bool, key: object = diskcache.UNKNOWN) -> Any:
        """Where a value goes: into the database, or into a file if it is large."""
        if not isinstance(value, bytes) or read:
            raise TypeError(f"mirror values are bytes, not {type(value).__name__}")
        return super().store(value, read, key=key)

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> bytes | io.BufferedReader:
        """The value of a row."""
        if mode not in (MODE_RAW, MODE_BINARY) or mode == MODE_TEXT:
            raise _damaged(f"a value of mode {mode}")
        if filename is not None:
            self._inside(filename)
        elif not isinstance(value, bytes):
            raise _damaged(f"a value of type {type(value).__name__}")
        result: bytes | io.BufferedReader = super().fetch(mode, filename, value, read)
        return result

    def remove(self, file_path: str) -> None:
        """Delete a value's file."""
        self._inside(file_path)
        super().remove(file_path)

    def _inside(self, filename: str) -> None:
        if not _FILE_NAME.fullmatch(filename.replace(op.sep, "/")):
            raise _damaged(f"a file name outside its folder: {filename!r}")
        if not op.realpath(op.join(self._directory, filename)).startswith(op.realpath(self._directory) + op.sep):
            raise _damaged(f"a link that leaves its folder: {filename!r}")


def _damaged(what: str) -> StateError:
    return StateError(
        f"the mirror holds {what}, which this program never writes",
        "Somebody may have tampered with it. Delete the mirror folder: it costs requests, nothing else.",
    )
