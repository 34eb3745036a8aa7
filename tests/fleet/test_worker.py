"""A worker has a job for as long as it can be sure of it, and not a moment longer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.desks import Bench, in_memory
from fleet.workers import FakeChild, Site
from notion_sync_core import Stop
from notion_sync_core.plugin import ConfigError, SinkError
from notion_sync_fleet.given import ENOUGH, Outcome
from notion_sync_fleet.hold import LOST
from notion_sync_fleet.worker import LEAVES_S, LONGEST_AWAY_S, Pace


@pytest.fixture
def bench() -> Bench:
    return in_memory()


@pytest.fixture
def site(bench: Bench) -> Site:
    """A worker, and one job that is due."""
    bench.add("docs")
    return Site(bench)


def test_what_is_due_is_carried_out_and_due_again_in_its_rhythm(site: Site, bench: Bench) -> None:
    site.worker.step()
    (child,) = site.children
    assert (child.turn.job, child.token, bench.job("docs").worker) == ("docs", "token of docs", "one")
    bench.pass_time(7)
    child.status = 0
    site.worker.step()
    after = bench.job("docs")
    assert (after.standing, after.exit, after.expected_s) == ("waiting", 0, 7.0)
    assert after.due == pytest.approx(bench.clock.time - 7 + 3600)
    assert child.is_cleared
    assert site.worker.running == []


def test_a_turn_that_goes_on_is_held_all_the_while(site: Site, bench: Bench) -> None:
    site.go_on(1000)
    assert bench.job("docs").fence == 1
    assert not site.children[0].is_stopped
    assert float(site.children[0].said[-1]) > bench.clock.time + site.pace.lease_s / 3


def test_no_more_turns_are_taken_than_there_are_slots(bench: Bench) -> None:
    for number in range(5):
        bench.add(f"job {number}", f"tenant {number}")
    site = Site(bench, Pace(slots=2))
    site.worker.step()
    assert len(site.children) == 2
    site.children[0].status = 0
    site.worker.step()
    assert len(site.children) == 3


def test_a_worker_that_is_cut_off_has_stopped_before_anybody_else_has_the_job(site: Site, bench: Bench) -> None:
    site.obeys = False
    site.go_on(100)
    child, other = site.children[0], Site(bench, name="two")
    site.way.is_cut = True
    while child.status is None:
        assert other.worker.desk.claim("two") is None, "both have it"
        bench.pass_time(0.5)
        site.worker.step()
    assert child.is_stopped
    assert other.worker.desk.claim("two") is None
    bench.pass_time(site.pace.lease_s)
    other.worker.step()
    assert [each.turn.fence for each in other.children] == [2]


@given(cut=st.floats(0, 60), lasts=st.floats(0, 120), lease_s=st.sampled_from([5.0, 30.0, 60.0]), obeys=st.booleans())
def test_however_long_the_way_is_cut_two_never_work_at_one_job(
    cut: float, lasts: float, lease_s: float, obeys: bool
) -> None:
    bench = in_memory()
    bench.add("docs")
    pace = Pace(lease_s=lease_s)
    one, two = Site(bench, pace, obeys=obeys), Site(bench, pace, "two")
    one.worker.step()
    began = bench.clock.time
    while bench.clock.time < began + 200:
        now = bench.clock.time - began
        one.way.is_cut = cut <= now < cut + lasts
        one.worker.step()
        two.worker.step()
        working = [child for site in (one, two) for child in site.children if child.status is None]
        assert len(working) <= 1
        bench.pass_time(0.25)


def test_a_worker_that_died_gives_its_job_to_another_within_the_lease(site: Site, bench: Bench) -> None:
    site.go_on(50)
    other, died = Site(bench, name="two"), bench.clock.time
    while not other.children:
        bench.pass_time(0.25)
        other.worker.step()
    assert bench.clock.time - died <= site.pace.lease_s + 3
    assert bench.job("docs").died == 1


@pytest.mark.parametrize("status", [-9, -11, LOST])
def test_a_process_that_dies_counts_and_three_in_a_row_park_the_job(site: Site, bench: Bench, status: int) -> None:
    for count in (1, 2, 3):
        site.go_on(2)
        site.children[-1].status = status
        site.worker.step()
        assert len(site.children) == count
        assert bench.job("docs").died == count
    site.go_on(100)
    assert (bench.job("docs").standing, len(site.children)) == ("parked", 3)
    assert "at one" in bench.job("docs").reason


def test_a_turn_tells_why_it_ended(site: Site, bench: Bench) -> None:
    site.worker.step()
    site.children[0].left = Outcome("the token is not valid", "Make a new one.")
    site.children[0].status = 4
    site.worker.step()
    after = bench.job("docs")
    assert (after.standing, after.reason, after.remedy) == ("parked", "the token is not valid", "Make a new one.")


def test_a_secret_that_is_not_there_parks_the_job_and_no_other(site: Site, bench: Bench) -> None:
    bench.add("other", "zeta")
    site.refuses = ConfigError("the file /run/secrets/acme cannot be read", "Mount it.")
    site.worker._claim()
    assert {bench.job(each).standing for each in ("docs", "other")} == {"parked"}
    assert bench.job("docs").reason == "the file /run/secrets/acme cannot be read"


def test_a_turn_that_somebody_parks_is_ended(site: Site, bench: Bench) -> None:
    site.go_on(5)
    bench.desk.park("docs", "a person said so")
    site.go_on(site.pace.renew_s + 1)
    assert site.children[0].is_stopped
    assert site.worker.running == []
    assert bench.job("docs").reason == "a person said so"


def test_a_long_turn_makes_room_when_others_wait_and_not_before(bench: Bench) -> None:
    bench.add("docs")
    site = Site(bench, Pace(slots=1, longest_turn_s=100))
    site.go_on(500)
    assert ENOUGH not in site.children[0].said
    bench.add("other", "zeta")
    site.go_on(30)
    assert site.children[0].said.count(ENOUGH) == 1
    site.children[0].status = 143
    site.go_on(2)
    assert site.children[1].turn.job == "other"


def test_a_worker_that_is_told_to_stop_hands_everything_back(bench: Bench) -> None:
    for number in range(3):
        bench.add(f"job {number}", f"tenant {number}")
    site, stop = Site(bench), Stop()
    site.worker.step()
    stop.request(15)
    before = bench.clock.time
    site.worker.run(stop)
    assert bench.clock.time - before < 1
    for number in range(3):
        job = bench.job(f"job {number}")
        assert (job.standing, job.exit, job.due <= bench.clock.time, job.died) == ("waiting", 143, True, 0)


def test_a_worker_may_end_when_nothing_is_due(site: Site, bench: Bench) -> None:
    bench.add("later", "zeta")
    bench.desk.park("later", "not now")
    stop = Stop()

    class Ends(FakeChild):
        """A turn that ends when it is looked at."""

        def ended(self) -> int | None:
            return 0

    site.worker.launch = lambda *given: Ends(*given)
    site.worker.run(stop, until_idle=True)
    assert not stop.requested
    assert (bench.job("docs").exit, bench.job("docs").fence) == (0, 1)


def test_a_turn_that_does_not_end_is_killed_and_the_worker_gone_in_time(site: Site, bench: Bench) -> None:
    site.obeys = False
    site.worker.step()
    stop = Stop()
    stop.request(15)
    before = bench.clock.time
    site.worker.run(stop)
    assert bench.clock.time - before <= LEAVES_S + 0.5
    assert site.children[0].status == -9
    assert (bench.job("docs").exit, bench.job("docs").died) == (143, 0), "it is not to blame"


def test_a_worker_leaves_in_time_without_a_desk(site: Site, bench: Bench) -> None:
    site.worker.step()
    site.way.is_cut = True
    stop = Stop()
    stop.request(15)
    before = bench.clock.time
    site.worker.run(stop)
    assert bench.clock.time - before <= LEAVES_S + 0.5


def test_a_desk_that_is_away_for_a_while_is_borne_and_not_for_ever(site: Site, bench: Bench) -> None:
    site.way.is_cut = True
    site.go_on(LONGEST_AWAY_S - 5, 5)
    site.way.is_cut = False
    site.go_on(5)
    assert len(site.children) == 1
    site.way.is_cut = True
    with pytest.raises(SinkError, match="does not answer"):
        site.go_on(LONGEST_AWAY_S + 60, 5)


def test_an_outcome_is_told_when_the_desk_is_back(site: Site, bench: Bench) -> None:
    site.go_on(5)
    site.children[0].status = 0
    site.way.is_cut = True
    site.go_on(10)
    assert not site.children[0].is_cleared
    site.way.is_cut = False
    site.go_on(1)
    assert bench.job("docs").exit == 0
    assert isinstance(site.children[0], FakeChild)
    assert site.children[0].is_cleared
