"""What renderers see: documents from the mirror, and their neighbours from the state."""

from __future__ import annotations

import itertools
import json
import os.path
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from pathlib import PurePosixPath

from attrs import evolve, frozen

from notion_sync_core.document import COUNTED, NEAR_ANCESTORS, NEIGHBOURS, Branch, Document, Row, Target
from notion_sync_core.errors import SkippableError
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.mirror.suffix import PICTURE, is_inert
from notion_sync_core.model import Block, Json, Ref, normalise_id, objects
from notion_sync_core.stages.layout import ASSETS
from notion_sync_core.stages.veil import Veil
from notion_sync_core.state import Known, State
from notion_sync_core.state.records import Level


class MirrorMiss(SkippableError):
    """The state says that something was read, but the mirror does not have it."""


class View:
    """One document, read from the mirror listing by listing. See :class:`~notion_sync_core.document.Document`."""

    def __init__(self, state: State, mirror: Mirror, ref: Ref, veil: Veil | None = None) -> None:
        self._state = state
        self._mirror = mirror
        self._veil = veil
        raw = mirror.object(ref.id)
        if raw is None:
            raise MirrorMiss(f"the mirror has no copy of {ref.title!r} ({ref.id})")
        self.ref = ref
        self.raw: Json = self._uncovered(raw)
        self._has_comments = state.facts.comments == "1"
        self.anchors = state.findings.linked_blocks(ref.id)
        """Blocks of this document that links lead to, by their bare ids."""
        self.lost_anchors = set(self.anchors)
        """Those of them that reading the document has not shown."""

    @cached_property
    def source_version(self) -> str:
        """See :attr:`~notion_sync_core.document.Document.source_version`."""
        return str(self._state.facts.source_version)

    def blocks(self) -> Iterator[Block]:
        """See :meth:`~notion_sync_core.document.Document.blocks`."""
        if self.ref.kind == "page":
            listings = self._mirror.listings(self.ref.id)
            first = next(listings, None)
            if first is None:
                raise MirrorMiss(f"the mirror has no content of {self.ref.title!r} ({self.ref.id})")
            yield from self._shown(itertools.chain([first], listings))

    def children(self, block: Block) -> Iterator[Block]:
        """See :meth:`~notion_sync_core.document.Document.children`."""
        payload = block.payload
        source = payload.get("synced_from") if block.type == "synced_block" else None
        synced = source.get("block_id") if isinstance(source, dict) else None
        if isinstance(synced, str) and synced:
            original = normalise_id(synced) or synced
            yield from self._listed(original if self._mirror.has_listing(original) else block.id)
        elif isinstance(payload.get("children"), dict):
            yield from self._with_sections(block, payload["children"])
        elif block.has_children:
            yield from self._listed(block.id)

    def _with_sections(self, block: Block, named: Json) -> Iterator[Block]:
        """What is in a block that names its parts by their ids, and in those that are not among its children."""
        shown = set()
        for each in self._listed(block.id) if block.has_children else ():
            shown.add(each.id)
            yield each
        for section in named.values():
            if isinstance(section, str) and section not in shown:
                yield from self._listed(section)

    def _listed(self, parent_id: str) -> Iterator[Block]:
        return self._shown(self._mirror.listings(parent_id))

    def _shown(self, listings: Iterable[Json]) -> Iterator[Block]:
        for raw in listings:
            results = objects(raw.get("results"))
            for found in results if self._veil is None else self._veil.listing(results):
                block = Block(found)
                if self.anchors:
                    self.lost_anchors.discard(block.id.replace("-", ""))
                yield block

    def comments(self, block_id: str) -> list[Json]:
        """See :meth:`~notion_sync_core.document.Document.comments`."""
        found = list(self._mirror.comments(block_id)) if self._has_comments else []
        return list(map(self._uncovered, found))

    def data_sources(self) -> list[Json]:
        """See :meth:`~notion_sync_core.document.Document.data_sources`."""
        if self.ref.kind != "database":
            return []
        listed = objects(self.raw.get("data_sources"))
        order = {item["id"]: at for at, item in enumerate(listed) if isinstance(item.get("id"), str)}
        found = [(each.id, self._mirror.object(each.id)) for each in self._state.tree.data_sources(self.ref.id)]
        found.sort(key=lambda each: order.get(each[0], len(order)))
        # Who asks for the rows of one needs its id, which an object that was looked up may lack.
        return [{**self._uncovered(raw), "id": source} for source, raw in found if raw is not None]

    def _uncovered(self, raw: Json) -> Json:
        return raw if self._veil is None else self._veil.object(raw)

    def rows(self, data_source_id: str) -> Iterator[Row]:
        """See :meth:`~notion_sync_core.document.Document.rows`."""
        for row in self._state.tree.rows(data_source_id):
            raw = self._mirror.object(row.id)
            if raw is not None:
                raw = self._uncovered(raw)
                yield Row(evolve(row.ref, raw=raw), raw)


