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
    _places: list[tuple[str, int]] = field(factory=list)
    """Of each heading its anchor, and how many of the texts come before what follows it."""

    def hear(self, said: str) -> None:
        """Take in some text."""
        if self.room > 0 and said:
            self.texts.append(said[: self.room])
            self.room -= len(said)

    def head(self, title: str, anchor: str | None) -> None:
        """Take in a heading, whose own text was heard.

        :param anchor: its id on the page, if it has one.
        """
        self.headings.append(title)
        self._places.append((anchor or "", len(self.texts)))

    def note(self) -> str:
        """All of it as one line of JSON for :func:`notion_sync_html.site.files`."""
        parts, starts = [], [0]
        for raw in self.texts:
            part = " ".join(raw.split())
            parts.append(part)
            starts.append(starts[-1] + len(part) + bool(part))
        places = [[anchor, starts[number]] for anchor, number in self._places]
        text = " ".join(filter(None, parts))
        found = {"icon": self.icon, "headings": self.headings, "places": places, "text": text}
        kept = {key: value for key, value in found.items() if value}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True) if kept else ""
