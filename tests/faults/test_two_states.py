"""Two states and one sink, as with backups, caches and two machines in turn: no page is frozen, lost or doubled.

200 lives here, 5,000 under ``make chaos``: edits, renames and moves, older states brought back, lost states, older
sinks brought back, hand edits; on a plain disk, on one that folds names, and on S3.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from conftest import tree
from faults.campaign import CHAOS
from faults.figures import record
from faults.test_model import Life, any_number
from folding import Folding
from notion_sync_core.report import Report
from plugins.s3_server import bare_client, moto

pytestmark = pytest.mark.campaign

COUNTS = {"syncs": 0, "taken over": 0, "edits kept": 0}
BUCKET = "models"
MANIFEST = ".notion-sync/manifest.jsonl"


class TwoStates(Life):
    """The life of a workspace that two machines bring to one folder."""

    disk = "plain"

    def __init__(self) -> None:
        super().__init__()
        self.machine = "a"
        self.mine: dict[str, bytes] = {}
        """Files that somebody edited, and what they hold since."""
        self.kept_mine: dict[str, bytes] = {}
        self.patch = pytest.MonkeyPatch()
        self.place("out").mkdir()
        if self.disk == "folding":
            Folding(self.place("out"), self.patch)

    def teardown(self) -> None:
        self.patch.undo()
        super().teardown()

    def place(self, name: str) -> Path:
        """Where a folder of this life is."""
        return self.folder / name

    # -- what happens to states and sink

    @rule()
    def work_on_the_other_machine(self) -> None:
        self.machine = "b" if self.machine == "a" else "a"

    @rule()
    def keep_a_state(self) -> None:
        self._copy(self.machine, f"kept-{self.machine}")

    @rule()
    def bring_an_older_state_back(self) -> None:
        self._copy(f"kept-{self.machine}", self.machine)

    @rule()
    def lose_a_state(self) -> None:
        shutil.rmtree(self.folder / self.machine, ignore_errors=True)

    @rule()
    def lose_a_mirror(self) -> None:
        for mirror in (self.folder / self.machine).glob("*/mirror"):
            shutil.rmtree(mirror)

    @rule()
    def keep_the_sink(self) -> None:
        self._copy("out", "kept-out")
        self.kept_mine = dict(self.mine)

    @rule()
    def bring_the_older_sink_back(self) -> None:
        if not self._was_written():
            return  # kept before anything was written: an empty place is refused, for its disk may be missing
        if self._copy("kept-out", "out"):
            self.mine = dict(self.kept_mine)

    def _was_written(self) -> bool:
        return (self.place("kept-out") / MANIFEST).exists()

    def _copy(self, source: str, target: str) -> bool:
        here, there = self.place(source), self.place(target)
        if not here.exists():
            return False
        for path in there.iterdir() if there.exists() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(here, there, dirs_exist_ok=True)
        return True

    @rule(at=any_number)
    def edit_a_file_by_hand(self, at: int) -> None:
        files = [name for name in sorted(self.found()) if name.endswith(".md")]
        if files:
            name = files[at % len(files)]
            self.mine[name] = b"mine, %d" % at
            self.write(name, self.mine[name])

    @rule(at=any_number)
    def hide_a_page_for_a_while(self, at: int) -> None:
        """Not played here: a copy that was kept on purpose equals no fresh export."""

    @initialize(seed=any_number)
    def choose_the_kills(self, seed: int) -> None:
        """Nobody is killed."""

    @invariant()
    def sync_now_and_then(self) -> None:
        self.steps += 1
        if self.steps % 3 == 0:
            self.time.now += 4000.0
            self._sync()

    # -- what must be so

    def _sync(self) -> None:
        report = self._run()
        assert report.error is None, report.error
        assert report.status == "complete", report.failures
        self.emulator.faults.clear()
        for name in ("fresh", "fresh-state"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        assert self._run(out="fresh", state="fresh-state").status == "complete"
        found, expected = self.found(), self.as_found(tree(self.folder / "fresh"))
        in_the_way = 0
        for name, content in self.mine.items():
            assert found.pop(name) == content, f"{name} was edited by hand, and is not as it was left"
            # Where a file of somebody's lies there can be no other, and no folder: what belongs in there waits.
            here = self.as_one(name)
            waiting = [each for each in expected if self._excludes(here, self.as_one(each))]
            in_the_way += any(self.as_one(each) == here for each in waiting)
            expected = {each: text for each, text in expected.items() if each not in waiting}
        if self.mine:  # the manifest tells of them
            found.pop(".notion-sync/manifest.jsonl")
            expected.pop(".notion-sync/manifest.jsonl")
        # What cannot be written where it belongs now stays where it was.
        waiting = [name for name in found if name not in expected] if self.mine else []
        assert len(waiting) <= report.artifacts.stale, waiting
        for name in waiting:
            del found[name]
        assert sorted(found) == sorted(expected)
        for name in sorted(found):
            assert found[name].decode("utf-8", "replace") == expected[name].decode("utf-8", "replace"), name
        # Where no page belongs any more, a state that never knew the file has nothing to tell.
        assert report.artifacts.kept_edits >= in_the_way, "each run tells of each"
        COUNTS["syncs"] += 1
        COUNTS["taken over"] += any("taken over" in each["message"] for each in report.warnings)
        COUNTS["edits kept"] += len(self.mine)

    def _run(self, **where: str) -> Report:
        return super()._run(**{"state": self.machine, **where})

    def _order(self, out: str = "out", state: str = "state") -> dict[str, Any]:
        order = super()._order(out, state)
        order["flags"]["export.renderers"] = ["markdown"]
        return order

    def found(self) -> dict[str, bytes]:
        return tree(self.place("out"))

    @staticmethod
    def _excludes(one: str, other: str) -> bool:
        return f"{other}/".startswith(f"{one}/") or one.startswith(f"{other}/")

    def as_one(self, name: str) -> str:
        """The same for names that are one file on this disk."""
        return name

    def as_found(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """A tree as this disk would show it."""
        return files

    def write(self, name: str, content: bytes) -> None:
        (self.place("out") / name).write_bytes(content)


class OnAFoldingDisk(TwoStates):
    """The same where names that fold alike are one."""

    disk = "folding"

    def as_one(self, name: str) -> str:
        return unicodedata.normalize("NFC", name).casefold()


class OnS3(TwoStates):
    """The same in a bucket."""

    endpoint = ""
    lives = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).lives += 1
        self.prefix = f"life{self.lives}"
        self.client = bare_client(self.endpoint)
        self.kept: dict[str, bytes] = {}
        """The sink as it was kept."""

    def _order(self, out: str = "out", state: str = "state") -> dict[str, Any]:
        order = super()._order(out, state)
        if out == "out":
            sink = {"use": "s3", "bucket": BUCKET, "prefix": self.prefix, "endpoint_url": self.endpoint}
            order["flags"]["export.sinks"] = [sink]
        return order

    def found(self) -> dict[str, bytes]:
        # Not by way of a folder: a bucket may hold a file, and others below a folder of the same name.
        return {
            name: content.partition(b"\n")[2] if name == MANIFEST else content for name, content in self._raw().items()
        }

    @staticmethod
    def _excludes(one: str, other: str) -> bool:
        return one == other

    def write(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}", Body=content)

    def _keys(self) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{self.prefix}/")
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        return [key for key in keys if not key.startswith(f"{self.prefix}/.notion-sync/lock/")]

    def _copy(self, source: str, target: str) -> bool:
        if "out" not in (source, target):
            return super()._copy(source, target)
        if source == "out":
            self.kept = self._raw()
            return True
        for name in self._raw():
            self.client.delete_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}")
        for name, content in self.kept.items():
            self.write(name, content)
        return True

    def _was_written(self) -> bool:
        return MANIFEST in self.kept

    def _raw(self) -> dict[str, bytes]:
        return {
            key.removeprefix(f"{self.prefix}/"): self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            for key in self._keys()
        }


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        bare_client(address).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield address


def live(kind: type[TwoStates], *, few: int, many: int) -> None:
    lives = many if CHAOS else few
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=lives,
            stateful_step_count=30 if CHAOS else 9,
            derandomize=not CHAOS,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    record(f"lives with two states, {kind.__name__}", lives, f"{COUNTS}")


def test_two_states_of_one_folder_never_freeze_lose_or_double_a_page() -> None:
    live(TwoStates, few=90, many=2250)


def test_two_states_of_a_folder_on_a_folding_disk_neither() -> None:
    live(OnAFoldingDisk, few=90, many=2250)


def test_two_states_of_a_bucket_neither(endpoint: str) -> None:
    OnS3.endpoint = endpoint
    live(OnS3, few=20, many=500)
