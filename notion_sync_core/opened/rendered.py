"""One document as one renderer makes it, as text and not as a file."""

from __future__ import annotations

import hashlib

from attrs import define, field

from notion_sync_core.errors import SkippableError
from notion_sync_core.job import Job
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Artifact, Staged
from notion_sync_core.plugins.build import Spec
from notion_sync_core.stages.render import RenderStage, make_renderers
from notion_sync_core.state import State


@define
class _Page:
    """Stands where a sink stands, and keeps the document's own file alone."""

    suffix: str
    name: str = "page"
    chunks: list[bytes] = field(factory=list)

    def stage(self, artifact: Artifact) -> Staged:
        """Take an artifact; what stands beside the document's file is passed over."""
        if artifact.path.suffix == self.suffix and not self.chunks:
            self.chunks += artifact.chunks
        return Staged(str(artifact.path), hashlib.sha256().hexdigest(), 0, "")

    def discard(self, staged: Staged) -> None:
        """Nothing is kept anywhere."""


class Rendered:
    """Documents as a renderer makes them that is found by its name, as in a job.

    Its options are those that the job has for it. Plugins of the job that take over single blocks do so here.

    :raises ConfigError: no such renderer is installed.
    """

    def __init__(self, job: Job, state: State, mirror: Mirror, use: str) -> None:
        chosen = job.renderer_specs()
        spec = next((each for each in chosen if each.use == use), None)
        spec = spec or job.spec_of(Spec("renderers", use, use, job.config.plugins.get(use, {})))
        made = make_renderers([spec, *(each for each in chosen if each is not spec)], resolve=job.secrets.resolve)
        self._page = _Page(made[0].suffix)
        takers = [each for each in made[1:] if each.takes_blocks and not each.makes_documents]
        self._stage = RenderStage(state, mirror, [made[0], *takers], [self._page])

    def text(self, document_id: str) -> str:
        """The document's file.

        :raises SkippableError: the renderer failed, or the mirror lacks the document.
        """
        self._page.chunks.clear()
        made = self._stage.make(document_id)
        if made.error:
            raise SkippableError(made.error, made.remedy or "Run `notion-sync sync`: what is missing is read again.")
        found = b"".join(self._page.chunks)
        self._page.chunks.clear()
        return found.decode("utf-8", "replace")
