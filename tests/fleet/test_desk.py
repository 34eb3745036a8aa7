"""A job is at one worker at a time, whoever dies, sleeps or comes late, and nobody waits for a larger neighbour."""

from __future__ import annotations

import pytest

from fleet.desks import Bench, in_memory
from notion_sync_fleet.desk import FenceLost
from notion_sync_fleet.outcome import MINUTE
from notion_sync_fleet.values import Tenant

# -- claims


def test_jobs_that_need_no_token_do_not_wait_for_each_other(bench: Bench) -> None:
    for name in ("a", "b"):
        bench.desk.apply(name, Tenant("acme"), "", 3600.0)
    assert {bench.claim().job, bench.claim().job} == {"a", "b"}


def test_a_job_is_claimed_once(bench: Bench) -> None:
    bench.add("docs")
    turn = bench.claim()
    assert (turn.job, turn.fence, turn.generation) == ("docs", 1, 0)
    assert bench.desk.claim("two") is None


def test_where_nothing_is_due_there_is_no_turn(bench: Bench) -> None:
    assert bench.desk.claim("one") is None
    bench.add("docs")
    bench.desk.finish(bench.claim(), 0)
    assert bench.desk.claim("one") is None
    bench.pass_time(3600.0)
    assert bench.claim().fence == 2


def test_of_a_tenant_the_job_that_was_due_first_comes_first(bench: Bench) -> None:
    for job in ("b", "a"):
        bench.add(job)
        bench.pass_time(1.0)
    assert [bench.claim().job for _ in "ba"] == ["b", "a"]


def test_a_tenant_has_at_most_so_many_turns(bench: Bench) -> None:
    for number in range(5):
        bench.add(f"job {number}", most=2)
    first, _ = bench.claim(), bench.claim()
    assert bench.desk.claim("one") is None
    bench.desk.finish(first, 0)
    bench.claim()
    assert bench.desk.claim("one") is None


def test_of_jobs_that_share_a_token_one_runs(bench: Bench) -> None:
    bench.add("here", "acme", token="shared")
    bench.add("there", "other", token="shared")
    bench.add("alone", "third")
    turns = [bench.claim(), bench.claim()]
    assert {turn.job for turn in turns} == {"here", "alone"}
    assert bench.desk.claim("one") is None
    bench.desk.finish(next(turn for turn in turns if turn.job == "here"), 0)
    assert bench.claim().job == "there"


def test_a_job_goes_to_no_older_worker_than_its_last(bench: Bench) -> None:
    bench.add("docs")
    bench.desk.finish(bench.claim("new", (2, 10)), 12)
    assert bench.desk.claim("old", (2, 9)) is None
    assert bench.claim("new", (2, 10)).fence == 2


def test_whoever_waits_is_known_to_those_who_run(bench: Bench) -> None:
    bench.add("docs")
    bench.claim()
    assert not bench.desk.others_wait()
    bench.add("more")
    assert bench.desk.others_wait()


# -- leases and fences


def test_who_renews_keeps_its_job(bench: Bench) -> None:
    bench.add("docs")
    turn = bench.claim()
    for _ in range(10):
        bench.pass_time(29.0)
        bench.desk.renew(turn)
        assert bench.desk.claim("two") is None
    bench.desk.commit(turn)
    assert bench.desk.finish(turn, 0).generation == 1


@pytest.mark.parametrize("step", ["renew", "commit", "finish"])
def test_who_was_taken_for_dead_is_refused_when_it_wakes(bench: Bench, step: str) -> None:
    bench.add("docs")
    late = bench.claim("sleeps")
    bench.pass_time(30.1)
    turn = bench.claim("two")
    assert (turn.job, turn.fence) == ("docs", 2)
    given = (0,) if step == "finish" else ()
    with pytest.raises(FenceLost):
        getattr(bench.desk, step)(late, *given)
    bench.desk.commit(turn)
    assert bench.job("docs").generation == 2


def test_whose_lease_is_over_is_refused_as_soon_as_anybody_has_noticed(bench: Bench) -> None:
    bench.add("docs")
    late = bench.claim()
    bench.pass_time(30.1)
    bench.desk.commit(late)  # nobody else has begun: what it did counts
    assert bench.claim("two").generation == 1


