"""Facts for the report that only events carry."""

from __future__ import annotations

from attrs import define, field

from notion_sync_core.events import (
    AssetDownloaded,
    AssetFailed,
    Event,
    ObjectFailed,
    ObjectRead,
    ObjectWritten,
    SinkFailed,
    Warned,
)

KINDS = (AssetDownloaded, AssetFailed, ObjectFailed, ObjectRead, ObjectWritten, SinkFailed, Warned)
"""What it counts."""


@define
class Tally:
    """Counts; feed it every event."""

    downloaded: int = 0
    bytes: int = 0
    failed: int = 0
    warnings: list[dict[str, str]] = field(factory=list)
    lost: set[str] = field(factory=set)
    """Sinks that failed."""
    read: int = 0
    written: int = 0
    unfit: int = 0
    """Objects that failed, in whatever stage."""

    def done(self, stage: str) -> int:
        """Objects that were handled in a stage."""
        return self.unfit + {"read": self.read, "write": self.written}.get(stage, 0)

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case AssetDownloaded(bytes=size):
                self.downloaded += 1
                self.bytes += size
            case AssetFailed():
                self.failed += 1
            case SinkFailed(sink=sink):
                self.lost.add(sink)
            case ObjectRead():
                self.read += 1
            case ObjectWritten():
                self.written += 1
            case ObjectFailed():
                self.unfit += 1
            case Warned(message, object_id, title):
                self.warnings.append({"id": object_id, "title": title, "message": message})
            case _:
                pass
