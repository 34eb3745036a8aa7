"""What ``restore`` says: before it begins, on its way, and at its end."""

from __future__ import annotations

import sys
from typing import Any

from attrs import define

from notion_sync_core.cli.voice import voice
from notion_sync_core.clock import Clock
from notion_sync_core.events import Event, RequestFinished, Waited
from notion_sync_core.restore.comparison.compare import Difference
from notion_sync_core.restore.outcome import Outcome
from notion_sync_core.terminal import counted, size_in_words

LINE = 500
"""Characters of a line about one document."""
_MOST = 20
"""Notes and failures printed for people; the JSON report has all."""
_EVERY_S = 10.0
"""Between two lines about progress."""
_LONG_S = 5.0
"""A pause that is told."""
_MINUTE_S = 60.0


@define
class Progress:
    """Says on stderr how far a restore is, now and then."""

    clock: Clock
    style: str
    """As ``--progress`` names it."""
    most: int = 0
    """Requests that are foreseen; 0: none are, and nothing is said."""
    _sent: int = 0
    _told: float = 0.0

    def hear(self, event: Event) -> None:
        """A request was answered, or something else happened on the way."""
        if isinstance(event, Waited) and event.seconds >= _LONG_S and self.style != "none":
            self._say(f"Waiting {event.seconds:.0f} s ({event.reason})", waits_s=event.seconds, reason=event.reason)
        if not isinstance(event, RequestFinished):
            return
        self._sent += 1
        now = self.clock.monotonic()
        if self.style != "none" and self.most and now - self._told >= _EVERY_S:
            self._told = now
            self._say(f"{self._sent} of {counted(self.most, 'request')}", sent=self._sent, most=self.most)

    def tell(self, step: str) -> None:
        """A step begins."""
        if self.style != "none" and self.most:
            self._say(f"Now {step}", step=step)

    def _say(self, words: str, **facts: Any) -> None:
        if self.style == "json":
            voice().json(facts, indent=None, file=sys.stderr)
        else:
            voice().say(f"{words} …", err=True)


_HEADS = {
    "planned": "It would take",
    "complete": "Restored",
    "partial": "Restored, but not all of it as it was",
    "interrupted": "Stopped; the same command goes on. So far",
}
"""How a report begins."""


def planned(found: Outcome) -> list[str]:
    """What is going to be done, before it is."""
    return [f"To be restored: {_figures(found)}", *_losses(found)]


def said(found: Outcome) -> list[str]:
    """What was done, or would be, and what did not come back."""
    home = f" In page {found.home}." if found.home and found.status != "planned" else ""
    return [f"{_HEADS[found.status]}: {_figures(found)}{home}", *_losses(found)]


def compared(differences: tuple[Difference, ...], *, verified: bool) -> list[str]:
    """What reads back otherwise; nothing if it was not looked at."""
    untold = [each for each in differences if not each.told]
    if not verified:
        return []
    lines = [f"Differs: {each}" for each in untold[:_MOST]]
    named = len(differences) - len(untold)
    head = f"Read back: {counted(len(untold), 'difference')} that no note names, {named} that one does."
    return [head, *lines, *([f"… and {len(untold) - _MOST} more; --json lists all."] if len(untold) > _MOST else [])]


def _figures(found: Outcome) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.requests.items() if kind != "total")
    return (
        f"{counted(found.pages, 'page')}, {counted(found.rows, 'row')}, {counted(found.databases, 'database')}; "
        f"{counted(found.blocks, 'block')}, {counted(found.files, 'file')} ({size_in_words(found.file_bytes)}); "
        f"{counted(found.requests['total'], 'request')} ({kinds}){_time(found)}."
    )


def _losses(found: Outcome) -> list[str]:
    lines = [f"Failed: {each.title or 'Untitled'}: {each.error}" for each in found.failures]
    lines += [f"Note: {each.title or 'Untitled'}: {each.words}" for each in found.notes]
    more = len(lines) - _MOST
    return [*lines[:_MOST], *([f"… and {more} more; --json lists all."] if more > 0 else [])]


def _time(found: Outcome) -> str:
    """How long it takes at least, of a plan; of a restore how long it took."""
    if found.status == "planned":
        return f", {found.minutes:g} minutes at least" if found.minutes else ""
    return f", in {found.seconds / 60:.1f} minutes" if found.seconds >= _MINUTE_S else f", in {found.seconds:.0f} s"
