"""Uploads that a browser would run: how they are named in the sinks, and what is shown in place of an SVG.

Both follow from a file's name and bytes alone, by rules that have numbers: when a rule changes, so do the names that
the state remembers, and the documents that show them are made again.
"""

from __future__ import annotations

import hashlib
import posixpath
import sqlite3
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from notion_sync_core.store import suffix, svg
from notion_sync_core.store.mirror import Mirror
from notion_sync_core.store.state import State

PICTURE = ".svg"
"""The extension of what is shown in place of an SVG."""
PICTURE_TYPE = "image/svg+xml"
_RULES = f"{suffix.RULE}.{svg.RULE}"
_PICTURE = "picture:"
PICTURE_OF = (
    f"CASE a.suffix WHEN '{suffix.SVG}' THEN "
    f"(SELECT nullif(m.value, '') FROM meta m WHERE m.key = '{_PICTURE}' || a.sha256) END"
)
"""SQL: the sha256 of what is shown in place of the SVG ``a`` of the table ``assets``; NULL if it is none."""


def arrange(state: State, mirror: Mirror) -> None:
    """Name every asset by the present rule, and make the pictures that are still missing.

    The mirror is made durable before the state tells of what is in it.
    """
    if state.meta("asset_rules") != _RULES:
        _name_anew(state, mirror)
        state.execute(f"DELETE FROM meta WHERE key LIKE '{_PICTURE}%'")
        state.set_meta("asset_rules", _RULES)
    rows = state.pages(
        f"SELECT DISTINCT a.sha256, (SELECT value FROM meta WHERE key = '{_PICTURE}' || a.sha256) AS picture "
        f"FROM assets a WHERE a.suffix = '{suffix.SVG}' {{after}} ORDER BY a.sha256",
        "sha256",
    )
    made = [row["sha256"] for row in rows if _make(state, mirror, row)]
    if made:
        mirror.flush()
        _redo(state, "a.sha256", made)


def _name_anew(state: State, mirror: Mirror) -> None:
    for row in state.pages("SELECT key, sha256, suffix FROM assets WHERE true {after} ORDER BY key", "key"):
        named = suffix.asset_suffix(row["key"], _head(mirror, row["sha256"]))
        if named != row["suffix"]:
            state.execute("UPDATE assets SET suffix=? WHERE key=?", (named, row["key"]))
            _redo(state, "a.key", [row["key"]])


def _head(mirror: Mirror, sha256: str) -> bytes:
    try:
        with mirror.blob(sha256).open("rb") as file:
            return file.read(suffix.HEAD)
    except OSError:  # it is downloaded again, and named then
        return b""


def _make(state: State, mirror: Mirror, row: sqlite3.Row) -> bool:
    """Make the picture of one SVG, unless there is one; whether that changed anything."""
    known = row["picture"]
    if known == "" or (known and mirror.blob(known).exists()):
        return False
    try:
        with mirror.blob(row["sha256"]).open("rb") as file:
            picture = svg.picture(file.read(svg.LARGEST + 1))
    except OSError:
        return False
    found = "" if picture is None else _keep(mirror, picture)
    state.set_meta(_PICTURE + row["sha256"], found)
    return True


def _keep(mirror: Mirror, picture: bytes) -> str:
    digest = hashlib.sha256(picture).hexdigest()
    if not mirror.blob(digest).exists():
        with mirror.receive() as receiver:
            receiver.file.write(picture)
            receiver.keep()
    return digest


def _redo(state: State, column: str, values: Iterable[str]) -> None:
    """Make the documents again that show these assets."""
    state.execute_many(
        "UPDATE objects SET dirty=1 WHERE stem IS NOT NULL AND read_edited IS NOT NULL AND id IN (SELECT d.doc FROM "
        f"document_assets d JOIN assets a ON a.key = d.key WHERE {column} = ?)",
        [(value,) for value in values],
    )


def upload_name(key: str) -> str:
    """What people called a file, as far as its address tells; ``""`` if it does not.

    :param key: its address.
    """
    try:
        return unquote(posixpath.basename(urlsplit(key).path))
    except ValueError:
        return ""
