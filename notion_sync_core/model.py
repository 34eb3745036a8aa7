"""What travels through the pipeline: references, blocks, listings, assets, artifacts.

Views are thin and frozen: they hold the raw API object and read from it on demand, so that a field
nobody here has heard of survives. Nothing in this module does I/O.

Shapes: https://developers.notion.com/reference/block, /page, /database, /rich-text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, Literal, get_args
from urllib.parse import parse_qs

from attrs import field, frozen

Json = dict[str, Any]
"""One JSON object, as read."""

Kind = Literal["page", "database", "data_source"]
"""A *database* is a container; a *data source* holds its schema and rows."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_HEX_ID = re.compile(r"[0-9a-f]{32}")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_URL_ID = re.compile(r"([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")


def normalise_id(text: str) -> str | None:
    """The hyphenated lower-case form of an id, or ``None`` if the text is not an id."""
    if _ID.fullmatch(text):
        return text  # almost always
    bare = text.replace("-", "").lower()
    if not _HEX_ID.fullmatch(bare):
        return None
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


def id_from_url(text: str) -> str | None:
    """The object a Notion URL (any host, absolute or relative) or a plain id stands for.

    Query and fragment are ignored: ``?v=`` names a view and ``#`` a block.
    """
    path = text.split("#", 1)[0].split("?", 1)[0].rstrip("/").lower()
    found = _URL_ID.search(path)
    return normalise_id(found[1]) if found else None


def root_from_text(text: str) -> str | None:
    """The id of what a person means by an id or a Notion URL: the page shown on top, else what the path names, else
    the view; ``None`` if it names nothing.
    """
    query = parse_qs(text.strip().partition("#")[0].partition("?")[2])
    shown, view = (next(map(normalise_id, query.get(name, ())), None) for name in ("p", "v"))
    return shown or id_from_url(text.strip()) or view


def fragment_from_url(text: str) -> str | None:
    """The bare id of the block that a Notion URL points to with ``#``, or ``None``."""
    fragment = text.partition("#")[2].replace("-", "").lower()
    return fragment if _HEX_ID.fullmatch(fragment) else None


def objects(value: Any) -> list[Json]:
    """The objects of a JSON array; what is none is passed over, and anything but an array is empty."""
    if not isinstance(value, list):
        return []
    for item in value:
        if not isinstance(item, dict):
            return [item for item in value if isinstance(item, dict)]
    return value  # almost always


def fields(value: Any) -> Json:
    """A JSON object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def properties_of(raw: Json) -> dict[str, Json]:
    """The property values of a page, or the columns of a data source, by name; what is no object is passed over."""
    return {name: value for name, value in fields(raw.get("properties")).items() if isinstance(value, dict)}


def plain_text(items: Any) -> str:
    """The text of a rich text array without its formatting."""
    return "".join(text for item in objects(items) if isinstance(text := item.get("plain_text"), str))


@frozen
class Parent:
    """Where an object stands: the API's parent type and the id it names, if any."""

    type: str = "workspace"
    """``workspace``, ``page_id``, ``database_id``, ``data_source_id``, ``block_id``, as the API says it."""
    id: str | None = None
    """What it stands in; ``None`` at the top."""


@frozen
class Ref:
    """What discovery knows of an object."""

    id: str
    """The service's own; it stays when the object is renamed or moved."""
    kind: Kind
    """One of :data:`KINDS`."""
    title: str
    """Plain text; empty: it has none."""
    parent: Parent
    """What it stands in, as far as the source shows it."""
    created_time: str
    """UTC, ``YYYY-MM-DDTHH:MM:SS.mmmZ``, so that text order is time order; any other ISO 8601 time becomes that."""
    last_edited_time: str
    """The same form; another one than before: the object is read again."""
    url: str = ""
    """Where people open it; empty: nowhere."""
    left_out: str = ""
    """Why it is no part of the export although the source shows it: ``it is in Notion's trash``; empty: it is."""
    for_good: bool = False
    """Left out whatever listings show later, such as a template."""
    cut: bool = False
    """The object shows some of its values only in part; reading it completes them."""
    raw: Json | None = field(default=None, eq=False, repr=False)
    """The API object, normalised, where the listing gave it in full."""


@frozen
class Workspace:
    """Whose content a source shows: another workspace is never written over what is there of one."""

    id: str = ""
    """Stays the same whoever asks; empty: the source does not tell."""
    name: str = ""
    connection: str = ""
    """Who asks: another connection of the same workspace may see other objects."""

    def is_other_than(self, known: Workspace) -> bool:
        """Whether these are two; where an id is missing, a name and a connection that both changed say so."""
        if self.id and known.id:
            return self.id != known.id
        pairs = ((self.name, known.name), (self.connection, known.connection))
        return all(one and other and one != other for one, other in pairs)


@frozen
class Unusable:
    """Something that a listing shows and that cannot be exported: it is named as a failure, and all else goes on."""

    reason: str
    """What is wrong with it, and where it was shown."""
    id: str = ""
    """Its id; empty if it has none that can be asked for: then it is a failure of the listing."""
    kind: Kind = "page"
    title: str = ""
    remedy: str = ""
    missing: bool = False
    """The service does not show it when it is asked for by its id: it is unreadable, not a failure."""


@frozen
class Block:
    """One block as the API gave it."""

    raw: Json
    type: str = field(init=False, eq=False, repr=False)
    """The block type; unknown ones are ordinary."""

    @type.default
    def _type(self) -> str:
        found = self.raw.get("type")
        return found if isinstance(found, str) and found else "unsupported"

    @property
    def id(self) -> str:
        """Hyphenated id; empty if the block has none."""
        found = self.raw.get("id")
        return found if isinstance(found, str) else ""

    @property
    def payload(self) -> Json:
        """The object named like :attr:`type`; empty if missing."""
        payload = self.raw.get(self.type)
        return payload if isinstance(payload, dict) else {}

    @property
    def has_children(self) -> bool:
        """Whether the API says that the block has children."""
        return bool(self.raw.get("has_children"))

    @property
    def rich_text(self) -> list[Json]:
        """The block's own text (``text`` in API versions before 2022-02-22)."""
        payload = self.payload
        return objects(payload.get("rich_text") or payload.get("text"))

    @property
    def caption(self) -> list[Json]:
        """The caption's rich text; empty if the type has none."""
        return objects(self.payload.get("caption"))


@frozen
class Listing:
    """One answer of a paginated list of blocks: at most 100 children of one parent."""

    parent_id: str
    """The page or block whose children these are."""
    index: int
    """0 for the first answer of this parent, then counting up."""
    raw: Json = field(repr=False)
    """The envelope, normalised: ``results``, ``has_more``."""


@frozen
class Asset:
    """A file a document refers to."""

    key: str
    """Its address without signature: the same file has the same key in each read."""
    url: str = field(repr=False)
    """Where to get it now; may carry a signature, so it is never stored or logged."""
    name: str = ""
    """What people called it; empty: nothing."""
    holder_id: str = ""
    """The block or page that refers to it; reading that again renews :attr:`url`."""
    holder_type: Literal["block", "page", "database", "comment"] = "block"
    """What kind of object that is."""
    external: bool = False
    """It lies outside the source's own store."""


@frozen
class Found:
    """What reading a document turned up besides its listings."""

    children: tuple[tuple[str, Kind, str], ...] = ()
    """(id, kind, title) of child pages and databases, wherever on the page they stand, in its order."""
    links: frozenset[str] = frozenset()
    """Ids of objects the text mentions or links to."""
    anchors: frozenset[tuple[str, str]] = frozenset()
    """(document, bare block id) of links to blocks."""
    assets: tuple[Asset, ...] = ()
    """Files that it refers to."""
    synced_from: tuple[tuple[str, str], ...] = ()
    """(original block, copy) of each synced copy."""
    originals: tuple[str, ...] = ()
    """Synced blocks that are originals."""
    users: tuple[Json, ...] = ()
    """User objects with a name."""
    raw: Json | None = None
    """The document's own object, completed (long properties read to their end)."""
    warnings: tuple[str, ...] = ()
    """What is odd about it, in sentences for the report."""
    read_at: str = ""
    """The source's own time when the reading began, like :attr:`Ref.last_edited_time`: what was edited in the same
    minute is read again. Empty: the time of this machine's clock."""


@frozen
class Comments:
    """One answer of a paginated list of comments (https://developers.notion.com/reference/list-comments)."""

    block_id: str
    """The block or document they are about."""
    index: int
    raw: Json = field(repr=False)


Piece = Listing | Comments | Found
"""What :func:`~notion_sync_core.hookspecs.source_read` yields."""


@frozen
class Artifact:
    """One rendered file on its way to the sinks."""

    path: PurePosixPath = field(converter=PurePosixPath)
    """Relative to the sink's root; never absolute, never contains ``..``."""
    chunks: Iterable[bytes] = field(repr=False)
    """UTF-8 for text formats; produced while it is written, never whole in memory."""
    media_type: str
    """As in ``Content-Type``: ``text/markdown``."""

    @path.validator
    def _stays_inside_the_sink(self, _: object, path: PurePosixPath) -> None:
        if path.is_absolute() or ".." in path.parts or path == PurePosixPath(".") or "\0" in str(path):
            raise ValueError(f"artifact path must stay inside the sink: {path}")


@frozen
class Staged:
    """An artifact that a sink holds ready, not yet visible under its name."""

    path: str
    """Where it will be seen."""
    sha256: str
    """Of its bytes, hexadecimal."""
    size: int
    """In bytes."""
    token: str
    """The sink's own handle, for example the name of a temporary file."""


@frozen
class Stat:
    """What a sink knows of a file without reading it."""

    size: int
    """In bytes."""
    stamp: str
    """Changes when the file does: a modification time, an ETag."""
    obstacle: str = ""
    """The path of what keeps a file from being there: no regular file in its place, or no folder above it."""
