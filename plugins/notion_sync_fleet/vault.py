"""Where a job's state lies between its turns, and what its turns were about to write: under fences, so that nothing of
a turn that was refused is ever taken for something that counts.

    state/<fence>.sqlite.zst            the state after the turn that claimed with this fence
    history/<fence>.sqlite.zst          the rows of its history
    intents/<fence>/<number>.jsonl      what that turn was about to write, batch by batch
    versions/ab/abcd…  files/ab/abcd…   documents as they were read, and files, each under its sha256

What lies under a sha256 is the same whoever brought it, and is named by the rows of a turn alone: it needs no fence.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import orjson
from attrs import define, field, frozen

from notion_sync_core import StateError
from notion_sync_core.host import Intent, Name, path_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE = 1 << 18
_KEPT = re.compile(r"(state|history|intents)/(\d{12})(\.sqlite\.zst|/\d{8}\.jsonl)")
STATE, HISTORY, INTENTS = "state", "history", "intents"


class Place(Protocol):
    """A folder or a bucket's prefix that holds one job; whoever gives it has it open."""

    def put(self, path: str, chunks: Iterable[bytes]) -> None:
        """Keep bytes for good under a path, whole or not at all; it returns when they are.

        :raises SinkError: it cannot.
        """

    def get(self, path: str) -> Iterator[bytes]:
        """The bytes under a path.

        :raises FileNotFoundError: there are none.
        """

    def paths(self, prefix: str) -> Iterator[str]:
        """Each path that begins so, in any order."""

    def remove(self, path: str) -> None:
        """Forget what lies there; nothing there is fine."""


@define
class Intents:
    """What one turn is about to write; see :class:`~notion_sync_core.host.IntentLog`.

    :param generation: of the state that it began with.
    :param fence: of the turn itself.
    """

    place: Place
    generation: int
    fence: int
    _count: int = field(default=0, init=False)

    def note(self, intents: Sequence[Intent]) -> None:
        """See :meth:`IntentLog.note`."""
        self._count += 1
        lines = (orjson.dumps(each.row(), option=orjson.OPT_APPEND_NEWLINE) for each in intents)
        self.place.put(f"{INTENTS}/{self.fence:012}/{self._count:08}.jsonl", lines)

    def left(self) -> Iterator[Intent]:
        """See :meth:`IntentLog.left`: of all turns since that state, also of those that were refused later."""
        for path in sorted(self.place.paths(f"{INTENTS}/")):
            fence = fence_of(path)
            if fence is not None and self.generation < fence < self.fence:
                yield from _rows(path, b"".join(self.place.get(path)))


@frozen
class Vault:
    """One job's states.

    :param place: open; whatever lies there is this job's.
    """

    place: Place

    def store(self, fence: int, state: Path, history: Path | None = None) -> None:
        """Keep the state of a turn, and the rows of its history. It counts when the desk has committed the fence.

        :param state: no run has it open for writing.
        """
        self._put(f"{STATE}/{fence:012}.sqlite.zst", state)
        if history is not None:
            self._put(f"{HISTORY}/{fence:012}.sqlite.zst", history)

    def fetch(self, generation: int, state: Path, history: Path) -> None:
        """Bring the state of a generation; 0: there is none yet.

        :raises StateError: it is not there, or is damaged.
        """
        if not generation:
            return
        self._get(f"{STATE}/{generation:012}.sqlite.zst", state)
        with contextlib.suppress(FileNotFoundError):
            self._get(f"{HISTORY}/{generation:012}.sqlite.zst", history, optional=True)

    def held(self, name: Name) -> Iterator[bytes]:
        """A version or file; see :class:`~notion_sync_core.host.Versions`."""
        yield from self.place.get(path_of(name))

    def sweep(self, generation: int) -> int:
        """Forget what no turn will ever ask for, now that this generation counts: older states, what was about to be
        written before it, and what turns left that were refused.

        Not while a turn is under way whose fence is higher: what it leaves is kept.

        :returns: how many objects that were.
        """
        doomed = [
            path
            for kind in (STATE, HISTORY, INTENTS)
            for path in self.place.paths(f"{kind}/")
            if (fence := fence_of(path)) is not None
            and (fence < generation or (fence == generation and kind == INTENTS))
        ]
        for path in sorted(doomed):
            self.place.remove(path)
        return len(doomed)

    def _put(self, path: str, source: Path) -> None:
        with tempfile.TemporaryDirectory(dir=source.parent) as folder:
            whole = Path(folder) / "whole"
            # A copy by sqlite itself has all that was committed, in one file.
            with contextlib.closing(sqlite3.connect(source)) as one, contextlib.closing(sqlite3.connect(whole)) as two:
                one.backup(two)
            self.place.put(path, _compressed(whole))

    def _get(self, path: str, target: Path, *, optional: bool = False) -> None:
        part = target.with_name(f"{target.name}.part")
        decompressor = zstd.ZstdDecompressor()
        try:
            with part.open("wb") as file:
                for chunk in self.place.get(path):
                    file.write(decompressor.decompress(chunk))
            if not decompressor.eof:
                raise EOFError("it ends too early")
            part.replace(target)
        except FileNotFoundError:
            if optional:
                raise
            raise _damaged(path, "it is not there") from None
        except (zstd.ZstdError, EOFError) as error:
            raise _damaged(path, str(error)) from error
        finally:
            part.unlink(missing_ok=True)


def fence_of(path: str) -> int | None:
    """Whose turn left what lies under a path; ``None``: it is nothing of a vault."""
    found = _KEPT.fullmatch(path)
    return int(found[2]) if found else None


def _compressed(path: Path) -> Iterator[bytes]:
    compressor = zstd.ZstdCompressor()
    with path.open("rb") as file:
        while chunk := file.read(_PIECE):
            if packed := compressor.compress(chunk):
                yield packed
    yield compressor.flush()


def _rows(path: str, raw: bytes) -> Iterator[Intent]:
    try:
        yield from (Intent.of_row(orjson.loads(line)) for line in raw.splitlines())
    except ValueError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: str, why: str) -> StateError:
    return StateError(
        f"the vault is damaged: {path}: {why}",
        "Restore that object from a version of the bucket; or begin the job anew, which reads everything again.",
    )
