"""What of a history lies in its copy as well, and its rows as a list that a copy can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from notion_sync_core.errors import StateError
from notion_sync_core.history.schema import FORMAT
from notion_sync_core.mirror.sqlite_file import SqliteFile

VERSIONS, FILES = "versions", "files"
_NAMES_SQL = (
    f"SELECT '{VERSIONS}' AS kind, sha256 FROM version WHERE sha256 != '' UNION SELECT '{FILES}', sha256 FROM asset"
)
_TABLES = {"run": 5, "version": 17, "asset": 2, "person": 3}
"""The tables of a list of rows, with how many columns each has."""
_BATCH = 500
Name = tuple[str, str]
"""Kind and sha256 of something that is copied."""


class Copies:
    """The notes about one copy."""

    def __init__(self, rows: SqliteFile) -> None:
        self._rows = rows

    def place(self) -> tuple[str, int]:
        """Where the copy is, and the last run that its list of rows tells of; ``""``: there is none yet."""
        found = self._rows.rows("SELECT place, run FROM copy")
        return (str(found[0][0]), int(found[0][1])) if found else ("", 0)

    def begin(self, place: str) -> None:
        """A copy in another place: nothing is there yet."""
        self._rows.write("DELETE FROM copied", [()])
        self.end(place, 0)

    def end(self, place: str, run: int) -> None:
        """The list of rows in the copy tells of everything up to this run."""
        self._rows.write("DELETE FROM copy", [()])
        self._rows.write("INSERT INTO copy VALUES (?, ?)", [(place, run)])

    def missing(self) -> list[Name]:
        """Some of what is not in the copy yet; empty: nothing is missing."""
        return [
            tuple(row)
            for row in self._rows.rows(f"SELECT * FROM ({_NAMES_SQL}) EXCEPT SELECT * FROM copied LIMIT {_BATCH}")
        ]

    def count_missing(self) -> int:
        """How much is not in the copy yet."""
        sql = f"SELECT count(*) FROM (SELECT * FROM ({_NAMES_SQL}) EXCEPT SELECT * FROM copied)"
        return int(self._rows.rows(sql)[0][0])

    def superfluous(self) -> list[Name]:
        """Some of what is in the copy and nothing needs any more."""
        return [
            tuple(row)
            for row in self._rows.rows(f"SELECT * FROM copied EXCEPT SELECT * FROM ({_NAMES_SQL}) LIMIT {_BATCH}")
        ]

    def note(self, names: Iterable[Name]) -> None:
        """These are in the copy."""
        self._rows.write("INSERT OR IGNORE INTO copied VALUES (?, ?)", names)

    def note_gone(self, names: Iterable[Name]) -> None:
        """These are not in it any more."""
        self._rows.write("DELETE FROM copied WHERE kind = ? AND sha256 = ?", names)

    # -- the list of rows

    def listed(self) -> Iterator[list[Any]]:
        """Every row, with the name of its table before it; the first says what this is."""
        yield ["history", FORMAT]
        for table in _TABLES:
            for row in self._rows.stream(f"SELECT * FROM {table}"):
                yield [table, *row]

    def take(self, rows: Iterator[Any]) -> None:
        """Fill an empty history with such a list.

        :raises StateError: it is none, or was written by a newer version of this program.
        """
        first = next(rows, None)
        if not isinstance(first, list) or first[:1] != ["history"] or first[1:] != [FORMAT]:
            raise StateError(
                f"the copy of the history is in a format that is not known here: {first!r:.80}",
                "Install a newer version of this program, or choose another history.store.",
            )
        waiting: list[Any] = []
        for row in rows:
            if not isinstance(row, list) or not row or _TABLES.get(row[0]) != len(row) - 1:
                raise StateError(
                    f"the copy of the history is damaged: {row!r:.80} is no row",
                    "Restore that object from a version of the bucket, or choose another history.store.",
                )
            if waiting and (waiting[-1][0] != row[0] or len(waiting) == _BATCH):
                self._put(waiting)
                waiting = []
            waiting.append(row)
        self._put(waiting)

    def _put(self, rows: list[Any]) -> None:
        if rows:
            table = rows[0][0]
            marks = ", ".join("?" * _TABLES[table])
            self._rows.write(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", [row[1:] for row in rows])


def path_of(name: Name) -> str:
    """Where something lies that a history holds, in whatever place has it.

    :raises StateError: the name is none.
    """
    kind, sha256 = name
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise damaged(f"{sha256!r:.80} is not a sha256")
    return f"{kind}/{sha256[:2]}/{sha256}"


def damaged(what: str) -> StateError:
    """What is to be said of a copy that is not what it was."""
    return StateError(
        f"the copy of the history is damaged: {what}",
        "Restore that object from a version of the bucket; or choose another history.store, and history begins anew.",
    )
