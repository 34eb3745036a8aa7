"""Other file systems below a sink's root: a second disk at ``assets``, a volume of a container, a subvolume.

No file is renamed from one file system to another: it is copied beside its place, and renamed there. The folders
where that was done are noted in the staging folder before, so that what a dead run leaves there is found.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable

from notion_sync_core.plugin import SinkError

PREFIX = ".notion-sync-staged-"
"""Begins the names of files on their way."""
_NOTES = ".beside"
"""Ends the names of the lists of folders."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Beside:
    """What one run copies.

    :param staging: descriptor of the staging folder.
    :param run: tells this run's list from those of others.
    :param sync: makes a file or folder durable, by its descriptor.
    """

    def __init__(self, staging: int, run: str, sync: Callable[[int], None]) -> None:
        self._staging = staging
        self._notes = f"{run}{_NOTES}"
        self._sync = sync
        self._noted: set[str] = set()

    def put(self, token: str, parent: str, folder: int, name: str) -> os.stat_result:
        """Bring a staged file to its place on another file system, in one step.

        :param parent: the path of its folder below the root.
        :param folder: the same, as a descriptor.
        :returns: what lies there now.
        """
        self._note(parent)
        copy = f"{PREFIX}{token}"
        try:
            self._copy(token, copy, folder)
            found = os.stat(copy, dir_fd=folder, follow_symlinks=False)
            os.rename(copy, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(copy, dir_fd=folder)
            raise
        os.unlink(token, dir_fd=self._staging)
        return found

    def _copy(self, token: str, copy: str, folder: int) -> None:
        handle = os.open(token, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._staging)
        with os.fdopen(handle, "rb") as source, os.fdopen(os.open(copy, _NEW, 0o666, dir_fd=folder), "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            self._sync(target.fileno())

    def _note(self, parent: str) -> None:
        if parent in self._noted:
            return
        handle = os.open(
            self._notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666,
            dir_fd=self._staging,
        )  # fmt: skip
        try:
            os.write(handle, os.fsencode(parent) + b"\0")
            self._sync(handle)
            self._sync(self._staging)
        finally:
            os.close(handle)
        self._noted.add(parent)


def clear(staging: int, open_folder: Callable[[str], int]) -> None:
    """Remove what dead runs left beside its place.

    :param open_folder: a descriptor of a folder below the root, by its path.
    """
    for notes in os.listdir(staging):
        if not notes.endswith(_NOTES):
            continue
        with contextlib.suppress(OSError):
            # Should somebody have put a pipe there, nobody waits for it.
            handle = os.open(notes, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=staging)
            with os.fdopen(handle, "rb") as file:
                # The last one is cut off if the run died while it noted it: nothing was copied there.
                parents = file.read().split(b"\0")[:-1]
            for parent in parents:
                _clear_folder(os.fsdecode(parent), open_folder)


def _clear_folder(parent: str, open_folder: Callable[[str], int]) -> None:
    with contextlib.suppress(OSError, SinkError):
        folder = open_folder(parent)
        try:
            for name in os.listdir(folder):  # noqa: PTH208 - a descriptor, not a path
                if name.startswith(PREFIX):
                    os.unlink(name, dir_fd=folder)
        finally:
            os.close(folder)
