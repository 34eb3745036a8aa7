"""The rows of history: who had which version from which run on, and versions that are small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from notion_sync_core.history.records import SYNCED, THERE, Blob, Run, Version
from notion_sync_core.history.retention import Mark
from notion_sync_core.history.schema import PURPOSE
from notion_sync_core.mirror.sqlite_file import SqliteFile

_THERE_SQL = f"({', '.join(repr(each.value) for each in sorted(THERE))})"
_COLUMNS = (
    "object_id, run, sha256, size, kind, title, parent_type, parent_id, created_time, last_edited_time, url, status, "
    "has_copy, folder_id, path, listing_digest, content_digest"
)
_AMENDED = [name.strip() for name in _COLUMNS.split(",")][4:]
_NOW = (1 << 62) - 1
_PAGE = 400


class Store(SqliteFile):
    """The rows of one job's history; see :class:`SqliteFile` for when they are durable.

    :param path: the file; made if missing.
    :param read_only: for looking at it while another process writes.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        super().__init__(path, PURPOSE, read_only=read_only)

    # -- keeping

    def put(self, versions: list[Version]) -> None:
        """What objects are from a run on; it takes the place of what that run had said before."""
        self.write(f"INSERT OR REPLACE INTO version VALUES ({', '.join('?' * 17)})", versions)

    def amend(self, versions: list[Version]) -> None:
        """What is said of versions that are kept already, beside what they hold."""
        self.write(
            f"UPDATE version SET {', '.join(f'{name} = ?' for name in _AMENDED)} WHERE object_id = ? AND run = ?",
            [(*each[4:], each.object_id, each.run) for each in versions],
        )

    def put_frames(self, blobs: Iterable[Blob]) -> None:
        """Versions that lie beside the rows; those that lie in files are passed over."""
        rows = [(each.sha256, each.frame) for each in blobs if each.frame]
        self.write("INSERT OR IGNORE INTO frame VALUES (?, ?)", rows)

    def put_assets(self, sha256: str, assets: Iterable[str]) -> None:
        """The files that a version shows."""
        self.write("INSERT OR IGNORE INTO asset VALUES (?, ?)", [(sha256, each) for each in assets])

    def put_people(self, run: int, names: Iterable[tuple[str, str]]) -> None:
        """(id, name) of people whose name is another than before."""
        self.write("INSERT OR REPLACE INTO person VALUES (?, ?, ?)", [(each, run, name) for each, name in names])

    def put_run(self, run: Run) -> None:
        """A run in which something changed."""
        self.write("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?)", [run[:5]])

    # -- asking

    def is_new(self) -> bool:
        """Whether nothing was ever kept."""
        return not self.rows("SELECT 1 FROM run LIMIT 1") and not self.rows("SELECT 1 FROM version LIMIT 1")

    def last_run(self) -> int:
        """The last run in which something changed; 0: there is none."""
        return int(self.rows("SELECT coalesce(max(number), 0) FROM run")[0][0])

    def runs(self) -> list[Run]:
        """The runs in which something changed, with how many objects did."""
        return [
            Run(*row)
            for row in self.rows(
                "SELECT r.*, coalesce(c.changes, 0) FROM run r LEFT JOIN (SELECT run, count(*) AS changes FROM version "
                "WHERE kind IN ('page', 'database') GROUP BY run) c ON c.run = r.number ORDER BY number"
            )
        ]

    def size(self) -> tuple[int, int]:
        """How many versions there are, and the bytes that they take."""
        each = "SELECT DISTINCT sha256, size FROM version WHERE sha256 != ''"
        count, size = self.rows(f"SELECT count(*), coalesce(sum(size), 0) FROM ({each})")[0]
        return int(count), int(size)

    def latest(self, ids: list[str]) -> dict[str, Version]:
        """What these objects were last, by id."""
        found = {}
        for at in range(0, len(ids), _PAGE):
            some = ids[at : at + _PAGE]
            rows = self.rows(
                f"SELECT {_COLUMNS} FROM version v WHERE object_id IN ({', '.join('?' * len(some))}) AND run = "
                "(SELECT max(run) FROM version WHERE object_id = v.object_id)",
                some,
            )
            found.update({row[0]: Version(*row) for row in rows})
        return found

    def of(self, object_id: str) -> list[Version]:
        """All that is kept of an object, the oldest first."""
        sql = f"SELECT {_COLUMNS} FROM version WHERE object_id = ? ORDER BY run"
        return [Version(*row) for row in self.rows(sql, (object_id,))]

    def as_of(self, run: int) -> Iterator[Version]:
        """What there was after a run, by id."""
        last = ""
        while True:
            rows = self.rows(
                f"SELECT {_COLUMNS} FROM version v WHERE object_id > ? AND run = (SELECT max(run) FROM version "
                f"WHERE object_id = v.object_id AND run <= ?) ORDER BY object_id LIMIT {_PAGE}",
                (last, run),
            )
            yield from (Version(*row) for row in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    def people(self, run: int = _NOW) -> dict[str, str]:
        """The names of people after a run, by id."""
        sql = "SELECT id, name FROM person p WHERE run = (SELECT max(run) FROM person WHERE id = p.id AND run <= ?)"
        return dict(self.rows(sql, (run,)))

    def facts(self, run: int) -> str:
        """Facts of the state after a run, as JSON."""
        rows = self.rows("SELECT facts FROM run WHERE number <= ? ORDER BY number DESC LIMIT 1", (run,))
        return str(rows[0][0]) if rows else "{}"

    def erase_path(self, path: str, blank: str) -> None:
        """What others say of where they stood does not name that place any more."""
        self.write(
            "UPDATE version SET path = :blank || substr(path, length(:path) + 1) WHERE path = :path "
            "OR substr(path, 1, length(:path) + 1) = :path || '/'",
            [{"path": path, "blank": blank}],
        )

    def standing(self, path: str) -> str | None:
        """The object that stood last at a path, with or without a suffix."""
        rows = self.rows(
            "SELECT object_id FROM version WHERE kind IN ('page', 'database') AND path IS NOT NULL AND "
            "(path = :path OR substr(:path, 1, length(path) + 1) = path || '.') ORDER BY run DESC, length(path) DESC "
            "LIMIT 1",
            {"path": path},
        )
        return str(rows[0][0]) if rows else None

    def hashes(self) -> set[str]:
        """The name of each version that a row speaks of."""
        return {row[0] for row in self.rows("SELECT DISTINCT sha256 FROM version WHERE sha256 != ''")}

    def needs_asset(self, sha256: str) -> bool:
        """Whether a version shows a file."""
        return bool(self.rows("SELECT 1 FROM asset WHERE sha256 = ? LIMIT 1", (sha256,)))

    def frame(self, sha256: str) -> bytes | None:
        """A version that lies beside the rows; ``None``: it does not."""
        rows = self.rows("SELECT data FROM frame WHERE sha256 = ?", (sha256,))
        return rows[0][0] if rows else None

    def frames(self) -> Iterator[str]:
        """The name of each version that lies beside the rows."""
        return (row[0] for row in self.rows("SELECT sha256 FROM frame ORDER BY sha256"))

    # -- forgetting

    def drop_frame(self, sha256: str) -> None:
        """Forget a version that lies beside the rows, if it does."""
        self.write("DELETE FROM frame WHERE sha256 = ?", [(sha256,)])

    def drop_frames(self) -> None:
        """Forget all of them: they lie elsewhere."""
        self.write("DELETE FROM frame", [()])

    def marks(self) -> list[Mark]:
        """The runs, as far as it matters how long they are kept."""
        rows = self.rows("SELECT number, coalesce(ended, began), ended IS NOT NULL FROM run ORDER BY number")
        return [Mark(number, time, bool(whole)) for number, time, whole in rows]

    def doomed(self, kept: Iterable[int]) -> list[Version]:
        """Versions that none of these runs shows; the last of what is there is never among them."""
        with self._explained():
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY)")
            self._db.execute("DELETE FROM kept")
            self._db.executemany("INSERT INTO kept VALUES (?)", [(each,) for each in {*kept, _NOW}])
        # One that is of no kept run; and that something is gone, where nothing tells what it was.
        rows = self.rows(
            f"WITH spans AS (SELECT {_COLUMNS}, lead(run, 1, {_NOW + 1}) OVER (PARTITION BY object_id ORDER BY run) "
            "AS until FROM version), "
            "shown AS (SELECT *, EXISTS (SELECT 1 FROM kept WHERE number >= run AND number < until) AS is_shown "
            "FROM spans), "
            f"first AS (SELECT object_id, min(run) AS run FROM shown WHERE is_shown AND status IN {_THERE_SQL} "
            "GROUP BY object_id) "
            f"SELECT {', '.join(f's.{name.strip()}' for name in _COLUMNS.split(','))} FROM shown s "
            "LEFT JOIN first f ON f.object_id = s.object_id "
            f"WHERE NOT s.is_shown OR (s.status NOT IN {_THERE_SQL} AND s.run < coalesce(f.run, {_NOW})) "
            "ORDER BY s.object_id, s.run"
        )
        return [Version(*row) for row in rows]

    def take_out(self, versions: Iterable[Version]) -> tuple[set[str], set[str]]:
        """Forget these.

        :returns: names of versions, and of files, that no row speaks of any more.
        """
        gone = list(versions)
        self.write("DELETE FROM version WHERE object_id = ? AND run = ?", [each[:2] for each in gone])
        free = {each.sha256 for each in gone if each.sha256} - self.hashes()
        files: set[str] = set()
        for each in free:
            files.update(row[0] for row in self.rows("SELECT sha256 FROM asset WHERE version_sha256 = ?", (each,)))
        self.write("DELETE FROM asset WHERE version_sha256 = ?", [(each,) for each in free])
        return free, {each for each in files if not self.needs_asset(each)}

    def forget_runs(self, numbers: Iterable[int]) -> None:
        """These runs cannot be looked at any more; names of people that only they show go with them."""
        self.write("DELETE FROM run WHERE number = ?", [(each,) for each in numbers])
        first = self.rows("SELECT min(number) FROM run")[0][0] or 0
        self.write(
            "DELETE FROM person WHERE run < (SELECT max(run) FROM person p WHERE p.id = person.id AND p.run <= ?)",
            [(first,)],
        )

    def rename(self, old: str, new: str, size: int) -> None:
        """What rows said of one version they say of another."""
        self.write("UPDATE version SET sha256 = ?, size = ? WHERE sha256 = ?", [(new, size, old)])
        self.write("INSERT OR IGNORE INTO asset SELECT ?, sha256 FROM asset WHERE version_sha256 = ?", [(new, old)])
        self.write("DELETE FROM asset WHERE version_sha256 = ?", [(old,)])

    def synced_for(self, document_id: str) -> list[Version]:
        """Synced blocks that were read for a document, which showed copies of them."""
        rows = self.rows(f"SELECT {_COLUMNS} FROM version WHERE kind = ? AND parent_id = ?", (SYNCED, document_id))
        return [Version(*row) for row in rows]
