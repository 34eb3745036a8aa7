"""Typical workspaces of any size: the same seed gives the same workspace.

A page has 30 blocks on average (log-normal), 30 % of the pages hold nested blocks, 5 % tables, one
in six a file; a third of the pages are rows with ten properties.
"""

from __future__ import annotations

import random
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from notion_sync_demo.build import Json, bare, block, media, rich, schema, table, text
from notion_sync_demo.workspace import Workspace

_WORDS = (
    "project review budget customer launch design meeting summary report garden window letter "
    "market river schedule service travel kitchen picture number question answer morning evening "
    "history science music paper bridge forest island language machine memory mountain network "
    "ocean pattern planet record signal "
).split()
_KEPT = 256
"""Pages whose blocks are kept between requests."""


class GeneratedWorkspace(Workspace):
    """Makes the blocks of a page when somebody asks, so that size costs little memory."""

    def __init__(self, seed: int, clock: Callable[[], float] = time.time) -> None:
        super().__init__(f"Generated {seed}", seed, clock)
        self._seed = seed
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._made_pages: OrderedDict[int, None] = OrderedDict()
        self._edited: set[int] = set()
        self.images: list[Json] = []

    def plan_page(self, page_id: str) -> None:
        """Let this page's content be made on request."""
        self._numbers[page_id] = len(self._ids)
        self._ids.append(page_id)

    def children(self, parent: str) -> list[Json]:
        """See :meth:`Workspace.children`."""
        self._make_for(parent)
        return super().children(parent)

    def block(self, block_id: str) -> Json | None:
        """See :meth:`Workspace.block`."""
        self._make_for(block_id)
        return super().block(block_id)

    def new_id(self) -> str:
        """Ids of generated blocks tell their page."""
        if self._making is None:
            return super().new_id()
        self._serial += 1
        return str(uuid.UUID(int=(0xB10C << 112) | (self._making << 32) | self._serial, version=4))

    _making: int | None = None
    _serial = 0

    def edit_text(self, block_id: str, content: str | list[Json]) -> None:
        """See :meth:`Workspace.edit_text`."""
        self._keep(block_id)
        super().edit_text(block_id, content)

    def append_block(self, parent: str, block: Json) -> str:
        """See :meth:`Workspace.append_block`."""
        self._keep(parent)
        return super().append_block(parent, block)

    def _keep(self, object_id: str) -> None:
        self._make_for(object_id)
        number = self._number(object_id)
        if number is not None:
            self._edited.add(number)

    def _number(self, object_id: str) -> int | None:
        if object_id in self._numbers:
            return self._numbers[object_id]
        value = uuid.UUID(object_id).int
        if value >> 112 != 0xB10C:
            return None
        number = (value >> 32) & 0xFFFFFFF
        return number if number < len(self._ids) else None

    def _make_for(self, object_id: str) -> None:
        number = self._number(object_id)
        if number is None:
            return
        if number in self._made_pages:
            self._made_pages.move_to_end(number)
            return
        self._made_pages[number] = None
        page_id = self._ids[number]
        own = self._children.pop(page_id, [])
        self._making, self._serial = number, 0
        try:
            self.append(page_id, page_blocks(random.Random(f"{self._seed}-{number}"), self))
        finally:
            self._making = None
        self._children.setdefault(page_id, []).extend(own)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        while len(self._made_pages) > _KEPT:
            number, _ = self._made_pages.popitem(last=False)
            if number in self._edited:
                self._made_pages[number] = None
                if all(each in self._edited for each in self._made_pages):
                    return
                continue
            self._forget(self._ids[number])

    def _forget(self, page_id: str) -> None:
        todo, kept = list(self._children.pop(page_id, ())), []
        for child in list(todo):
            if self.blocks[child]["type"] in ("child_page", "child_database"):
                kept.append(child)
                todo.remove(child)
        while todo:
            child = todo.pop()
            todo += self._children.pop(child, ())
            del self.blocks[child]
        if kept:
            self._children[page_id] = kept


