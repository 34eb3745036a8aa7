"""What a restore came to: how much there is, what it took, what could not be as it was."""

from __future__ import annotations

from typing import Any

from attrs import asdict, frozen

from notion_sync_core.restore.records import Failure, Note, Step
from notion_sync_core.restore.work import Work

SCHEMA = 1


@frozen
class Noted:
    """A note, with the title of the document that it is about."""

    id: str
    title: str
    words: str


@frozen
class Outcome:
    """The figures and words of one restore, or of its dry run."""

    status: str
    """``planned``: a dry run; ``complete``; ``partial``: something became a note, or failed; ``interrupted``."""
    home: str
    """The id of the page that everything went to; ``""``: none yet."""
    pages: int
    rows: int
    databases: int
    blocks: int
    """Made by this run."""
    files: int
    file_bytes: int
    requests: dict[str, int]
    """Of this run, by what they are for; ``total`` is all of them."""
    minutes: float
    """How long the requests take with the budget there is."""
    notes: tuple[Noted, ...]
    failures: tuple[Failure, ...]

    def to_json(self) -> dict[str, Any]:
        """The report of ``--json``, whose schema ships with the package."""
        return {"schema": SCHEMA, **asdict(self)}


def outcome(work: Work, status: str, requests: int, per_minute: float) -> Outcome:
    """What it came to so far.

    :param requests: all that were sent, or would be.
    :param per_minute: how many may be; 0: any number.
    """
    journal = work.journal
    notes, failures = tuple(_noted(work, each) for each in journal.notes()), tuple(journal.failures())
    if status == "complete" and (notes or failures):
        status = "partial"
    return Outcome(
        status,
        work.home(),
        journal.count("page", Step.MADE),
        journal.count("row", Step.MADE),
        journal.count("database", Step.MADE),
        work.writer.blocks,
        work.files,
        work.file_bytes,
        {"total": requests, **{kind: count for kind, count in sorted(work.writer.sent.items()) if count}},
        round(requests / per_minute, 1) if per_minute else 0.0,
        notes,
        failures,
    )


def _noted(work: Work, note: Note) -> Noted:
    entry = work.journal.entry(note.document)
    return Noted(note.document, "" if entry is None else entry.title, note.words)
