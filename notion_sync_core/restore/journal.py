"""The journal of one restore, in one sqlite file: what was sent, what it became, what is in doubt. All SQL of restore
is here.

What a write is to make is on record before it is sent, and what it made before the next one is. Whatever ends the
process, the next one knows all that was answered, and that at most one write of each container is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import astuple, evolve

from notion_sync_core.mirror.sqlite_file import Purpose, SqliteFile
from notion_sync_core.restore.records import Container, Entry, Failure, Note, Step, Write

FORMAT = 1
_NEW = (("document", "new"), ("block", "new"), ("foreign_child", "id"))
"""Where ids of the target stand."""
_ENTRY = "id, kind, parent, is_direct, holds, new, step, later, ordinal"
_CONTAINER = "key, document, id, kind, lists, width, written, last, children"


class Journal:
    """What one restore has done.

    :param path: the file; made with mode 0600 if missing. ``None``: nothing is kept, as for a dry run.
    :raises StateError: damaged, or written by a newer version of this program.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._file = SqliteFile(path, _purpose())

    def copied(self) -> Journal:
        """The same in memory, to try what comes next."""
        found = Journal(None)
        self._file.copy_to(found._file)
        return found

    def close(self) -> None:
        """Drop what was not committed, and close the file."""
        self._file.close()

    def commit(self) -> None:
        """Make everything so far durable."""
        self._file.commit()

    def _write(self, sql: str, *rows: tuple[Any, ...]) -> None:
        self._file.write(sql, rows)

    def _rows(self, sql: str, parameters: Any = ()) -> list[Any]:
        return self._file.rows(sql, parameters)

    def _value(self, sql: str, *parameters: Any) -> Any:
        rows = self._rows(sql, parameters)
        return rows[0][0] if rows else None

    # -- facts

    def fact(self, name: str) -> str:
        """What is on record under a name; ``""``: nothing."""
        return str(self._value("SELECT value FROM fact WHERE name = ?", name) or "")

    def set_fact(self, name: str, value: str) -> None:
        """Put something on record."""
        self._write("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    # -- what is to be restored

    def plan(self, entry: Entry) -> None:
        """A document is to be restored; those that are planned come in the order of the tree."""
        facts = (entry.id, entry.kind, entry.parent, entry.is_direct, entry.holds)
        self._write("INSERT OR IGNORE INTO document (id, kind, parent, is_direct, holds) VALUES (?, ?, ?, ?, ?)", facts)

    def forget_plan(self) -> None:
        """Plan anew: nothing was sent yet."""
        for table in ("document", "original"):
            self._write(f"DELETE FROM {table}", ())

    def holds(self, object_id: str) -> None:
        """Documents stand in one."""
        self._write("UPDATE document SET holds = 1 WHERE id = ?", (object_id,))

    def plan_original(self, block_id: str) -> None:
        """A synced block that others may copy is to be restored."""
        self._write("INSERT OR IGNORE INTO original VALUES (?)", (block_id,))

    def is_original(self, block_id: str) -> bool:
        """Whether a synced block is to be restored."""
        return self._value("SELECT 1 FROM original WHERE id = ?", block_id) is not None

    def entry(self, object_id: str) -> Entry | None:
        """A document, by the id that it had."""
        rows = self._rows(f"SELECT {_ENTRY} FROM document WHERE id = ?", (object_id,))
        return _entry(rows[0]) if rows else None

    def entries(self, *kinds: str) -> Iterator[Entry]:
        """The documents of some kinds, in the order of the tree, while they are written."""
        return self._each(f"kind IN ({', '.join('?' * len(kinds))})", *kinds)

    def inside(self, object_id: str) -> Iterator[Entry]:
        """What stands right in a document, in its order."""
        return self._each("parent = ?", object_id)

    def waiting(self) -> Iterator[Entry]:
        """Documents with values that wait, in their order."""
        return self._each("later != '' AND new != ''")

    def _each(self, condition: str, *parameters: str) -> Iterator[Entry]:
        last = 0
        sql = f"SELECT {_ENTRY} FROM document WHERE ordinal > ? AND {condition} ORDER BY ordinal LIMIT 1"
        while rows := self._rows(sql, (last, *parameters)):
            found = _entry(rows[0])
            yield found
            last = found.ordinal

    def awaits_shells(self, parent: str) -> bool:
        """Whether something that holds others, or a database, is still to be made in a document."""
        sql = "SELECT 1 FROM document WHERE parent = ? AND step = 0 AND (holds OR kind = 'database') AND kind != 'row'"
        return self._value(f"{sql} LIMIT 1", parent) is not None

    def before(self, entry: Entry) -> Entry | None:
        """The last document that was made of those that stand before one right on the same page."""
        rows = self._rows(
            f"SELECT {_ENTRY} FROM document WHERE parent = ? AND ordinal < ? AND is_direct AND new != '' "
            "ORDER BY ordinal DESC LIMIT 1",
            (entry.parent, entry.ordinal),
        )
        return _entry(rows[0]) if rows else None

    def count(self, kind: str, step: Step) -> int:
        """How many documents of a kind are so far, or further; of those that failed, how many did."""
        sql = "SELECT count(*) FROM document WHERE kind = ? AND "
        if step is Step.FAILED:
            return int(self._value(sql + "step = ?", kind, step))
        return int(self._value(sql + "step >= ? AND step < ?", kind, step, Step.FAILED))

    # -- what became of it

    def make(self, entry: Entry, new: str, step: Step, later: str = "") -> None:
        """A document is there."""
        self._write("UPDATE document SET new = ?, step = ?, later = ? WHERE id = ?", (new, step, later, entry.id))
        self._write("UPDATE container SET children = children + 1 WHERE key = ?", (entry.parent,))
        self.settled(entry.id)

    def set_step(self, object_id: str, step: Step) -> None:
        """A document is so far."""
        self._write("UPDATE document SET step = ? WHERE id = ?", (step, object_id))

    def set_later(self, object_id: str, later: str) -> None:
        """These values of a document wait."""
        self._write("UPDATE document SET later = ? WHERE id = ?", (later, object_id))

    def fail(self, object_id: str, error: str, remedy: str) -> None:
        """A document cannot be restored, or not whole."""
        self._write(
            "UPDATE document SET step = ?, error = ?, remedy = ? WHERE id = ?",
            (Step.FAILED, error, remedy, object_id),
        )
        self.settled(object_id)

    def failures(self) -> list[Failure]:
        """What could not be restored, in its order."""
        sql = "SELECT id, error, remedy FROM document WHERE step = ? ORDER BY ordinal"
        return [Failure(*row) for row in self._rows(sql, (Step.FAILED,))]

    def knows(self, new: str) -> bool:
        """Whether something in the target is on record: what was made, or what stood there before."""
        sql = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE {key} = ?" for table, key in _NEW)
        return self._value(f"{sql} LIMIT 1", *[new] * len(_NEW)) is not None

    def set_foreign(self, ids: Iterable[str]) -> None:
        """What stood where everything goes, before anything was restored."""
        self._write("INSERT OR IGNORE INTO foreign_child VALUES (?)", *((each,) for each in ids))

    def is_foreign(self, object_id: str) -> bool:
        """Whether something stood there before."""
        return bool(self._rows("SELECT 1 FROM foreign_child WHERE id = ?", (object_id,)))

    def new_block(self, block_id: str) -> str:
        """What became of a block, as far as it was told; ``""``: not known."""
        return str(self._value("SELECT new FROM block WHERE id = ?", block_id) or "")

    def old(self, new: str) -> str:
        """The id that a document or block had, by the one that it has now; ``""``: nothing that was made."""
        sql = "SELECT id FROM document WHERE new = ? UNION ALL SELECT id FROM block WHERE new = ? LIMIT 1"
        return str(self._value(sql, new, new) or "") if new else ""

    def make_blocks(self, pairs: Iterable[tuple[str, str]]) -> None:
        """(id that it had, id that it has) of blocks."""
        self._write("INSERT OR REPLACE INTO block VALUES (?, ?)", *pairs)

    def made_columns(self, source: str, names: Iterable[str]) -> None:
        """Columns that a data source, by the id that it had, has now."""
        self._write("INSERT OR IGNORE INTO made VALUES (?, ?)", *((source, name) for name in names))

    def has_column(self, source: str, name: str) -> bool:
        """Whether a data source has a column now."""
        return self._value("SELECT 1 FROM made WHERE source = ? AND name = ?", source, name) is not None

    # -- containers

    def open_container(self, found: Container) -> None:
        """Something is still to be written into a page or block."""
        self._write(
            f"INSERT OR IGNORE INTO container ({_CONTAINER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            astuple(found),
        )

    def containers(self, document: str) -> list[Container]:
        """Those of a document that are not whole, in the order in which they were opened."""
        sql = f"SELECT {_CONTAINER} FROM container WHERE document = ? AND NOT done ORDER BY number"
        return [Container(*row) for row in self._rows(sql, (document,))]

    def container(self, key: str) -> Container | None:
        """One, by the id that it had."""
        rows = self._rows(f"SELECT {_CONTAINER} FROM container WHERE key = ?", (key,))
        return Container(*rows[0]) if rows else None

    def identify(self, key: str, new: str) -> None:
        """The id of a container is known now."""
        self._write("UPDATE container SET id = ?, last = '' WHERE key = ?", (new, key))

    def advance(self, key: str, written: int, last: str, added: int = 0) -> None:
        """So many blocks of a container are written or passed, and that many came to it."""
        self._write(
            "UPDATE container SET written = ?, last = ?, children = children + ? WHERE key = ?",
            (written, last, added, key),
        )
        self.settled(key)

    def close_container(self, key: str) -> None:
        """Nothing is left to be written into it."""
        self._write("UPDATE container SET done = 1 WHERE key = ?", (key,))

    # -- writes under way

    def intend(self, write: Write) -> None:
        """A write is about to be sent; durable when this returns."""
        self._write(f"INSERT OR REPLACE INTO pending VALUES ({', '.join('?' * 9)})", astuple(write))
        self.commit()

    def intent(self, key: str) -> Write | None:
        """The write that is in doubt, if one is."""
        rows = self._rows("SELECT * FROM pending WHERE key = ?", (key,))
        return Write(*rows[0]) if rows else None

    def settled(self, key: str) -> None:
        """What became of a write is on record, or it was refused."""
        self._write("DELETE FROM pending WHERE key = ?", (key,))

    # -- files and notes

    def upload(self, sha256: str, fresh_since: float) -> str:
        """What an upload of a content gave; ``""``: there is none that can still be shown.

        :param fresh_since: Unix time; one that nothing shows yet has to be younger.
        """
        sql = "SELECT id FROM upload WHERE sha256 = ? AND (shown OR at >= ?)"
        return str(self._value(sql, sha256, fresh_since) or "")

    def uploaded(self, sha256: str, upload_id: str, at: float) -> None:
        """A content went up."""
        self._write("INSERT OR REPLACE INTO upload (sha256, id, at) VALUES (?, ?, ?)", (sha256, upload_id, at))

    def uploads_shown(self, ids: Iterable[str]) -> None:
        """Something shows these uploads now: they stay."""
        self._write("UPDATE upload SET shown = 1 WHERE id = ?", *((each,) for each in ids))

    def note(self, note: Note) -> None:
        """Something could not be restored as it was; the same of one document is told once."""
        self._write("INSERT OR IGNORE INTO note (document, words) VALUES (?, ?)", (note.document, note.words))

    def notes_on(self, document: str) -> list[Note]:
        """Those on one document."""
        sql = "SELECT document, words FROM note WHERE document = ? ORDER BY number"
        return [Note(*row) for row in self._rows(sql, (document,))]

    def notes(self) -> list[Note]:
        """All of them, in the order in which they came up."""
        return [Note(*row) for row in self._rows("SELECT document, words FROM note ORDER BY number")]


def _purpose() -> Purpose:
    return Purpose(
        "journal",
        FORMAT,
        Path(__file__).with_name("journal.sql").read_text("utf-8"),
        if_newer="Install a newer version of this program; it goes on where that one was.",
        if_damaged="Put it back from a backup. Without it a restore begins anew: choose another page with --into.",
    )


def _entry(row: Any) -> Entry:
    made = Entry(*row)
    return evolve(made, is_direct=bool(made.is_direct), holds=bool(made.holds), step=Step(made.step))
