"""A SQLite file, made in memory: the same rows give the same bytes."""

from __future__ import annotations

import sqlite3

from notion_sync_core.plugin import Ref

from notion_sync_sqlite.columns import OWN, Column

_SEARCH = "search"
_LARGEST = (1 << 63) - 1


class File:
    """Tables and their rows.

    :param search: with a table to search in.
    """

    def __init__(self, *, search: bool) -> None:
        self._database = sqlite3.connect(":memory:")
        self._search = search
        if search:
            self._database.execute(
                f'CREATE VIRTUAL TABLE "{_SEARCH}" USING fts5(title, words, "table" UNINDEXED, id UNINDEXED)'
            )

    def add_table(self, name: str, columns: list[Column]) -> None:
        """Begin a table: what every row has, then a column for each property."""
        own = (f"{_quoted(column)} TEXT" for column in OWN[1:])
        theirs = (f"{_quoted(column.name)} {column.type}".strip() for column in columns)
        declared = ", ".join([f"{_quoted(OWN[0])} TEXT PRIMARY KEY", *own, *theirs])
        self._database.execute(f"CREATE TABLE {_quoted(name)} ({declared}) WITHOUT ROWID")

    def add_row(self, name: str, ref: Ref, values: list[object], words: str) -> None:
        """Add a row.

        :param words: what is found by a search.
        """
        row = [ref.id, ref.url, ref.created_time, ref.last_edited_time, *map(_held, values)]
        places = ", ".join("?" * len(row))
        self._database.execute(f"INSERT INTO {_quoted(name)} VALUES ({places})", row)
        if self._search:
            said = (ref.title, words, name, ref.id)
            self._database.execute(f'INSERT INTO "{_SEARCH}" VALUES (?, ?, ?, ?)', said)

    def bytes(self) -> bytes:
        """The whole file."""
        self._database.commit()
        return self._database.serialize()

    def close(self) -> None:
        """Let go of the memory."""
        self._database.close()


def table_names(titles: list[str]) -> list[str]:
    """A name for the table of each data source, which no other has."""
    taken = {_SEARCH, "sqlite"}
    found = []
    for title in titles:
        bare = title.replace("\0", "").strip() or "untitled"
        if bare.casefold().startswith("sqlite_") or bare.casefold().startswith(f"{_SEARCH}_"):
            bare = f"_{bare}"  # SQLite's own, and those that the search is made of
        name = next(each for each in (bare, *(f"{bare} {n}" for n in range(2, 1000))) if each.casefold() not in taken)
        taken.add(name.casefold())
        found.append(name)
    return found


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _held(value: object) -> object:
    """A value that SQLite can hold: whole numbers have 64 bits, and texts an encoding."""
    if isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
        return float(value)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