class Neighbours:
    """Titles, paths and files of everything in the export, remembered while one process renders."""

    def __init__(self, state: State, mirror: Mirror, veil: Veil | None = None) -> None:
        self._state = state
        self._veil = veil
        self._tree = state.tree
        self._assets = state.assets
        self._mirror = mirror
        self.is_dead_end = state.findings.is_dead_end
        self._folder = state.facts.assets_folder or ASSETS
        self.beside = self._tree.beside
        self.inside = self._tree.inside
        self.leading_to = self._tree.leading_to
        self.count_inside = self._tree.count_inside
        self.near = lru_cache(500)(partial(self._tree.beside, reach=NEAR_ANCESTORS))
        self.count_beside = lru_cache(500)(self._tree.count_beside)
        self.target = lru_cache(5_000)(self._tree.target)
        self.asset = lru_cache(2_000)(self._asset)
        self.picture = lru_cache(2_000)(self._picture)
        self.user = lru_cache(2_000)(self._user)

    def trail(self, folder_id: str | None) -> list[Level]:
        """The documents that an object in that folder stands inside, the outermost first."""
        return [found for found in self._tree.trail(folder_id) if found.here.kind != "data_source"][::-1]

    def document(self, object_id: str) -> View | None:
        """A document of the export; ``None`` if there is none, or no copy of it."""
        known = self._state.objects.find(object_id)
        if known is None or known.path is None or not known.has_copy:
            return None
        with suppress(MirrorMiss):
            return View(self._state, self._mirror, known.ref, self._veil)
        return None

    def _asset(self, key: str) -> str | None:
        found = self._assets.find(key)
        return asset_path(self._folder, found.sha256, found.suffix) if found else None

    def _picture(self, key: str) -> str | None:
        found = self._assets.find(key)
        if found is None:
            return None
        if found.picture:
            return asset_path(self._folder, found.picture, PICTURE)
        return None if is_inert(found.suffix) else asset_path(self._folder, found.sha256, found.suffix)

    def _user(self, user_id: str) -> str | None:
        raw = self._mirror.user(user_id)
        name = raw.get("name") if raw else None
        return name if isinstance(name, str) and name else None


@frozen
class Spot:
    """Where one document stands in the layout."""

    id: str
    path: str
    """Without suffix."""
    folder_id: str | None
    rank: int
    anchors: set[str]


