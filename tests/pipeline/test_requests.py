"""What a run costs: requests follow what changed, and with roots given the roots, not the workspace."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Bench, tree
from faults.small import Time, small_workspace
from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import Exit
from notion_sync_demo import Emulator, Workspace, generate
from notion_sync_demo.build import bare, block, rich, schema

EMOJI = {"type": "emoji", "emoji": "🌱"}


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Bench]:
    with Emulator(generate(300, seed=3)) as emulator:
        yield Bench(emulator, tmp_path)


def holders(bench: Bench) -> list[str]:
    """Pages that stand at the top, those that hold most first."""
    pages = bench.space.pages

    def top(page_id: str) -> str:
        while (parent := pages[page_id]["parent"])["type"] == "page_id":
            page_id = parent["page_id"]
        return page_id

    counts = Counter(top(each) for each in pages if pages[each]["parent"]["type"] in ("page_id", "workspace"))
    return [each for each, _ in counts.most_common() if pages[each]["parent"]["type"] == "workspace"]


def asked(bench: Bench, **given: object) -> int:
    before = bench.requests()
    bench.good("sync", **given)
    return bench.requests() - before


def test_an_unchanged_sync_with_roots_costs_hundredths_and_not_a_request_an_object(large: Bench) -> None:
    given = {"export__roots": holders(large)[:3]}
    report = large.good("sync", **given)
    bench_objects = report.objects.discovered
    sources = len(large.space.data_sources)
    unlisted = len(large.space.unlisted)
    assert bench_objects > 60
    assert asked(large, **given) <= bench_objects // 100 + sources + 10 + unlisted


def test_with_few_pages_below_the_roots_the_rest_of_the_workspace_is_not_listed(large: Bench) -> None:
    smallest = holders(large)[-1]
    report = large.good("sync", export__roots=[smallest])
    assert report.objects.discovered < 4
    assert asked(large, export__roots=[smallest]) <= 2 * report.objects.discovered + 1


def test_a_sync_with_roots_equals_a_fresh_export_after_edits_moves_and_trash(large: Bench) -> None:
    space = large.space
    given = {"export__roots": holders(large)[:3]}
    large.good("sync", **given)
    inside = [each for each in space.pages if space.pages[each]["parent"].get("page_id") in given["export__roots"]]
    space.rename(inside[0], "Under a new name")
    space.trash(inside[1])
    space.move(inside[2], holders(large)[-1])
    space.add_page(inside[3], "A page that came later")
    large.good("sync", **given, export__max_delete=1.0)
    assert tree(large.out) == large.fresh(**given)


@pytest.fixture
def borrowing(bench: Bench) -> Bench:
    """A page that shows a synced block whose page is not shared, though the block can be read."""
    space = bench.space
    hidden = space.add_page(None, "Not shared")
    original = space.append(hidden, [bare("synced_block", [block("paragraph", "borrowed words")], synced_from=None)])[0]
    space.add_page(None, "Borrower", [bare("synced_block", synced_from={"type": "block_id", "block_id": original})])
    space.unshared.add(hidden)
    return bench


@pytest.mark.campaign
def test_a_run_that_is_stopped_after_any_number_of_requests_is_completed_by_the_next(borrowing: Bench) -> None:
    expected = borrowing.fresh()
    assert b"borrowed words" in expected["Borrower.md"]
    total = asked(borrowing, state="state-whole", to=borrowing.folder / "whole")
    for number in sorted({*range(1, total, 9), *range(total - 8, total)}):
        given = {"state": f"state-{number}", "to": borrowing.folder / str(number)}
        stopped = borrowing.run("sync", options={"max_requests": number}, **given)
        # How many are asked ahead of their turn differs: only a run that did not need so many is complete.
        assert stopped.exit_code == Exit.LIMIT or (stopped.error is None and stopped.requests.total <= number)
        borrowing.good("sync", **given)
        assert tree(borrowing.folder / str(number)) == expected, f"stopped after {number} of {total} requests"


def test_a_new_icon_of_a_database_is_noticed_by_looking_at_some_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = 0
    monkeypatch.setattr(SystemClock, "now", lambda self: time.time() + hours * 3660)  # an hour and a minute
    space = Workspace()
    made = [space.add_database(None, f"Base {number}", {"Rows": [schema("Name", "title")]}) for number in range(12)]
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good("sync")
        unchanged = asked(bench)
        assert unchanged + 2 <= len(made) // 100 + len(made) + 10
        for number, (database, _) in enumerate(made):  # no data source moves, and no listing shows it
            icon = space.add_file(f"{number}.png", b"icon %d" % number, "image/png") if number % 2 else EMOJI
            space.databases[database] |= {"icon": icon, "cover": space.add_file(f"cover {number}.png", b"cover")}
        rounds = 0
        while tree(bench.out) != (expected := bench.fresh(f"fresh-{rounds}")):
            assert asked(bench, state=f"state-fresh-{rounds}", to=tmp_path / f"fresh-{rounds}") == unchanged, "too soon"
            hours += 1
            assert asked(bench) == unchanged + 2
            rounds += 1
            assert rounds <= 6, "twelve, two a run"
        assert rounds == 6
        assert len([name for name in expected if name.startswith("assets/")]) == 7


def test_a_database_that_changes_in_the_minute_of_its_data_source_is_looked_at_once_more(tmp_path: Path) -> None:
    """The data source has the same minute, so nothing that is listed tells of it."""
    clock = Time()
    space = small_workspace(clock)
    (database,) = space.databases
    (source,) = space.data_sources
    with Emulator(space, clock=clock) as emulator:
        bench = Bench(emulator, tmp_path)
        clock.now += 7200.0
        bench.good("sync")
        unchanged = asked(bench)
        space.data_sources[source] |= {"title": rich("Renamed"), "last_edited_time": minute_of(clock.now)}
        bench.good("sync")
        clock.now += 20.0
        space.databases[database] |= {"icon": EMOJI, "last_edited_time": minute_of(clock.now, "%S.250")}
        clock.now += 20.0
        bench.good("sync")
        assert tree(bench.out) == bench.fresh()
        clock.now += 120.0
        bench.good("sync")
        assert asked(bench) == unchanged, "once is enough"


def minute_of(seconds: float, within: str = "00.000") -> str:
    return time.strftime(f"%Y-%m-%dT%H:%M:{within}Z", time.gmtime(seconds))