def test_a_turn_begins_with_the_state_that_was_committed_last(bench: Bench) -> None:
    bench.add("docs")
    turn = bench.claim()
    bench.desk.commit(turn)
    bench.desk.finish(turn, 12)
    bench.claim()  # dies before it commits
    bench.pass_time(30.1)
    assert (bench.claim().fence, bench.job("docs").generation) == (3, 1)


def test_a_job_that_was_parked_and_released_waits_until_its_last_worker_has_let_it_go(bench: Bench) -> None:
    bench.add("docs")
    late = bench.claim()
    bench.desk.park("docs", "somebody looks at it")
    with pytest.raises(FenceLost):
        bench.desk.renew(late)
    bench.desk.release("docs")
    assert bench.desk.claim("two") is None
    bench.pass_time(30.1)
    assert bench.claim("two").fence == 2


# -- outcomes


@pytest.mark.parametrize(
    ("exit_code", "wait_s"),
    [(0, 3600.0), (3, 3600.0), (12, 0.0), (130, 0.0), (143, 0.0), (5, 30.0), (6, MINUTE), (7, MINUTE), (1, 60.0)],
)
def test_when_a_job_is_due_again_follows_from_how_it_ended(bench: Bench, exit_code: int, wait_s: float) -> None:
    bench.add("docs")
    began = bench.clock.now()
    job = bench.desk.finish(bench.claim(), exit_code)
    assert (job.standing, job.due) == ("waiting", began + wait_s)


@pytest.mark.parametrize("exit_code", [2, 4, 8, 10, 77])
def test_what_would_end_alike_is_parked_with_its_reason(bench: Bench, exit_code: int) -> None:
    bench.add("docs")
    job = bench.desk.finish(bench.claim(), exit_code, "the token was refused", "Renew it.")
    assert (job.standing, job.reason, job.remedy) == ("parked", "the token was refused", "Renew it.")
    bench.pass_time(86400.0)
    assert bench.desk.claim("one") is None
    bench.desk.release("docs")
    assert bench.claim().fence == 2


def test_who_is_away_is_asked_ever_less_often_and_at_least_once_an_hour(bench: Bench) -> None:
    bench.add("docs")
    waits = []
    for _ in range(8):
        job = bench.desk.finish(bench.claim(), 7)
        waits.append((job.due - bench.clock.now()) / MINUTE)
        bench.pass_time(job.due - bench.clock.now())
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    bench.desk.finish(bench.claim(), 0)
    bench.pass_time(3600.0)
    assert bench.desk.finish(bench.claim(), 7).due == bench.clock.now() + MINUTE


def test_three_turns_in_a_row_that_die_park_the_job_and_no_other(bench: Bench) -> None:
    bench.add("poison")
    bench.add("good", "other")
    for _ in range(3):
        turns = [bench.claim(), bench.claim()]
        bench.desk.finish(next(turn for turn in turns if turn.job == "good"), 12)
        bench.pass_time(30.1)
    assert bench.claim().job == "good"
    assert bench.desk.claim("one") is None
    parked = bench.job("poison")
    assert (parked.standing, parked.died) == ("parked", 3)
    assert "without an outcome" in parked.reason
    assert parked.remedy


def test_a_turn_with_an_outcome_forgives_those_that_died(bench: Bench) -> None:
    bench.add("docs")
    for exit_code in (12, 12, 12):
        for _ in range(2):
            bench.claim()
            bench.pass_time(30.1)
        assert bench.desk.finish(bench.claim(), exit_code).died == 0
    assert bench.job("docs").standing == "waiting"


@pytest.mark.parametrize("exit_code", [1, 11])
def test_three_faults_in_a_row_park_the_job(bench: Bench, exit_code: int) -> None:
    bench.add("docs")
    for _ in range(2):
        assert bench.desk.finish(bench.claim(), exit_code, "boom").standing == "waiting"
        bench.pass_time(60.0)
    parked = bench.desk.finish(bench.claim(), exit_code, "boom")
    assert parked.standing == "parked"
    assert "boom" in parked.reason


def test_missed_times_are_not_made_up_for(bench: Bench) -> None:
    bench.add("docs", every_s=100.0)
    first = bench.clock.now()
    turn = bench.claim()
    for _ in range(17):
        bench.pass_time(25.0)
        bench.desk.renew(turn)
    assert bench.desk.finish(turn, 0).due == first + 500.0


