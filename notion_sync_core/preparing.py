"""The stages before anything is read: whose everything is, and from where the work goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator

from notion_sync_core.errors import GuardError
from notion_sync_core.events import RunStarted
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.remembering import recall
from notion_sync_core.report import Done
from notion_sync_core.session import READS, Session
from notion_sync_core.stages import takeover
from notion_sync_core.stages.account import note_begin
from notion_sync_core.stages.layout import ASSETS
from notion_sync_core.stages.listed import Listed
from notion_sync_core.stages.manifest import Edition
from notion_sync_core.stages.outdated import note_comments, note_files, note_version
from notion_sync_core.stages.ownership import Owner, claim_sink, claim_state, meet
from notion_sync_core.stages.prune import SMALLEST_DELETE
from notion_sync_core.terminal import counted

Stage = Callable[[Session], Iterable[Done] | None]


def announce(session: Session) -> None:
    """Say that a run has started, before anything is asked or changed."""
    known = session.state.objects.with_copy()
    session.publish(RunStarted(session.job_id, session.options.told_as, known, session.run_id))


def own(session: Session) -> None:
    """Make sure that each sink is this job's, and adopt what it holds if the state was lost."""
    job, state = session.job, session.state
    copied = job.identity.copied_from
    owner = Owner(session.job_id, job.scope, session.job_id == job.legacy_id, session.options.adopt, copied)
    source, gate = session.source, session.gate
    if source is not None and gate is not None and (said := meet(state, session.sinks, source.workspace(gate))):
        session.warn(said)
    claim_state(state, owner)
    mode = session.options.mode
    for sink in session.sinks:
        try:
            if taken := claim_sink(state, sink, owner, reads=mode in READS, repair=mode == "repair"):
                more = "; it is a copy, and a job of its own from now on" if copied else ""
                session.warn(f"{sink.location}: {taken.message}{more}")
        except FileNotFoundError:
            if mode in READS:
                expect_files(session, sink)
    state.checkpoint()


def expect_files(session: Session, sink: Sink) -> None:
    """A sink that lost everything is more likely a disk that is not there than a wish to begin anew.

    :raises GuardError: nothing was written.
    """
    paths = session.state.files.written(sink.name, limit=2 * SMALLEST_DELETE)
    if len(paths) > SMALLEST_DELETE and not any(sink.stat(path) for path in paths):
        raise GuardError(
            f"{sink.location} is empty, though earlier runs wrote files there: is its disk mounted?",
            "Nothing was written. If you removed the files on purpose, make them again without a request: "
            "notion-sync render, with the same options.",
            guard="empty sink",
        )


def begin(session: Session) -> None:
    """From here on it is another run."""
    history = session.history
    if history is not None:
        recall(session, history)
    session.state.begin_run()
    if history is not None:
        history.begin(session.state.run, session.options.told_as, session.clock.now())
    note_begin(session.state, session.options.told_as, session.clock)
    session.state.checkpoint()
    session.mirror.clear_temporary()


def recall_intents(session: Session) -> None:
    """What runs were about to write whose state is not here any more."""
    intents = session.job.host.intents
    if intents is not None and (count := takeover.recall(session.state, intents.left())):
        was = counted(count, "file")
        session.warn(f"a run ended without leaving its state: {was} that it may have written are known as ours")
        session.state.checkpoint()


def part(session: Session) -> Iterator[Done]:
    """What lies in sinks that are not of this job any more is nobody's: told once."""
    for name, count in session.state.files.part_with([spec.name for spec in session.job.sink_specs()]).items():
        Edition().note(session.state, name)
        session.warn(f"the sink {name} is not of this job any more: its {count} files stay as they are")
        yield Done(stale=count)


def look_at_versions(session: Session) -> None:
    """What was read for another version of the API, or without comments or files that are wanted now, is read again."""
    folder, facts = session.job.config.export.assets_folder, session.state.facts
    if facts.assets_folder != (wanted := "" if folder == ASSETS else folder):
        facts.assets_folder = wanted
    note_comments(session.plan, wanted=session.job.config.export.comments, reads=session.source is not None)
    if session.source is None:
        return
    note_files(session.plan, wanted=session.job.config.export.assets)
    if change := note_version(session.plan, session.source.version):
        session.warn(change)


def choose(session: Session) -> None:
    """Rows that are chosen now and were not, and the other way round."""
    session.plan.choose()


def listed(session: Session, *, reads: bool) -> Listed:
    """Whether the listing of the run before this one holds: for another wish, or where nothing is read, it does not."""
    job, facts = session.job, session.state.facts
    asked = [job.scope, job.selection.text, facts.source_version, facts.comments, job.config.export.assets]
    wish = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
    return Listed(session.state, session.clock, wish, session.options.going_on_s if reads else 0.0)


PREPARE: tuple[Stage, ...] = (announce, own, begin, recall_intents, part, look_at_versions, choose)
