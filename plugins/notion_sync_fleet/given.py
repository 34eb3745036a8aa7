"""What a worker tells its turn, which is another process: on its standard input, and nowhere that others can see.

The first line is a :class:`Task`. Each later one says until when the turn has its job, or that it has lasted long
enough; the end of the input says that the worker is dead.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson
from attrs import asdict, field, frozen

from notion_sync_fleet.values import Turn

OUTCOME = "outcome.json"
"""What the turn has to say, in its folder."""
ENOUGH = b"enough\n"
"""It has lasted long, and others wait."""
LONGEST = 1 << 16
"""Bytes of an outcome that are believed."""


@frozen
class Task:
    """One turn, with all that it needs."""

    turn: Turn
    config: str
    """The job's file, as TOML; no secret is in it."""
    desk: str = field(repr=False)
    """Where the desk is; it may hold a password."""
    vault: str
    folder: Path
    """Empty, and the turn's own."""
    valid_until: float
    """Until when the turn has its job, by the monotonic clock of this machine."""
    grace_s: float
    """How long it has after that to end by itself."""
    secrets: Mapping[str, str] = field(factory=dict, repr=False)
    """Variables that the job finds in its environment, and no other process does."""

    def line(self) -> bytes:
        """As one line of JSON."""
        raw = {**asdict(self), "folder": str(self.folder)}
        return orjson.dumps(raw, option=orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def of_line(cls, line: bytes) -> Task:
        """What :meth:`line` made.

        :raises ValueError: it is no such line; the message does not show it.
        """
        try:
            raw = orjson.loads(line)
            return cls(**{**raw, "turn": Turn(**raw["turn"]), "folder": Path(raw["folder"])})
        except (ValueError, TypeError, KeyError):
            raise ValueError("no task for a turn") from None


@frozen
class Outcome:
    """Why a turn ended as its exit status says, for people."""

    reason: str = ""
    remedy: str = ""

    def keep(self, folder: Path) -> None:
        """Leave it for the worker."""
        (folder / OUTCOME).write_bytes(orjson.dumps(asdict(self)))

    @classmethod
    def left_in(cls, folder: Path) -> Outcome:
        """What a turn has left; nothing, if it had no time to."""
        try:
            with (folder / OUTCOME).open("rb") as file:
                raw = orjson.loads(file.read(LONGEST))
            return cls(str(raw["reason"]), str(raw["remedy"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()


def until(valid_until: float) -> bytes:
    """A line that says until when the turn has its job."""
    return b"%.6f\n" % valid_until