class Page:
    """Where one file stands among the others. See :class:`~notion_sync_core.document.Site`."""

    def __init__(
        self,
        neighbours: Neighbours,
        spot: Spot,
        folder: str,
        suffix: str,
        warn: Callable[[str], None],
        render_block: Callable[[Block, str, Page], str | None] | None = None,
        stem: Callable[[str], str] = str,
    ) -> None:
        self._neighbours = neighbours
        self._spot = spot
        self._folder = folder
        self._suffix = suffix
        self._here = f"{folder}/{spot.path}".lstrip("/").rpartition("/")[0] or "."
        self._render_block = render_block
        self._stem = stem
        self.warn = warn
        self.notes: list[str] = []

    def path(self, suffix: str) -> PurePosixPath:
        """See :meth:`~notion_sync_core.document.Site.path`."""
        return PurePosixPath(self._folder, self._spot.path + suffix)

    @property
    def home(self) -> str:
        """See :attr:`~notion_sync_core.document.Site.home`."""
        return "../" * self._spot.path.count("/")

    def target(self, object_id: str) -> Target | None:
        """See :meth:`~notion_sync_core.document.Site.target`."""
        found = self._neighbours.target(object_id)
        return None if found is None else self._from_here(found)

    def _from_here(self, found: Known) -> Target:
        where = f"{self._folder}/{self._stem(found.path)}{self._suffix}".lstrip("/")
        href = os.path.relpath(where, self._here) if found.has_file else None
        icon = json.loads(found.icon) if found.icon else None
        return Target(found.title, href, found.url, found.kind, found.id, icon)

    def asset(self, key: str) -> str | None:
        """See :meth:`~notion_sync_core.document.Site.asset`."""
        found = self._neighbours.asset(key)
        return None if found is None else os.path.relpath(found, self._here)

    def picture(self, key: str) -> str | None:
        """See :meth:`~notion_sync_core.document.Site.picture`."""
        found = self._neighbours.picture(key)
        return None if found is None else os.path.relpath(found, self._here)

    def user(self, user_id: str) -> str | None:
        """See :meth:`~notion_sync_core.document.Site.user`."""
        return self._neighbours.user(user_id)

    def is_anchor(self, block_id: str) -> bool:
        """See :meth:`~notion_sync_core.document.Site.is_anchor`."""
        return bool(self._spot.anchors) and block_id.replace("-", "") in self._spot.anchors

    def is_gone(self, object_id: str, block_id: str) -> bool:
        """See :meth:`~notion_sync_core.document.Site.is_gone`."""
        return self._neighbours.is_dead_end(object_id, block_id)

    def trail(self) -> list[Target]:
        """See :meth:`~notion_sync_core.document.Site.trail`."""
        return [self._from_here(level.here) for level in self._neighbours.trail(self._spot.folder_id)]

    def siblings(self) -> list[Target]:
        """See :meth:`~notion_sync_core.document.Site.siblings`."""
        return [self._from_here(found) for found in self._neighbours.beside(self._spot.folder_id, self._spot.rank)]

    def inside(self) -> list[Target]:
        """See :meth:`~notion_sync_core.document.Site.inside`."""
        return [self._from_here(found) for found in self._neighbours.inside(self._spot.id)]

    def branches(self) -> list[Branch]:
        """See :meth:`~notion_sync_core.document.Site.branches`."""
        count = self._neighbours.count_beside
        found = [
            _branch([self._from_here(each) for each in self._neighbours.near(folder, rank)], count(folder))
            for _, folder, rank in self._neighbours.trail(self._spot.folder_id)
        ]
        beside, inside = self.siblings(), self.inside()
        found.append(_branch(beside, count(self._spot.folder_id)))
        return [*found, _branch(inside, self._neighbours.count_inside(self._spot.id))]

    def backlinks(self) -> Branch:
        """See :meth:`~notion_sync_core.document.Site.backlinks`."""
        found = self._neighbours.leading_to(self._spot.id)
        return _branch([self._from_here(each) for each in found[: 2 * NEIGHBOURS]], len(found))

    def document(self, object_id: str) -> Document | None:
        """See :meth:`~notion_sync_core.document.Site.document`."""
        return self._neighbours.document(object_id)

    @property
    def position(self) -> int:
        """See :attr:`~notion_sync_core.document.Site.position`."""
        return self._spot.rank + 1

    def note(self, text: str) -> None:
        """See :meth:`~notion_sync_core.document.Site.note`."""
        self.notes.append(text)

    def render_block(self, block: Block, inner: str) -> str | None:
        """See :meth:`~notion_sync_core.document.Site.render_block`."""
        return None if self._render_block is None else self._render_block(block, inner, self)


def _branch(targets: list[Target], of: int) -> Branch:
    return Branch(targets, min(max(of - len(targets), 0), COUNTED))


def asset_path(folder: str, sha256: str, suffix: str) -> str:
    """Where an asset lies in every sink."""
    return f"{folder}/{sha256[:2]}/{sha256}{suffix}"
