"""Names that survive a power cut: a file's name is as sure as the folder that holds it was synced."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def sync(path: Path) -> None:
    """Bring a file's bytes or a folder's names to the disk; nothing happens if it is not there."""
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync_way_to(path: Path) -> None:
    """Bring the names of all folders above a new file to the disk, as far as they may be opened."""
    for folder in path.absolute().parents:
        with contextlib.suppress(OSError):
            sync(folder)
