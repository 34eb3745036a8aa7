"""What a run says at its end, for people and for programs (``--json``; schema in report.schema.json)."""

from __future__ import annotations

from typing import Any

from attrs import asdict, define, field

from notion_sync_core.errors import Exit, Interrupted, NotionSyncError

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

    def conclude(self, error: NotionSyncError | None, *, strict: bool = False) -> None:
        """Set the status from what happened."""
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
        if isinstance(error, Interrupted):
            self.status = "interrupted"
        elif error is not None:
            self.status = "interrupted" if error.exit_code is Exit.LIMIT else "failed"
        else:
            self.status = "partial" if self.failures else "complete"

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
