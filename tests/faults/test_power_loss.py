"""After a power cut no checkpoint is ahead of the data, nothing is torn, and the next run completes (P3).

500 disks here, 5,000 and more under ``make chaos``.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import diskcache
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import tree
from faults.campaign import CHAOS, Launcher, World, quick_folder
from faults.disk import Disk, Outcomes, Recorder, sha
from faults.figures import record
from faults.killer import SMALL
from notion_sync_core import Job
from notion_sync_core.history import blobs
from notion_sync_core.history.compression import zstd
from notion_sync_core.mirror.safe_disk import SafeDisk
from notion_sync_core.pipeline import Options, run

pytestmark = pytest.mark.campaign

DISKS = 2000 if CHAOS else 200
RUNS = 50 if CHAOS else 6


def mirrored(world: World) -> set[str]:
    """The keys of all that the mirror holds."""
    found: set[str] = set()
    for folder in world.state.glob("*/mirror/listings"):
        with diskcache.Cache(str(folder), disk=SafeDisk) as cache:
            found.update(cache.iterkeys())
    return found


class Recorded:
    """One run on record, and what it made of the sink."""

    def __init__(self, world: World, name: str, start: str, *, edited: bool, unsure: bool = False) -> None:
        self.world, self.name, self.start, self.edited = world, name, start, edited
        world.load(start)
        world.serve(edited=edited)
        self.before = tree(world.out) if world.out.exists() else {}
        self.kept = mirrored(world)
        self.recorder = Recorder(world.folder)
        self.recorder.begin(world.out / "html" if unsure else None)
        order = world.order()
        with self.recorder.watching():
            job = Job.load(environ=order["job_environ"], use_default_file=False, flags=order["flags"])
            report = run(job, Options(mode="sync"))
        assert report.status == "complete"
        self.job = report.job
        self.met: Counter[str] = Counter()
        """How many versions were seen in files, and beside the rows."""
        self.after = tree(world.out)

    def known(self, path: str) -> set[str]:
        """Hashes of the whole versions of a file."""
        return {sha(files[path]) for files in (self.before, self.after) if path in files}

    def check(self, outcomes: Outcomes, disk: Disk) -> None:
        assert outcomes.flushed >= outcomes.needed, "the state counts on listings that the mirror may have lost"
        out = f"{self.world.out}/"
        for path, content in disk.files.items():
            if path.startswith(out) and "/.notion-sync/" not in path:
                assert sha(content) in self.known(path.removeprefix(out)), f"{path} is torn"
            if "/blobs/" in path and "/tmp-" not in path:
                found = zstd.decompress(content) if "/history/" in path else content
                assert sha(found) == Path(path).name, f"{path} is torn"
        kept = self.versions(disk)
        if disk.state is None:
            return
        assert any(path.endswith("/state.sqlite") for path in disk.files), "the state itself is gone"
        noted = [content for path, content in disk.files.items() if "/places/" in path and path.endswith(".json")]
        assert [json.loads(each)["job"] for each in noted] == [self.job], "nobody would find the state again"
        database = sqlite3.connect(":memory:")
        database.deserialize(disk.state)
        for path, sha256, intent, current in database.execute(
            "SELECT path, sha256, intended_sha256, is_current FROM files"
        ):
            found = sha(disk.files.get(out + path))
            may = {sha256, intent} if intent else {sha256}
            assert found in (may if current else may | {""}), f"{path} is not as the state says"
        for (sha256,) in database.execute("SELECT sha256 FROM assets"):
            assert any(path.endswith(f"/blobs/{sha256[:2]}/{sha256}") for path in disk.files), f"{sha256} is lost"
        for (each,) in database.execute("SELECT id FROM objects WHERE copy_edited_time IS NOT NULL"):
            assert each in kept, f"the state counts {each} as read, and history has no version of it"
        lost = self.lost(outcomes.flushed, database)
        assert not lost, f"the state counts {lost} as read, and the mirror may have lost them"
        database.close()

    def versions(self, disk: Disk) -> set[str]:
        """Objects of which history has a version; each that a row names is on the disk."""
        if disk.history is None:
            return set()
        database = sqlite3.connect(":memory:")
        database.deserialize(disk.history)
        rows = database.execute("SELECT object_id, sha256 FROM version WHERE sha256 != ''").fetchall()
        small = dict(database.execute("SELECT sha256, data FROM frame"))
        database.close()
        for sha256, frame in small.items():
            assert sha(zstd.decompress(frame)) == sha256, f"{sha256} is torn"
        for each, sha256 in rows:
            large = any(path.endswith(f"/history/blobs/{sha256[:2]}/{sha256}") for path in disk.files)
            assert large or sha256 in small, f"a row names a version of {each} that is lost"
            self.met["large" if large else "small"] += 1
        return {each for each, _ in rows}

    def lost(self, flushed: int, database: sqlite3.Connection) -> list[str]:
        """Objects and listings of what the state has read, that are not sure to be in the mirror.

        :param flushed: so many puts of this run are sure to be there.
        """
        kept = set(self.kept)
        for key, value in self.recorder.puts[:flushed]:
            kept.discard(key) if value is None else kept.add(key)
        read = database.execute("SELECT id, kind FROM objects WHERE copy_edited_time IS NOT NULL").fetchall()
        needed = [f"o/{each}" for each, _ in read] + [f"b/{each}/0" for each, kind in read if kind == "page"]
        return [key for key in needed if key not in kept]

    def put_back(self, disk: Disk) -> None:
        """Make that disk the real one."""
        world = self.world
        world.load(self.start)
        listings = [(path, path.relative_to(world.state)) for path in world.state.glob("*/mirror/listings")]
        kept = world.folder / "kept"
        for path, _ in listings:
            path.rename(kept)
        world.clear()
        for folder in sorted(disk.folders):
            Path(folder).mkdir(exist_ok=True)
        for name, content in disk.files.items():
            Path(name).write_bytes(content)
        for _, where in listings:
            kept.rename(world.state / where)
        if disk.state is None:
            return
        for path in world.state.glob("*/history/history.sqlite*"):
            path.unlink()
            if path.name == "history.sqlite" and disk.history is not None:
                path.write_bytes(disk.history)
        for path in world.state.glob("*/state.sqlite"):
            path.write_bytes(disk.state)
            for each in path.parent.glob("state.sqlite-*"):
                each.unlink()
            with diskcache.Cache(str(path.parent / "mirror" / "listings"), disk=SafeDisk) as cache, cache.transact():
                for key, value in self.recorder.puts[: disk.mirror]:
                    cache.set(key, value) if value is not None else cache.delete(key)


@pytest.fixture(scope="module")
def recorded() -> Iterator[dict[str, Recorded]]:
    with (
        quick_folder() as folder,
        closing(Launcher()) as launch,
        (world := World(folder / "world", launch)).emulator,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(blobs, "SMALL", SMALL)
        world.folder.mkdir()
        found = {"first": Recorded(world, "first", "../nothing", edited=False)}
        world.save("../first")
        found["second"] = Recorded(world, "second", "../first", edited=True)
        world.clear()
        world.serve(edited=False)
        assert world.launch(**world.order(strike=("before hook sink_flush", 2, 9)))["code"] == -9
        world.save("../killed")
        found["resumed"] = Recorded(world, "resumed", "../killed", edited=False, unsure=True)
        yield found


@pytest.mark.parametrize("name", ["first", "second", "resumed"])
def test_no_power_cut_leaves_a_checkpoint_ahead_of_the_data(recorded: dict[str, Recorded], name: str) -> None:
    one = recorded[name]
    count = 0

    @settings(
        max_examples=DISKS, derandomize=True, database=None, suppress_health_check=list(HealthCheck), deadline=None
    )
    @given(st.integers(one.recorder.start, len(one.recorder.events)), st.integers(0, 1 << 32))
    def any_cut(crash: int, seed: int) -> None:
        nonlocal count
        count += 1
        outcomes = Outcomes(one.recorder, crash)
        one.check(outcomes, outcomes.disk(random.Random(seed)))

    any_cut()
    assert name == "second" or set(one.met) == {"large", "small"}
    record(f"power cut during a {name} run", count, "no checkpoint ahead of the data, nothing torn")


@pytest.mark.parametrize("name", ["first", "second", "resumed"])
def test_the_run_after_a_power_cut_completes_the_same_tree(recorded: dict[str, Recorded], name: str) -> None:
    one, rng = recorded[name], random.Random(f"cuts {name}")
    start, events = one.recorder.start, len(one.recorder.events)
    for number in range(RUNS):
        crash = start + (events - start) * (number + 1) // (RUNS + 1)
        disk = Outcomes(one.recorder, crash).disk(rng)
        one.put_back(disk)
        one.world.serve(edited=one.edited)
        answer = one.world.run(wrapped=False)
        assert tree(one.world.out) == one.after, f"another tree after a cut at event {crash}: {answer['report']}"
    record(f"run after a power cut during a {name} run", RUNS, "all trees byte-equal")
