"""What renderers see: documents from the mirror, and their neighbours from the state."""

from __future__ import annotations

import itertools
import os.path
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from attrs import evolve, frozen

from notion_sync_core.errors import SkippableError
from notion_sync_core.model import NEIGHBOURS, Block, Json, Kind, Ref, Row, Target, normalise_id, objects
from notion_sync_core.run.harmless import PICTURE, PICTURE_OF
from notion_sync_core.run.lookups import DOCUMENTS, LIVE
from notion_sync_core.run.plan import ref_of
from notion_sync_core.store.mirror import Mirror
from notion_sync_core.store.state import State
from notion_sync_core.store.suffix import is_inert

ASSETS = "assets"


class MirrorMiss(SkippableError):
    """The state says that something was read, but the mirror does not have it."""


class View:
    """One document, read from the mirror listing by listing. See :class:`~notion_sync_core.model.Document`."""

    def __init__(self, state: State, mirror: Mirror, ref: Ref) -> None:
        self._state = state
        self._mirror = mirror
        raw = mirror.object(ref.id)
        if raw is None:
            raise MirrorMiss(f"the mirror has no copy of {ref.title!r} ({ref.id})")
        self.ref = ref
        self.raw: Json = raw
        self.source_version = state.meta("source_version")
        self._has_comments = state.meta("comments") == "1"
        self.anchors = {row["block"] for row in state.rows("SELECT block FROM anchors WHERE doc=?", (ref.id,))}
        """Blocks of this document that links lead to, by their bare ids."""
        self.lost_anchors = set(self.anchors)
        """Those of them that reading the document has not shown."""

    def blocks(self) -> Iterator[Block]:
        """See :meth:`~notion_sync_core.model.Document.blocks`."""
        if self.ref.kind == "page":
            listings = self._mirror.listings(self.ref.id)
            first = next(listings, None)
            if first is None:
                raise MirrorMiss(f"the mirror has no content of {self.ref.title!r} ({self.ref.id})")
            yield from self._shown(itertools.chain([first], listings))

    def children(self, block: Block) -> Iterator[Block]:
        """See :meth:`~notion_sync_core.model.Document.children`."""
        payload = block.payload
        source = payload.get("synced_from") if block.type == "synced_block" else None
        synced = source.get("block_id") if isinstance(source, dict) else None
        if isinstance(synced, str) and synced:
            original = normalise_id(synced) or synced
            yield from self._listed(original if self._mirror.has_listing(original) else block.id)
        elif isinstance(payload.get("children"), dict) and not block.has_children:
            for section in payload["children"].values():
                yield from self._listed(section) if isinstance(section, str) else ()
        elif block.has_children:
            yield from self._listed(block.id)

    def _listed(self, parent_id: str) -> Iterator[Block]:
        return self._shown(self._mirror.listings(parent_id))

    def _shown(self, listings: Iterable[Json]) -> Iterator[Block]:
        for raw in listings:
            for found in objects(raw.get("results")):
                block = Block(found)
                if self.anchors:
                    self.lost_anchors.discard(block.id.replace("-", ""))
                yield block

    def comments(self, block_id: str) -> list[Json]:
        """See :meth:`~notion_sync_core.model.Document.comments`."""
        return list(self._mirror.comments(block_id)) if self._has_comments else []

    def data_sources(self) -> list[Json]:
        """See :meth:`~notion_sync_core.model.Document.data_sources`."""
        if self.ref.kind != "database":
            return []
        listed = objects(self.raw.get("data_sources"))
        order = {item["id"]: at for at, item in enumerate(listed) if isinstance(item.get("id"), str)}
        rows = self._state.rows(
            f"SELECT id FROM objects WHERE kind='data_source' AND parent_id=? AND status IN {LIVE} ORDER BY id",
            (self.ref.id,),
        )
        found = [(row["id"], self._mirror.object(row["id"])) for row in rows]
        found.sort(key=lambda each: order.get(each[0], len(order)))
        # Who asks for the rows of one needs its id, which an object that was looked up may lack.
        return [{**raw, "id": source} for source, raw in found if raw is not None]

    def rows(self, data_source_id: str) -> Iterator[Row]:
        """See :meth:`~notion_sync_core.model.Document.rows`."""
        rows = self._state.stream(
            f"SELECT * FROM objects WHERE place=? AND kind='page' AND status IN {LIVE} "
            "ORDER BY substr(created, 1, 16), id",
            (data_source_id,),
        )
        for row in rows:
            raw = self._mirror.object(row["id"])
            if raw is not None:
                yield Row(evolve(ref_of(row), raw=raw), raw)


