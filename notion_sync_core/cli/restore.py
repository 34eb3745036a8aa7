"""``restore``: documents are written back into Notion, or whatever a target writes to."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from attrs import asdict, define, field

from notion_sync_core.cli.as_of import OF, WHEN
from notion_sync_core.cli.options import NUMBERS, common, load_job, set_up_logging
from notion_sync_core.cli.restore_report import LINE, Progress, compared, planned, said
from notion_sync_core.cli.showing import progress_option
from notion_sync_core.cli.stopping import stopping, tell
from notion_sync_core.cli.voice import voice
from notion_sync_core.clock import RunClock, Stop, SystemClock
from notion_sync_core.errors import ConfigError, Exit, FatalError, GuardError, StateError
from notion_sync_core.history.looking import kept
from notion_sync_core.home import private
from notion_sync_core.job import Job
from notion_sync_core.lock import job_lock
from notion_sync_core.model import root_from_text
from notion_sync_core.restore.behind import built_target, gate_to
from notion_sync_core.restore.chosen import digest, ids_in_history, ids_of, people_in
from notion_sync_core.restore.comparison.became import Journalled
from notion_sync_core.restore.comparison.compare import Difference
from notion_sync_core.restore.comparison.verify import verify
from notion_sync_core.restore.journal import Journal
from notion_sync_core.restore.originals import Originals, of_export, of_mirror
from notion_sync_core.restore.outcome import Outcome
from notion_sync_core.restore.running import Restoring, forget, is_finished
from notion_sync_core.snapshot import looked_at
from notion_sync_core.terminal import counted


@click.command(epilog=f"Example:  notion-sync restore 'Handbook/Rules.md' --as-of 3d --into PAGE\n\n{NUMBERS}")
@click.argument("documents", nargs=-1, metavar="[ID|PATH|URL]...")
@click.option("--into", metavar="PAGE", default="", help="The page that all goes below; default: a new one at the top.")
@click.option("--as-of", "when", metavar="WHEN", help=WHEN)
@click.option("--from", "folder", metavar="DIR|URL", help="A JSON export, in place of what a job has read.")
@click.option("--of", "of", multiple=True, metavar="PATH|URL", help=OF)
@click.option("--target", metavar="NAME", default="notion", help="The plugin that writes; default: notion.")
@click.option("--dry-run", is_flag=True, help="Only say what it would take, and what cannot come back.")
@click.option("--verify", is_flag=True, help="Read it back, and say what differs; costs the requests of an export.")
@click.option("--map", "maps", multiple=True, metavar="people=FILE", help="CSV: a person's old id, the new one.")
@click.option("--stamp", is_flag=True, help="Pages say who wrote them and when; rows in columns of their own.")
@click.option("--comments", is_flag=True, help="With comments, at the blocks that they are on where that can be.")
@click.option("--views", is_flag=True, help="With the views of databases, as far as export.views had them read.")
@click.option("--again", is_flag=True, help="Begin anew, whatever an earlier restore of the same did.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--max-requests", type=click.IntRange(min=0), metavar="N", help="Stop before the next; resumable.")
@progress_option
@common
def restore(**given: Any) -> None:
    """Write documents back, with all that stands in them; without one, everything.

    Nothing that exists is changed, moved or deleted. A restore that was stopped goes on where it was when the same
    command runs again.
    """
    sys.exit(_Command(**given).run())


@define
class _Command:
    """One run of the command."""

    documents: tuple[str, ...]
    into: str
    when: str | None
    folder: str | None
    of: tuple[str, ...]
    target: str
    dry_run: bool
    verify: bool
    maps: tuple[str, ...]
    stamp: bool
    comments: bool
    views: bool
    again: bool
    yes: bool
    max_requests: int | None
    progress: str
    config_file: Path | None
    settings: tuple[str, ...]
    verbose: int
    quiet: bool
    as_json: bool
    log_format: str | None
    _stop: Stop = field(factory=Stop, init=False)
    clock: SystemClock = field(init=False)

    @clock.default
    def _clock(self) -> SystemClock:
        return SystemClock(self._stop)

    def run(self) -> Exit:
        """Restore; how it ended."""
        job = load_job(self.config_file, self.settings, to=self.of, log_format=self.log_format)
        set_up_logging(self.verbose, self.quiet, job)
        people, into = self._people(), self._into()
        with stopping(self._stop), self._originals(job) as (originals, moment):
            chosen = ids_of(self.documents, originals, job)
            place = private(self._folder(job) / digest(self.target, into, sorted(chosen), self.folder))
            target = built_target(job, self.target)
            progress = Progress(self.clock, "none" if self.quiet else self.progress)
            gate = gate_to(target, job, self.clock, progress.hear, self.max_requests)
            with job_lock(place / "lock", self.clock), contextlib.closing(target), contextlib.closing(gate):
                performance = job.config.performance
                per_minute = performance.requests * 60 / performance.window_s if performance.window_s else 0.0
                restoring = Restoring(
                    originals, target, gate, self.clock, into, chosen, people, per_minute, moment,
                    self.stamp, self.comments, self.views, progress.tell,
                )  # fmt: skip
                return self._restore(restoring, place / "journal.sqlite", progress)

    # -- what and whither

    def _people(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in self.maps:
            what, _, file = each.partition("=")
            if what != "people" or not file:
                raise ConfigError(f"--map {each} says nothing", "Write --map people=FILE.")
            found |= people_in(Path(file))
        return found

    def _into(self) -> str:
        if not self.into:
            return ""
        found = root_from_text(self.into)
        if found is None:
            raise ConfigError(
                f"--into {self.into!r:.200} is neither an id nor a URL of a page",
                "Copy the link of the page in Notion (••• → Copy link).",
            )
        return found

    def _folder(self, job: Job) -> Path:
        """Where journals lie: with the job's state; of a folder that no job of here wrote, beside all of them."""
        return job.home / "restores" if self.folder is not None else job.folder() / "restores"

    @contextlib.contextmanager
    def _originals(self, job: Job) -> Iterator[tuple[Originals, str]]:
        """What is restored, and of which moment it is."""
        if self.folder is not None:
            if self.when is not None:
                raise ConfigError("--from and --as-of exclude each other", "A folder holds what it holds.")
            with of_export.opened_at(job, self.folder) as export:
                yield export, "an export"
            return
        if self.when is not None:
            number, chosen = self._run_of(job), ids_in_history(self.documents, job)
            with of_mirror.opened(job, str(number), chosen) as past:
                yield past, f"run {number}"
            return
        with of_mirror.opened(job) as mirror:
            yield mirror, f"run {self._run_of(job)}"

    def _run_of(self, job: Job) -> int:
        """The run after which it is as it is restored.

        :raises StateError: nothing is kept of that time.
        """
        if self.when is not None:
            with kept(job) as found:
                return found.at(self.when, self.clock.now()).number
        with contextlib.suppress(StateError), kept(job) as found:
            return found.at(str(found.last), self.clock.now()).number
        if not job.has_state():
            return 0
        with looked_at(job) as state:
            return int(state.facts.runs or 0)

    # -- doing it

    def _restore(self, restoring: Restoring, journal: Path, progress: Progress) -> Exit:
        out = voice()
        if is_finished(journal) and not self.again and not self.dry_run:
            out.say("This restore came to its end earlier: nothing was sent. --again begins anew.", err=True)
        elif self.again and not self.dry_run:
            forget(journal)
        foreseen = restoring.foresee(None if self.again else journal)
        progress.most = foreseen.requests["total"]
        if self.dry_run:
            return self._report(foreseen)
        if not self.quiet:
            out.say(*planned(foreseen), err=True, most=LINE)
        self._ask(restoring, foreseen)
        try:
            done = restoring.run(journal)
        except FatalError as error:
            if error.report is None:
                raise
            self._report(error.report, error=error)
            tell(out, error)
            return error.exit_code
        return self._report(done, self._verified(restoring, journal) if self.verify else ())

    def _ask(self, restoring: Restoring, foreseen: Outcome) -> None:
        """Let a person decide where blocks are counted for ever.

        :raises GuardError: nobody says yes.
        """
        if not restoring.limits.is_metered or self.yes or not foreseen.blocks:
            return
        words = (
            f"This may be a workspace whose blocks are counted for ever, and deleting gives none back. "
            f"{counted(foreseen.blocks, 'block')} will be made. Go on?"
        )
        if not sys.stdin.isatty() or not click.confirm(words, err=True):
            raise GuardError(
                f"nobody said that {counted(foreseen.blocks, 'block')} of this workspace may be spent",
                "Say so with --yes. Workspaces of one person, and those with a plan, have no such limit.",
                guard="blocks",
            )

    def _verified(self, restoring: Restoring, journal: Path) -> tuple[Difference, ...]:
        """What reads back otherwise than it was."""
        job = load_job(self.config_file, self.settings, to=self.of, log_format=self.log_format)
        with contextlib.closing(Journal(journal)) as known:
            became = Journalled(known, restoring.people)
            found = verify(
                job, restoring.added, became, became.wanted(restoring.added), became.roots(),
                lambda _: None, RunClock(self.clock), views=self.views,
            )  # fmt: skip
            return tuple(found)

    def _report(
        self, done: Outcome, differences: tuple[Difference, ...] = (), *, error: FatalError | None = None
    ) -> Exit:
        out = voice()
        if self.as_json:
            failed = {"message": error.message, "remedy": error.remedy, "exit": int(error.exit_code)} if error else None
            out.json({**done.to_json(), "differences": list(map(asdict, differences)), "error": failed})
        elif not self.quiet:
            out.say(*said(done), *compared(differences, verified=self.verify and error is None), most=LINE)
        is_whole = done.status != "partial" and all(each.told for each in differences)
        return Exit.COMPLETE if is_whole else Exit.PARTIAL
