"""Renders one document with every renderer and stages the result in every sink.

Pure but for staging: it reads state and mirror, and may run in a process of its own.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from attrs import define, field, frozen

from notion_sync_core.errors import Interrupted, NotionSyncError, PluginError, SinkError
from notion_sync_core.mirror.disk import disk_error
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Artifact, Block, Staged
from notion_sync_core.plugins.build import Spec, build
from notion_sync_core.plugins.renderer import Renderer, arrange
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.plugins.watchdog import Watch
from notion_sync_core.stages.appearance import appearance
from notion_sync_core.stages.patience import Patience, TooSlow
from notion_sync_core.stages.site import SiteTree
from notion_sync_core.stages.style import style_of
from notion_sync_core.stages.veil import Veil
from notion_sync_core.stages.view import MirrorMiss, Neighbours, Page, Spot, View
from notion_sync_core.state import ObjectRecord, State
from notion_sync_core.structure import Resolve
from notion_sync_core.terminal import MOST, bounded

_CHUNK = 1 << 20
IN_MEMORY = 4 * _CHUNK
"""Bytes of a file for several sinks up to which it needs no disk."""
_PRIVATE = ".notion-sync"
_OURS = ((), ("manifest.jsonl",), ("lock",), ("staging",), ("replaced",))


@frozen
class Made:
    """What became of one document that was rendered."""

    doc: str
    staged: tuple[tuple[str, str, Staged], ...] = ()
    """(sink, renderer, staged) of each file."""
    warnings: tuple[str, ...] = ()
    error: str = ""
    """Of the renderers that failed; what the others made is in ``staged``."""
    remedy: str = ""
    """For that, if there is a better one than to report it."""
    broken: tuple[str, ...] = ()
    """The renderers that failed."""
    notes: tuple[tuple[str, str], ...] = ()
    """(renderer, text) of each note for the files about all documents."""
    lost_anchors: tuple[str, ...] = ()
    """Blocks that links lead to and that are not there."""
    miss: bool = False
    """The mirror lacks it: read it again."""
    appearance: str = ""
    """The digest of what readers see of it."""


def make_renderers(
    specs: list[Spec],
    origins: Mapping[str, str] | None = None,
    watch: Watch | None = None,
    resolve: Resolve | None = None,
) -> list[Renderer]:
    """Build renderers, each in its folder. For the parameters see :func:`~notion_sync_core.plugins.build.build`.

    :raises PluginError: one of them is none.
    :raises ConfigError: none of them makes documents, or they do not go together.
    """
    made = arrange([build(spec, origins, watch, resolve) for spec in specs])
    style_of(made, "title")  # what does not go together is told before anything is asked
    return made


def make_sinks(
    specs: list[Spec],
    origins: Mapping[str, str] | None = None,
    watch: Watch | None = None,
    resolve: Resolve | None = None,
) -> list[Sink]:
    """Build sinks, each with hooks of its own."""
    built = [build(spec, origins, watch, resolve) for spec in specs]
    return [Sink(each.name, each.plugin, each.hooks) for each in built]


class Stager(Protocol):
    """What takes artifacts: a sink, or what stands in its place."""

    @property
    def name(self) -> str:
        """Tells it from others."""

    def stage(self, artifact: Artifact) -> Staged:
        """Take an artifact's bytes."""

    def discard(self, staged: Staged) -> None:
        """Let go of what was staged."""


@define
class _Result:
    """What the renderers make of one document, one after the other."""

    doc: str
    staged: list[tuple[str, str, Staged]] = field(factory=list)
    warnings: list[str] = field(factory=list)
    notes: list[tuple[str, str]] = field(factory=list)
    errors: dict[str, str] = field(factory=dict)
    remedy: str = ""
    lost: set[str] | None = None
    """Anchors that no renderer has met."""
    document: View | None = None
    """What one of them looked at."""

    def fail(self, renderer: str, error: NotionSyncError | ValueError) -> None:
        """A renderer failed; the others go on."""
        self.remedy = error.remedy if isinstance(error, TooSlow) else self.remedy
        self.errors[renderer] = getattr(error, "message", str(error))

    def made(self, appearance: str) -> Made:
        """All of it."""
        return Made(
            self.doc,
            tuple(self.staged),
            tuple(dict.fromkeys(self.warnings)),
            error="; ".join(self.errors.values()),
            remedy=self.remedy,
            broken=tuple(self.errors),
            notes=tuple(self.notes),
            lost_anchors=tuple(sorted(self.lost or ())),
            appearance=appearance,
        )


