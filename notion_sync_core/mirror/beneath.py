"""What may lie beneath a mirror: another one, or what takes the place of one."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Beneath(Protocol):
    """What a mirror takes from elsewhere, for it has not got it itself."""

    def value(self, key: str) -> bytes | None:
        """The value of a key."""

    def blob(self, sha256: str) -> Path:
        """Where the bytes with this hash lie, or would lie."""
