"""Names that survive a power cut: a file's name is as sure as the folder that holds it was synced."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

_CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What file systems say that do not sync folders (SMB, FUSE): there is no more to be had."""


def sync(path: Path) -> None:
    """Bring a file's bytes or a folder's names to the disk; nothing happens if it is not there."""
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
        finally:
            os.close(handle)


def sync_way_to(path: Path) -> None:
    """Bring the names of all folders above a new file to the disk, as far as they may be opened."""
    for folder in path.absolute().parents:
        with contextlib.suppress(OSError):
            sync(folder)


def write(path: Path, content: bytes) -> None:
    """Write a small file whole: after a crash or a power cut it is the old one or the new one. Its folder exists."""
    temporary = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_way_to(path)
