"""Properties become columns of their type."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from notion_sync_core.plugin import Parent, Ref

from notion_sync_sqlite.columns import columns_of
from notion_sync_sqlite.file import File, table_names

TIME = "2026-01-02T03:04:05.000Z"


class Alone:
    """A site in which there is nothing else."""

    def target(self, object_id: str) -> None: ...

    def asset(self, key: str) -> None: ...

    def user(self, user_id: str) -> None: ...


def source(**properties: str) -> dict[str, Any]:
    """A data source with properties of these types."""
    return {"properties": {name: {"type": kind, kind: {}} for name, kind in properties.items()}}


def test_the_title_comes_first_and_a_date_has_two_columns() -> None:
    found = columns_of(source(When="date", Name="title", Amount="number", Done="checkbox", Sum="formula"))
    assert [(column.name, column.type) for column in found] == [
        ("Name", "TEXT"),
        ("Amount", "REAL"),
        ("Done", "INTEGER"),
        ("Sum", ""),
        ("When", "TEXT"),
        ("When end", "TEXT"),
    ]


def test_names_that_sqlite_takes_for_one_get_numbers() -> None:
    names = [column.name for column in columns_of(source(Name="title", ID="number", name="number", Id="number"))]
    assert len({name.casefold() for name in names} | {"id"}) == len(names) + 1
    assert table_names(["Tasks", "tasks", "search", 'sqlite_"x', ""]) == [
        *("Tasks", "tasks 2", "search 2", '_sqlite_"x', "untitled"),
    ]


def test_values_are_numbers_texts_and_json() -> None:
    columns = columns_of(source(Name="title", Amount="number", Done="checkbox", Tags="multi_select", When="date"))
    raw = {
        "properties": {
            "Name": {"type": "title", "title": [{"type": "text", "plain_text": 'Say "hi"'}]},
            "Amount": {"type": "number", "number": 1.5},
            "Done": {"type": "checkbox", "checkbox": True},
            "Tags": {"type": "multi_select", "multi_select": [{"name": "a, b"}, {"name": "c"}]},
            "When": {"type": "date", "date": {"start": "2026-01-02", "end": None}},
        }
    }
    values = [column.value(raw, Alone()) for column in columns]  # type: ignore[arg-type]
    assert values == ['Say "hi"', 1.5, 1, '["a, b", "c"]', "2026-01-02", None]
    empty = [column.value({}, Alone()) for column in columns]  # type: ignore[arg-type]
    assert empty == [None] * 6


def test_a_file_holds_odd_names_and_values_and_is_the_same_each_time() -> None:
    made = []
    for _ in range(2):
        with closing(File(search=True)) as file:
            columns = columns_of(source(**{'No "quotes"; DROP TABLE x': "title", "n": "number"}))
            file.add_table('Odd "name"', columns)
            file.add_row('Odd "name"', Ref("1", "page", "One", Parent(), TIME, TIME), ["\ud800", 1 << 70], "words")
            made.append(file.bytes())
    assert made[0] == made[1]
    database = sqlite3.connect(":memory:")
    database.deserialize(made[0])
    assert database.execute('SELECT * FROM "Odd ""name"""').fetchone()[-2:] == ("?", float(1 << 70))
    database.close()
