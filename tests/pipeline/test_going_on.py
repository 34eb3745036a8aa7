"""A run may go on where the one before it was cut short without listing everything again."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import Exit
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_core.testing import FakeClock
from notion_sync_demo.build import block

MINUTES = {"listed_within_s": 600.0}
LISTINGS = ("search", "users")


def turn(bench: Bench, clock: FakeClock | None = None, options: dict[str, Any] | None = None, **given: Any) -> Report:
    """A run of one worker: what it asks for first does not depend on the weather."""
    job = bench.job(performance__workers=1, **given)
    return run(job, Options(mode="sync", **(options or {})), (), clock)


def listings(bench: Bench) -> int:
    """How many requests so far asked for what there is."""
    counted = bench.emulator.counters.endpoints
    return sum(counted[each] for each in LISTINGS)


def cut(bench: Bench, requests: int = 30, **given: Any) -> None:
    """A run that ends when everything is listed and not much is read."""
    assert turn(bench, options={"max_requests": requests}, **given).exit_code == Exit.LIMIT


def test_what_is_pending_is_read_without_listing_again(bench: Bench) -> None:
    cut(bench)
    before = listings(bench)
    assert turn(bench, options=MINUTES).status == "complete"
    assert listings(bench) == before
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize(
    "requests", [5, 26, 41, *(pytest.param(each, marks=pytest.mark.campaign) for each in range(2, 60, 3))]
)
def test_wherever_runs_are_cut_short_they_end_as_one_that_was_not(bench: Bench, requests: int) -> None:
    while (report := turn(bench, options={**MINUTES, "max_requests": requests})).exit_code == Exit.LIMIT:
        requests += 1  # what a run has to ask for anew may be all that it may ask for
    assert report.status == "complete"
    objects = report.objects
    assert objects.discovered == objects.read + objects.unchanged + objects.failed + objects.unreadable
    assert tree(bench.out) == bench.fresh()
    assert turn(bench, options=MINUTES).objects.read == 0


def test_it_saves_requests(bench: Bench) -> None:
    cut(bench)
    before = bench.requests()
    turn(bench, options=MINUTES)
    went_on = bench.requests() - before
    cut(bench, to=bench.folder / "other", state="state-other")
    before = bench.requests()
    turn(bench, to=bench.folder / "other", state="state-other")
    assert went_on < bench.requests() - before


def test_by_default_each_run_lists(bench: Bench) -> None:
    cut(bench)
    before = listings(bench)
    turn(bench)
    assert listings(bench) > before


def test_a_listing_is_of_no_use_after_a_while(bench: Bench) -> None:
    clock = FakeClock()
    job = bench.job(performance__workers=1)
    run(job, Options(mode="sync", max_requests=30), (), clock)
    clock.time += 601.0
    before = listings(bench)
    run(job, Options(mode="sync", listed_within_s=600.0), (), clock)
    assert listings(bench) > before


def test_a_clock_that_was_set_back_makes_no_listing_young(bench: Bench) -> None:
    clock = FakeClock()
    job = bench.job(performance__workers=1)
    run(job, Options(mode="sync", max_requests=30), (), clock)
    clock.time -= 60.0
    before = listings(bench)
    run(job, Options(mode="sync", listed_within_s=600.0), (), clock)
    assert listings(bench) > before


def test_turns_in_a_row_do_not_make_a_listing_younger(bench: Bench) -> None:
    clock = FakeClock()
    job = bench.job(performance__workers=1)
    for seconds in (0.0, 400.0):
        clock.time += seconds
        assert run(job, Options(mode="sync", max_requests=30, listed_within_s=600.0), (), clock).exit_code == 12
    clock.time += 300.0
    before = listings(bench)
    run(job, Options(mode="sync", listed_within_s=600.0), (), clock)
    assert listings(bench) > before


def test_after_a_complete_run_the_next_one_lists(bench: Bench) -> None:
    turn(bench, options=MINUTES)
    bench.space.add_page(None, "Brand new", [block("paragraph", "Hello")])
    assert turn(bench, options=MINUTES).objects.read >= 1
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize(
    "given", [{"export__comments": True}, {"export__assets": False}, {"export__only": {"Done": True}}], ids=str
)
def test_who_wants_something_else_lists(bench: Bench, given: dict[str, Any]) -> None:
    cut(bench)
    before = listings(bench)
    turn(bench, options=MINUTES, **given)
    assert listings(bench) > before
    if given != {"export__assets": False}:  # what was fetched before stays
        assert tree(bench.out) == bench.fresh(**given)


def test_full_lists(bench: Bench) -> None:
    cut(bench)
    before = listings(bench)
    turn(bench, options={**MINUTES, "full": True})
    assert listings(bench) > before


def test_what_is_edited_after_the_listing_is_read_by_the_run_after_that(bench: Bench) -> None:
    cut(bench)
    safety = next(each for each in bench.space.pages if bench.space.title(each) == "Safety")
    bench.space.append_block(safety, block("paragraph", "New words"))
    bench.space.add_page(None, "Brand new", [block("paragraph", "Hello")])
    assert turn(bench, options=MINUTES).status == "complete"
    assert turn(bench, options=MINUTES).status == "complete"
    assert tree(bench.out) == bench.fresh()


def test_a_mirror_that_is_gone_is_filled_by_listing(bench: Bench) -> None:
    cut(bench)
    for path in (bench.folder / "state").rglob("cache.db*"):
        path.unlink()
    before = listings(bench)
    assert turn(bench, options=MINUTES).status == "complete"
    assert listings(bench) > before
    assert tree(bench.out) == bench.fresh()


def test_several_runs_go_on_one_after_the_other(bench: Bench) -> None:
    cut(bench)
    before = listings(bench)
    for _ in range(2):
        assert turn(bench, options={**MINUTES, "max_requests": 10}).exit_code == Exit.LIMIT
    assert turn(bench, options=MINUTES).status == "complete"
    assert listings(bench) == before
    assert tree(bench.out) == bench.fresh()
