"""A desk in memory and one in PostgreSQL decide alike, and whatever comes, what a desk promises holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.desks import Bench, in_memory, in_postgres, needs_postgres
from notion_sync_fleet.desk import FenceLost
from notion_sync_fleet.values import FleetJob, Tenant, Turn

JOBS = [f"job {number}" for number in range(6)]
TENANTS = [Tenant("acme", 1.0, 2), Tenant("blue", 2.0, 1), Tenant("core", 0.5, 3)]
TOKENS = ["one", "two", ""]
Step = tuple[str, int, float]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["apply", "claim", "renew", "commit", "finish", "lost", "pass", "park", "release"]),
        st.integers(0, 99),
        st.sampled_from([0.0, 1.0, 12.0, 31.0, 90.0, 4000.0]),
    ),
    max_size=40,
)
EXITS = [0, 1, 2, 3, 5, 7, 12, 143]


class Played:
    """What was done with a desk, and what it said."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.turns: list[Turn] = []
        self.said: list[object] = []

    def step(self, step: Step) -> None:
        word, number, seconds = step
        desk = self.bench.desk
        try:
            said: object = None
            if word == "apply":
                tenant = TENANTS[number % len(TENANTS)]
                desk.apply(JOBS[number % len(JOBS)], tenant, TOKENS[number % len(TOKENS)], seconds)
            elif word == "claim":
                said = desk.claim(f"worker {number % 3}", (number % 4,))
                if isinstance(said, Turn):
                    self.turns.append(said)
            elif word == "pass":
                self.bench.pass_time(seconds)
            elif word in ("park", "release"):
                given = ("somebody looks",) if word == "park" else ()
                getattr(desk, word)(JOBS[number % len(JOBS)], *given)
            elif self.turns:
                turn = self.turns[number % len(self.turns)]
                if word == "finish":
                    said = desk.finish(turn, EXITS[number % len(EXITS)], "reason", "remedy")
                else:
                    getattr(desk, word)(turn)
        except (KeyError, FenceLost) as error:
            said = type(error).__name__
        self.said.append(said)

    @property
    def jobs(self) -> list[FleetJob]:
        return list(self.bench.tables.jobs())


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_a_desk_keeps_its_promises(steps: list[Step]) -> None:
    played = Played(in_memory())
    before: dict[str, FleetJob] = {}
    for step in steps:
        played.step(step)
        jobs = {job.id: job for job in played.jobs}
        running = [job for job in jobs.values() if job.standing == "running"]
        assert len({job.id for job in running}) == len(running)
        for job_id, job in jobs.items():
            old = before.get(job_id, job)
            assert job.fence >= old.fence
            assert job.generation >= old.generation
            assert job.generation <= job.fence
            assert job.version >= old.version
        if isinstance(turn := played.said[-1], Turn):
            old = before[turn.job]
            assert old.standing == "waiting" or old.lease_until < played.bench.clock.now()
            assert turn.fence == old.fence + 1
            mine = jobs[turn.job]
            others = [each for each in running if each.id != turn.job]
            assert not mine.token or mine.token not in {each.token for each in others}
            tenant = next(each for each in TENANTS if each.name == mine.tenant)
            assert sum(each.tenant == mine.tenant for each in running) <= tenant.most
        before = jobs


@contextmanager
def both() -> Iterator[tuple[Played, Played]]:
    made = in_postgres()
    with nullcontext(next(made)) as bench:
        yield Played(in_memory()), Played(bench)
    next(made, None)


@needs_postgres
@given(STEPS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_memory_and_postgresql_say_the_same(steps: list[Step]) -> None:
    with both() as (one, two):
        for step in steps:
            one.step(step)
            two.step(step)
        assert one.said == two.said
        assert one.jobs == two.jobs
