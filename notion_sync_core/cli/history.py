"""``history``: the versions that are kept, to be listed, shown, compared and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from attrs import asdict

from notion_sync_core.cli.as_of import OF, WHEN
from notion_sync_core.cli.options import common, load_job, set_up_logging
from notion_sync_core.cli.voice import voice
from notion_sync_core.clock import RunClock, SystemClock
from notion_sync_core.errors import StateError
from notion_sync_core.history import erasing
from notion_sync_core.history.copying import Copying
from notion_sync_core.history.elsewhere import copy_of
from notion_sync_core.history.forgetting import forget_old
from notion_sync_core.history.keeping import History
from notion_sync_core.history.looking import Kept, kept, no_history
from notion_sync_core.history.moment import told
from notion_sync_core.history.records import Version
from notion_sync_core.history.showing import difference, text_as_of
from notion_sync_core.job import Job
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import root_from_text
from notion_sync_core.session import new_id
from notion_sync_core.state import State
from notion_sync_core.terminal import counted, size_in_words

F = TypeVar("F", bound=Callable[..., Any])

SCHEMA = 1
LINE = 500
"""Characters of a line about one run or version."""


class _History(click.Group):
    """What follows is a command, or else what is to be listed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self.commands["list"]


def _of_a_job(command: F) -> F:
    return common(click.option("--of", "--to", "to", multiple=True, metavar="PATH|URL", help=OF)(command))


@click.group(cls=_History, epilog="Example:  notion-sync history show 'Handbook/Rules.md' --as-of 3d")
def history() -> None:
    """List the runs in which something changed; with ID, path or URL, the versions of one document.

    Each version of a document that a run reads is kept, as long as history.keep says.
    """


@history.command(
    "list", epilog="Example:  notion-sync history https://www.notion.so/Rules-0f1259e0a18f46b6b535106e122c9a56"
)
@click.argument("document", required=False, metavar="[ID|PATH|URL]")
@_of_a_job
def list_(document: str | None, as_json: bool, **given: Any) -> None:
    """List the runs in which something changed, or the versions of one document."""
    job = _job(**given)
    with kept(job) as found:
        if document is None:
            _list_runs(found, as_json=as_json)
        else:
            _list_versions(found, document, as_json=as_json)


def _list_runs(found: Kept, *, as_json: bool) -> None:
    runs = found.store.runs()
    if as_json:
        facts = [{"run": each.number, "time": each.time, "mode": each.mode, "changes": each.changes} for each in runs]
        voice().json({"schema": SCHEMA, "job": found.job.id, "runs": facts})
        return
    for each in runs:
        ended = "" if each.ended is not None else ", cut short"
        voice().say(f"{each.number:>6}  {told(each.time)}  {each.mode or 'first':<6}  {each.changes} changed{ended}")


def _list_versions(found: Kept, document: str, *, as_json: bool) -> None:
    versions = found.store.of(_id_of(found, document))
    times = {run.number: run.time for run in found.store.runs()}
    if as_json:
        facts = [_version(each, times) for each in versions]
        voice().json({"schema": SCHEMA, "job": found.job.id, "versions": facts})
        return
    for each in versions:
        what = size_in_words(each.size) if each.sha256 else each.status
        when = told(times[each.run]) if each.run in times else ""
        voice().say(f"{each.run:>6}  {when:<25}  {what:>9}  {each.path or each.title}", most=LINE)


def _version(each: Version, times: dict[int, float]) -> dict[str, Any]:
    return {
        "run": each.run,
        "time": times.get(each.run),
        "id": each.object_id,
        "kind": each.kind,
        "title": each.title,
        "path": each.path,
        "status": each.status,
        "edited": each.last_edited_time,
        "sha256": each.sha256,
        "bytes": each.size,
    }


@history.command(epilog="Example:  notion-sync history show 'Handbook/Rules.md' --as-of 2026-11-01")
@click.argument("document", metavar="ID|PATH|URL")
@click.option("--as-of", "when", required=True, metavar="WHEN", help=WHEN)
@click.option("--renderer", metavar="NAME", help="Default: the first of the job.")
@_of_a_job
def show(document: str, when: str, renderer: str | None, as_json: bool, **given: Any) -> None:
    """Print a document as it was, as the renderer makes it now."""
    job = _job(renderers=(renderer,) if renderer else (), **given)
    with kept(job) as found:
        run = found.at(when, SystemClock().now())
        object_id = _id_of(found, document)
        text = text_as_of(found, run, job, object_id)
    if as_json:
        voice().json({"schema": SCHEMA, "id": object_id, "run": run.number, "time": run.time, "text": text})
        return
    voice().say(f"As it was after run {run.number}, {told(run.time)}:", err=True)
    _print(text.splitlines())


