"""A file system that takes names for one when case and Unicode form are folded, below one folder of a real one."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.stages.names import fold


class Folding:
    """Patches what the folder sink asks of ``os`` for names relative to a folder's descriptor.

    :param respells: an entry that is renamed onto itself gets the new spelling; else that does nothing, as on ext4.
    :param stored: how an entry is spelt in listings: HFS+ takes names apart.
    """

    def __init__(
        self,
        root: Path,
        monkeypatch: pytest.MonkeyPatch,
        *,
        respells: bool = True,
        stored: Callable[[str], str] = lambda name: name,
    ) -> None:
        self.root = str(root)
        self.respells = respells
        self.stored = stored
        self.renames_before_a_fault = -1
        """After so many renames the next one fails; below 0: none does."""
        self._listdir, self._rename = os.listdir, os.rename
        for name in ("open", "stat", "unlink", "mkdir", "rmdir"):
            monkeypatch.setattr(os, name, self._with_spelling(getattr(os, name)))
        monkeypatch.setattr(os, "rename", self._renamed)

    def _spelt(self, name: Any, folder: int | None) -> Any:
        """The entry that a name leads to, or how a new one is stored."""
        if folder is None or not isinstance(name, str):
            return name
        place = os.readlink(f"/proc/self/fd/{folder}")
        if place != self.root and not place.startswith(f"{self.root}/"):
            return name
        entries = self._listdir(folder)
        return next((entry for entry in entries if fold(entry) == fold(name)), self.stored(name))

    def _with_spelling(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *args: Any, dir_fd: int | None = None, **more: Any) -> Any:
            given = {} if dir_fd is None else {"dir_fd": dir_fd}
            return real(self._spelt(path, dir_fd), *args, **given, **more)

        return call

    def _renamed(self, old: Any, new: Any, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
        if src_dir_fd is None:
            self._rename(old, new)
            return
        if self.renames_before_a_fault == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.renames_before_a_fault -= 1
        source, target = self._spelt(old, src_dir_fd), self._spelt(new, dst_dir_fd)
        if (source, os.fstat(src_dir_fd)) == (target, os.fstat(dst_dir_fd or 0)):
            target = self.stored(new) if self.respells else target
        self._rename(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