# -- what people say


def test_a_job_that_is_applied_again_keeps_what_became_of_it(bench: Bench) -> None:
    bench.add("docs")
    turn = bench.claim()
    bench.desk.commit(turn)
    bench.add("docs", "elsewhere", every_s=60.0)
    job = bench.job("docs")
    assert (job.tenant, job.every_s, job.generation, job.standing) == ("elsewhere", 60.0, 1, "running")
    assert bench.desk.finish(turn, 0).standing == "waiting"


def test_a_shorter_rhythm_holds_at_once(bench: Bench) -> None:
    bench.add("docs", every_s=86400.0)
    bench.desk.finish(bench.claim(), 0)
    bench.add("docs", every_s=60.0)
    bench.pass_time(60.0)
    assert bench.claim().job == "docs"


@pytest.mark.parametrize("word", ["park", "release"])
def test_nobody_knows_a_job_that_was_never_applied(bench: Bench, word: str) -> None:
    given = ("because",) if word == "park" else ()
    with pytest.raises(KeyError):
        getattr(bench.desk, word)("nothing", *given)


def test_jobs_are_listed_by_tenant(bench: Bench) -> None:
    for job, tenant in (("b", "acme"), ("a", "acme"), ("c", "other")):
        bench.add(job, tenant)
    assert [job.id for job in bench.tables.jobs()] == ["a", "b", "c"]
    assert [job.id for job in bench.tables.jobs("acme")] == ["a", "b"]


def test_what_fails_in_the_middle_changes_nothing(bench: Bench) -> None:
    bench.add("docs")
    before = bench.job("docs")
    with pytest.raises(RuntimeError), bench.tables.transaction():
        bench.tables.set_floor(99.0)
        bench.tables.put_tenant(Tenant("new"))
        bench.desk._begin(before, Tenant("acme"), "one", (), 0.0)
        raise RuntimeError
    assert bench.job("docs") == before
    with bench.tables.transaction():
        assert bench.tables.floor() == 0.0
        assert bench.tables.tenant("new") is None
    assert bench.claim().fence == 1


# -- fairness


def serve(bench: Bench, count: int, seconds: float = 10.0) -> list[str]:
    """Turns one after the other, each so long; whose they were."""
    tenants = []
    for _ in range(count):
        turn = bench.claim()
        bench.pass_time(seconds)
        bench.desk.renew(turn)
        bench.desk.finish(turn, 0)
        tenants.append(turn.tenant)
    return tenants


def test_who_has_few_jobs_does_not_wait_for_who_has_many() -> None:
    bench = in_memory()
    for number in range(300):
        bench.add(f"large {number:03}", "large")
    for number in range(20):
        bench.add(f"small {number:02}", f"small {number:02}")
    first = serve(bench, 21)
    assert first.count("large") == 1
    assert len(set(first)) == 21


def test_time_counts_and_not_turns(bench: Bench) -> None:
    for number in range(40):
        bench.add(f"slow {number}", "slow")
        bench.add(f"fast {number}", "fast")
    spent = {"slow": 0.0, "fast": 0.0}
    while sum(spent.values()) < 300.0:
        turn = bench.claim()
        seconds = 20.0 if turn.tenant == "slow" else 2.0
        bench.pass_time(seconds)
        spent[turn.tenant] += seconds
        bench.desk.finish(turn, 0)
        for job in (f"{turn.tenant} {number}" for number in range(40)):
            if bench.job(job).standing == "waiting":
                bench.desk.release(job)
                break
    assert abs(spent["slow"] - spent["fast"]) <= 60.0


def test_twice_the_weight_is_twice_the_time(bench: Bench) -> None:
    for tenant, weight in (("heavy", 2.0), ("light", 1.0)):
        for number in range(60):
            bench.desk.apply(f"{tenant} {number}", Tenant(tenant, weight), f"{tenant} {number}", 0.0)
    tenants = serve(bench, 90)
    assert 55 <= tenants.count("heavy") <= 65


def test_who_comes_back_after_a_pause_has_saved_nothing_up(bench: Bench) -> None:
    for number in range(60):
        bench.add(f"busy {number}", "busy")
    serve(bench, 30)
    for number in range(60):
        bench.add(f"rested {number}", "rested")
    tenants = serve(bench, 20)
    assert 8 <= tenants.count("busy") <= 12
