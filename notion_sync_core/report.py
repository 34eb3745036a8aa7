"""What a run says at its end, for people and for programs (``--json``; schema in report.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import asdict, define, field, frozen

from notion_sync_core.errors import Exit, Interrupted, NotionSyncError
from notion_sync_core.terminal import MOST
from notion_sync_core.watch.redact import LONGEST, Redactor

SCHEMA = 1


@define
class Objects:
    """Pages and databases; ``discovered = read + unchanged + failed + unreadable``."""

    discovered: int = 0
    read: int = 0
    unchanged: int = 0
    failed: int = 0
    unreadable: int = 0
    moved: int = 0
    deleted: int = 0


@define
class Artifacts:
    """Files in the sinks."""

    written: int = 0
    unchanged: int = 0
    moved: int = 0
    deleted: int = 0
    stale: int = 0
    kept_edits: int = 0
    bytes: int = 0


@define
class Assets:
    """Files that documents refer to."""

    downloaded: int = 0
    unchanged: int = 0
    failed: int = 0
    bytes: int = 0


@define
class Requests:
    """To the API host only."""

    total: int = 0
    retried: int = 0
    rate_limited: int = 0


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
    mode: str
    status: str = "complete"
    """``complete``, ``partial``, ``failed`` or ``interrupted``."""
    seconds: float = 0.0
    objects: Objects = field(factory=Objects)
    artifacts: Artifacts = field(factory=Artifacts)
    assets: Assets = field(factory=Assets)
    requests: Requests = field(factory=Requests)
    failures: list[dict[str, str]] = field(factory=list)
    unreadable: list[dict[str, str]] = field(factory=list)
    warnings: list[dict[str, str]] = field(factory=list)
    kept_edits: list[str] = field(factory=list)
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