@history.command(epilog="Example:  notion-sync history diff 'Handbook/Rules.md' --from 12 --to 15")
@click.argument("document", metavar="ID|PATH|URL")
@click.option("--from", "since", required=True, metavar="WHEN", help=WHEN)
@click.option("--to", "until", metavar="WHEN", help="The same; default: as it was after the last run.")
@click.option("--of", "to", multiple=True, metavar="PATH|URL", help=OF)
@common
def diff(document: str, since: str, until: str | None, as_json: bool, **given: Any) -> None:
    """Say how a document's Markdown changed between two runs, as a unified diff."""
    job = _job(renderers=("markdown",), **given)
    with kept(job) as found:
        now = SystemClock().now()
        runs = (found.at(since, now), found.at(until or str(found.last), now))
        object_id = _id_of(found, document)
        lines = list(difference(found, runs, job, object_id))
    if as_json:
        voice().json(
            {"schema": SCHEMA, "id": object_id, "from": runs[0].number, "to": runs[1].number, "diff": "\n".join(lines)}
        )
        return
    _print(lines)


@history.command(epilog="Example:  notion-sync history prune --dry-run")
@click.option("--dry-run", is_flag=True, help="Only say what would be forgotten.")
@_of_a_job
def prune(dry_run: bool, as_json: bool, **given: Any) -> None:
    """Forget versions that are older than history.keep says; each run does so at its end."""
    job = _job(**given)
    with _held(job) as found:
        keep, now = job.config.history.keep, SystemClock().now()
        done = forget_old(found.store, found.blobs, found.state, found.mirror, keep, now, dry_run=dry_run)
        if not dry_run:
            _copy(job, found)
    if as_json:
        voice().json({"schema": SCHEMA, "dry_run": dry_run, **asdict(done)})
        return
    what = f"{counted(done.runs, 'run')} and {counted(done.versions, 'version')} ({size_in_words(done.bytes)})"
    voice().say(f"{'To be forgotten' if dry_run else 'Forgotten'}: {what}; kept is {keep}.")


@history.command(epilog="Example:  notion-sync history erase 0f1259e0-a18f-46b6-b535-106e122c9a56")
@click.argument("document", metavar="ID|PATH|URL")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_of_a_job
def erase(document: str, yes: bool, as_json: bool, **given: Any) -> None:
    """Forget a document for good: its versions, its copy in the mirror, its files, and its title in other versions.

    Of one that still exists in Notion the present version stays. Sinks and backups are not touched.
    """
    job = _job(**given)
    with _held(job) as found, kept(job) as listed:
        object_id = _id_of(listed, document)
        seen = erasing.foresee(found, object_id)
    named = seen.title or "Untitled"
    asked = f"Erase {counted(seen.versions, 'version')} of {named!r} ({seen.id}) for good?"
    if not yes and not click.confirm(asked, err=True):
        voice().say("Nothing was erased.", err=True)
        return
    with _held(job) as found:
        done = erasing.erase(found, object_id)
        _copy(job, found)
    if as_json:
        voice().json({"schema": SCHEMA, **asdict(done)})
        return
    voice().say(
        f"Erased {counted(done.versions, 'version')} of {done.title or 'Untitled'} ({done.id}); "
        f"{counted(done.rewritten, 'version')} of others rewritten, {counted(done.files, 'file')} removed."
    )
    if done.is_there:
        voice().say(
            "It still exists in Notion, so its present version stays: put it into the trash there, sync, erase."
        )
    for path in done.paths:
        voice().say(f"Still in a sink, until a sync: {path}", most=LINE)


def _print(lines: list[str]) -> None:
    for line in lines:
        voice().say(line, most=None)


def _job(config_file: Path | None, verbose: int, quiet: bool, **given: Any) -> Job:
    job = load_job(config_file, given.pop("settings"), **given)
    set_up_logging(verbose, quiet, job)
    return job


def _id_of(found: Kept, document: str) -> str:
    """The object that an id, a URL or a path of a file names.

    :raises StateError: nothing is kept of it.
    """
    object_id = root_from_text(document)
    if object_id is None or not found.store.of(object_id):
        object_id = found.store.standing(document.removeprefix("./").strip("/")) or object_id
    if object_id is None or not found.store.of(object_id):
        raise StateError(
            f"nothing is kept of {document!r:.200}",
            "Name it by its id, its URL, or the path of its file in the sink; `notion-sync state show` lists them.",
        )
    return object_id


def _copy(job: Job, found: History) -> None:
    """Bring the copy up to date, if there is one."""
    copy = copy_of(job)
    if copy is not None:
        with closing(copy):
            copy.open(new_id())
            Copying(found, copy).push()


@contextmanager
def _held(job: Job) -> Iterator[History]:
    """A job's history while no run is under way.

    :raises LockedError: a run is under way.
    :raises StateError: there is no history.
    """
    folder = job.history_folder()
    if not job.has_state() or not (folder / "history.sqlite").is_file():
        raise no_history(job)
    own = job.folder()
    with job.host.lock(own / "lock", RunClock(SystemClock()), 0.0):
        state, mirror = State(own / "state.sqlite", redact=job.redactor()), Mirror(own / "mirror")
        found = History(folder, state, mirror)

        def checkpoint(make: Callable[[], None]) -> None:
            found.commit()
            make()

        state.around = checkpoint
        try:
            yield found
        finally:
            found.close()
            mirror.close()
            state.close()
