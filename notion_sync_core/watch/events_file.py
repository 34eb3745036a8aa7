"""Events as JSON Lines in a file, for programs that follow runs: ``monitoring.events_file``."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections import deque
from collections.abc import Callable
from pathlib import Path

from attrs import asdict

from notion_sync_core.clock import Clock
from notion_sync_core.content.dates import utc_of
from notion_sync_core.events import (
    VERSION,
    AssetDownloaded,
    Event,
    ObjectDiscovered,
    ObjectRead,
    ObjectUnchanged,
    ObjectUnreadable,
    ObjectWritten,
    RequestFinished,
    RunStarted,
    Warned,
)
from notion_sync_core.mirror.disk import disk_error
from notion_sync_core.terminal import as_json
from notion_sync_core.wellformed import json_line

_BEGINS = b'{"v":'
OLDER = 3
"""Older files that are kept: ``events.jsonl.1`` is the youngest of them."""
_EVERY_S = 1.0
_MOST_WAITING = 4 << 20
"""Bytes that wait for a file that cannot be written; what comes then is counted only."""
_BATCH = 256 << 10
"""So many are written at once, whether it is time or not."""
_MANY = (
    *(ObjectDiscovered, ObjectUnchanged, ObjectRead, ObjectWritten, ObjectUnreadable),
    *(AssetDownloaded, RequestFinished),
)
"""Events that may wait a second: there are many of them."""


class EventsFile:
    """Writes each event as one line. It never holds the run up and never ends it.

    What waits is written together, as one append under a lock: several processes may share the file, a reader never
    sees more than the last line unfinished, and a line that did not fit on the disk is taken back.

    :param most: bytes from which on a new file is begun; 0: any number.
    :param warn: told once when the file cannot be written; it is tried again each second.
    """

    def __init__(
        self, path: Path, most: int, clock: Clock, warn: Callable[[Event], None], *, job: str = "", run_id: str = ""
    ) -> None:
        self._path = path
        self._most = most
        self._clock = clock
        self._warn = warn
        self._job = job
        self._run_id = run_id
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._lost = 0
        self._next = clock.monotonic()
        self._is_told = False
        self._ours = (0, 0)
        """The file, by device and number, that was seen to be one of events."""

    def __call__(self, event: Event) -> None:
        """Take in one event; written now, or within a second of events."""
        if isinstance(event, RunStarted):
            self._job, self._run_id = event.job, event.run_id
        if self._size > _MOST_WAITING:
            self._lost += 1
        else:
            self._add(event)
        late = self._clock.monotonic() >= self._next
        if late or (not self._is_told and (self._size >= _BATCH or not isinstance(event, _MANY))):
            self._write()

    def _add(self, event: Event) -> None:
        head = {"v": VERSION, "ts": utc_of(self._clock.now()), "event": type(event).__name__}
        told = {**head, "job": self._job, "run_id": self._run_id, **asdict(event)}
        try:
            line = json_line(told)
        except TypeError:  # a name of a file that is no UTF-8
            line = f"{as_json(told)}\n".encode()
        self._lines.append(line)
        self._size += len(line)

    def _write(self) -> None:
        self._next = self._clock.monotonic() + _EVERY_S
        try:
            self._append()
        except OSError as error:
            self._tell(error)
            return
        if self._is_told:
            self._is_told = False
            lost, self._lost = self._lost, 0
            if lost:
                self._add(Warned(f"{lost} events could not be written here, and are lost"))

    def _append(self) -> None:
        handle = self._opened()
        try:
            found = os.fstat(handle)
            is_file = stat.S_ISREG(found.st_mode)
            if is_file and found.st_size and (found.st_dev, found.st_ino) != self._ours:
                self._expect_events()
            self._ours = (found.st_dev, found.st_ino)
            data = b"".join(self._lines)
            written = os.write(handle, data) if data else 0
            if written < len(data) and is_file:
                # What fits no more does not stay as half a line.
                written = data.rfind(b"\n", 0, written) + 1
                os.ftruncate(handle, found.st_size + written)
            self._drop(written)
            if self._lines:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if is_file and self._most and found.st_size + written >= self._most:
                self._rotate()
        finally:
            os.close(handle)

    def _expect_events(self) -> None:
        """A slip in a path must not add lines to a file that is anything else, such as one that a shell obeys."""
        with self._path.open("rb") as file:
            if file.read(len(_BEGINS)) != _BEGINS:
                raise OSError(errno.EEXIST, "it holds something else than events, and is left alone")
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":  # the machine went down while a line was written
                self._lines.appendleft(b"\n")
                self._size += 1

    def _drop(self, written: int) -> None:
        """What was written waits no more; of a line that a pipe took in part, the rest does."""
        self._size -= written
        while self._lines and written >= len(self._lines[0]):
            written -= len(self._lines.popleft())
        if written:
            self._lines[0] = self._lines[0][written:]

    def _opened(self) -> int:
        """The file, locked; another process may have begun a new one meanwhile."""
        while True:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
            try:
                handle = os.open(self._path, flags, 0o600)
            except FileNotFoundError:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(self._path, flags, 0o600)
            with contextlib.suppress(OSError):  # a disk may know no locks, and the name may be gone
                fcntl.flock(handle, fcntl.LOCK_EX)
                here, there = os.fstat(handle), self._path.stat()
                if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
                    os.close(handle)
                    continue
            return handle

    def _rotate(self) -> None:
        """Begin a new file, as open to others as this one is."""
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(self._path.stat().st_mode)
            for number in range(OLDER, 0, -1):
                older = self._path if number == 1 else self._older(number - 1)
                with contextlib.suppress(FileNotFoundError):
                    older.replace(self._older(number))
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, mode))

    def _older(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _tell(self, error: OSError) -> None:
        if not self._is_told:
            self._is_told = True
            why = disk_error(str(self._path), error).message
            self._warn(Warned(f"monitoring.events_file: {why}; the run goes on, and so do the lines when it can be"))
