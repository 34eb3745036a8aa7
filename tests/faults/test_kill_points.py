"""SIGKILL at every step that matters: nothing torn, and the next run ends as if nothing had happened (P1, P2).

90 kills here, more than 1,000 under ``make chaos``.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from conftest import tree
from faults.campaign import CHAOS, Launcher, Scenario, World, quick_folder, strikes
from faults.figures import record
from faults.killer import POINTS

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def scenarios() -> Iterator[dict[str, Scenario]]:
    """A first sync, a second one after edits, and that one with a rendering process."""
    with quick_folder() as folder, closing(Launcher()) as launch, (world := World(folder, launch)).emulator:
        found = {"first": Scenario(world, "first", start="nothing", edited=False)}
        world.save("first")
        found["second"] = Scenario(world, "second", start="first", edited=True)
        found["helped"] = Scenario(world, "helped", start="first", edited=True, many=1)
        yield found


def test_forty_named_points_and_more_lie_on_the_way(scenarios: dict[str, Scenario]) -> None:
    passed = {point for scenario in scenarios.values() for point in scenario.counts}
    assert passed <= set(POINTS)
    assert len(passed) >= 100
    assert set(POINTS) - passed <= {"before os.rmdir", "after os.rmdir"} | passed


@pytest.mark.parametrize(("name", "kills"), [("first", 30), ("second", 30), ("helped", 6)])
def test_a_kill_at_a_named_point_changes_nothing_in_the_end(
    scenarios: dict[str, Scenario], name: str, kills: int
) -> None:
    scenario, rng = scenarios[name], random.Random(f"points {name}")
    # Each point a few times, in an order that spreads what is tried first over all of them.
    planned = strikes(scenario, 3, rng)
    rng.shuffle(planned)
    hit: Counter[str] = Counter()
    for point, number in planned if CHAOS else planned[:kills]:
        # Threads take turns as they like: a point may be passed less often than in the run that was counted.
        if scenario.kill(strike=(point, number, 9)) or scenario.kill(strike=(point, max(1, number // 2), 9)):
            hit[point] += 1
    record(f"kill at a named point, {name} run", hit.total(), f"{len(hit)} points, all trees byte-equal")
    assert hit.total() >= 0.9 * (len(planned) if CHAOS else kills)


@pytest.mark.parametrize("name", ["first", "second", "helped"])
def test_a_kill_at_any_instant_changes_nothing_in_the_end(scenarios: dict[str, Scenario], name: str) -> None:
    scenario, rng = scenarios[name], random.Random(f"instants {name}")
    tries = 120 if CHAOS else 8
    killed = sum(scenario.kill(kill_after=rng.uniform(0.05, 0.9) * scenario.seconds) for _ in range(tries))
    record(f"kill at a random instant, {name} run", killed, "all trees byte-equal")
    assert killed >= tries // 4


def test_a_page_that_changes_between_two_kills_is_not_taken_for_somebodys_edit(scenarios: dict[str, Scenario]) -> None:
    world, expected = scenarios["second"].world, scenarios["second"].after
    world.clear()
    world.serve(edited=False)
    # The files have their names, but nobody noted that.
    assert world.launch(**world.order(strike=("before hook sink_flush", 2, 9)))["code"] == -9
    world.serve(edited=True)
    # Newer intents are noted, but the files are those of the first run.
    assert world.launch(**world.order(strike=("before hook sink_commit", 2, 9)))["code"] == -9
    report = world.run(wrapped=False)["report"]
    assert report["artifacts"]["kept_edits"] == 0
    assert tree(world.out) == expected


def test_a_site_file_that_was_copied_between_kill_and_next_run_is_still_ours(scenarios: dict[str, Scenario]) -> None:
    scenario = scenarios["second"]
    scenario.begin()
    world = scenario.world
    commits = scenario.counts["before hook sink_commit"]
    # The last commits are those of the site's files and of the manifest.
    for number in range(commits, 0, -1):
        scenario.begin()
        world.launch(**world.order(strike=("before hook sink_commit", number, 9)))
        database = sqlite3.connect(next(world.state.glob("*/state.sqlite")))
        found = database.execute("SELECT 1 FROM files WHERE path='html/index.html' AND intended_sha256!=''").fetchone()
        database.close()
        if found:
            break
    page = world.out / "html" / "index.html"
    os.utime(page, (1, 1))
    report = world.run(wrapped=False)["report"]
    assert report["kept_edits"] == []
    assert tree(world.out) == scenario.after
