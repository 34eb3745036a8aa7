"""Renders one document with every renderer and stages the result in every sink.

Pure but for staging: it reads state and mirror, and may run in a process of its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from notion_sync_core import plugins
from notion_sync_core.errors import ConfigError, Interrupted, NotionSyncError, PluginError, SinkError
from notion_sync_core.model import Artifact, Block, Ref, Staged
from notion_sync_core.plugins import Hooks, blame
from notion_sync_core.run.layout import Naming
from notion_sync_core.run.patience import Patience, TooSlow
from notion_sync_core.run.plan import ref_of
from notion_sync_core.run.site import SiteTree
from notion_sync_core.run.tree import Style
from notion_sync_core.run.view import MirrorMiss, Neighbours, Page, Spot, View
from notion_sync_core.store.mirror import Mirror
from notion_sync_core.store.state import State
from notion_sync_core.terminal import MOST, bounded

_CHUNK = 1 << 20
_PRIVATE = ".notion-sync"
_RENDER_HOOKS = ("render_document", "render_block", "render_site")
_OURS = ((), ("manifest.jsonl",), ("lock",), ("staging",), ("replaced",))


@frozen
class PluginSpec:
    """How to build one plugin, here or in another process."""

    kind: str
    name: str
    use: str
    options: Mapping[str, Any]

    def build(self, origins: Mapping[str, str] | None = None) -> Any:
        """The plugin's instance."""
        return plugins.build(self.kind, self.use, self.options, f"plugins.{self.name}", origins or {})


