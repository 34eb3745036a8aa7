"""What was judged, kept for campaigns to come: a verdict stands as long as the tests do that gave it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import asdict, define, field

from mutation.judging import Verdict

NOTICED = ("killed", "hangs")


@define
class Judged:
    """Verdicts in a file, a line each; of two of one mutant the later counts.

    One that a test noticed stands until the file of that test changes. One that none noticed stands until there is
    another test of its lines, or one of them changes: so what is new is asked about survivors alone.
    """

    file: Path
    digests: Mapping[str, str]
    """Of each file of tests, by its path from the project's folder."""
    _known: dict[str, tuple[Verdict, str]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        lines = self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        for each in map(json.loads, lines):
            basis = each.pop("basis")
            self._known[each["id"]] = (Verdict(**each), basis)

    def of(self, mutant_id: str, tests: Iterable[str]) -> Verdict | None:
        """What is known of a mutant whose lines these tests run."""
        verdict, basis = self._known.get(mutant_id, (None, ""))
        return verdict if verdict is not None and basis == self._basis(verdict, tests) else None

    def keep(self, verdict: Verdict, tests: Iterable[str]) -> None:
        """Add one, at once in the file: the campaign may be interrupted after each."""
        basis = self._basis(verdict, tests)
        self._known[verdict.id] = (verdict, basis)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(verdict) | {"basis": basis}) + "\n")

    def _basis(self, verdict: Verdict, tests: Iterable[str]) -> str:
        names = [verdict.by] if verdict.outcome in NOTICED else sorted(tests)
        told = [f"{name} {self.digests.get(name.partition('::')[0])}" for name in names]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
