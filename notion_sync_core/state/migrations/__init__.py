"""From one format of the state to the next: every format that a release wrote is carried over.

The number of the format stands in sqlite's ``user_version``. Each step is one script in this folder,
named after the format it leads to; all steps together are one transaction.
"""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

from notion_sync_core.errors import StateError

FORMAT = 7
"""What this program writes."""
OLDEST = 2
"""The oldest format that was ever written outside a laboratory."""


def is_older(db: sqlite3.Connection, path: Path) -> bool:
    """Whether a state has to be carried over before it can be used.

    :raises StateError: written by a newer version, or by none.
    """
    return _readable(db, path) < FORMAT


def migrate(db: sqlite3.Connection, path: Path) -> bool:
    """Make a new state, or carry an older one over.

    :returns: whether the state is new.
    :raises StateError: written by a newer version, or by none.
    """
    found = 0 if _is_empty(db) else _readable(db, path)
    if found == FORMAT:
        return False
    steps = ["schema.sql"] if found == 0 else [f"to_{number}.sql" for number in range(found + 1, FORMAT + 1)]
    folder = resources.files(__name__)
    scripts = "\n".join(folder.joinpath(step).read_text("utf-8") for step in steps)
    db.executescript(f"BEGIN IMMEDIATE; {scripts} PRAGMA user_version = {FORMAT}; COMMIT;")
    return found == 0


def _is_empty(db: sqlite3.Connection) -> bool:
    return not db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()


def _readable(db: sqlite3.Connection, path: Path) -> int:
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > FORMAT:
        raise StateError(
            f"the state in {path} was written by a newer version (format {found}, this program knows {FORMAT})",
            "Install a newer version of this program, or choose another deployment.state_dir.",
        )
    if found < OLDEST:
        raise StateError(
            f"the state in {path} has format {found}, which no release ever wrote",
            "Move its folder away: the sink's manifest is adopted, only reading starts anew.",
        )
    return found
