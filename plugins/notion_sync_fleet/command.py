"""``notion-sync fleet``: the doorway."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notion_sync_core.cli.options import common

if TYPE_CHECKING:
    from notion_sync_core import Stop
    from notion_sync_fleet.office import Office

SCHEMA = 1
LINE = 500
"""Characters of a line about one job."""


class _Fleet(click.Group):
    """What ``config`` and ``doctor`` ask a command for; imported when it is asked."""

    @property
    def options(self) -> type:
        """The class of ``[plugins.fleet]``."""
        from notion_sync_fleet.options import FleetOptions

        return FleetOptions


@contextmanager
def _office(given: dict[str, Any], *, level: int = 0) -> Iterator[Office]:
    from notion_sync_fleet.office import opened

    given.pop("as_json", None)
    with closing(opened(level=level, **given)) as found:
        yield found


@click.group(cls=_Fleet, epilog="Example:  notion-sync fleet status --config fleet.toml")
def fleet() -> None:
    """Run many jobs of many tenants on many machines.

    A desk in PostgreSQL says which job is due and who has it; a vault, a folder or a bucket, holds what one turn leaves
    for the next. [plugins.fleet] in the configuration file says where both are.
    """


@fleet.command(epilog="Example:  notion-sync fleet init --config fleet.toml")
@common
def init(as_json: bool, **given: Any) -> None:
    """Make the desk's tables, or carry those of an older version over; and the vault, if it is a folder.

    Before the first worker, and after each upgrade; it may be done again.
    """
    from notion_sync_core.cli.voice import voice
    from notion_sync_fleet.connection import migrate

    with _office(given) as office:
        office.make_the_vault()
        number = migrate(office.connection)
    if as_json:
        voice().json({"schema": SCHEMA, "format": number})
    else:
        voice().say(f"The desk is ready: its tables have format {number}.")


@fleet.command(epilog="Example:  notion-sync fleet apply jobs/ --config fleet.toml")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@common
def apply(paths: tuple[Path, ...], as_json: bool, **given: Any) -> None:
    """Bring the files of jobs to the desk: one file is one job, called as the file is.

    PATH is a file or a folder. A folder says which jobs there are: those that have no file any more are parked, never
    deleted. If one file cannot be used nothing is changed.
    """
    from notion_sync_core.cli.voice import voice
    from notion_sync_core.plugin import counted
    from notion_sync_fleet.applying import apply_all

    with _office(given) as office:
        applied, parked = apply_all(office.desk, paths, os.environ)
    if as_json:
        voice().json({"schema": SCHEMA, "applied": applied, "parked": parked})
        return
    gone = f", parked: {', '.join(parked)}" if parked else ""
    voice().say(f"{counted(len(applied), 'job')} applied{gone}.")


@fleet.command(epilog="Example:  notion-sync fleet worker --slots 8 --config fleet.toml")
@click.option("--slots", type=click.IntRange(min=1), metavar="N", help="Turns at a time; default: plugins.fleet.slots.")
@click.option("--until-idle", is_flag=True, help="End when nothing is due: for cron, Airflow and the like.")
@common
def worker(slots: int | None, until_idle: bool, as_json: bool, **given: Any) -> None:
    """Take turns until told to stop.

    SIGTERM and SIGINT stop it within 15 seconds, with exit status 0: what its turns have done so far is put away, and
    others go on from there. It ends with 6 if the desk cannot be reached for ten minutes, or the vault at the start.
    """
    from notion_sync_core import Stop
    from notion_sync_core.cli.voice import voice
    from notion_sync_fleet.scratch import scratch

    given["verbose"] = max(given["verbose"], 1)
    stop = Stop()
    with _office(given, level=1) as office, _obeying(stop), scratch() as folder:
        hired = office.worker(folder, slots)
        if as_json:
            voice().json({"worker": hired.name, "slots": hired.pace.slots}, indent=None)
        hired.run(stop, until_idle=until_idle)


@contextmanager
def _obeying(stop: Stop) -> Iterator[None]:
    """The first SIGTERM or SIGINT ends all, resumable; the second leaves at once, and turns end with their worker."""

    def obey(signum: int, _: object) -> None:
        if stop.requested:
            os._exit(128 + signum)
        stop.request(signum)

    before = {each: signal.signal(each, obey) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)


@fleet.command(epilog="Example:  notion-sync fleet status --tenant acme --config fleet.toml")
@click.option("--tenant", default="", metavar="NAME", help="Of its jobs alone.")
@common
def status(tenant: str, as_json: bool, **given: Any) -> None:
    """Say which jobs are due, running and parked, how far behind they are, and what of each budget is taken."""
    from notion_sync_core.cli.voice import voice
    from notion_sync_fleet.ledger import taken
    from notion_sync_fleet.standing import facts, lines

    with _office(given) as office:
        found = facts(office.desk, tenant, taken(office.connection))
    if as_json:
        voice().json({"schema": SCHEMA, **found})
        return
    for line in lines(found):
        voice().say(line, most=LINE)


@fleet.command(epilog="Example:  notion-sync fleet run docs --config fleet.toml")
@click.argument("job")
@common
def run(job: str, as_json: bool, **given: Any) -> None:
    """Make a job due at once. One that is parked has to be released."""
    from notion_sync_core.plugin import ConfigError
    from notion_sync_fleet.standing import known

    with _office(given) as office:
        found = known(office.desk, job)
        if found.standing == "parked":
            raise ConfigError(
                f"the job {job} is parked: {found.reason}", f"{found.remedy} Then: notion-sync fleet release {job}"
            )
        office.desk.release(job)
    _done(job, "is due", as_json=as_json)


@fleet.command(epilog="Example:  notion-sync fleet park docs --reason 'its bucket moves' --config fleet.toml")
@click.argument("job")
@click.option("--reason", default="a person said so", metavar="TEXT", help="For whoever looks at the status.")
@common
def park(job: str, reason: str, as_json: bool, **given: Any) -> None:
    """Do not run a job until it is released. A turn that is under way is ended, and what it did does not count."""
    from notion_sync_fleet.standing import known

    with _office(given) as office:
        known(office.desk, job)
        office.desk.park(job, reason, "Release it when that is done.")
    _done(job, "is parked", as_json=as_json)


@fleet.command(epilog="Example:  notion-sync fleet release docs --config fleet.toml")
@click.argument("job")
@common
def release(job: str, as_json: bool, **given: Any) -> None:
    """Let a job run that was parked, when what it was parked for is mended."""
    from notion_sync_fleet.standing import known

    with _office(given) as office:
        known(office.desk, job)
        office.desk.release(job)
    _done(job, "may run", as_json=as_json)


def _done(job: str, what: str, *, as_json: bool) -> None:
    from notion_sync_core.cli.voice import voice

    if as_json:
        voice().json({"schema": SCHEMA, "job": job, "done": what})
    else:
        voice().say(f"The job {job} {what}.")


@fleet.command(epilog="Example:  notion-sync fleet sweep --config fleet.toml")
@common
def sweep(as_json: bool, **given: Any) -> None:
    """Clear states and notes out of the vault that turns left which were refused, and older ones. It does no harm."""
    from notion_sync_core.cli.voice import voice
    from notion_sync_core.plugin import counted

    with _office(given) as office:
        count = sum(office.vault(job.id).sweep(job.generation) for job in office.desk.tables.jobs() if job.generation)
    if as_json:
        voice().json({"schema": SCHEMA, "removed": count})
    else:
        voice().say(f"{counted(count, 'object')} removed.")
