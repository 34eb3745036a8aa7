"""What a restore came to: how much there is, what it took, what could not be as it was."""

from __future__ import annotations

from typing import Any

from attrs import asdict, frozen

from notion_sync_core.restore.records import Step
from notion_sync_core.restore.work import Work

SCHEMA = 1


@frozen
class Noted:
    """A note, with the title of the document that it is about."""

    id: str
    title: str
    words: str


@frozen
class Failed:
    """A document that could not be restored, or not whole."""

    id: str
    title: str
    error: str
    remedy: str


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
    """How long so many requests take at least with the budget there is; 0: it has no limit."""
    seconds: float
    """How long this run took; 0 for a dry run."""
    notes: tuple[Noted, ...]
    failures: tuple[Failed, ...]

    def to_json(self) -> dict[str, Any]:
        """The report of ``--json``, whose schema ships with the package."""
        return {"schema": SCHEMA, **asdict(self)}


def outcome(work: Work, status: str, requests: int, per_minute: float, seconds: float = 0.0) -> Outcome:
    """What it came to so far.

    :param requests: all that were sent, or would be.
    :param per_minute: how many may be; 0: any number.
    :param seconds: how long it took.
    """
    journal = work.journal
    notes = tuple(Noted(each.document, work.title(each.document), each.words) for each in journal.notes())
    failures = tuple(Failed(each.id, work.title(each.id), each.error, each.remedy) for each in journal.failures())
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
        round(seconds, 1),
        notes,
        failures,
    )
