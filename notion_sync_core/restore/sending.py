"""Who writes: a target behind its gate, or one that only counts, for a dry run. Both count what they do by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from math import ceil
from pathlib import Path
from typing import Protocol

from attrs import define, field

from notion_sync_core.gate.gate import Gate
from notion_sync_core.model import Json
from notion_sync_core.plugins.target import Target
from notion_sync_core.restore.planning.trees import count
from notion_sync_core.writing import Changes, Limits, Made, New

UPLOADS = "files"
LOOKS = "looks"
_NO_BLOCKS = frozenset({"data_source", "view", "comment"})
"""What counts as no block where blocks are counted."""


class Writer(Protocol):
    """Where a restore writes to; for each method see the hook of targets with its name."""

    limits: Limits
    sent: Counter[str]
    """What was done, by kind: ``page``, ``row``, ``database``, ``data_source``, ``view``, ``comment``, ``blocks``,
    ``changes``, ``files``, ``looks``."""
    blocks: int
    """How many blocks were made, pages and databases included."""

    @property
    def can_show(self) -> bool:
        """Whether what is in it can be looked at."""

    @property
    def can_upload(self) -> bool:
        """Whether it takes files."""

    def create(self, new: New) -> Made:
        """See ``target_create``."""

    def append(self, container: str, blocks: list[Json], after: str) -> list[str]:
        """See ``target_append``."""

    def update(self, object_id: str, changes: Changes) -> None:
        """See ``target_update``."""

    def upload(self, path: Path, name: str, size: int) -> str:
        """See ``target_upload``."""

    def children(self, container: str, kind: str) -> Iterator[Made]:
        """See ``target_children``."""

    def columns(self, source: str, expected: Iterable[str]) -> dict[str, str]:
        """The ids of a data source's columns by their names.

        :param expected: the names that were made.
        """

    def views(self, database: str, expected: int) -> list[str]:
        """The ids of a database's views.

        :param expected: how many it should have.
        """


@define
class Sending:
    """A target behind its gate."""

    target: Target
    gate: Gate
    limits: Limits
    sent: Counter[str] = field(factory=Counter)
    blocks: int = 0

    @property
    def can_show(self) -> bool:
        """See :class:`Writer`."""
        return self.target.can_show()

    @property
    def can_upload(self) -> bool:
        """See :class:`Writer`."""
        return self.target.can_upload()

    def create(self, new: New) -> Made:
        """See :class:`Writer`."""
        made = self.target.create(new, self.gate)
        self.sent[new.kind] += 1
        self.blocks += _blocks_of(new)
        return made

    def append(self, container: str, blocks: list[Json], after: str) -> list[str]:
        """See :class:`Writer`."""
        made = self.target.append(container, blocks, after, self.gate)
        self.sent["blocks"] += 1
        self.blocks += sum(map(count, blocks))
        return made

    def update(self, object_id: str, changes: Changes) -> None:
        """See :class:`Writer`."""
        self.target.update(object_id, changes, self.gate)
        self.sent["changes"] += 1

    def upload(self, path: Path, name: str, size: int) -> str:
        """See :class:`Writer`."""
        made = self.target.upload(path, name, self.gate)
        self.sent[UPLOADS] += parts(size, self.limits)
        return made

    def children(self, container: str, kind: str) -> Iterator[Made]:
        """See :class:`Writer`."""
        self.sent[LOOKS] += 1
        return self.target.children(container, kind, self.gate)

    def columns(self, source: str, expected: Iterable[str]) -> dict[str, str]:  # noqa: ARG002
        """See :class:`Writer`."""
        return {each.title: each.id for each in self.children(source, "columns")}

    def views(self, database: str, expected: int) -> list[str]:  # noqa: ARG002
        """See :class:`Writer`."""
        return [each.id for each in self.children(database, "views")]


@define
class Counting:
    """A target that makes nothing, and says what it would have taken."""

    limits: Limits
    can_show: bool
    can_upload: bool
    sent: Counter[str] = field(factory=Counter)
    blocks: int = 0
    _columns: dict[str, int] = field(factory=dict)
    """Of lists of columns that may be asked for their columns, how many there are."""
    _number: int = 0

    def create(self, new: New) -> Made:
        """See :class:`Writer`."""
        self.sent[new.kind] += 1
        self.blocks += _blocks_of(new)
        sources = (self._id(),) if new.kind == "database" else ()
        return Made(self._id(), new.kind, sources=sources, discussion=self._id() if new.kind == "comment" else "")

    def append(self, container: str, blocks: list[Json], after: str) -> list[str]:  # noqa: ARG002
        """See :class:`Writer`."""
        self.sent["blocks"] += 1
        self.blocks += sum(map(count, blocks))
        ids = [self._id() for _ in blocks]
        for made, block in zip(ids, blocks, strict=True):
            if block["type"] == "column_list":
                self._columns[made] = len(block["column_list"]["children"])
        return ids

    def update(self, object_id: str, changes: Changes) -> None:  # noqa: ARG002
        """See :class:`Writer`."""
        self.sent["changes"] += 1

    def upload(self, path: Path, name: str, size: int) -> str:  # noqa: ARG002
        """See :class:`Writer`."""
        self.sent[UPLOADS] += parts(size, self.limits)
        return self._id()

    def children(self, container: str, kind: str) -> Iterator[Made]:  # noqa: ARG002
        """See :class:`Writer`: of lists of columns alone."""
        found = self._columns.pop(container, 0)
        self.sent[LOOKS] += max(1, ceil(found / self.limits.shown))
        return iter([Made(self._id(), "block") for _ in range(found)])

    def columns(self, source: str, expected: Iterable[str]) -> dict[str, str]:  # noqa: ARG002
        """See :class:`Writer`: a name is as good as an id here."""
        self.sent[LOOKS] += 1
        return {name: name for name in expected}

    def views(self, database: str, expected: int) -> list[str]:  # noqa: ARG002
        """See :class:`Writer`."""
        self.sent[LOOKS] += max(1, ceil(expected / self.limits.shown))
        return [self._id() for _ in range(expected)]

    def _id(self) -> str:
        """An id of its own, in the form of ids."""
        self._number += 1
        return f"00000000-0000-4000-8000-{self._number:012x}"


def parts(size: int, limits: Limits) -> int:
    """How many requests a file takes on its way up."""
    return 2 if size <= limits.whole_bytes else 2 + ceil(size / limits.part_bytes)


def _blocks_of(new: New) -> int:
    own = 0 if new.kind in _NO_BLOCKS else 1
    return own + sum(map(count, new.blocks))
