"""Exports whose databases can be asked in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from conftest import Run


@pytest.fixture
def tasks(notion_sync: Run, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database of tasks, as the plugin wrote it."""
    notion_sync("export", "--renderer", "sqlite", "--to", "out")
    with closing(sqlite3.connect(tmp_path / "out" / "Fernwood Bikes Handbook" / "Tasks.sqlite")) as database:
        yield database


def test_columns_have_types(tasks: sqlite3.Connection) -> None:
    declared = {name: kind for _, name, kind, *_ in tasks.execute("PRAGMA table_info(Tasks)")}
    assert declared["id"] == declared["url"] == "TEXT"
    assert {"REAL", "INTEGER", "TEXT"} <= set(declared.values())
    (whole,) = tasks.execute("PRAGMA integrity_check").fetchone()
    assert whole == "ok"


def test_rows_can_be_counted_and_found_by_a_word(tasks: sqlite3.Connection) -> None:
    (rows,) = tasks.execute("SELECT count(*) FROM Tasks").fetchone()
    assert rows > 3
    title, row_id = tasks.execute("SELECT title, id FROM search LIMIT 1").fetchone()
    word = max(title.split(), key=len).strip(".,!?")
    found = [each for (each,) in tasks.execute("SELECT id FROM search WHERE search MATCH ?", (f'"{word}"',))]
    assert row_id in found
    joined = "SELECT count(*) FROM search JOIN Tasks USING (id)"
    assert tasks.execute(joined).fetchone() == (rows,)


def test_it_stands_beside_other_renderers_and_an_unchanged_database_is_not_written_again(
    notion_sync: Run, tmp_path: Path
) -> None:
    both = ("--renderer", "markdown", "--renderer", "sqlite", "--to", "out")
    notion_sync("sync", *both)
    files = sorted((tmp_path / "out" / "sqlite").rglob("*.sqlite"))
    assert files
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}
    notion_sync("sync", *both)
    assert before == {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}
    notion_sync("check", *both, "--read-data")
