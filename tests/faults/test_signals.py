"""SIGINT and SIGTERM in twenty phases: out within ten seconds with a checkpoint; the second leaves at once (P20).

Also: of twenty runs at once one runs, the others leave at once (P9).
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import tree
from faults.campaign import Launcher, World, quick_folder
from faults.figures import record
from notion_sync_demo import Fault

pytestmark = pytest.mark.campaign

PHASES = [
    ("before sink claimed", 1),
    ("after run numbered", 1),
    ("before reading begun", 1),
    ("before discovery batch", 1),
    ("after hook source_discover", 1),
    ("before hook source_read", 5),
    ("before hook source_download", 2),
    ("before mirror document", 9),
    ("before reading finished", 20),
    ("before state checkpoint", 12),
    ("before hook source_fetch", 1),
    ("before places assigned", 1),
    ("before surroundings", 1),
    ("before sink inspected", 1),
    ("before assets written", 1),
    ("before document rendered", 10),
    ("before hook sink_commit", 20),
    ("before retire", 1),
    ("before site files", 1),
    ("before manifest", 1),
]


class Command:
    """The command line's ``sync``, run in a fork."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.serve(edited=False)
        assert self().pop("code") == 0
        self.after = tree(world.out)

    def __call__(self, **more: Any) -> dict[str, Any]:
        world = self.world
        words = [
            *("notion-sync", "sync", "--quiet", "--to", str(world.out)),
            *("--set", f"deployment.state_dir={world.state}", "--set", f"notion.base_url={world.emulator.url}"),
            *("--set", "performance.requests=0", "--set", "performance.workers=2"),
        ]
        environ = world.order()["environ"]
        return world.launch(command=words, environ=environ, **more)


@pytest.fixture(scope="module")
def command() -> Iterator[Command]:
    with quick_folder() as folder:
        launch = Launcher()
        world = World(folder, launch)
        with world.emulator:
            yield Command(world)
        launch.close()


@pytest.mark.parametrize(("phase", "number"), PHASES)
def test_a_signal_in_any_phase_ends_the_run_with_a_checkpoint(command: Command, phase: str, number: int) -> None:
    world = command.world
    signum = (signal.SIGINT, signal.SIGTERM)[PHASES.index((phase, number)) % 2]
    world.clear()
    answer = command(strike=(phase, number, signum))
    assert answer["code"] == 128 + signum
    assert answer["seconds"] < 10
    assert list(world.state.glob("*/state.sqlite"))
    world.emulator.counters.paths.clear()
    assert command(wrapped=False)["code"] == 0
    assert tree(world.out) == command.after
    if PHASES.index((phase, number)) > 10:
        assert sum(world.listings().values()) <= 1, "what was read is read again"
    if (phase, number) == PHASES[-1]:
        record("SIGINT or SIGTERM in a phase", len(PHASES), "all out within 10 s with a checkpoint, then byte-equal")


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_hangs_does_not_keep_a_stopped_run(command: Command, signum: int) -> None:
    world = command.world
    world.clear()
    world.emulator.faults.add(Fault("hang", path="^/v1/blocks/", seconds=20.0, times=2))
    answer = command(strike=("before hook source_read", 2, signum))
    world.emulator.faults.clear()
    assert answer["code"] == 128 + signum
    assert answer["seconds"] < 10
    assert command(wrapped=False)["code"] == 0
    assert tree(world.out) == command.after


def test_the_second_signal_leaves_at_once(command: Command) -> None:
    world = command.world
    world.clear()
    world.emulator.faults.add(Fault("hang", path="^/v1/blocks/", seconds=20.0, times=2))
    answer = command(strike=("before hook source_read", 2, signal.SIGINT), again_after=0.5)
    world.emulator.faults.clear()
    assert answer["code"] in (-signal.SIGINT, 130)
    assert answer["seconds"] < 4
    assert command(wrapped=False)["code"] == 0
    assert tree(world.out) == command.after


def test_of_twenty_runs_at_once_one_runs_and_nineteen_leave_with_5(command: Command) -> None:
    world = command.world
    world.clear()
    world.emulator.latency_s = 0.3
    ended = command(times=20, wrapped=False)["ended"]
    world.emulator.latency_s = 0.0
    assert sorted(each["code"] for each in ended) == [0, *[5] * 19]
    # Time of its own, because twenty processes share the machine.
    assert max(each["worked"] for each in ended if each["code"] == 5) < 2
    assert tree(world.out) == command.after
    record("20 processes at once on one job", 20, "1 ran, 19 left with 5")
