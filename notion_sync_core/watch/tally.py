"""Facts for the report that only events carry."""

from __future__ import annotations

from attrs import define, field

from notion_sync_core.events import AssetDownloaded, AssetFailed, Event, Warned


@define
class Tally:
    """Counts; feed it every event."""

    downloaded: int = 0
    bytes: int = 0
    failed: int = 0
    warnings: list[dict[str, str]] = field(factory=list)

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case AssetDownloaded(bytes=size):
                self.downloaded += 1
                self.bytes += size
            case AssetFailed():
                self.failed += 1
            case Warned(message, object_id, title):
                self.warnings.append({"id": object_id, "title": title, "message": message})
            case _:
                pass
