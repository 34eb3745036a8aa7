"""The last runs of a job: when they were, how they ended, and what they had to say."""

from __future__ import annotations

import json
from typing import Any

import attrs
from attrs import evolve, frozen

from notion_sync_core.state.facts import Facts

KEPT = 10
"""Runs that are remembered."""
TOLD = 20
"""Failures, and warnings, of one run that are remembered; the counts tell of all."""


@frozen
class PastRun:
    """One run."""

    number: int
    """Counting up; it is the sink's generation, too."""
    mode: str
    """``export``, ``sync``, ``render``, ``repair``, or ``hint`` of a run of a few objects."""
    began: str
    """ISO 8601, UTC."""
    ended: str = ""
    """The same; empty if it is under way, or was killed."""
    status: str = ""
    """As in its report; empty as ``ended`` is."""
    exit: int | None = None
    """Its exit status."""
    error: str = ""
    """What stopped it, if something did."""
    remedy: str = ""
    read: int = 0
    written: int = 0
    deleted: int = 0
    failed: int = 0
    """How many objects and files."""
    failures: tuple[dict[str, str], ...] = ()
    """The first of them: id, title, error, remedy."""
    warned: int = 0
    """How many warnings there were."""
    warnings: tuple[dict[str, str], ...] = ()
    """The first of them: id, title, message."""


class Runs:
    """What is remembered of runs, the last one last."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def all(self) -> list[PastRun]:
        """The last runs, in their order. What cannot be understood is left out."""
        try:
            told = json.loads(self._facts.history or "[]")
        except ValueError:
            return []
        return [_run(each) for each in told if isinstance(each, dict)] if isinstance(told, list) else []

    def last_before(self, moment: str) -> int:
        """The number of the last run that began before a moment (ISO 8601, UTC), as far as runs are remembered.

        :returns: of runs that nobody remembers, all but the last ten count as earlier.
        """
        known = self.all()
        return max([known[0].number - 1 if known else 0, *(run.number for run in known if run.began < moment)])

    def erase(self, object_id: str) -> None:
        """Forget what was said of an object."""

        def without(told: tuple[dict[str, str], ...]) -> tuple[dict[str, str], ...]:
            return tuple(each for each in told if each.get("id") != object_id)

        runs = [evolve(run, failures=without(run.failures), warnings=without(run.warnings)) for run in self.all()]
        if runs:
            self._facts.history = json.dumps([attrs.asdict(each) for each in runs])

    def note(self, run: PastRun) -> None:
        """Remember a run, in place of what was noted of it before."""
        others = [each for each in self.all() if each.number != run.number]
        kept = [*others, run][-KEPT:]
        self._facts.history = json.dumps([attrs.asdict(each) for each in kept])


def _run(told: dict[str, Any]) -> PastRun:
    """A later version may tell more, an odd one less."""
    names = {attribute.name for attribute in attrs.fields(PastRun)}
    known: dict[str, Any] = {"number": 0, "mode": "", "began": ""}
    known |= {name: tuple(told[name]) if isinstance(told[name], list) else told[name] for name in names & told.keys()}
    return PastRun(**known)
