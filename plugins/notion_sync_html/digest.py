"""What a reader would search a page for, gathered while it is written."""

from __future__ import annotations

import json

from attrs import define, field


@define
class Digest:
    """Headings and text of one document, up to a number of characters."""

    room: int
    """Characters that still fit."""
    icon: str = ""
    headings: list[str] = field(factory=list)
    texts: list[str] = field(factory=list)

    def hear(self, said: str) -> None:
        """Take in some text."""
        if self.room > 0 and said:
            self.texts.append(said[: self.room])
            self.room -= len(said)

    def note(self) -> str:
        """All of it as one line of JSON for :func:`notion_sync_html.site.artifacts`."""
        found = {"icon": self.icon, "headings": self.headings, "text": " ".join(" ".join(self.texts).split())}
        kept = {key: value for key, value in found.items() if value}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True) if kept else ""
