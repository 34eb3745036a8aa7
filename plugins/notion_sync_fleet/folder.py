"""A vault's place in a folder that all workers see."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from notion_sync_core.plugin import SinkError

_TEMPORARY = ".part-"
_PIECE = 1 << 18


@frozen
class FolderPlace:
    """See :class:`~notion_sync_fleet.vault.Place`. The folder is made when it is needed, readable by its owner only."""

    root: Path

    def put(self, path: str, chunks: Iterable[bytes]) -> None:
        """See :meth:`Place.put`: on the disk, under its name, when it returns."""
        target = self.root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=target.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    for chunk in chunks:
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            for folder in (target.parent, target.parent.parent, self.root):
                _sync(folder)
        except OSError as error:
            raise _away(self.root, error) from error

    def get(self, path: str) -> Iterator[bytes]:
        """See :meth:`Place.get`."""
        try:
            with (self.root / path).open("rb") as file:
                while chunk := file.read(_PIECE):
                    yield chunk
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _away(self.root, error) from error

    def paths(self, prefix: str) -> Iterator[str]:
        """See :meth:`Place.paths`."""
        for path in (self.root / prefix).rglob("*"):
            if path.is_file() and not path.name.startswith(_TEMPORARY):
                yield path.relative_to(self.root).as_posix()

    def remove(self, path: str) -> None:
        """See :meth:`Place.remove`."""
        try:
            (self.root / path).unlink(missing_ok=True)
        except OSError as error:
            raise _away(self.root, error) from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _away(root: Path, error: OSError) -> SinkError:
    return SinkError(
        f"the vault in {root} cannot be used: {error.strerror or error}",
        "Look whether its disk is mounted here, writable and not full; nothing that a turn committed is lost.",
    )
