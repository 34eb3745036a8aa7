"""What a run says at its end, for people and for programs (``--json``; schema in report.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import asdict, define, field, frozen

from notion_sync_core.described import show_in_help
from notion_sync_core.errors import Exit, Interrupted, NotionSyncError
from notion_sync_core.terminal import MOST
from notion_sync_core.watch.redact import LONGEST, Redactor

SCHEMA = 1


@define
class Objects:
    """Pages and databases; ``discovered = read + unchanged + failed + unreadable``."""

    discovered: int = 0
    """All that were met: ``read + unchanged + failed + unreadable``."""
    read: int = 0
    """Read in this run, for they are new or changed."""
    unchanged: int = 0
    """As the last run left them; nothing was asked for."""
    failed: int = 0
    """Failed, in reading or in making their files; each is named in ``failures``."""
    unreadable: int = 0
    """Not shared with the token; each is named in ``unreadable``."""
    moved: int = 0
    """Have another path than before."""
    deleted: int = 0
    """Their last file was taken away by this run."""


@define
class Artifacts:
    """Files in the sinks."""

    written: int = 0
    """Made, or made again with other bytes."""
    unchanged: int = 0
    """Lay there already, byte for byte."""
    moved: int = 0
    """Have another path than before."""
    deleted: int = 0
    """Taken away, as what they were of is gone."""
    stale: int = 0
    """Left behind by ``export``; ``sync`` deletes them."""
    kept_edits: int = 0
    """Edited by hand and therefore left; each is named in ``kept_edits``."""
    bytes: int = 0
    """Bytes written."""


@define
class Assets:
    """Files that documents refer to."""

    downloaded: int = 0
    """Fetched by this run."""
    unchanged: int = 0
    """Known from an earlier run."""
    failed: int = 0
    """Could not be had; each is a failure of its page."""
    bytes: int = 0
    """Bytes fetched."""


@define
class Versions:
    """Versions of documents in the history."""

    kept: int = 0
    """Kept by this run: new ones, and those of what changed."""
    forgotten: int = 0
    """Older than ``history.keep`` says, and forgotten by this run."""


@define
class Requests:
    """To the API host only."""

    total: int = 0
    """Sent, tries that failed among them."""
    retried: int = 0
    """Sent again, as the first answer was none or a bad one."""
    rate_limited: int = 0
    """Answered by 429: too many."""


@frozen
class Done:
    """What a part of a stage did in the sinks."""

    written: int = 0
    unchanged: int = 0
    deleted: int = 0
    gone: int = 0
    """Objects that have no file left in any sink."""
    stale: int = 0
    bytes: int = 0
    kept: tuple[str, ...] = ()
    """``sink: path`` of files that somebody edited, and of what stands in the way of files."""
    misses: tuple[str, ...] = ()
    """Documents the mirror lacks."""
    failures: tuple[dict[str, str], ...] = ()
    """What failed beside whole documents."""


@define
class Report:
    """How a run went."""

    job: str
    """The id of the job."""
    mode: str
    """``export``, ``sync``, ``render``, or ``hint``: a sync of a few objects that a webhook named."""
    status: str = "complete"
    """``complete``, ``partial`` (objects failed), ``failed`` (an error stopped it) or ``interrupted``."""
    seconds: float = 0.0
    """How long it took."""
    objects: Objects = field(factory=Objects)
    """Pages and databases."""
    artifacts: Artifacts = field(factory=Artifacts)
    """Files in the sinks."""
    assets: Assets = field(factory=Assets)
    """Files that documents refer to."""
    history: Versions = field(factory=Versions)
    """Versions of documents in the history."""
    requests: Requests = field(factory=Requests)
    """To the API host."""
    failures: list[dict[str, str]] = field(factory=list)
    """What failed: ``id``, ``title``, ``error`` and ``remedy`` of each."""
    unreadable: list[dict[str, str]] = field(factory=list)
    """Objects that the token may not see: ``id``, ``title``, ``reason`` and ``remedy`` of each."""
    warnings: list[dict[str, str]] = field(factory=list)
    """What is complete but not as it should be: ``id``, ``title`` and ``message`` of each."""
    kept_edits: list[str] = field(factory=list)
    """Places, ``sink: path``, whose file was edited by hand, or where something else stands in the way."""
    error: NotionSyncError | None = None
    """What stopped the run, if something did."""
    sinks: list[str] = field(factory=list)
    """Where the files are."""

    @property
    def exit_code(self) -> Exit:
        """The exit status of the command line."""
        if self.error is not None:
            return self.error.exit_code
        return Exit.PARTIAL if self.failures else Exit.COMPLETE

    def name(self, job: str, sinks: list[str]) -> None:
        """Say which job this is about, and where its files are."""
        self.job, self.sinks = job, sinks

    def add(self, results: Iterable[Done] | None) -> None:
        """Count what a stage did, part by part."""
        artifacts = self.artifacts
        for done in results or ():
            artifacts.written += done.written
            artifacts.unchanged += done.unchanged
            artifacts.deleted += done.deleted
            self.objects.deleted += done.gone
            artifacts.stale += done.stale
            artifacts.bytes += done.bytes
            self.kept_edits += done.kept
            artifacts.kept_edits = len(self.kept_edits)
            self.failures += done.failures

    def conclude(self, error: NotionSyncError | None, redact: Redactor, *, strict: bool = False) -> None:
        """Set the status from what happened."""
        self._redact(error, redact)
        self.error = error
        if strict and error is None and self.warnings:
            self.failures += [
                {
                    "id": item["id"],
                    "title": item["title"],
                    "error": item["message"],
                    "remedy": "It is a warning without --strict.",
                }
                for item in self.warnings
            ]
        for item in self.failures:
            item["remedy"] = item["remedy"] or "It is tried again on the next run."
        if isinstance(error, Interrupted):
            self.status = "interrupted"
        elif error is not None:
            self.status = "interrupted" if error.exit_code is Exit.LIMIT else "failed"
        else:
            self.status = "partial" if self.failures else "complete"

    def _redact(self, error: NotionSyncError | None, redact: Redactor) -> None:
        """Nothing that a service, a library or a plugin said brings a secret into the report, or fills it."""
        for items in (self.failures, self.unreadable, self.warnings):
            for item in items:
                item.update({name: redact.short(text, LONGEST.get(name, MOST)) for name, text in item.items()})
        if error is not None:
            error.message, error.remedy = redact.short(error.message, MOST), redact.short(error.remedy, MOST)
            error.args = (error.message,)

    def in_short(self, most: int) -> dict[str, Any]:
        """What is worth remembering of a run that was concluded.

        :param most: failures and warnings that are told; their numbers tell of all.
        """
        return {
            "status": self.status,
            "exit": int(self.exit_code),
            "error": self.error.message if self.error else "",
            "remedy": self.error.remedy if self.error else "",
            "read": self.objects.read,
            "written": self.artifacts.written,
            "deleted": self.artifacts.deleted,
            "failed": len(self.failures),
            "failures": tuple(self.failures[:most]),
            "warned": len(self.warnings),
            "warnings": tuple(self.warnings[:most]),
        }

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        raw = asdict(self, filter=lambda attribute, _: attribute.name not in ("error", "sinks"))
        raw = {"schema": SCHEMA, **raw}
        raw["seconds"] = round(self.seconds, 3)
        raw["error"] = None
        if self.error is not None:
            raw["error"] = {
                "message": self.error.message,
                "remedy": self.error.remedy,
                "exit": int(self.error.exit_code),
            }
        return raw


show_in_help([Objects, Artifacts, Assets, Versions, Requests, Report])
