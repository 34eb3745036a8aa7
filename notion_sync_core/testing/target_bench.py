"""Where targets are examined: a gate that loses answers and requests, and a page that everything is written into."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from notion_sync_core.errors import DoubtError
from notion_sync_core.model import Json
from notion_sync_core.plugins.target import Target
from notion_sync_core.testing.build import external
from notion_sync_core.testing.examine import Feature, Into, Make, NotApplicable, Paper, built
from notion_sync_core.testing.fakes import FakeGate
from notion_sync_core.writing import Limits, Made, New

P = ParamSpec("P")
T = TypeVar("T")
ABSENT = "00000000-0000-4000-8000-00000000dead"
"""An id that no service gave away."""


class LossyGate(FakeGate):
    """A gate between a target and a service whose answers, or whose requests, can be lost."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        """Writes that were sent, lost ones included."""
        self.asked = 0
        """All other calls."""
        self._lost = ""
        self._spared = 0

    def lose(self, what: str, spared: int = 0) -> None:
        """From now on lose ``answers`` or ``requests``; ``""``: nothing.

        :param spared: so many writes pass before that.
        """
        self._lost, self._spared = what, spared

    def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a call that may be repeated; where answers are lost, it is."""
        self.asked += 1
        if self._lost == "answers":
            super().__call__(call, *args, **kwargs)
        return super().__call__(call, *args, **kwargs)

    def once(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a call that writes.

        :raises DoubtError: the request, or its answer, was lost.
        """
        self.writes += 1
        lost = self._lost if self._spared <= 0 else ""
        self._spared -= 1
        if lost == "requests":
            raise DoubtError("no answer: the request may have been lost")
        result = super().once(call, *args, **kwargs)
        if lost == "answers":
            raise DoubtError("no answer: it may have been done all the same")
        return result


class TargetBench:
    """A target, a gate of the exam's own, and a page below which it writes."""

    def __init__(self, make: Make, folder: Path) -> None:
        self.folder = folder
        self.gate = LossyGate()
        self._into = make.place if isinstance(make, Into) else ""
        self._make = make
        self._made: list[Target] = []
        self._home = ""
        self._number = 0

    def another(self) -> Target:
        """One more instance, not opened."""
        found = built("targets", self._make, self.folder)
        target = Target(found.name, found.plugin, found.hooks)
        self._made.append(target)
        return target

    def opened(self) -> tuple[Target, Limits]:
        """One more instance, opened where the exam may write."""
        target = self.another()
        return target, target.open(self._into, self.gate)

    def begun(self) -> tuple[Target, Limits, str]:
        """An instance that is opened at a page of this check's own, and that page."""
        target, _ = self.opened()
        self._home = target.create(New("page", self._into, text("Exam of a target")), self.gate).id
        target.close()
        again = self.another()
        return again, again.open(self._home, self.gate), self._home

    def holding(self, kind: str) -> tuple[Target, Limits, str]:
        """The same, of a target that can hold blocks of that type.

        :raises NotApplicable: it cannot.
        """
        target, limits, home = self.begun()
        if kind not in limits.kinds:
            raise NotApplicable(f"it holds no blocks of type {kind}")
        return target, limits, home

    def shown(self, target: Target, container: str, kind: str = "page") -> list[Made]:
        """What stands in a container."""
        return list(target.children(container, kind, self.gate))

    def said(self, target: Target, container: str, kind: str = "page") -> list[str]:
        """The titles and texts of what stands in a container."""
        return [made.title for made in self.shown(target, container, kind)]

    def file(self, name: str = "notes.txt", content: bytes = b"some notes\n") -> Path:
        """A file to be uploaded."""
        self._number += 1
        place = self.folder / f"file {self._number}"
        place.mkdir()
        (place / name).write_bytes(content)
        return place / name

    def close(self) -> None:
        """Close every instance; what that raises no longer matters."""
        for target in self._made:
            with contextlib.suppress(Exception):
                target.close()
        self.gate.close()


# -- what is written


def text(content: str) -> tuple[Json, ...]:
    """Rich text as requests have it."""
    return ({"type": "text", "text": {"content": content}},)


def paragraph(content: str, children: Sequence[Json] = ()) -> Json:
    """A paragraph with what stands inside it."""
    payload: Json = {"rich_text": list(text(content))}
    return {"type": "paragraph", "paragraph": {**payload, **({"children": list(children)} if children else {})}}


def nested(levels: int) -> Json:
    """Paragraphs inside one another."""
    block = paragraph(f"level {levels}")
    for level in range(levels - 1, 0, -1):
        block = paragraph(f"level {level}", [block])
    return block


def every_block(page: str) -> Iterator[Json]:
    """One block of each type that a request can hold.

    :param page: the id of a page that those lead to that lead to one.
    """
    for kind in _TEXTS:
        yield {"type": kind, kind: {"rich_text": list(text(f"text of {kind}"))}}
    yield {"type": "code", "code": {"rich_text": list(text("x = 1")), "language": "python"}}
    for kind in ("divider", "breadcrumb", "table_of_contents"):
        yield {"type": kind, kind: {}}
    yield {"type": "equation", "equation": {"expression": "e = mc^2"}}
    for kind in ("bookmark", "embed"):
        yield {"type": kind, kind: {"url": f"https://example.org/{kind}"}}
    for kind in ("image", "video", "audio", "pdf", "file"):
        yield {"type": kind, kind: external(f"https://example.org/{kind}.bin")}
    yield {"type": "link_to_page", "link_to_page": {"type": "page_id", "page_id": page}}
    columns = [{"type": "column", "column": {"children": [paragraph(side)]}} for side in ("left", "right")]
    yield {"type": "column_list", "column_list": {"children": columns}}
    row = {"type": "table_row", "table_row": {"cells": [list(text("a")), list(text("b"))]}}
    yield {"type": "table", "table": {"table_width": 2, "children": [row]}}
    yield {"type": "synced_block", "synced_block": {"synced_from": None, "children": [paragraph("same")]}}
    yield {"type": "tab", "tab": {"children": [paragraph("label")]}}


_TEXTS = (
    *("paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "bulleted_list_item", "numbered_list_item"),
    *("to_do", "toggle", "quote", "callout", "template"),
)
PARTS = frozenset({"column", "table_row"})
"""Types of blocks that stand in others only."""


# -- features


def _shows(bench: TargetBench) -> bool:
    return bench.another().can_show()


def _uploads(bench: TargetBench) -> bool:
    return bench.another().can_upload()


def _holds(kind: str) -> Callable[[TargetBench], bool]:
    return lambda bench: kind in bench.opened()[1].objects


def _lists(what: str) -> Callable[[TargetBench], bool]:
    return lambda bench: what in bench.opened()[1].lists


def _places(bench: TargetBench) -> bool:
    return "page" in bench.opened()[1].places


PAPER = Paper(
    "targets",
    TargetBench,
    [
        Feature(
            "children", "it shows what is in it, for answers that were lost", lambda bench: bench.another().can_show()
        ),
        Feature("upload", "it takes files", lambda bench: bench.another().can_upload()),
        Feature("databases", "it holds databases and their rows", _holds("database")),
        Feature("columns", "it shows the columns of data sources", _lists("columns")),
        Feature("views", "it holds views of databases", _lists("views")),
        Feature("comments", "it holds comments", _lists("comments")),
        Feature("places", "a page can be told where it stands", _places),
    ],
)
