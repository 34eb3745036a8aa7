"""Real disks that take two names for one, mounted by ``make test-disks``: nothing is lost, frozen or doubled there."""

from __future__ import annotations

import itertools
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Bench, tree
from faults.test_two_states import TwoStates, live
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block
from pipeline.test_names_on_disk import folded

pytestmark = pytest.mark.disks

DISKS = dict(each.split("=", 1) for each in os.environ.get("NOTION_SYNC_DISKS", "").split(",") if each)
NUMBERS = itertools.count()
TITLES = ["Plan", "plan", "PLAN", "Pläne", "PLÄNE", "Notes", "notes", "Plan.md", "a. ", "con", "who? * <me>", "x" * 200]
renames = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(TITLES)), min_size=1, max_size=4)


@pytest.fixture(params=["exfat", "ntfs", "ext4"])
def disk(request: pytest.FixtureRequest) -> Path:
    """A folder on a real disk."""
    if request.param not in DISKS:
        pytest.skip(f"no {request.param} that folds names could be mounted on this machine")
    return Path(DISKS[request.param])


def forget_names() -> None:
    """Of disks that are mounted through FUSE the kernel remembers for a second what it saw under a name.

    Who changes a file under one spelling and looks at it under another within that second sees it as it was.
    """
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("2")  # names and inodes; who mounts disks may do that


class OnARealDisk(TwoStates):
    """The life of a folder there, with the states elsewhere."""

    root = Path()

    def place(self, name: str) -> Path:
        """Where a folder of this life is."""
        if name != "out":
            return super().place(name)
        return self.root / f"life-{self.number}"

    @cached_property
    def number(self) -> int:
        """No other life here has it."""
        return next(NUMBERS)

    def found(self) -> dict[str, bytes]:
        """In small letters: lowntfs-3g shows all names so."""
        return self.as_found(super().found())

    def as_found(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """In small letters too."""
        return {path.lower(): content for path, content in files.items()}

    def write(self, name: str, content: bytes) -> None:
        """By somebody else, a while ago."""
        super().write(name, content)
        forget_names()

    def _copy(self, source: str, target: str) -> bool:
        found = super()._copy(source, target)
        if target == "out":
            forget_names()
        return found

    def _order(self, out: str = "out", state: str = "state") -> dict[str, Any]:
        order = super()._order(out, state)
        order["flags"]["export.sinks"] = [{"use": "fs", "path": str(self.place(out)), "fsync": False}]
        return order


def test_two_states_of_a_folder_never_freeze_lose_or_double_a_page(disk: Path) -> None:
    OnARealDisk.root = disk
    live(OnARealDisk, 30)


@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(rounds=st.lists(st.tuples(renames, st.booleans()), min_size=2, max_size=4))
def test_whatever_is_renamed_each_page_is_there_once_and_nothing_of_others_is_touched(
    tmp_path_factory: pytest.TempPathFactory, disk: Path, rounds: list[tuple[list[tuple[int, str]], bool]]
) -> None:
    with Emulator(Workspace("Names", seed=2)) as emulator:
        bench, space = Bench(emulator, tmp_path_factory.mktemp("names")), emulator.workspace
        bench.out = disk / f"names-{next(NUMBERS)}"
        pages = [space.add_page(None, title, [block("paragraph", title)]) for title in ("Plan", "Notes", "Other")]
        pages += [space.add_page(pages[0], title, [block("paragraph", title)]) for title in ("plan", "inside")]
        bench.good()
        (bench.out / "mine.txt").write_text("mine")
        for edits, is_export in rounds:
            for which, title in edits:
                space.rename(pages[which], title)
            assert bench.good("export" if is_export else "sync").kept_edits == []
            shown = [path for path in tree(bench.out) if path.lower().endswith(".md")]
            assert len(shown) >= len(pages)
        bench.good()
        found = tree(bench.out)
        assert found.pop("mine.txt") == b"mine"
        expected = bench.fresh()
        assert folded(found) == folded(expected)


def test_what_stands_in_the_way_of_a_page_is_told_until_it_goes(disk: Path, tmp_path: Path) -> None:
    with Emulator(Workspace("Ways", seed=3)) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.out = disk / f"ways-{next(NUMBERS)}"
        emulator.workspace.add_page(None, "Guide", [block("paragraph", "words")])
        (bench.out / "GUIDE.MD").mkdir(parents=True)
        for _ in range(2):
            report = bench.run()
            assert any("Guide.md" in each for each in report.kept_edits), report
        (bench.out / "GUIDE.MD").rmdir()
        forget_names()
        bench.good()
        assert b"words" in folded(tree(bench.out))["guide.md"]
