"""How an object that failed is told, wherever it is."""

from __future__ import annotations

from notion_sync_core.state import ObjectRecord


def as_failure(known: ObjectRecord) -> dict[str, str]:
    """As in a report."""
    return {"id": known.id, "title": known.title, "error": known.reason, "remedy": known.remedy}


def in_words(known: ObjectRecord) -> str:
    """For people."""
    return f"{known.title or 'Untitled'} ({known.id}): {known.reason.rstrip('.')}. {known.remedy}".rstrip()