HAS_FILE = f"status IN {LIVE} AND kind IN {DOCUMENTS} AND stem IS NOT NULL AND read_edited IS NOT NULL"
"""Of objects that stand in the export with a file of their own."""
_KNOWN = "id, title, stem, url, kind, read_edited IS NOT NULL AS has_file"
_DEEPEST = 500


@frozen
class Known:
    """What other documents show of an object."""

    id: str
    title: str
    stem: str
    url: str
    kind: Kind
    has_file: bool


def _known(row: sqlite3.Row) -> Known:
    return Known(row["id"], row["title"], row["stem"], row["url"], row["kind"], bool(row["has_file"]))


class Neighbours:
    """Titles, paths and files of everything in the export, remembered while one process renders."""

    def __init__(self, state: State, mirror: Mirror) -> None:
        self._state = state
        self._mirror = mirror
        self.target = lru_cache(5_000)(self._target)
        self.asset = lru_cache(2_000)(self._asset)
        self.picture = lru_cache(2_000)(self._picture)
        self.user = lru_cache(2_000)(self._user)

    def _target(self, object_id: str) -> Known | None:
        row = self._state.row(
            # A data source has no file of its own: its database's shows it.
            f"SELECT {_KNOWN} FROM objects WHERE id=coalesce((SELECT parent_id FROM objects WHERE id=:id "
            f"AND kind='data_source'), :id) AND status IN {LIVE} AND stem IS NOT NULL".replace(":id", "?"),
            (object_id, object_id),
        )
        return _known(row) if row else None

    def trail(self, place: str | None) -> list[Known]:
        """What an object in that folder stands inside, the outermost first."""
        found: list[Known] = []
        while place is not None and len(found) < _DEEPEST:
            row = self._state.row(f"SELECT place, {_KNOWN} FROM objects WHERE id=?", (place,))
            if row is None:
                break
            if row["kind"] != "data_source":
                found.append(_known(row))
            place = row["place"]
        return found[::-1]

    def beside(self, place: str | None, rank: int) -> list[Known]:
        """The nearest objects in a folder."""
        rows = self._state.rows(
            f"SELECT {_KNOWN} FROM objects WHERE place IS ? AND rank BETWEEN ? AND ? AND {HAS_FILE} ORDER BY rank",
            (place, rank - NEIGHBOURS, rank + NEIGHBOURS),
        )
        return [_known(row) for row in rows]

    def inside(self, object_id: str) -> list[Known]:
        """The first objects in an object's folder, those of a database's data sources included."""
        rows = self._state.rows(
            f"SELECT {_KNOWN} FROM objects WHERE place IN (SELECT ? UNION SELECT id FROM objects WHERE place=? AND "
            f"kind='data_source') AND {HAS_FILE} ORDER BY place, rank LIMIT {2 * NEIGHBOURS}",
            (object_id, object_id),
        )
        return [_known(row) for row in rows]

    def _asset(self, key: str) -> str | None:
        row = self._state.row("SELECT sha256, suffix FROM assets WHERE key=?", (key,))
        return asset_path(row["sha256"], row["suffix"]) if row else None

    def _picture(self, key: str) -> str | None:
        row = self._state.row(f"SELECT sha256, suffix, {PICTURE_OF} AS picture FROM assets a WHERE key=?", (key,))
        if row is None:
            return None
        if row["picture"]:
            return asset_path(row["picture"], PICTURE)
        return None if is_inert(row["suffix"]) else asset_path(row["sha256"], row["suffix"])

    def _user(self, user_id: str) -> str | None:
        raw = self._mirror.user(user_id)
        name = raw.get("name") if raw else None
        return name if isinstance(name, str) and name else None


