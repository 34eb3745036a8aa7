"""A sink as small as one can be that has every feature: what the exam of sinks is examined with."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from attrs import define, field

from notion_sync_core.plugin import Artifact, ConfigError, LockedError, SinkError, Staged, Stat, hookimpl

OURS = ".ours"
PIECE = 1 << 20
NOTHING = -1


def in_the_way(path: str) -> Stat:
    """What is said of a path where something else stands."""
    return Stat(0, "", path)


@define(eq=False)
class FolderSink:
    """Files in a folder; what is staged lies in a folder of its own until it is renamed."""

    path: str
    password: str = field(default="swordfish", repr=False)
    scheme = "folder"
    _lock: int = field(default=NOTHING, init=False, repr=False)

    @property
    def location(self) -> str:
        return f"folder:{self.path}"

    @classmethod
    def options_from_url(cls, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        if parts.scheme != cls.scheme or not parts.path[1:]:
            raise ConfigError(f"{url!r} is no folder", "Write folder://place/name.")
        return {"path": parts.path}

    @property
    def staging(self) -> Path:
        return Path(self.path, OURS, "staging")

    @hookimpl
    def sink_open(self, run_id: str) -> None:
        self.staging.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.staging.with_name("lock"), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise LockedError("another run writes here", "Wait until it has finished.") from None
        self._lock = lock
        for left in self.staging.iterdir():
            left.unlink()

    @hookimpl
    def sink_attach(self, run_id: str) -> None:
        """Nothing is needed: every staged file has a name that no other has."""

    @hookimpl
    def sink_look(self) -> None:
        """Nothing is needed."""

    @hookimpl
    def sink_close(self) -> None:
        if self._lock != NOTHING:
            os.close(self._lock)
            self._lock = NOTHING

    @hookimpl
    def sink_stage(self, artifact: Artifact) -> Staged:
        self._inside(str(artifact.path))
        token = uuid.uuid4().hex
        digest, size = hashlib.sha256(), 0
        try:
            with (self.staging / token).open("wb") as file:
                for chunk in artifact.chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
        except BaseException:
            (self.staging / token).unlink()
            raise
        return Staged(str(artifact.path), digest.hexdigest(), size, token)

    @hookimpl
    def sink_commit(self, staged: Staged) -> Stat | None:
        place = self._inside(staged.path)
        if "/" in staged.token or not staged.token:
            raise SinkError(f"{staged.token!r} was never staged")
        found = self._stat(staged.path)
        if found is not None and found.obstacle:
            raise SinkError(f"{found.obstacle} stands in the way of {place}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            (self.staging / staged.token).replace(place)
        except OSError as error:
            raise SinkError(f"{place} cannot be written: {error}") from error
        return self._stat(staged.path)

    @hookimpl
    def sink_discard(self, staged: Staged) -> None:
        (self.staging / staged.token).unlink(missing_ok=True)

    @hookimpl
    def sink_flush(self) -> None:
        """Nothing waits."""

    @hookimpl
    def sink_stat(self, path: str) -> Stat | None:
        return self._stat(path)

    def _stat(self, path: str) -> Stat | None:
        place = self._inside(path)
        for above in reversed(place.parents[: path.count("/")]):
            if above.is_symlink() or above.is_file():
                return in_the_way(above.relative_to(self.path).as_posix())
        if not os.path.lexists(place):
            return None
        if place.is_symlink() or not place.is_file():
            return in_the_way(path)
        found = place.lstat()
        return Stat(found.st_size, f"{found.st_mtime_ns} {found.st_ino}")

    @hookimpl
    def sink_read(self, path: str) -> Iterator[bytes]:
        place = self._inside(path)
        found = self._stat(path)
        if found is None:
            raise FileNotFoundError(path)
        if found.obstacle:
            yield b"no regular file"
            return
        with place.open("rb") as file:
            while chunk := file.read(PIECE):
                yield chunk

    @hookimpl
    def sink_delete(self, path: str) -> None:
        place = self._inside(path)
        found = self._stat(path)
        if found is None or found.obstacle:
            return
        place.unlink()
        for above in place.parents:
            if above == Path(self.path):
                break
            with contextlib.suppress(OSError):
                above.rmdir()

    @hookimpl
    def sink_list(self) -> Iterator[str]:
        for found in sorted(Path(self.path).rglob("*")):
            path = found.relative_to(self.path).as_posix()
            if found.is_file() and not path.startswith(f"{OURS}/"):
                yield path

    @hookimpl
    def sink_same(self, path: str, other: str) -> bool:
        return self._inside(path).samefile(self._inside(other))

    @hookimpl
    def sink_respell(self, path: str, other: str) -> None:
        with contextlib.suppress(OSError):
            if self._inside(path).samefile(self._inside(other)):
                self._inside(path).rename(self._inside(other))

    def _inside(self, path: str) -> Path:
        if {"", ".", ".."} & set(path.split("/")):
            raise SinkError(f"{path!r} would leave {self.path}")
        return Path(self.path, path)


def make(folder: Path) -> FolderSink:
    return FolderSink(str(folder / "out"))


def looks(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """The files that lie there, from outside."""
    for path in sorted((folder / "out").rglob("*")):
        if path.is_file():
            yield path.relative_to(folder / "out").as_posix(), "", path.read_bytes()


FEATURES = {"attach", "look", "list", "same", "respell", "obstacle", "url"}