def generate(pages: int = 1000, seed: int = 0, clock: Callable[[], float] = time.time) -> Workspace:
    """A workspace of so many pages, rows included.

    Most pages are shown by search; one in twenty is found only by walking.
    """
    space = GeneratedWorkspace(seed, clock)
    rng = random.Random(seed)
    people = [space.add_user(f"Person {number}", f"person{number}@example.com") for number in range(10)]
    space.images = [space.add_file(f"picture {n}.png", _bytes(rng), "image/png") for n in range(max(1, pages // 100))]
    made: list[str] = []
    sources: list[tuple[str, str]] = []
    for number in range(pages):
        if number % 300 == 0:
            database, ids = space.add_database(
                rng.choice(made) if made else None, f"Tasks {number // 300}", {"Tasks": _schema()}
            )
            sources.append((database, ids[0]))
        if number % 3 == 2:
            page_id = space.add_row(sources[-1][1], _values(rng, number, people), page_id=_uuid(rng))
        else:
            parent = made[_near(rng, len(made))] if made and rng.random() < 0.95 else None
            page_id = space.add_page(parent, f"{_title(rng)} {number}", page_id=_uuid(rng))
            if parent and rng.random() < 0.05:
                space.unlisted.add(page_id)
            made.append(page_id)
        space.plan_page(page_id)
    return space


def page_blocks(rng: random.Random, space: GeneratedWorkspace) -> list[Json]:
    """The blocks of one typical page."""
    count = max(1, min(400, int(rng.lognormvariate(3.1, 0.75))))
    nested = rng.random() < 0.30
    blocks = [_one(rng, nested and rng.random() < 0.15) for _ in range(count)]
    if rng.random() < 0.05:
        blocks.append(table([[_sentence(rng, 2) for _ in range(4)] for _ in range(8)]))
    if rng.random() < 1 / 6:
        blocks.append(media("image", rng.choice(space.images), _sentence(rng, 4)))
    if rng.random() < 0.3 and space._ids:
        target = rng.choice(space._ids)
        blocks.append(block("paragraph", ["See ", text("the other page", f"/{target.replace('-', '')}"), "."]))
    return blocks


def _one(rng: random.Random, nested: bool) -> Json:
    kind = rng.choices(
        [
            "paragraph",
            "bulleted_list_item",
            "to_do",
            "heading_2",
            "quote",
            "code",
            "numbered_list_item",
            "callout",
            "bookmark",
        ],
        [50, 20, 8, 8, 3, 3, 5, 2, 1],
    )[0]
    children = [_one(rng, nested=False) for _ in range(rng.randint(1, 4))] if nested and kind in _NESTING else []
    if kind == "bookmark":
        return bare("bookmark", url="https://example.com/", caption=rich(_sentence(rng, 3)))
    if kind == "code":
        return block("code", f"print({rng.randint(1, 999)})", caption=[], language="python")
    extras: dict[str, dict[str, Any]] = {
        "to_do": {"checked": rng.random() < 0.5},
        "callout": {"icon": {"type": "emoji", "emoji": "💡"}},
        "heading_2": {"is_toggleable": False},
    }
    extra = extras.get(kind, {})
    words: list[Json | str] = [_sentence(rng, rng.randint(6, 30))]
    if rng.random() < 0.2:
        words += [" ", text(_sentence(rng, 2), bold=True), " and ", text(_sentence(rng, 2), italic=True)]
    return block(kind, words, children, **extra)


_NESTING = {"paragraph", "bulleted_list_item", "to_do", "numbered_list_item", "quote"}


def _schema() -> list[Json]:
    options = [
        {"id": name, "name": name, "color": "default", "description": None} for name in ("Open", "Doing", "Done")
    ]
    return [
        schema("Name", "title"),
        schema("Status", "select", options=options),
        schema("Tags", "multi_select", options=options),
        schema("Estimate", "number", format="number"),
        schema("Due", "date"),
        schema("Owner", "people"),
        schema("Finished", "checkbox"),
        schema("Site", "url"),
        schema("Notes", "rich_text"),
        schema("Created", "created_time"),
    ]


def _values(rng: random.Random, number: int, people: list[str]) -> dict[str, Any]:
    option = rng.choice(("Open", "Doing", "Done"))
    return {
        "Name": rich(f"{_title(rng)} {number}"),
        "Status": {"id": option, "name": option, "color": "default"},
        "Tags": [{"id": option, "name": option, "color": "default"}],
        "Estimate": rng.randint(1, 100),
        "Due": {"start": f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}", "end": None, "time_zone": None},
        "Owner": [{"object": "user", "id": rng.choice(people)}],
        "Finished": option == "Done",
        "Site": "https://example.com/",
        "Notes": rich(_sentence(rng, 6)),
        "Created": "2026-03-02T09:00:00.000Z",
    }


def _near(rng: random.Random, count: int) -> int:
    """Trees some levels deep: parents are early pages, mostly."""
    return int(count * rng.random() ** 3)


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words))


def _title(rng: random.Random) -> str:
    return _sentence(rng, 3).capitalize()


def _bytes(rng: random.Random) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + rng.randbytes(rng.randint(2_000, 40_000))
