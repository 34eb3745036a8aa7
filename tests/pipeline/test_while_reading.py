"""What happens in a workspace while a run reads it: the next whole run puts right what this one could not see."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block, rich, schema
from states import Time

OLD = "2020-01-01T00:00:00.000Z"
LATER = "2026-01-02T00:00:00.000Z"


def words(text: str) -> dict[str, Any]:
    return block("paragraph", rich(text))


class Place:
    """Sixty pages of which one holds a child, listed thirty at a time: as many travel together."""

    def __init__(self, bench: Bench, time: Time) -> None:
        self.bench = bench
        self.space = bench.space
        self.time = time
        self.pages = [self.space.add_page(None, f"P{number}", [words("x")]) for number in range(60)]
        self.home = self.pages[-1]
        self.kid = self.old(self.space.add_page(self.home, "Kid", [words("k")]))

    def old(self, page: str) -> str:
        """Nobody edited it lately: listings show it late."""
        self.space.pages[page]["last_edited_time"] = OLD
        return page

    def edited(self, page: str) -> None:
        """It was edited a while ago, after all others, and comes first in listings."""
        self.time.now += 3600
        self.space.append_block(page, words("edit"))
        self.time.now += 3600

    def come(self) -> None:
        self.old(self.space.add_page(self.home, "New child"))

    def go(self) -> None:
        self.space.trash(self.kid)
        self.old(self.kid)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    time = Time()
    space = Workspace(clock=time)
    with Emulator(space, clock=time, page_size=30) as emulator:
        made = Place(Bench(emulator, tmp_path), time)
        time.now += 3600
        yield made


def meanwhile(emulator: Emulator, when: Callable[[str, bytes], bool], after: str, change: Callable[[], object]) -> None:
    """Change the workspace before the first request of some kind is answered, once another path was asked for."""
    real, asked, done = emulator.serve, threading.Event(), threading.Event()

    def serve(method: str, target: str, headers: Any, body: bytes, out: Any) -> object:
        if when(target, body) and not done.is_set():
            done.set()
            assert asked.wait(20)
            with emulator.lock:
                change()
        answer = real(method, target, headers, body, out)
        if after in target:
            asked.set()
        return answer

    emulator.serve = serve  # type: ignore[method-assign]


@pytest.mark.parametrize("what", ["come", "go"])
def test_a_child_that_comes_or_goes_after_its_page_was_read_is_there_or_gone_after_the_next_run(
    place: Place, what: str
) -> None:
    bench = place.bench
    bench.good()
    place.edited(place.home)
    read = f"/blocks/{place.home}/children"
    meanwhile(
        bench.emulator, lambda path, body: "search" in path and b"start_cursor" in body, read, getattr(place, what)
    )
    bench.good()
    bench.good()
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize("what", ["come", "go"])
def test_a_run_of_a_page_and_of_a_child_that_came_or_went_after_it_misleads_no_later_run(
    place: Place, what: str
) -> None:
    bench = place.bench
    bench.good()
    place.edited(place.home)
    known = set(place.space.pages)
    child = {"come": lambda: next(iter(set(place.space.pages) - known)), "go": lambda: place.kid}[what]
    bench.run("export", options={"only": {place.home: "page"}})
    edited = place.space.pages[place.home]["last_edited_time"]
    getattr(place, what)()
    assert place.space.pages[place.home]["last_edited_time"] == edited, "whatever comes or goes moves no time"
    bench.run("export", options={"only": {place.home: "page", child(): "page"}})
    bench.good()
    assert tree(bench.out) == bench.fresh()


def test_a_template_that_a_run_of_a_few_objects_took_for_a_row_is_none_after_the_next_run(place: Place) -> None:
    bench, space = place.bench, place.space
    _, (source,) = space.add_database(place.home, "DB", {"DB": [schema("Name", "title")]})
    space.add_row(source, {"Name": rich("row")})
    bench.good()
    template = space.add_template(source, "Template")
    bench.run("export", options={"only": {template: "page"}})
    bench.good()
    assert tree(bench.out) == bench.fresh()


def test_what_an_edited_page_shows_again_is_asked_for_by_the_whole_run_though_a_smaller_one_read_the_page(
    tmp_path: Path,
) -> None:
    space = Workspace()
    root = space.add_page(None, "Root")
    page = space.add_page(root, "P")
    child = space.add_page(page, "C", [words("c")])
    flags: dict[str, Any] = {"export__roots": [root], "export__max_delete": 1.0}
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good(**flags)
        space.trash(child)
        space.append_block(page, words("x"))
        bench.good(**flags)
        space.restore(child)
        space.append_block(page, words("y"))
        space.pages[page]["last_edited_time"] = LATER
        bench.run("export", options={"only": {page: "page"}}, **flags)
        bench.good(**flags)
        assert tree(bench.out) == bench.fresh(**flags)


def test_a_database_is_asked_for_after_its_data_source_told_of_it(place: Place) -> None:
    bench, space = place.bench, place.space
    made = [space.add_database(place.home, f"D{number}", {"S": [schema("Name", "title")]}) for number in range(8)]
    database, source = max((database, sources[0]) for database, sources in made)
    bench.good()
    bench.good()
    space.rename(database, "Renamed")
    bench.emulator.log.clear()
    bench.run("export", options={"only": {database: "database", source: "data_source"}})
    order = [path for path in bench.emulator.log if path.endswith((database, source))]
    assert [path.rpartition("/")[2] for path in order][:2] == [source, database]
    bench.good()
    assert tree(bench.out) == bench.fresh()