@frozen
class Renderer:
    """A renderer in its place."""

    name: str
    plugin: Any
    hooks: Hooks
    folder: str

    @property
    def suffix(self) -> str:
        """Of the file that links to a document lead to."""
        return str(self.plugin.suffix)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of every file that each document has."""
        return (self.suffix, *map(str, getattr(self.plugin, "suffixes", ())))

    def database_suffixes(self, sources: list[Ref]) -> tuple[str, ...]:
        """Of the further files of a database.

        :raises PluginError: the renderer does not say.
        """
        if not self.hooks.implements("render_suffixes"):
            return ()
        with blame(self.hooks, "render_suffixes"):
            return tuple(map(str, self.hooks.call("render_suffixes", sources=sources) or ()))

    @property
    def makes_documents(self) -> bool:
        """It makes files of documents; a plugin for single blocks does not."""
        return self.hooks.implements("render_document")

    @property
    def shows_neighbours(self) -> bool:
        """A document has to be made again when what stands around it changes."""
        return bool(getattr(self.plugin, "shows_neighbours", False))


@frozen
class Sink:
    """A sink with its own set of hooks, so that its failure is its own."""

    name: str
    plugin: Any
    hooks: Hooks

    @property
    def location(self) -> str:
        """Where it writes."""
        return str(self.plugin.location)


@frozen
class Made:
    """What became of one document in the press."""

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


def make_renderers(specs: list[PluginSpec], origins: Mapping[str, str] | None = None) -> list[Renderer]:
    """Build renderers; as soon as there are two that make documents, each gets a folder of its own.

    :raises PluginError: one of them is none.
    :raises ConfigError: none of them makes documents.
    """
    built = [(spec, spec.build(origins)) for spec in specs]
    made = [Renderer(spec.name, plugin, plugins.single(plugin, spec.name), "") for spec, plugin in built]
    for renderer in made:
        if not any(map(renderer.hooks.implements, _RENDER_HOOKS)):
            raise PluginError(
                f"the renderer {renderer.name!r} implements none of {', '.join(_RENDER_HOOKS)}",
                "Report this to the plugin's authors.",
            )
    documents = [renderer for renderer in made if renderer.makes_documents]
    if not documents:
        names = ", ".join(renderer.name for renderer in made)
        raise ConfigError(
            f"export.renderers names nothing that makes documents: {names}",
            'Plugins for single blocks stand beside a renderer: renderers = ["html", …].',
        )
    for renderer in documents:
        for attribute in ("format", "suffix"):
            if not isinstance(getattr(renderer.plugin, attribute, None), str):
                raise PluginError(f"the renderer {renderer.name!r} has no attribute {attribute!r}")
    return [evolve(renderer, folder=_folder(renderer, alone=len(documents) == 1)) for renderer in made]


def _folder(renderer: Renderer, *, alone: bool) -> str:
    chosen = getattr(renderer.plugin, "folder", "")
    return str(chosen or ("" if alone else renderer.name)).strip("/") if renderer.makes_documents else ""


def style_of(renderers: list[Renderer], naming: Naming) -> Style:
    """What names are made of, and with which suffixes they have to be free: those of all renderers, whatever folder."""
    documents = [renderer for renderer in renderers if renderer.makes_documents]

    def database_suffixes(sources: list[Ref]) -> tuple[str, ...]:
        return tuple(suffix for renderer in documents for suffix in renderer.database_suffixes(sources))

    return Style(naming, tuple(suffix for renderer in documents for suffix in renderer.suffixes), database_suffixes)


def make_sinks(specs: list[PluginSpec], origins: Mapping[str, str] | None = None) -> list[Sink]:
    """Build sinks, each with hooks of its own."""
    made = []
    for spec in specs:
        plugin = spec.build(origins)
        made.append(Sink(spec.name, plugin, plugins.single(plugin, spec.name)))
    return made


class Press:
    """Renders and stages; one a process.

    :param patience: how long renderers may take for one document.
    """

    def __init__(
        self,
        state: State,
        mirror: Mirror,
        renderers: list[Renderer],
        sinks: list[Sink],
        patience: Patience | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._state = state
        self._mirror = mirror
        self._renderers = [renderer for renderer in renderers if renderer.makes_documents]
        self._sinks = sinks
        self._neighbours = Neighbours(state, mirror)
        self._block_renderer = _block_renderer(renderers)

    def make(self, doc: str) -> Made:
        """Render and stage one document; a failure is in the result, unless a sink cannot be written."""
        row = self._state.row("SELECT * FROM objects WHERE id=?", (doc,))
        if row is None or row["stem"] is None:
            return Made(doc)
        warnings: list[str] = []
        notes: list[tuple[str, str]] = []
        staged: list[tuple[str, str, Staged]] = []
        errors: dict[str, str] = {}
        remedy = ""
        lost: set[str] | None = None
        for renderer in self._renderers:
            own: list[tuple[str, str, Staged]] = []
            try:
                # Each looks at a document of its own: what one does to it, others do not see.
                document = View(self._state, self._mirror, ref_of(row))
                spot = Spot(doc, row["stem"], row["place"], row["rank"], document.anchors)
                page = self._page(renderer, spot, warnings)
                with self._patience.document(renderer.name):
                    self._render(renderer, document, page, own)
            except MirrorMiss as error:
                return Made(doc, tuple(staged + own), error=error.message, miss=True)
            except (SinkError, Interrupted):
                raise
            except (NotionSyncError, ValueError) as error:
                self._discard(own)
                remedy = error.remedy if isinstance(error, TooSlow) else remedy
                errors[renderer.name] = getattr(error, "message", str(error))
            else:
                staged += own
                lost = document.lost_anchors if lost is None else lost & document.lost_anchors
                if page.notes:
                    notes.append((renderer.name, "\n".join(page.notes)))
        return Made(
            doc,
            tuple(staged),
            tuple(dict.fromkeys(warnings)),
            error="; ".join(errors.values()),
            remedy=remedy,
            broken=tuple(errors),
            notes=tuple(notes),
            lost_anchors=tuple(sorted(lost or ())),
        )

    def _page(self, renderer: Renderer, spot: Spot, warnings: list[str]) -> Page:

        def warn(text: str) -> None:
            warnings.append(bounded(text, MOST))

        return Page(self._neighbours, spot, renderer.folder, renderer.suffix, warn, self._claim(renderer))

    def _render(self, renderer: Renderer, document: View, page: Page, staged: list[tuple[str, str, Staged]]) -> None:
        with blame(renderer.hooks, "render_document"):
            given = _given(renderer, "render_document", document=document, site=page)
            for artifact in self._patience.each(given):
                checked = self._checked(renderer, "render_document", artifact)
                staged += [(sink, renderer.name, item) for sink, item in self.stage(checked)]

    def _discard(self, staged: list[tuple[str, str, Staged]]) -> None:
        hooks = {sink.name: sink.hooks for sink in self._sinks}
        for sink, _, item in staged:
            hooks[sink].call("sink_discard", staged=item)

    def make_site(self, renderer: Renderer) -> Iterator[tuple[str, Staged]]:
        """Render and stage the files that are about all documents; gives (sink, staged)."""
        tree = SiteTree(self._state, renderer.name, renderer.folder, renderer.suffix)
        with self._patience.stoppable(), blame(renderer.hooks, "render_site"):
            for artifact in self._patience.each(_given(renderer, "render_site", tree=tree)):
                yield from self.stage(self._checked(renderer, "render_site", artifact))

    @property
    def renderers(self) -> list[Renderer]:
        """The renderers of this job."""
        return self._renderers

    def stage(self, artifact: Artifact) -> Iterator[tuple[str, Staged]]:
        """Bring an artifact to every sink; its bytes are produced once."""
        if len(self._sinks) == 1:
            sink = self._sinks[0]
            yield sink.name, sink.hooks.call("sink_stage", artifact=artifact)[0]
            return
        with tempfile.SpooledTemporaryFile(max_size=4 * _CHUNK) as spool:
            for chunk in artifact.chunks:
                spool.write(chunk)
            for sink in self._sinks:
                spool.seek(0)
                copy = Artifact(artifact.path, iter(lambda: spool.read(_CHUNK), b""), artifact.media_type)
                yield sink.name, sink.hooks.call("sink_stage", artifact=copy)[0]

    def stage_blob(self, sink: Sink, path: str, blob: Path, media_type: str) -> Staged:
        """Bring an asset from the mirror to one sink."""

        def chunks() -> Iterator[bytes]:
            with blob.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk

        staged: Staged = sink.hooks.call("sink_stage", artifact=Artifact(path, chunks(), media_type))[0]
        return staged

    def _checked(self, renderer: Renderer, hook: str, artifact: Any) -> Artifact:
        """An artifact whose faults are its renderer's, not those of the sink that takes its bytes.

        :raises PluginError: it is none, or stands where only we may write.
        """
        with blame(renderer.hooks, hook):
            if not isinstance(artifact, Artifact):
                raise TypeError(f"it gives {type(artifact).__name__} instead of artifacts")
            if artifact.path.parts[0].casefold() == _PRIVATE and artifact.path.parts[1:2] in _OURS:
                raise ValueError(f"its artifact {artifact.path} would stand among our own files")
            if renderer.folder and not artifact.path.is_relative_to(renderer.folder):
                raise ValueError(f"its artifact {artifact.path} would stand outside its folder {renderer.folder}")

        def chunks() -> Iterator[bytes]:
            with blame(renderer.hooks, hook):
                for chunk in self._patience.each(artifact.chunks):
                    if not isinstance(chunk, bytes):
                        raise TypeError(f"a chunk of {artifact.path} is {type(chunk).__name__} instead of bytes")
                    yield chunk

        return Artifact(artifact.path, chunks(), artifact.media_type)

    def _claim(self, renderer: Renderer) -> Callable[[Block, str, Page], str | None] | None:
        if self._block_renderer is None:
            return None
        hooks = self._block_renderer

        def claim(block: Block, inner: str, page: Page) -> str | None:
            result: str | None = hooks.call(
                "render_block", format=renderer.plugin.format, block=block, inner=inner, site=page
            )
            return result

        return claim


def _given(renderer: Renderer, hook: str, **arguments: Any) -> Iterator[Any]:
    """What a renderer gives; it begins to work when the first is asked for."""
    found = renderer.hooks.call(hook, **arguments)
    yield from (found or ()) if hook == "render_site" else found


def _block_renderer(renderers: list[Renderer]) -> Hooks | None:
    """The plugins that take over single blocks, or ``None``: then no block pays for asking."""
    hooks = Hooks()
    for renderer in renderers:
        if renderer.hooks.implements("render_block"):
            hooks.add(renderer.plugin, renderer.name)
    return hooks if hooks.implements("render_block") else None
