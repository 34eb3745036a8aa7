"""What people name: documents by id, URL or path, and people by their old ids and new ones."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from notion_sync_core.errors import ConfigError, StateError
from notion_sync_core.history.looking import Kept, kept
from notion_sync_core.job import Job
from notion_sync_core.model import normalise_id, root_from_text
from notion_sync_core.restore.originals import Originals


def ids_of(documents: Iterable[str], originals: Originals, job: Job) -> tuple[str, ...]:
    """The documents that are meant, by their ids.

    :raises ConfigError: nothing here has that id, URL or path.
    """
    return tuple(dict.fromkeys(_id_of(each, originals, job) for each in documents))


def ids_in_history(documents: Iterable[str], job: Job) -> tuple[str, ...]:
    """The documents that are meant, as history knows them; none where it does not know one of them, which may be meant
    in another way.

    :raises StateError: nothing is kept.
    """
    with kept(job) as found:
        ids = [_in_history(each, found) for each in documents]
    return tuple(filter(None, ids)) if all(ids) else ()


def _in_history(document: str, found: Kept) -> str | None:
    named = root_from_text(document)
    return named if named and found.store.of(named) else found.store.standing(_as_path(document))


def _as_path(document: str) -> str:
    return document.removeprefix("./").strip("/")


def _id_of(document: str, originals: Originals, job: Job) -> str:
    named = root_from_text(document)
    if named is not None and originals.ref(named) is not None:
        return named
    path = _as_path(document)
    found = _once_at(path, job) or _by_titles(path, originals)
    if found is None or originals.ref(found) is None:
        raise ConfigError(
            f"{document!r:.200} is not among what can be restored",
            "Name it by its id, its URL, or the path of its file; what was put into the trash since needs --as-of.",
        )
    return found


def _once_at(path: str, job: Job) -> str | None:
    """The document that stood last at the path of a file, as history knows it."""
    with contextlib.suppress(StateError), kept(job) as found:
        return found.store.standing(path)
    return None


def _by_titles(path: str, originals: Originals) -> str | None:
    """The document with these titles from the top, where there is no history."""
    found, above = None, iter(originals.refs())
    for title in path.removesuffix(".md").split("/"):
        found = next((ref.id for ref in above if ref.title == title), None)
        if found is None:
            return None
        above = originals.inside(found)
    return found


def people_in(file: Path) -> dict[str, str]:
    """Ids of people in the target by those that they had: two columns, the old one and the new one.

    :raises ConfigError: it cannot be read, or a line has no two ids.
    """
    try:
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"--map people={file} cannot be read: {error}", "Name a CSV file of two columns.") from None
    found: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        ids = [normalise_id(each.strip()) for each in row[:2]]
        if len(ids) == 2 and ids[0] and (ids[1] or not row[1].strip()):
            found[ids[0]] = ids[1] or ""
        elif number > 1 and any(each.strip() for each in row):
            raise ConfigError(
                f"--map people={file}: line {number} has no two ids",
                "Write a person's old id, a comma, and the new id; nothing behind the comma: nobody.",
            )
    return found


def digest(*parts: object) -> str:
    """A short name for what is restored, and whither."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]