class RenderStage:
    """Renders and stages; one a process.

    :param patience: how long renderers may take for one document.
    """

    def __init__(
        self,
        state: State,
        mirror: Mirror,
        renderers: list[Renderer],
        sinks: Sequence[Stager],
        patience: Patience | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._state = state
        self._mirror = mirror
        self._renderers = [renderer for renderer in renderers if renderer.makes_documents]
        self._sinks = sinks
        self._veil = Veil.over(state, mirror)
        self._neighbours = Neighbours(state, mirror, self._veil)
        self._takers = [renderer for renderer in renderers if renderer.takes_blocks]
        """Plugins for single blocks; where there are none, no block pays for asking."""

    def make(self, doc: str) -> Made:
        """Render and stage one document; a failure is in the result, unless a sink cannot be written."""
        known = self._state.objects.find(doc)
        if known is None or known.path is None:
            return Made(doc)
        result = _Result(doc)
        for renderer in self._renderers:
            try:
                self._make_with(renderer, known, known.path, result)
            except MirrorMiss as error:
                return Made(doc, tuple(result.staged), error=error.message, miss=True)
        return result.made(appearance(self._state, self._mirror, result.document) if result.document else "")

    def _make_with(self, renderer: Renderer, known: ObjectRecord, path: str, result: _Result) -> None:
        own: list[tuple[str, str, Staged]] = []
        try:
            # Each looks at a document of its own: what one does to it, others do not see.
            document = result.document = View(self._state, self._mirror, known.ref, self._veil)
            spot = Spot(known.id, renderer.stem(path), known.folder_id, known.folder_rank, document.anchors)
            page = self._page(renderer, spot, result.warnings)
            with self._patience.document(renderer.name):
                self._render(renderer, document, page, own)
        except MirrorMiss:
            result.staged += own
            raise
        except (SinkError, Interrupted):
            raise
        except (NotionSyncError, ValueError) as error:
            if isinstance(error, NotionSyncError) and error.sink:
                raise
            self._discard(own)
            result.fail(renderer.name, error)
        else:
            result.staged += own
            lost = document.lost_anchors
            result.lost = lost if result.lost is None else lost & result.lost
            if page.notes:
                result.notes.append((renderer.name, "\n".join(page.notes)))

    def _page(self, renderer: Renderer, spot: Spot, warnings: list[str]) -> Page:

        def warn(text: str) -> None:
            warnings.append(bounded(text, MOST))

        claim = self._claim(renderer)
        return Page(self._neighbours, spot, renderer.folder, renderer.suffix, warn, claim, renderer.stem)

    def _render(self, renderer: Renderer, document: View, page: Page, staged: list[tuple[str, str, Staged]]) -> None:
        for artifact in self._patience.each(renderer.render_document(document, page)):
            checked = self._checked(renderer, "render_document", artifact)
            staged += [(sink, renderer.name, item) for sink, item in self.stage(checked)]

    def _discard(self, staged: list[tuple[str, str, Staged]]) -> None:
        sinks = {sink.name: sink for sink in self._sinks}
        for name, _, item in staged:
            sinks[name].discard(item)

    def make_site(self, renderer: Renderer) -> Iterator[tuple[str, Staged]]:
        """Render and stage the files that are about all documents; gives (sink, staged)."""
        tree = SiteTree(self._state, renderer)
        with self._patience.stoppable():
            for artifact in self._patience.each(renderer.render_site(tree)):
                yield from self.stage(self._checked(renderer, "render_site", artifact))

    @property
    def renderers(self) -> list[Renderer]:
        """The renderers of this job."""
        return self._renderers

    def stage(self, artifact: Artifact) -> Iterator[tuple[str, Staged]]:
        """Bring an artifact to every sink; its bytes are produced once."""
        if len(self._sinks) == 1:
            sink = self._sinks[0]
            yield sink.name, sink.stage(artifact)
            return
        with spooling(), tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            for chunk in artifact.chunks:
                spool.write(chunk)
            for sink in self._sinks:
                yield sink.name, sink.stage(Artifact(artifact.path, again(spool), artifact.media_type))

    def stage_blob(self, sink: Stager, path: str, blob: Path, media_type: str) -> Staged:
        """Bring an asset from the mirror to one sink."""

        def chunks() -> Iterator[bytes]:
            with blob.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk

        return sink.stage(Artifact(path, chunks(), media_type))

    def _checked(self, renderer: Renderer, hook: str, artifact: Any) -> Artifact:
        """An artifact whose faults are its renderer's, not those of the sink that takes its bytes.

        :raises PluginError: it is none, or stands where only we may write.
        """
        with renderer.hooks.blame(hook):
            if not isinstance(artifact, Artifact):
                raise TypeError(f"it gives {type(artifact).__name__} instead of artifacts")
            if artifact.path.parts[0].casefold() == _PRIVATE and artifact.path.parts[1:2] in _OURS:
                raise ValueError(f"its artifact {artifact.path} would stand among our own files")
            if renderer.folder and not artifact.path.is_relative_to(renderer.folder):
                raise ValueError(f"its artifact {artifact.path} would stand outside its folder {renderer.folder}")

        def chunks() -> Iterator[bytes]:
            for chunk in self._patience.each(renderer.hooks.each(hook, artifact.chunks)):
                with renderer.hooks.blame(hook):
                    if not isinstance(chunk, bytes):
                        raise TypeError(f"a chunk of {artifact.path} is {type(chunk).__name__} instead of bytes")
                yield chunk

        return Artifact(artifact.path, chunks(), artifact.media_type)

    def _claim(self, renderer: Renderer) -> Callable[[Block, str, Page], str | None] | None:
        if not self._takers:
            return None

        def claim(block: Block, inner: str, page: Page) -> str | None:
            for taker in self._takers:
                found = _taken(taker, renderer.format, block, inner, page)
                if found is not None:
                    return found
            return None

        return claim


@contextlib.contextmanager
def spooling() -> Iterator[None]:
    """A full temporary disk is neither the fault of the renderer whose bytes it holds, nor of a sink."""
    try:
        yield
    except OSError as error:
        folder = ""
        with contextlib.suppress(OSError):  # there may be none at all
            folder = f" {tempfile.gettempdir()}"
        raise disk_error(f"the temporary folder{folder}", error) from error


def again(spool: IO[bytes]) -> Iterator[bytes]:
    """What was spooled, from its beginning."""
    with spooling():
        spool.seek(0)
        while chunk := spool.read(_CHUNK):
            yield chunk


def _taken(taker: Renderer, format: str, block: Block, inner: str, page: Page) -> str | None:
    """What a plugin for single blocks makes of one; if it fails, the block is rendered as if it were not there."""
    try:
        return taker.render_block(format, block, inner, page)
    except PluginError as error:
        page.warn(f"{error.message}: the block {block.id} is rendered without it")
        return None
