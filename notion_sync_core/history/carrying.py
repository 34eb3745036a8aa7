"""Bringing what a history holds to another place: versions and files, each under its sha256, whoever keeps them there.

What a place has is noted beside the rows, so that nothing goes there twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from attrs import define

from notion_sync_core.history.copies import VERSIONS, Copies, Name, path_of
from notion_sync_core.history.keeping import History
from notion_sync_core.history.store import Store
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.state import State

_PIECE = 1 << 16

Put = Callable[[str, Iterable[bytes]], object]
"""Keeps bytes under a path; for good at the latest when what was put is settled."""


def _nothing() -> None:
    """For whoever has nothing to do then."""


@define
class Carrying:
    """One job's history, and the place where what it holds is brought.

    :param settle: makes lasting what was put.
    :param check: asked now and then; raises when that is to stop.
    """

    history: History
    put: Put
    settle: Callable[[], object] = _nothing
    check: Callable[[], object] = _nothing

    def bring(self) -> int:
        """Bring what is not there yet.

        :returns: how many versions and files that were.
        """
        copies, count = Copies(self.history.store), 0
        while missing := copies.missing():
            for name in missing:
                self.check()
                self.put(path_of(name), self._bytes(name))
            self.settle()
            copies.note(missing)
            self.history.store.commit()
            count += len(missing)
        return count

    def _bytes(self, name: Name) -> Iterator[bytes]:
        kind, sha256 = name
        if kind == VERSIONS:
            yield from self.history.blobs.raw(sha256)
            return
        with self.history.mirror.blob(sha256).open("rb") as file:
            while chunk := file.read(_PIECE):
                yield chunk


def carry(folder: Path, history: Path, put: Put, rows: Path, check: Callable[[], object] = _nothing) -> int:
    """Bring what the runs of a job have left in its history to a place that outlives this machine.

    With the rows and that place a machine that has nothing else goes on; see :class:`~notion_sync_core.Host`. What is
    there is noted in the rows, so that the next one brings only what is new.

    :param folder: of the job, with its state and its mirror; no run is under way.
    :param history: the folder of its history.
    :param put: keeps bytes under a path, for good when it returns.
    :param rows: a file that is made: the rows, without the versions that lie beside them here.
    :param check: asked now and then; raises when that is to stop.
    :returns: how many versions and files were brought.
    """
    with ExitStack() as stack:
        state = State(folder / "state.sqlite")
        stack.callback(state.close)
        mirror = Mirror(folder / "mirror")
        stack.callback(mirror.close)
        kept = History(history, state, mirror)
        stack.callback(kept.close)
        count = Carrying(kept, put, check=check).bring()
        bare = Store(rows)
        stack.callback(bare.close)
        kept.store.copy_to(bare)
        bare.drop_frames()
        bare.shrink()
    return count
