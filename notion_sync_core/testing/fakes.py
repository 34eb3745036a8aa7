"""Stand-ins for what surrounds a plugin: a gate that can be told to fail, a job that never ran, plugins in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from attrs import define, field, frozen

from notion_sync_core.clock import Clock
from notion_sync_core.errors import LockedError, MissingError, SinkError
from notion_sync_core.events import Event
from notion_sync_core.gate.gate import Gate
from notion_sync_core.gate.policy import RetryPolicy
from notion_sync_core.model import Artifact, Found, Kind, Listing, Piece, Ref, Staged, Stat
from notion_sync_core.plugins.hookspecs import hookimpl
from notion_sync_core.testing.clock import FakeClock

P = ParamSpec("P")
T = TypeVar("T")


class FakeGate(Gate):
    """A real gate whose time is fake: it repeats what may work in a moment without waiting for it.

    :param clock: passes without anybody waiting.
    """

    def __init__(self, clock: Clock | None = None, target: str = "examined") -> None:
        self.events: list[Event] = []
        """What was published."""
        self.calls = 0
        """Calls that came here."""
        self.fails: Exception | None = None
        """Raised in place of the next calls, while it is set."""
        self._after = 0
        self._inside = threading.local()
        self._counting = threading.Lock()
        super().__init__(target, clock or FakeClock(), self.events.append, policy=RetryPolicy(max_attempts=3))

    def fail(self, error: Exception, after: int = 0) -> None:
        """From now on, after so many more calls, each call raises this error and does nothing."""
        self.fails, self._after = error, after

    @property
    def is_inside(self) -> bool:
        """Whether this thread is in a call that goes through the gate."""
        return bool(getattr(self._inside, "depth", 0))

    def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make the call as the real gate does, unless it shall fail."""
        with self._counted():
            return super().__call__(call, *args, **kwargs)

    def once(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write as the real gate does, unless it shall fail."""
        with self._counted():
            return super().once(call, *args, **kwargs)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            self.calls += 1
        if self.fails is not None:
            if self._after <= 0:
                raise self.fails
            self._after -= 1
        self._inside.depth = getattr(self._inside, "depth", 0) + 1
        try:
            yield
        finally:
            self._inside.depth -= 1

    def host(self, name: str) -> Gate:
        """Another host's calls come here too."""
        del name
        return self


@frozen
class FakeCatalog:
    """The :class:`~notion_sync_core.catalog.Catalog` of a job that never ran, or of one that knows some objects."""

    since: str | None = None
    times: Mapping[str, str] = field(factory=dict)
    """The ``last_edited_time`` of each object that an earlier run read."""
    others: int = 0
    """How many of these nobody awaits, for they are rows, databases or data sources."""
    missed: int = 0
    """So many rows of each data source, which earlier runs knew, no listing has shown."""
    strangers: Sequence[str] = ()
    """Rows that listings showed and no earlier run read."""

    def edited(self, object_id: str) -> str | None:
        """See the protocol, as the others."""
        return self.times.get(object_id)

    def known(self) -> int:
        """How many objects it knows."""
        return len(self.times)

    def awaited(self) -> int:
        """All pages that are no rows: nothing was shown so far."""
        return len(self.times) - self.others

    def knows(self, object_id: str) -> bool:
        """Whether it is one of them."""
        return object_id in self.times

    def unseen(self, data_source_id: str) -> int:
        """See :attr:`missed`."""
        del data_source_id
        return self.missed

    def unread(self, data_source_id: str) -> Iterator[str]:
        """See :attr:`strangers`."""
        del data_source_id
        return iter(self.strangers)

    def has_user(self, user_id: str) -> bool:
        """Nobody is known."""
        del user_id
        return False


@define(eq=False)
class MemorySink:
    """A sink that keeps files in memory; all instances with one dictionary are one place."""

    files: dict[str, bytes] = field(factory=dict)
    location: str = "memory"
    _stamps: dict[str, int] = field(factory=dict, init=False)
    _staged: dict[str, bytes] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _number: int = field(default=0, init=False)
    _is_open: bool = field(default=False, init=False)

    @hookimpl
    def sink_open(self, run_id: str) -> None:
        """See the hook, as the others; one run at a time."""
        del run_id
        if self._is_open:
            raise LockedError(f"another run writes to {self.location}", "Wait until it has finished.")
        self._is_open = True

    @hookimpl
    def sink_close(self) -> None:
        """What was staged is gone."""
        self._is_open = False
        self._staged.clear()

    @hookimpl
    def sink_stage(self, artifact: Artifact) -> Staged:
        """Keep the bytes under a number."""
        import hashlib

        content = b"".join(artifact.chunks)
        with self._lock:
            self._number += 1
            token = str(self._number)
        self._staged[token] = content
        return Staged(self._inside(str(artifact.path)), hashlib.sha256(content).hexdigest(), len(content), token)

    @hookimpl
    def sink_commit(self, staged: Staged) -> Stat | None:
        """Show the bytes under their name."""
        path = self._inside(staged.path)
        if staged.token not in self._staged:
            raise SinkError(f"{staged.token!r} is not staged here")
        self.files[path] = self._staged.pop(staged.token)
        self._stamps[path] = int(staged.token)
        return self.sink_stat(path)

    @hookimpl
    def sink_discard(self, staged: Staged) -> None:
        """Let go of the bytes."""
        self._staged.pop(staged.token, None)

    @hookimpl
    def sink_flush(self) -> None:
        """Nothing waits."""

    @hookimpl
    def sink_stat(self, path: str) -> Stat | None:
        """The number that the bytes had is the stamp."""
        return Stat(len(self.files[path]), str(self._stamps.get(path, 0))) if path in self.files else None

    @hookimpl
    def sink_read(self, path: str) -> Iterator[bytes]:
        """All at once."""
        if path not in self.files:
            raise FileNotFoundError(path)
        yield self.files[path]

    @hookimpl
    def sink_delete(self, path: str) -> None:
        """Forget the bytes."""
        self.files.pop(self._inside(path), None)

    @hookimpl
    def sink_list(self) -> Iterator[str]:
        """By name."""
        yield from sorted(self.files)

    def _inside(self, path: str) -> str:
        if path.startswith("/") or path in ("", ".") or ".." in path.split("/"):
            raise SinkError(f"{path!r} would leave {self.location}")
        return path


@define(eq=False)
class MemorySource:
    """A source of pages in memory: references, and the listings of each by the id that they are of."""

    refs: Iterable[Ref] = ()
    listings: Mapping[str, list[Listing]] = field(factory=dict)
    found: Mapping[str, Found] = field(factory=dict)

    @hookimpl
    def source_discover(self, roots: tuple[str, ...]) -> Iterator[Ref]:
        """All of them, or the roots alone."""
        yield from (ref for ref in self.refs if not roots or ref.id in roots)

    @hookimpl
    def source_fetch(self, object_id: str, kind: Kind) -> list[Ref]:
        """See the hook."""
        shown = [ref for ref in self.refs if ref.id == object_id]
        if not shown:
            raise MissingError(f"there is no {kind} {object_id}")
        return shown

    @hookimpl
    def source_read(self, ref: Ref) -> Iterator[Piece]:
        """The listings of a page, in order, and what was found in it."""
        yield from self.listings.get(ref.id, [Listing(ref.id, 0, {"results": [], "has_more": False})])
        yield self.found.get(ref.id, Found())
