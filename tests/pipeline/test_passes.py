"""A run that is not done yet has published what it has read, and ends as if it had published nothing before."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import Exit
from notion_sync_core.events import Event, ObjectRead
from notion_sync_core.pipeline import Options, run
from notion_sync_demo import Emulator, generate
from notion_sync_demo.build import block, page_mention
from pipeline.test_sync import EDITS

ALWAYS = {"export__publish_every_s": 1e-9}


@pytest.fixture(scope="module")
def many() -> Iterator[Emulator]:
    with Emulator(generate(150, seed=5)) as emulator:
        yield emulator


def stands(bench: Bench, page: str) -> bool:
    lines = (bench.out / ".notion-sync" / "manifest.jsonl").read_text().splitlines()[1:]
    entries = {entry["id"]: entry for entry in map(json.loads, lines)}
    return page in entries and all((bench.out / path).is_file() for path in entries[page]["sha256"])


@pytest.mark.parametrize("mode", ["export", "sync"])
def test_after_each_run_that_a_limit_ends_every_page_read_so_far_stands_in_the_folder(
    many: Emulator, tmp_path: Path, mode: str
) -> None:
    bench, read = Bench(many, tmp_path), set[str]()

    def heard(event: Event) -> None:
        if isinstance(event, ObjectRead):
            read.add(event.id)

    for _ in range(5):
        before = len(read)
        report = bench.run(mode, heard, options={"max_requests": 45})
        assert report.exit_code == Exit.LIMIT
        assert len(read) > before
        assert all(stands(bench, page) for page in read)
    assert bench.good(mode).objects.moved == 0
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize("mode", ["export", "sync"])
@pytest.mark.parametrize("renderers", [["markdown"], ["html", "json"]])
def test_a_run_that_publishes_all_the_time_ends_as_one_that_publishes_once(
    bench: Bench, mode: str, renderers: list[str]
) -> None:
    given = {"export__renderers": renderers}
    report = bench.good(mode, **given, **ALWAYS)
    assert (report.objects.moved, report.artifacts.stale) == (0, 0)
    assert tree(bench.out) == bench.fresh(**given)
    again = bench.good(mode, **given, **ALWAYS)
    assert (again.artifacts.written, again.objects.read) == (0, 0)


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_a_sync_in_passes_equals_a_fresh_export(bench: Bench, edit: str) -> None:
    bench.good()
    EDITS[edit](bench.space, {bench.space.title(each): each for each in bench.space.pages})
    bench.good(**ALWAYS)
    assert tree(bench.out) == bench.fresh()


def test_what_an_unfinished_export_placed_may_move_and_what_a_finished_one_placed_stays(bench: Bench) -> None:
    space = bench.space
    shelf = space.add_page(None, "Shelf", [block("paragraph", "Books")])
    book = space.add_page(shelf, "Book", [block("paragraph", ["Stands on ", page_mention(shelf, "Shelf")])])
    bench.run("export", options={"max_requests": 60})
    placed = next(path for path in bench.out.rglob("Book*.md"))
    space.rename(book, "Atlas")
    bench.good("export")
    assert not placed.exists()
    moved = next(bench.out.rglob("Atlas.md"))
    space.rename(book, "Map")
    report = bench.good("export")
    assert moved.exists()
    assert report.artifacts.stale == 1


def test_a_signal_while_it_reads_publishes_what_was_read(many: Emulator, tmp_path: Path) -> None:
    bench, clock, read = Bench(many, tmp_path), SystemClock(), set[str]()

    def heard(event: Event) -> None:
        if isinstance(event, ObjectRead):
            read.add(event.id)
            if len(read) == 30:
                clock.stop(signal.SIGTERM)

    report = run(bench.job(), Options(mode="export"), (heard,), clock)
    assert (report.status, report.exit_code) == ("interrupted", 143)
    assert len(read) < 150
    assert all(stands(bench, page) for page in read)
    bench.good("export")
    assert tree(bench.out) == bench.fresh()


def test_a_service_that_goes_away_leaves_what_was_read_in_the_folder(many: Emulator, tmp_path: Path) -> None:
    bench, read = Bench(many, tmp_path), set[str]()

    def heard(event: Event) -> None:
        if isinstance(event, ObjectRead):
            read.add(event.id)
            if len(read) == 30:
                many.token = "another"

    known = many.token
    try:
        report = bench.run("export", heard)
    finally:
        many.token = known
    assert report.exit_code == Exit.NOT_AUTHORISED
    assert all(stands(bench, page) for page in read)


@pytest.mark.parametrize("limit", [None, 20])
def test_what_the_mirror_lacks_is_read_by_the_run_or_the_next_and_by_no_pass(bench: Bench, limit: int | None) -> None:
    bench.good()
    job = bench.job()
    lost = job.open_mirror()
    for page in bench.space.pages:
        lost.put_listings([(f"b/{page}/0", None)])
    lost.flush()
    lost.close()
    for page in list(bench.space.pages)[:12]:
        bench.space.append_block(page, block("paragraph", "More"))
    given = {**ALWAYS, "export__renderers": [{"use": "markdown", "dialect": "mkdocs"}]}
    asked = bench.requests()
    report = bench.run("sync", options={"max_requests": limit}, **given)
    if limit:
        assert report.exit_code == Exit.LIMIT
        assert bench.requests() - asked <= limit
        bench.good(**given)
    else:
        assert report.status == "complete"
    assert tree(bench.out) == bench.fresh(export__renderers=given["export__renderers"])
