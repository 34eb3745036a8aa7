"""What is restored: the documents that were named, with all that stands in them, and the synced blocks in these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from notion_sync_core.errors import ConfigError, SkippableError
from notion_sync_core.model import Ref
from notion_sync_core.restore.journal import Journal
from notion_sync_core.restore.originals import Originals
from notion_sync_core.restore.originals.walk import is_original, walk
from notion_sync_core.restore.records import HOME, Entry


def plan(journal: Journal, originals: Originals, chosen: Iterable[str]) -> None:
    """Put on record what is restored, in the order of the tree.

    :param chosen: ids of documents; none: everything.
    :raises ConfigError: one is not among the originals.
    """
    wanted = {_document(originals, each) for each in chosen}
    for ref in originals.refs():
        if (wanted and ref.id not in wanted) or journal.entry(ref.id) is not None:
            continue
        if ref.kind == "data_source" and not wanted:
            continue  # one whose database is not here: there is nothing that it could stand in
        _plan_with_all(journal, originals, ref)


def _document(originals: Originals, object_id: str) -> str:
    """The document that is meant: of a data source its database.

    :raises ConfigError: it is not here.
    """
    ref = originals.ref(object_id)
    if ref is not None and ref.kind == "data_source":
        ref = originals.ref(ref.parent.id or "")
    if ref is None:
        raise ConfigError(
            f"{object_id} is not among what can be restored",
            "Name a page or database that was exported; one that is gone since needs --as-of.",
        )
    return ref.id


def _plan_with_all(journal: Journal, originals: Originals, top: Ref) -> None:
    stack = [(HOME, iter([top]))]
    while stack:
        parent, refs = stack[-1]
        ref = next(refs, None)
        if ref is None:
            stack.pop()
            continue
        if journal.entry(ref.id) is not None:
            continue
        if parent != HOME:
            journal.holds(parent)
        journal.plan(_entry(ref, parent))
        if ref.kind == "page":
            with suppress(SkippableError):  # who writes it meets that again, and says so
                _plan_originals(journal, originals, ref.id)
        stack.append((ref.id, _inside(originals, ref)))


def _inside(originals: Originals, ref: Ref) -> Iterator[Ref]:
    """What stands in one; rows the oldest first, as their numbers count anew."""
    if ref.kind == "data_source":
        return iter(sorted(originals.inside(ref.id), key=lambda row: (row.created_time, row.id)))
    return originals.inside(ref.id)


def _entry(ref: Ref, parent: str) -> Entry:
    is_row = ref.kind == "page" and parent != HOME and ref.parent.type == "data_source_id"
    kind = "row" if is_row else ref.kind
    return Entry(ref.id, kind, parent, ref.parent.type != "block_id")


def _plan_originals(journal: Journal, originals: Originals, page_id: str) -> None:
    for block in filter(is_original, walk(originals, page_id)):
        journal.plan_original(block.id)
