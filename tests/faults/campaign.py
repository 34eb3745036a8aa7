"""Runs that are killed, and what must hold afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from conftest import tree
from faults.small import Time, edit, small_workspace
from notion_sync_demo import Emulator
from notion_sync_demo.api import Api
from warm_process import WarmProcess

CHAOS = bool(os.environ.get("CHAOS"))
"""``make chaos``: the large campaigns."""
WORKERS = 2
PASSES_S = float(os.environ.get("PASSES_S", "900"))
"""How often a run publishes what it has read so far."""
_ROOM = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where fsync costs nothing, if there is such a place: what is killed here is a process, not a disk."""


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A temporary folder, in memory if possible."""
    with tempfile.TemporaryDirectory(prefix="notion-sync-crash-", dir=_ROOM) as folder:
        yield Path(folder)


class Launcher:
    """Runs in forks of the warm process of :mod:`faults.killer`."""

    def __init__(self) -> None:
        self._process = WarmProcess(Path(__file__).with_name("killer.py"))

    def __call__(self, **order: Any) -> dict[str, Any]:
        self._process.tell(order)
        answer: dict[str, Any] = self._process.answer()
        return answer

    def close(self) -> None:
        self._process.close()


class World:
    """A small workspace before and after edits, served at one address, and one job against it."""

    def __init__(self, folder: Path, launch: Launcher) -> None:
        self.folder = folder
        self.launch = launch
        self.out, self.state = folder / "out", folder / "state"
        self._time = Time()
        self.emulator = Emulator(small_workspace(self._time), clock=lambda: self._time.now + 3600.0)

    def serve(self, *, edited: bool) -> None:
        """The same workspace, anew; the ids are the same each time."""
        self._time.now -= self._time.now % 86_400
        space = small_workspace(self._time)
        if edited:
            self._time.now += 7200.0
            edit(space)
        self.emulator.workspace, self.emulator.api = space, Api(space)

    def order(self, **more: Any) -> dict[str, Any]:
        """What the launcher needs to run the job."""
        flags = {
            "export.publish_every_s": PASSES_S,
            "notion.base_url": self.emulator.url,
            "performance.requests": 1_000_000,
            "performance.workers": WORKERS,
            "deployment.state_dir": str(self.state),
            "export.sinks": [{"use": "fs", "path": str(self.out)}],
            "export.renderers": more.pop("renderers", ["markdown", "html"]),
        }
        environ = {"NOTION_TOKEN": self.emulator.token, "XDG_STATE_HOME": str(self.folder / "home")}
        return {"job_environ": environ, "environ": environ, "flags": flags, **more}

    def clear(self) -> None:
        for each in (self.out, self.state):
            shutil.rmtree(each, ignore_errors=True)

    def save(self, name: str) -> None:
        for each in (self.out, self.state):
            shutil.copytree(each, self.folder / name / each.name)

    def load(self, name: str) -> None:
        self.clear()
        if (self.folder / name).exists():
            for each in (self.out, self.state):
                shutil.copytree(self.folder / name / each.name, each)

    def run(self, **more: Any) -> dict[str, Any]:
        """A run that must be complete."""
        answer = self.launch(**self.order(**more))
        assert answer["code"] == 0, answer
        assert answer["report"]["status"] == "complete", answer["report"]
        return answer

    def versions(self) -> dict[str, str]:
        """The last version of each object, by id; all that rows name are there."""
        [path] = self.state.glob("*/history/history.sqlite")
        with closing(sqlite3.connect(path)) as database:
            rows = database.execute("SELECT object_id, sha256 FROM version ORDER BY run").fetchall()
            there = {"", *(sha256 for (sha256,) in database.execute("SELECT sha256 FROM frame"))}
        there.update(file.name for file in (path.parent / "blobs").glob("*/*"))
        for each, sha256 in rows:
            assert sha256 in there, f"a version of {each} is lost"
        return dict(rows)

    def listings(self) -> Counter[str]:
        """How often the content of each page was asked for."""
        found: Counter[str] = Counter()
        for path, times in self.emulator.counters.paths.items():
            parts = path.split("/")
            if parts[2] == "blocks" and parts[3] in self.emulator.workspace.pages:
                found[parts[3]] += times
        return found


def is_of_a_pass(path: str, content: bytes) -> bool:
    """Whether a file is whole, of a pass over what was read so far: it may still show less than in the end."""
    if "PASSES_S" not in os.environ or not content.endswith(b"\n"):
        return False
    return not path.endswith(".jsonl") or all(map(json.loads, content.splitlines()))


class Scenario:
    """A run from one known tree to another, undisturbed once to know what it does."""

    def __init__(self, world: World, name: str, *, start: str, edited: bool, **options: Any) -> None:
        self.world, self.name = world, name
        self._start, self._edited, self._options = start, edited, options
        self.begin()
        self.before = tree(world.out) if world.out.exists() else {}
        answer = world.run(**options)
        self.after = tree(world.out)
        self.report = answer["report"]
        self.counts: dict[str, int] = answer["counts"]
        self.seconds: float = answer["seconds"]
        self.versions = world.versions()

    def begin(self) -> None:
        self.world.load(self._start)
        self.world.serve(edited=self._edited)
        self.world.emulator.counters.paths.clear()

    def kill(self, **how: Any) -> bool:
        """One kill and what must hold after it. ``False``: the run ended before it could be killed."""
        self.begin()
        world = self.world
        answer = world.launch(**world.order(**self._options, **how))
        if answer["code"] != -9:
            assert answer["code"] == 0, answer
            return False
        self.check_untorn(str(how))
        asked = world.listings()
        resumed = world.run(**self._options, wrapped=False)
        assert tree(world.out) == self.after, f"{self.name}: another tree after {how}"
        assert not list(world.state.glob("*/*/blobs/tmp-*")), f"{self.name}: left-overs after {how}"
        assert world.versions() == self.versions, f"{self.name}: other versions after {how}"
        for key in ("discovered", "failed", "unreadable"):
            assert resumed["report"]["objects"][key] == self.report["objects"][key], f"{key} after {how}"
        again = [page for page, times in world.listings().items() if asked[page] and times > asked[page]]
        # Two tasks a worker are under way, and as many may be read but not yet checkpointed.
        assert len(again) <= 4 * WORKERS, f"{self.name}: {len(again)} documents read again after {how}"
        return True

    def check_untorn(self, how: str) -> None:
        """Every file is whole, of before or of after, and none that stays is ever gone."""
        now = tree(self.world.out) if self.world.out.exists() else {}
        for path, content in now.items():
            if path.startswith(".notion-sync/staging/"):
                continue
            known = (self.before.get(path), self.after.get(path))
            assert content in known or is_of_a_pass(path, content), f"{self.name}: {path} is torn after {how}"
        for path in self.before.keys() & self.after.keys():
            assert path in now, f"{self.name}: {path} is gone after {how}"


def strikes(scenario: Scenario, per_point: int, rng: random.Random) -> list[tuple[str, int]]:
    """Each point the scenario passes, with some of the times it passes it."""
    found = []
    for point, count in sorted(scenario.counts.items()):
        found += [(point, number) for number in sorted(rng.sample(range(1, count + 1), min(per_point, count)))]
    return found
