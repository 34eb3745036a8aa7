"""Documents for renderers, on the way that they really take: from the mirror, laid out, through the render stage."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from notion_sync_core.document import Tree
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Artifact, Comments, Found, Json, Kind, Parent, Staged
from notion_sync_core.plugins.build import checked
from notion_sync_core.plugins.renderer import Renderer, arrange
from notion_sync_core.stages import surroundings, tree
from notion_sync_core.stages.plan import Plan
from notion_sync_core.stages.render import Made, RenderStage
from notion_sync_core.stages.site import SiteTree
from notion_sync_core.stages.style import style_of
from notion_sync_core.stages.view import Neighbours, Page, Spot, View
from notion_sync_core.state import AssetRecord, State
from notion_sync_core.testing.drafts import WHEN, Draft, listings_of, ref_of


@define
class Rendered:
    """What one renderer made of one document."""

    files: dict[str, bytes] = field(factory=dict)
    """By path, from the sink's root."""
    media_types: dict[str, str] = field(factory=dict)
    chunks: dict[str, list[int]] = field(factory=dict)
    """How many bytes each chunk of a file had."""
    warnings: tuple[str, ...] = ()
    error: str = ""
    """Why it failed; empty: it did not."""
    asked: frozenset[str] = frozenset()
    """What it asked of its surroundings: ``siblings``, ``trail``, …"""
    claims: frozenset[str] = frozenset()
    """The types of blocks that it asked plugins for."""
    read_before: dict[str, int] = field(factory=dict)
    """How many answers of the API had been read when the first bytes of a file came."""
    reads: int = 0
    """How many were read in all; an answer that was read twice counts twice."""

    @property
    def text(self) -> str:
        """All files that are text, one after the other, by path."""
        return "\n".join(content.decode(errors="replace") for _, content in sorted(self.files.items()))


class Shelf:
    """A state and a mirror that hold documents, and what renderers make of them.

    :param folder: where both lie; emptied by nobody.
    :param comments: comments were read.
    """

    def __init__(self, folder: Path, drafts: Iterable[Draft] = (), *, comments: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.state = State(folder / "state.sqlite")
        self.mirror = _CountingMirror(folder / "mirror")
        self.plan = Plan(self.state, self.mirror)
        self.state.begin_run()
        self.state.facts.comments = "1" if comments else ""
        self.state.facts.source_version = "2026-03-11"
        self.add(*drafts)

    def close(self) -> None:
        """Give state and mirror back."""
        self.mirror.close()
        self.state.close()

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, *drafts: Draft) -> None:
        """Put documents on the shelf, as a run does that reads them."""
        for draft in drafts:
            sources = [
                ref_of(raw["id"], "data_source", draft.ref.title, Parent("database_id", draft.id), raw)
                for raw in draft.sources
            ]
            for ref in (draft.ref, *sources, *draft.rows):
                self.plan.see(ref)
            self._read(draft)
            for row in draft.rows:
                self._read(Draft(row))
        self.state.checkpoint()

    def _read(self, draft: Draft) -> None:
        children: list[tuple[str, Kind, str]] = list(draft.found.children)
        with self.mirror.document() as kept:
            if draft.ref.kind == "page":
                for listing in listings_of(draft.id, draft.blocks, children):
                    kept.put_listing(listing)
            for about, said in draft.comments.items():
                kept.put_comments(Comments(about, 0, {"results": said, "has_more": False}))
        found = evolve(draft.found, children=tuple(children), raw=draft.ref.raw, read_at=WHEN)
        self.plan.finish_read(draft.ref, found, settled=True)

    def add_asset(self, key: str, content: bytes, suffix: str, media_type: str) -> None:
        """A file that documents refer to by this address."""
        with self.mirror.receive() as receiver:
            receiver.file.write(content)
            sha256, size = receiver.keep()
        self.know_asset(key, sha256, size, suffix, media_type)

    def know_asset(self, key: str, sha256: str, size: int, suffix: str, media_type: str) -> None:
        """A file whose bytes are in the mirror."""
        self.state.assets.add([AssetRecord(key, sha256, size, suffix, media_type)])

    def add_user(self, user_id: str, name: str) -> None:
        """A person whose name is known."""
        self.plan.add_users(Found(users=({"object": "user", "id": user_id, "name": name},)))

    # -- rendering

    def arranged(self, *plugins: object, naming: Any = "title") -> list[Renderer]:
        """Renderers in their places, and every document on its path."""
        kinds = [(type(plugin).__name__ if number else "examined", plugin) for number, plugin in enumerate(plugins)]
        renderers = arrange([checked("renderers", name, plugin, f"the plugin {name}") for name, plugin in kinds])
        self.state.layout.assign_folders()
        tree.lay_out(self.plan, lambda _: None, style_of(renderers, naming))
        surroundings.arrange(self.state, watched=True)
        self.state.checkpoint()
        return renderers

    def render(self, plugin: object, object_id: str, *others: object) -> Rendered:
        """What a renderer makes of one document.

        :param others: plugins for single blocks, and renderers beside it.
        """
        return self.rendered(self.arranged(plugin, *others), object_id)

    def rendered(self, renderers: list[Renderer], object_id: str) -> Rendered:
        """The same, for renderers that are arranged already: the first of them makes the files."""
        taker = _Taker(self.mirror)
        self.mirror.reads = 0
        stage = _Watched(self.state, self.mirror, renderers, [taker])
        made: Made = stage.make(object_id)
        return Rendered(
            taker.files,
            taker.media_types,
            taker.chunks,
            made.warnings,
            made.error or ("the mirror lacks it" if made.miss else ""),
            frozenset(stage.asked),
            frozenset(stage.claims),
            taker.read_before,
            self.mirror.reads,
        )

    def render_site(self, plugin: object) -> Rendered:
        """What a renderer makes about all documents; they are rendered first, for their notes."""
        (renderer, *_) = self.arranged(plugin)
        taker = _Taker(self.mirror)
        stage = RenderStage(self.state, self.mirror, [renderer], [taker])
        for draft in [each.id for each in self.state.objects.in_manifest()]:
            made = stage.make(draft)
            self.state.findings.keep_rendering(draft, made.notes, made.lost_anchors)
        about = _Taker(self.mirror)
        stage = RenderStage(self.state, self.mirror, [renderer], [about])
        for _ in stage.make_site(renderer):
            pass
        return Rendered(about.files, about.media_types, about.chunks)

    def view(self, plugin: object, object_id: str, warn: Callable[[str], None] = lambda _: None) -> tuple[View, Page]:
        """A document and its site, as they are given to ``render_document``.

        :param plugin: the renderer whose folder and suffix count.
        """
        (renderer, *_) = self.arranged(plugin)
        known = self.state.objects.find(object_id)
        assert known is not None, "it is on the shelf"
        assert known.path is not None, "it has a path"
        view = View(self.state, self.mirror, known.ref)
        spot = Spot(known.id, renderer.stem(known.path), known.folder_id, known.folder_rank, view.anchors)
        neighbours = Neighbours(self.state, self.mirror)
        return view, Page(neighbours, spot, renderer.folder, renderer.suffix, warn, None, renderer.stem)

    def tree(self, plugin: object) -> Tree:
        """The tree of all documents, as it is given to ``render_site``."""
        return SiteTree(self.state, self.arranged(plugin)[0])

    def path(self, object_id: str) -> str:
        """Where a document lies, without suffix; known once something was rendered."""
        found = self.state.objects.find(object_id)
        return (found.path if found else None) or ""


