"""``render --as-of``: the whole workspace as it was."""

from __future__ import annotations

from collections.abc import Callable

from attrs import asdict

from notion_sync_core.cli.voice import voice
from notion_sync_core.config.places import scheme_of
from notion_sync_core.errors import ConfigError, Exit
from notion_sync_core.job import Job
from notion_sync_core.terminal import counted, size_in_words

SCHEMA = 1
LINE = 500
"""Characters of a line about one object."""
OF = "Where the job writes whose history it is, unless a configuration says it: a folder or a URL."
WHEN = "As it was then: a run's number, a date (its end) or a time, local, or how long ago (3d)."


def render_whole(job: Job, target: Callable[[], Job], to: tuple[str, ...], when: str, *, as_json: bool) -> Exit:
    """Write the whole workspace as it was, and say so.

    :param target: gives the job with the folder as its sink.
    :param to: that folder.
    :raises ConfigError: there is none, or more, or it holds something; or it is no moment.
    :raises StateError: nothing is kept of that time.
    """
    from notion_sync_core.clock import RunClock, SystemClock
    from notion_sync_core.history.asof import render_as_of
    from notion_sync_core.history.looking import kept
    from notion_sync_core.history.moment import told
    from notion_sync_core.session import Options

    if len(to) != 1:
        raise ConfigError("--as-of writes to one folder, named by --to", "Name one that is empty or not there yet.")
    if scheme_of(to[0]):
        raise ConfigError(f"--as-of writes to a folder, and {to[0]} is none", "Name one with --to; copy it from there.")
    clock, out = RunClock(SystemClock()), voice()
    with kept(job) as found:
        run = found.at(when, clock.now())
        done = render_as_of(found, run, target(), lambda _: None, clock, Options(mode="render"))
    if as_json:
        facts = asdict(done, filter=lambda attribute, _: attribute.name != "run")
        out.json({"schema": SCHEMA, "run": run.number, "time": run.time, **facts})
    else:
        out.say(
            f"As it was after run {run.number}, {told(run.time)}: {counted(done.objects, 'document')} as "
            f"{counted(done.files, 'file')} ({size_in_words(done.bytes)}) in {to[0]}."
        )
        out.say(*(f"Failed: {title or 'Untitled'}" for title in done.failed), most=LINE)
    return Exit.PARTIAL if done.failed else Exit.COMPLETE
