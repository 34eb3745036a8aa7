"""One document as it was."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator

from attrs import define, field

from notion_sync_core.clock import RunClock, SystemClock
from notion_sync_core.errors import StateError
from notion_sync_core.history.asof import lay_out, rebuilt
from notion_sync_core.history.looking import Kept
from notion_sync_core.history.needed import everything, needed, shows_others
from notion_sync_core.history.records import Run
from notion_sync_core.job import Job
from notion_sync_core.model import Artifact, Staged
from notion_sync_core.session import Options
from notion_sync_core.stages import harmless
from notion_sync_core.stages.render import RenderStage


@define
class _Taker:
    """Stands where a sink stands: takes an artifact's text."""

    name: str = "history"
    texts: dict[str, str] = field(factory=dict)

    def stage(self, artifact: Artifact) -> Staged:
        """Take it."""
        self.texts[str(artifact.path)] = b"".join(artifact.chunks).decode("utf-8", "replace")
        return Staged(str(artifact.path), "", 0, "")

    def discard(self, staged: Staged) -> None:
        """It came to nothing."""
        self.texts.pop(staged.path, None)


def text_as_of(kept: Kept, run: Run, job: Job, object_id: str) -> str:
    """The file of a document as it was after a run, by the job's first renderer; options are those of now.

    Of other documents only titles and places are made of their rows, unless renderers show more of them.

    :raises StateError: it was not there then, or a version is not there.
    """
    clock, taker = RunClock(SystemClock()), _Taker()
    with contextlib.ExitStack() as stack:
        made_by = job.renderers()
        renderers = [each for each in made_by if each.makes_documents][:1]
        takers = [each for each in made_by if each.takes_blocks and not each.makes_documents]
        needs = everything if shows_others(job, made_by) else needed(kept, run, object_id)
        session = rebuilt(kept, run, job, [], lambda _: None, clock, Options(mode="render"), stack, needs)
        lay_out(session)
        harmless.arrange(session.state, session.mirror)
        stage = RenderStage(session.state, session.mirror, [*renderers, *takers], [taker])
        made = stage.make(object_id)
    if made.error:
        raise StateError(f"{object_id} as it was after run {run.number} cannot be rendered: {made.error}", made.remedy)
    if not taker.texts:
        raise StateError(
            f"{object_id} was not there after run {run.number}", "`notion-sync history ID` says when it was."
        )
    return next(iter(taker.texts.values()))


def difference(kept: Kept, runs: tuple[Run, Run], job: Job, object_id: str) -> Iterator[str]:
    """How a document changed between two runs, as a unified diff; nothing is empty.

    :raises StateError: it was there after neither.
    """
    texts, errors = [], []
    for run in runs:
        try:
            texts.append(text_as_of(kept, run, job, object_id).splitlines())
        except StateError as error:
            errors.append(error)
            texts.append([])
    if len(errors) == len(runs):
        raise errors[0]
    names = [f"run {run.number}" for run in runs]
    return difflib.unified_diff(texts[0], texts[1], names[0], names[1], lineterm="")