class _CountingMirror(Mirror):
    """A mirror that knows how many answers were read from it."""

    reads = 0

    def listings(self, parent_id: str) -> Iterator[Json]:
        """See the mirror."""
        for raw in super().listings(parent_id):
            self.reads += 1
            yield raw


class _Taker:
    """In place of a sink: keeps what is staged, and how it came."""

    name = "examined"

    def __init__(self, mirror: _CountingMirror) -> None:
        self.files: dict[str, bytes] = {}
        self.media_types: dict[str, str] = {}
        self.chunks: dict[str, list[int]] = {}
        self.read_before: dict[str, int] = {}
        self._mirror = mirror

    def stage(self, artifact: Artifact) -> Staged:
        """Keep the bytes."""
        path, chunks = str(artifact.path), []
        for chunk in artifact.chunks:
            if chunk:
                self.read_before.setdefault(path, self._mirror.reads)
            chunks.append(chunk)
        content = b"".join(chunks)
        if path in self.files:
            raise ValueError(f"two of its files have the path {path}")
        self.files[path], self.media_types[path] = content, artifact.media_type
        self.chunks[path] = [len(chunk) for chunk in chunks]
        return Staged(path, hashlib.sha256(content).hexdigest(), len(content), path)

    def discard(self, staged: Staged) -> None:
        """A renderer failed after it had made this file."""
        self.files.pop(staged.path, None)


class _Watched(RenderStage):
    """The render stage, with notes of what renderers ask."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._renderers = self._renderers[:1]
        self.asked: set[str] = set()
        self.claims: set[str] = set()

    def _page(self, renderer: Renderer, spot: Spot, warnings: list[str]) -> Page:
        page = super()._page(renderer, spot, warnings)
        for name in _ABOUT_NEIGHBOURS:
            setattr(page, name, self._noted(name, getattr(page, name)))
        claim = page.render_block

        def render_block(block: Any, inner: str) -> str | None:
            self.claims.add(block.type)
            return claim(block, inner)

        page.render_block = render_block  # type: ignore[method-assign]
        return page

    def _noted(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*given: Any) -> Any:
            self.asked.add(name)
            return method(*given)

        return noting


_ABOUT_NEIGHBOURS = ("trail", "siblings", "inside", "branches", "backlinks", "document")
"""What only renderers may ask that say ``shows_neighbours``."""
