"""The state registry: how each component is, for ``doctor``, ``status`` and health checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import define, evolve, field, frozen

from notion_sync_core.errors import NotionSyncError
from notion_sync_core.mirror.disk import disk_error

Verdict = Literal["pass", "warn", "fail"]


@frozen
class Check:
    """How one component is."""

    name: str
    verdict: Verdict
    message: str
    remedy: str = ""
    exit_code: int = 0


@frozen
class Doubt:
    """What a probe found that deserves a look, and is no failure."""

    message: str
    remedy: str


@define
class Registry:
    """The components of one job, in the order they were looked at."""

    checks: list[Check] = field(factory=list)

    def look(self, name: str, probe: Callable[[], str | Doubt]) -> bool:
        """Run a probe that returns what it found, or raises; ``False`` if it raised."""
        try:
            found = probe()
            if isinstance(found, Doubt):
                self.warn(name, found.message, found.remedy)
            else:
                self.checks.append(Check(name, "pass", found))
        except NotionSyncError as error:
            self.checks.append(Check(name, "fail", error.message, error.remedy, int(error.exit_code)))
            return False
        except OSError as error:
            said = disk_error(error.filename or name, error)
            self.checks.append(Check(name, "fail", said.message, said.remedy, int(said.exit_code)))
            return False
        return True

    def warn(self, name: str, message: str, remedy: str = "") -> None:
        """Note something that deserves a look."""
        self.checks.append(Check(name, "warn", message, remedy))

    def take(self, name: str, other: Registry) -> None:
        """Take over what was found of a part that has a name."""
        self.checks += [evolve(check, name=f"{name}: {check.name}") for check in other.checks]

    @property
    def exit_code(self) -> int:
        """Of the first failure; 0 without one."""
        return next((check.exit_code for check in self.checks if check.verdict == "fail"), 0)
