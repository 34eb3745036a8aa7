"""What is written into a target: new objects, changes of what is there, and how much a target takes at once.

Contents are in the API's shapes as they are in requests (version 2026-03-11): blocks with their children inside the
payload, values of properties by name, files as external addresses or as what an upload gave.
"""

from __future__ import annotations

from attrs import field, frozen

from notion_sync_core.model import Json


@frozen
class Limits:
    """What a target can hold, and how much of it one request takes."""

    kinds: frozenset[str]
    """Types of blocks that can be made."""
    objects: frozenset[str] = frozenset({"page"})
    """``page``, ``row``, ``database``, ``data_source``, ``view``, ``comment``: what can be made beside blocks."""
    places: frozenset[str] = frozenset()
    """Which of these can be told the block that they stand after; others stand last."""
    array: int = 100
    """Most blocks in one list."""
    levels: int = 3
    """Levels of blocks in one request; 1: blocks without children only."""
    blocks: int = 1000
    """Most blocks in one request, on all levels."""
    bytes: int = 500_000
    """Of one request."""
    text: int = 2000
    """Most UTF-16 units of one item of rich text."""
    items: int = 100
    """Most items of one rich text."""
    values: int = 100
    """Most values of a property that has several: relations, people, options."""
    file_bytes: int = 0
    """Of the largest file; 0: it takes none."""
    whole_bytes: int = 0
    """Of the largest file that goes up by two requests; a larger one takes two, and one for each part."""
    part_bytes: int = 1
    """Of such a part."""
    shown: int = 100
    """Most children that one answer shows."""
    languages: frozenset[str] = frozenset()
    """Of code; empty: it takes any."""
    is_metered: bool = False
    """Blocks that were made are counted for ever, and there may be only so many."""
    lists: frozenset[str] = frozenset()
    """``columns``, ``views``, ``comments``: what ``target_children`` shows beside documents and blocks. Views and
    comments are made only where they can be listed; relations lead to what stood there before where columns can."""


@frozen
class New:
    """An object that is to be made."""

    kind: str
    """``page``, ``row``, ``database``, ``data_source``, ``view`` or ``comment``."""
    parent: str
    """The id of what it stands in: a page, of a row the data source, of a data source or view the database, of a
    comment a page or block. ``""``: the top."""
    title: tuple[Json, ...] = ()
    """Rich text; of a row it is the value of its title property, which is not among :attr:`properties`; of a comment
    what it says."""
    properties: Json = field(factory=dict)
    """Of a row its values, of a database and a data source their columns, by name. Of a view what the API says of it:
    ``data_source_id``, ``type``, and if wanted ``filter``, ``sorts``, ``quick_filters``, ``configuration``. Of a
    comment ``on``, which is ``page`` or ``block``, and if it is an answer ``discussion_id``."""
    blocks: tuple[Json, ...] = ()
    """What stands in a page or row, within the target's limits."""
    after: str = ""
    """The block of the parent that it stands after; the parent's own id: it stands first; ``""``: it stands last."""
    icon: Json | None = None
    cover: Json | None = None
    description: tuple[Json, ...] = ()
    """Rich text, of a database."""
    inline: bool = False
    """Of a database: it is shown as a block rather than as a page."""


@frozen
class Made:
    """An object or a block that is in a target."""

    id: str
    kind: str
    """``page``, ``row``, ``database``, ``data_source``, ``block``, ``column``, ``view`` or ``comment``."""
    title: str = ""
    """As plain text; of a block or comment what it says, if it says anything; of a view nothing need be said."""
    sources: tuple[str, ...] = ()
    """Of a database that was just made, the ids of its data sources."""
    discussion: str = ""
    """Of a comment, the id of what its answers stand in."""


@frozen
class Changes:
    """What is to be different in an object or block that is there; ``None``: it stays."""

    kind: str
    """As in :class:`Made`: what is changed."""
    title: tuple[Json, ...] | None = None
    properties: Json | None = None
    """Values or columns, by name or id; a column that is ``None`` goes."""
    icon: Json | None = None
    cover: Json | None = None
    block: Json | None = None
    """Of a block, its new payload under its type: ``{"paragraph": {…}}``."""
    is_gone: bool = False
    """It goes. Of views alone, which a service makes of itself with each database."""
