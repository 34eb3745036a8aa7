"""What the state gives: one frozen record a row, with names of its own for each field.

Named tuples, for they are made of rows by the thousand, and compared by nobody but tests.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from notion_sync_core.model import Kind, Parent, Ref
from notion_sync_core.state.database import Row
from notion_sync_core.status import Status, ToRead

# A look into a table costs a tenth of a call of an enum, and there are some for each object.
_STATUSES = {each.value: each for each in Status}
_TO_READ = {each.value: each for each in ToRead}

OBJECT_COLUMNS = (
    "id, kind, title, parent_type, parent_id, created_time, last_edited_time, url, status, listing_digest, "
    "seen_in_run, read_in_run, copy_edited_time, copy_is_settled, to_read, reason, remedy, folder_id, path, "
    "folder_rank, to_render, icon"
)
"""What :class:`ObjectRecord` is made of, in this order; more may follow."""
FILE_COLUMNS = (
    "sink, path, document_id, renderer, sha256, intended_sha256, size, stamp, is_current, is_kept, is_provisional"
)
"""What :class:`FileRecord` is made of, in this order."""


class ObjectRecord(NamedTuple):
    """What is known of one object of the source."""

    id: str
    kind: Kind
    title: str
    parent: Parent
    created_time: str
    last_edited_time: str
    url: str
    status: Status
    listing_digest: str
    """Of the object as a listing gave it."""
    seen_in_run: int
    read_in_run: int
    copy_edited_time: str | None
    """The edit time of the copy in the mirror; ``None``: there is no copy."""
    copy_is_settled: bool
    to_read: ToRead
    reason: str
    remedy: str
    folder_id: str | None
    """The object in whose folder it lies; ``None``: the sink's root."""
    path: str | None
    """Without suffix; ``None``: it has none."""
    folder_rank: int
    to_render: bool
    icon: str = ""
    """As JSON; empty if it has none."""

    @classmethod
    def of(cls, row: Row) -> ObjectRecord:
        """A row of :data:`OBJECT_COLUMNS`."""
        # By place: sqlite looks for a name among all of them, and there are many rows.
        parent, status, settled, to_read = Parent(row[3], row[4]), _STATUSES[row[8]], bool(row[13]), _TO_READ[row[14]]
        known = (*row[9:13], settled, to_read, *row[15:20], bool(row[20]), row[21])
        return cls._make((*row[:3], parent, *row[5:8], status, *known))

    @property
    def ref(self) -> Ref:
        """The reference it holds, without its object."""
        return Ref(
            id=self.id,
            kind=self.kind,
            title=self.title,
            parent=self.parent,
            created_time=self.created_time,
            last_edited_time=self.last_edited_time,
            url=self.url,
        )

    @property
    def has_copy(self) -> bool:
        """Whether the mirror has, or had, a copy of it."""
        return self.copy_edited_time is not None


class Child(NamedTuple):
    """An object that only content shows, still to be looked up."""

    id: str
    kind: Kind
    title: str


class Counts(NamedTuple):
    """How the pages and databases of a job stand after a run."""

    read: int
    unchanged: int
    failed: int
    unreadable: int
    moved: int


class FileRecord(NamedTuple):
    """What a sink holds of ours."""

    sink: str
    path: str
    document_id: str
    """``""`` for assets, the manifest, and files about all documents."""
    renderer: str
    sha256: str
    """Of the bytes we know to be there; ``""``: none yet."""
    intended_sha256: str
    """Of the bytes we were about to put there."""
    size: int
    stamp: str
    is_current: bool
    """It stands for something."""
    is_kept: bool = False
    """What lies there is somebody else's, and is kept."""
    is_provisional: bool = False
    """An unfinished run placed it: it may move, also where files are only added."""

    @classmethod
    def of(cls, row: Row) -> FileRecord:
        """A row of :data:`FILE_COLUMNS`."""
        return cls._make((*row[:8], bool(row[8]), bool(row[9]), bool(row[10])))

    @property
    def is_in_the_way(self) -> bool:
        """Nothing of ours was ever there: something else stands in the file's place."""
        return self.is_kept and not self.sha256

    @property
    def known_hashes(self) -> tuple[str, ...]:
        """What is ours if it lies there: after a crash, what was recorded or what was intended."""
        return tuple(hash for hash in (self.sha256, self.intended_sha256) if hash)


class Intent(NamedTuple):
    """A file that is about to be written, as far as it takes to know it as ours without the state that intended it."""

    sink: str
    path: str
    document_id: str
    """``""`` for assets, the manifest, and files about all documents."""
    renderer: str
    there: str
    """The sha256 of the bytes of ours that lie there; ``""``: none."""
    intended: str
    """That of the bytes that are about to be."""
    is_provisional: bool
    spelt: str = ""
    """The path under which it is on record, where that is the same file under another spelling."""
    ref: Ref | None = None
    """Of the document, if it is one's."""

    def row(self) -> list[Any]:
        """As values that JSON can hold."""
        ref = self.ref
        told = ref and [
            *(ref.id, ref.kind, ref.title, ref.parent.type, ref.parent.id),
            *(ref.created_time, ref.last_edited_time, ref.url),
        ]
        return [*tuple(self)[:8], told]

    @classmethod
    def of_row(cls, row: list[Any]) -> Intent:
        """What :meth:`row` gave.

        :raises ValueError: it is no such row.
        """
        try:
            *own, told = row
            sink, path, document_id, renderer, there, intended, is_provisional, spelt = own
            ref = None
            if told is not None:
                ref_id, kind, title, parent_type, parent_id, created, edited, url = told
                ref = Ref(ref_id, kind, title, Parent(parent_type, parent_id), created, edited, url)
            return cls(sink, path, document_id, renderer, there, intended, is_provisional, spelt, ref)
        except (TypeError, ValueError) as error:
            raise ValueError(f"no intent: {row!r:.80}") from error


class AssetRecord(NamedTuple):
    """A downloaded file."""

    key: str
    sha256: str
    size: int
    suffix: str
    media_type: str
    picture: str = ""
    """The sha256 of what is shown in place of an SVG; ``""``: it is none, or cannot be shown."""


class Known(NamedTuple):
    """What other documents show of an object."""

    id: str
    title: str
    path: str
    """Without suffix."""
    url: str
    kind: Kind
    has_file: bool
    icon: str = ""
    """As JSON; empty if it has none."""

    @classmethod
    def of(cls, row: Row) -> Known:
        """A row with these columns."""
        return cls(row["id"], row["title"], row["path"], row["url"], row["kind"], bool(row["has_file"]), row["icon"])


class Level(NamedTuple):
    """A document among those of its folder."""

    here: Known
    folder_id: str | None
    folder_rank: int


class Placed(NamedTuple):
    """One object in a folder, on its way to a path."""

    id: str
    title: str
    kind: Kind
    path: str | None
    """The path it has so far."""
    has_children: bool


class Neighbour(NamedTuple):
    """One object among those of its folder."""

    id: str
    folder_id: str | None
    kind: Kind
    title: str
    path: str
    folder_rank: int
    neighbours_digest: str
    has_file: bool
    icon: str


class TreeEntry(NamedTuple):
    """One object of the export's tree."""

    id: str
    kind: Kind
    title: str
    path: str
    folder_rank: int
    has_children: bool
    has_file: bool
    has_changed: bool = False
    """For readers, since they asked."""


class DeadLink(NamedTuple):
    """A link of the export that leads nowhere."""

    source_id: str
    source_title: str
    target_title: str
