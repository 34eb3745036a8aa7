"""What renderers see: a document, what surrounds it, and the tree of all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Protocol

from attrs import field, frozen

from notion_sync_core.model import Block, Json, Kind, Ref


@frozen
class Target:
    """Where a link leads."""

    title: str
    """As it is now, not as the linking text says."""
    href: str | None
    """Path relative to the linking file, unescaped; ``None`` if the object has no file here."""
    url: str
    """The object's address in Notion."""
    kind: Kind = "page"
    """One of :data:`~notion_sync_core.model.KINDS`."""
    id: str = ""
    """Of the object that it leads to; empty for none of ours."""
    icon: Json | None = field(default=None, hash=False)
    """Its icon as the API gives it, if it has one."""


NEIGHBOURS = 15
"""How many siblings on each side a document may show."""
NEAR_ANCESTORS = 5
"""How many on each side of the documents that it stands inside."""
COUNTED = 200
"""Up to how many of what is not shown are counted: a folder of ten thousand does not change for each that comes."""


@frozen
class Branch:
    """Some documents of one folder, or of one list."""

    targets: list[Target]
    """In the order of the tree."""
    more: int = 0
    """How many others there are; at most :data:`COUNTED`, which stands for that many and more."""


@frozen
class Entry:
    """One document in the export's tree, for an index or a navigation over all."""

    id: str
    """Of the document."""
    kind: Kind
    """One of :data:`~notion_sync_core.model.KINDS`."""
    title: str
    """As it is now."""
    path: PurePosixPath
    """Of its file from the renderer's own folder, suffix included."""
    depth: int
    """0 at the top."""
    has_inside: bool
    """Documents stand inside it; they follow."""
    note: str = ""
    """What rendering it left with :meth:`Site.note`."""


@frozen
class Row:
    """One row of a data source, for index pages and CSV."""

    ref: Ref
    """What discovery knows of it."""
    raw: Json = field(repr=False)
    """The API's page object, with its properties."""


class Document(Protocol):
    """A page or database as renderers see it: read listing by listing, never whole."""

    @property
    def ref(self) -> Ref:
        """Identity, current title and times."""

    @property
    def raw(self) -> Json:
        """The API object of the page or database, normalised."""

    @property
    def source_version(self) -> str:
        """The version of the source's API that the objects were read with; may be empty."""

    def blocks(self) -> Iterator[Block]:
        """The top-level blocks in document order."""

    def children(self, block: Block) -> Iterator[Block]:
        """A block's children in order; a synced copy gives those of its original."""

    def comments(self, block_id: str) -> list[Json]:
        """The open comments on the document itself or on one of its blocks, oldest first.

        Empty unless the export has ``comments = true``. Group them by ``discussion_id``.
        """

    def data_sources(self) -> list[Json]:
        """The data source objects of a database, in the database's order; empty for a page."""

    def rows(self, data_source_id: str) -> Iterator[Row]:
        """The rows of one data source by (created_time, id)."""


class Site(Protocol):
    """What a renderer may ask about the rest of the export. Asking costs no request."""

    def path(self, suffix: str) -> PurePosixPath:
        """Where this document's file with that suffix (``".md"``) goes, from the sink's root."""

    @property
    def home(self) -> str:
        """The way from this document's folder to the renderer's own: ``""``, ``"../"``, ``"../../"``…"""

    def target(self, object_id: str) -> Target | None:
        """The object with this id, or ``None`` if it is not part of the export.

        Any id of a page, database or data source, hyphenated.
        """

    def asset(self, key: str) -> str | None:
        """Path of a downloaded asset relative to this document's file, unescaped.

        Of a file that a browser would run, the extension is one that no browser runs: it can be linked, not shown.
        """

    def picture(self, key: str) -> str | None:
        """Path of what may be shown as a picture: the asset itself, or the copy of an SVG that can do nothing.

        ``None`` if there is no such copy, or no such asset: then link to it.
        """

    def user(self, user_id: str) -> str | None:
        """The name of a user."""

    def render_block(self, block: Block, inner: str) -> str | None:
        """What a plugin makes of this block in the renderer's format; ``None``: nobody claims it."""

    def is_anchor(self, block_id: str) -> bool:
        """Whether a link somewhere in the export leads to this block of this document.

        Its anchor is its bare id, as in :attr:`~notion_sync_core.content.links.Destination.fragment`.
        """

    def is_gone(self, object_id: str, block_id: str) -> bool:
        """Whether a block that a link leads to is no longer on its page: then the link leads to the page.

        :param block_id: bare.
        """

    def trail(self) -> list[Target]:
        """The documents this one stands inside, the outermost first."""

    def siblings(self) -> list[Target]:
        """The nearest of the documents beside this one, itself among them, in the order of Notion.

        At most :data:`NEIGHBOURS` before it and as many after it.
        """

    def inside(self) -> list[Target]:
        """The first of the documents directly inside this one, at most twice :data:`NEIGHBOURS`."""

    def branches(self) -> list[Branch]:
        """The tree along the way to this document, from the top: one branch for each level.

        Beside each of :meth:`trail` the nearest documents, at most :data:`NEAR_ANCESTORS` on each side; then
        :meth:`siblings`, and last :meth:`inside`.
        """

    def backlinks(self) -> Branch:
        """The documents whose text or relations lead here, by title; at most twice :data:`NEIGHBOURS`."""

    def document(self, object_id: str) -> Document | None:
        """Another document of the export, to show a part of it in place: a database whose rows a page shows.

        This document is made again whenever a database that its content shows is; others are not followed.
        ``None`` if there is none, or no copy of it.
        """

    @property
    def position(self) -> int:
        """This document's place among its siblings, counted from 1."""

    def note(self, text: str) -> None:
        """Leave something about this document for :func:`~notion_sync_core.plugins.hookspecs.render_site`.

        It is kept until the document is rendered again.
        """

    def warn(self, message: str) -> None:
        """Put a warning about this document into the report."""


class Tree(Protocol):
    """The whole export as one renderer sees it. Asking costs no request."""

    def path(self, name: str) -> PurePosixPath:
        """Where a file of this renderer goes, from the sink's root."""

    def entries(self) -> Iterator[Entry]:
        """Every document of the export that has a file, each before what stands inside it, siblings in order."""


class Nowhere:
    """What property values may ask of a site, where there is none: they are taken as they are."""

    def target(self, _: str) -> None:
        """Nothing has a place."""

    def asset(self, _: str) -> None:
        """No file is here."""

    def user(self, _: str) -> None:
        """Nobody is known but by the value itself."""


NOWHERE = Nowhere()