@frozen
class Spot:
    """Where one document stands in the layout."""

    id: str
    stem: str
    place: str | None
    rank: int
    anchors: set[str]


class Page:
    """Where one file stands among the others. See :class:`~notion_sync_core.model.Site`."""

    def __init__(
        self,
        neighbours: Neighbours,
        spot: Spot,
        folder: str,
        suffix: str,
        warn: Callable[[str], None],
        render_block: Callable[[Block, str, Page], str | None] | None = None,
    ) -> None:
        self._neighbours = neighbours
        self._spot = spot
        self._folder = folder
        self._suffix = suffix
        self._here = f"{folder}/{spot.stem}".lstrip("/").rpartition("/")[0] or "."
        self._render_block = render_block
        self.warn = warn
        self.notes: list[str] = []

    def path(self, suffix: str) -> PurePosixPath:
        """See :meth:`~notion_sync_core.model.Site.path`."""
        return PurePosixPath(self._folder, self._spot.stem + suffix)

    @property
    def home(self) -> str:
        """See :attr:`~notion_sync_core.model.Site.home`."""
        return "../" * self._spot.stem.count("/")

    def target(self, object_id: str) -> Target | None:
        """See :meth:`~notion_sync_core.model.Site.target`."""
        found = self._neighbours.target(object_id)
        return None if found is None else self._from_here(found)

    def _from_here(self, found: Known) -> Target:
        where = f"{self._folder}/{found.stem}{self._suffix}".lstrip("/")
        href = os.path.relpath(where, self._here) if found.has_file else None
        return Target(found.title, href, found.url, found.kind, found.id)

    def asset(self, key: str) -> str | None:
        """See :meth:`~notion_sync_core.model.Site.asset`."""
        found = self._neighbours.asset(key)
        return None if found is None else os.path.relpath(found, self._here)

    def picture(self, key: str) -> str | None:
        """See :meth:`~notion_sync_core.model.Site.picture`."""
        found = self._neighbours.picture(key)
        return None if found is None else os.path.relpath(found, self._here)

    def user(self, user_id: str) -> str | None:
        """See :meth:`~notion_sync_core.model.Site.user`."""
        return self._neighbours.user(user_id)

    def is_anchor(self, block_id: str) -> bool:
        """See :meth:`~notion_sync_core.model.Site.is_anchor`."""
        return bool(self._spot.anchors) and block_id.replace("-", "") in self._spot.anchors

    def trail(self) -> list[Target]:
        """See :meth:`~notion_sync_core.model.Site.trail`."""
        return [self._from_here(found) for found in self._neighbours.trail(self._spot.place)]

    def siblings(self) -> list[Target]:
        """See :meth:`~notion_sync_core.model.Site.siblings`."""
        return [self._from_here(found) for found in self._neighbours.beside(self._spot.place, self._spot.rank)]

    def inside(self) -> list[Target]:
        """See :meth:`~notion_sync_core.model.Site.inside`."""
        return [self._from_here(found) for found in self._neighbours.inside(self._spot.id)]

    @property
    def position(self) -> int:
        """See :attr:`~notion_sync_core.model.Site.position`."""
        return self._spot.rank + 1

    def note(self, text: str) -> None:
        """See :meth:`~notion_sync_core.model.Site.note`."""
        self.notes.append(text)

    def render_block(self, block: Block, inner: str) -> str | None:
        """See :meth:`~notion_sync_core.model.Site.render_block`."""
        return None if self._render_block is None else self._render_block(block, inner, self)


def asset_path(sha256: str, suffix: str) -> str:
    """Where an asset lies in every sink."""
    return f"{ASSETS}/{sha256[:2]}/{sha256}{suffix}"
