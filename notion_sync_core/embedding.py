"""A job as programs have it: its configuration, and what can be done with it.

Nothing here prints, handles signals or leaves the program, and there is no state beside the job: two of them can run
in one process at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, TypedDict, Unpack

from attrs import evolve, frozen

from notion_sync_core import job
from notion_sync_core.clock import Stop, SystemClock
from notion_sync_core.composing import Place, Plugin, Settings, composed
from notion_sync_core.events import Event
from notion_sync_core.host import Host
from notion_sync_core.model import Kind
from notion_sync_core.report import Report
from notion_sync_core.session import Options

if TYPE_CHECKING:
    # Commands that only look at a configuration need none of them.
    from notion_sync_core.inspection import Inspection
    from notion_sync_core.opened.site import OpenSite
    from notion_sync_core.preview import Preview


OnEvent = Callable[[Event], object]


class Rendering(TypedDict, total=False):
    """How a run goes; see :meth:`Job.export`."""

    on_event: OnEvent | None
    stop: Stop | None
    strict: bool
    max_duration_s: float | None


class Reading(Rendering, total=False):
    """How a run that reads goes; see :meth:`Job.export`."""

    full: bool
    adopt: bool
    max_requests: int | None
    listed_within_s: float
    only: Mapping[str, Kind] | None


@frozen
class Job(job.Job):
    """One configuration: a source, what of it, renderers and sinks; and the runs that it is for.

    A job may be run again and again. Runs of one job come one after another (:class:`LockedError` else), runs of
    several may go on at the same time, each on a thread of its own.
    """

    @classmethod
    def of(
        cls,
        *,
        source: Plugin = "notion",
        token: str | None = None,
        to: Place | Iterable[Place | Plugin] = (),
        renderers: Iterable[Plugin] = ("markdown",),
        listeners: Iterable[Plugin] = (),
        roots: Iterable[str] = (),
        state_dir: Place | None = None,
        **settings: Unpack[Settings],
    ) -> Job:
        """A job that is told in words of Python. No configuration file is read, and no ``NOTION_SYNC_…`` variable.

        Plugins may be names, tables as in a configuration file, or the plugins themselves. With renderers or sinks
        that are given themselves everything is rendered in this process: another could not be told how to make them.

        :param token: of Notion; ``None``: as ``NOTION_TOKEN``, or the system's keyring, says.
        :param to: folders, URLs of sinks, or sinks.
        :param roots: ids or addresses of what is exported with all below it; none: everything shared with the token.
        :param state_dir: where state and mirror lie, which no other place may have; ``None``: the user's state folder.
        :raises ConfigError: something of it cannot be used.
        """

        parts = composed(
            source=source, token=token, to=to, renderers=renderers,
            listeners=listeners, roots=roots, state_dir=state_dir, settings=settings,
        )  # fmt: skip
        return cls(parts.config, parts.environ, parts.given)

    def on(self, host: Host) -> Job:
        """The same job, at a place that shares with others what this machine would keep in files.

        :param host: what is shared, and how.
        """
        return evolve(self, host=host)

    # -- runs

    def export(
        self,
        *,
        on_event: OnEvent | None = None,
        stop: Stop | None = None,
        full: bool = False,
        adopt: bool = False,
        strict: bool = False,
        max_requests: int | None = None,
        max_duration_s: float | None = None,
        listed_within_s: float = 0.0,
        only: Mapping[str, Kind] | None = None,
    ) -> Report:
        """Add and update what changed. Reads only that, and goes on where an earlier run was stopped.

        :param on_event: told of everything that happens: on threads of the run, one event at a time.
        :param stop: ends the run when it is asked to, from whatever thread; the next one goes on from there.
        :param full: read everything again.
        :param adopt: take over what was an export of other roots, or of another place.
        :param strict: warnings are failures.
        :param max_requests: stop before the next.
        :param max_duration_s: stop after so many seconds.
        :param listed_within_s: go on without listing again where the run before this one had listed everything at most
            so many seconds ago, and ended early: for a program that runs many jobs in turn, each for a while.
        :param only: read these objects alone, by id.
        :returns: how it went; ``partial`` if single objects failed.
        :raises NotionSyncError: it ended early; ``error.report`` says what was done before.
        """
        how = Options(
            "export", full, adopt, strict, max_requests, max_duration_s, only, listed_within_s=listed_within_s
        )
        return self._report(how, on_event, stop)

    def sync(
        self,
        *,
        on_event: OnEvent | None = None,
        stop: Stop | None = None,
        full: bool = False,
        adopt: bool = False,
        strict: bool = False,
        max_requests: int | None = None,
        max_duration_s: float | None = None,
        listed_within_s: float = 0.0,
        only: Mapping[str, Kind] | None = None,
    ) -> Report:
        """Like :meth:`export`, with the same keywords, and also move and delete: the sinks mirror the source.

        :raises NotionSyncError: as :meth:`export`; a :class:`GuardError` if it would delete too much.
        """
        how = Options("sync", full, adopt, strict, max_requests, max_duration_s, only, listed_within_s=listed_within_s)
        return self._report(how, on_event, stop)

    def render(
        self,
        *,
        on_event: OnEvent | None = None,
        stop: Stop | None = None,
        strict: bool = False,
        max_duration_s: float | None = None,
    ) -> Report:
        """Make all files again from what was read, without a request. Keywords as of :meth:`export`.

        :raises NotionSyncError: it ended early; a :class:`StateError` if nothing was ever read.
        """
        how = Options("render", strict=strict, max_duration_s=max_duration_s)
        return self._report(how, on_event, stop)

    def _report(self, how: Options, on_event: OnEvent | None, stop: Stop | None) -> Report:
        report = self.run(how, (on_event,) if on_event else (), stop)
        if report.error is not None:
            raise report.error
        return report

    def run(self, how: Options, listeners: tuple[OnEvent, ...] = (), stop: Stop | None = None) -> Report:
        """Run; what ends it early is not raised, but in the report. The command line's way in.

        :param listeners: told of everything.
        """
        from notion_sync_core import pipeline

        return pipeline.run(self, how, listeners, SystemClock(stop))

    def plan(self, *, on_event: OnEvent | None = None, stop: Stop | None = None) -> Preview:
        """Find out what :meth:`sync` would do, and write nothing.

        :raises NotionSyncError: that cannot be found out; ``error.report`` has what was found.
        """
        from notion_sync_core.preview import preview

        return preview(self, (on_event,) if on_event else (), SystemClock(stop))

    def check(
        self,
        *,
        read_data: bool = False,
        repair_from_mirror: bool = False,
        on_event: OnEvent | None = None,
        stop: Stop | None = None,
    ) -> Inspection:
        """Compare what the sinks hold with what this job wrote. No request is made.

        :param read_data: read every byte, even of files whose size and time are as they were.
        :param repair_from_mirror: make again what is missing or changed, and look again.
        :param on_event: told of what a repair does.
        :raises NotionSyncError: nothing was written there yet, a run is under way, or the repair failed.
        """
        from notion_sync_core.inspection import inspect, repair

        if repair_from_mirror:
            return repair(self, read_data=read_data, on_event=on_event, clock=SystemClock(stop))
        return inspect(self, read_data=read_data, clock=SystemClock(stop))

    def open(self, *, as_of: str | int | None = None) -> AbstractContextManager[OpenSite]:
        """What was read, without a request: ``with job.open() as site``. Its documents are valid until the block ends.

        :param as_of: as it was then: a run's number, a date (its end), a time, or how long ago (``3d``). It is built
            of the versions that history kept, in the folder for temporary files; its cursor is of no other site.
        :raises ConfigError: on entering: that is no moment.
        :raises StateError: on entering: nothing was read yet, or nothing is kept of that time.
        """
        from notion_sync_core.opened.site import opened

        return opened(self, None if as_of is None else str(as_of))

    # -- the same, awaited

    async def aexport(self, **how: Unpack[Reading]) -> Report:
        """:meth:`export` beside the event loop, with its keywords. ``on_event`` is called on the loop.

        Cancelling the task stops the run; the task ends as soon as the run has given everything back, and the next
        one goes on from there.

        :raises asyncio.CancelledError: it was cancelled; the error that says where the run stopped is its cause.
        """
        return await _beside(self.export, how)

    async def async_(self, **how: Unpack[Reading]) -> Report:
        """:meth:`sync` beside the event loop; see :meth:`aexport`. (``async`` is a word of the language.)"""
        return await _beside(self.sync, how)

    async def arender(self, **how: Unpack[Rendering]) -> Report:
        """:meth:`render` beside the event loop; see :meth:`aexport`."""
        return await _beside(self.render, how)

    async def aplan(self, *, on_event: OnEvent | None = None, stop: Stop | None = None) -> Preview:
        """:meth:`plan` beside the event loop; see :meth:`aexport`."""
        from notion_sync_core.awaiting import awaited

        return await awaited(lambda mine, tell: self.plan(on_event=tell, stop=mine), stop, on_event)

    async def acheck(
        self, *, read_data: bool = False, repair_from_mirror: bool = False, stop: Stop | None = None
    ) -> Inspection:
        """:meth:`check` beside the event loop; see :meth:`aexport`."""
        from notion_sync_core.awaiting import awaited

        look = partial(self.check, read_data=read_data, repair_from_mirror=repair_from_mirror)
        return await awaited(lambda mine, _: look(stop=mine), stop, None)


async def _beside(run: Callable[..., Report], how: Rendering) -> Report:
    # The command line awaits nothing, and asyncio takes longer to import than an unchanged sync of many pages.
    from notion_sync_core.awaiting import awaited

    stop, on_event = how.get("stop"), how.get("on_event")
    rest = {key: value for key, value in how.items() if key not in ("stop", "on_event")}
    return await awaited(lambda mine, tell: run(**rest, stop=mine, on_event=tell), stop, on_event)
