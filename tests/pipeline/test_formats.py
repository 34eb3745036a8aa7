"""States as earlier formats left them are carried over: nothing is read again that was read, nothing written again."""

from __future__ import annotations

import hashlib
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core import Job
from notion_sync_core.errors import StateError
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_core.state import State
from notion_sync_core.state.migrations import FORMAT
from notion_sync_demo import Emulator
from states import Time, edit, small_workspace

HERE = Path(__file__).parent.parent / "states"


class Old:
    """A state of format 2 and what it is of, in a place of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.time = Time()
        self.space = small_workspace(self.time)
        if name == "interrupted":
            edit(self.space, self.time)
        self.emulator = Emulator(self.space, clock=self.time)
        self.folder = folder
        self.sinks = ["out"] + (["second"] if name == "two-sinks" else [])
        with tarfile.open(HERE / f"format-2-{name}.tar.xz") as archive:
            archive.extractall(folder, filter="data")
        self._as_if_made_here()

    def _as_if_made_here(self) -> None:
        """Ids were hashes of paths: the same job at this path had another."""
        old = next((self.folder / "state").glob("*/state.sqlite")).parent
        new = self.job().legacy_id
        old.rename(old.with_name(new))
        database = sqlite3.connect(old.with_name(new) / "state.sqlite")
        database.execute("UPDATE meta SET value=? WHERE key='job'", (new,))
        for name in self.sinks:
            manifest = self.folder / name / ".notion-sync" / "manifest.jsonl"
            before, after = manifest.read_bytes(), manifest.read_bytes().replace(old.name.encode(), new.encode())
            manifest.write_bytes(after)
            known = [hashlib.sha256(each).hexdigest() for each in (after, before)]
            database.execute("UPDATE files SET sha256=? WHERE sha256=?", known)
        database.commit()
        database.close()

    def job(self, **flags: object) -> Job:
        sinks = [{"use": "fs", "path": str(self.folder / name), "fsync": False} for name in self.sinks]
        for sink in sinks[1:]:
            sink["name"] = "second"
        return Job.load(
            environ={"NOTION_TOKEN": self.emulator.token},
            use_default_file=False,
            flags={
                "notion.base_url": self.emulator.url,
                "performance.requests": 0,
                "deployment.state_dir": str(self.folder / "state"),
                "export.sinks": sinks,
                "export.renderers": ["markdown", "html"],
                **flags,
            },
        )

    def sync(self) -> Report:
        report = run(self.job(), Options(mode="sync"))
        assert report.error is None, report.error
        assert report.status == "complete", report.failures
        return report


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    made = Old(request.param, tmp_path)
    with made.emulator:
        yield made


@pytest.mark.parametrize("old", ["finished", "two-sinks"], indirect=True)
def test_a_finished_state_reads_nothing_again_and_writes_nothing(old: Old) -> None:
    before = {name: tree(old.folder / name) for name in old.sinks}
    report = old.sync()
    after = {name: tree(old.folder / name) for name in old.sinks}
    changed = [path for name in after for path, content in after[name].items() if before[name].get(path) != content]
    # A later version may make other files of the same content; what a manifest says of them is no artifact.
    written = sum(not path.endswith("manifest.jsonl") for path in changed)
    assert (report.objects.read, report.artifacts.deleted) == (0, 0)
    assert report.artifacts.written == written
    assert report.objects.unchanged == report.objects.discovered == 13
    assert not report.warnings
    assert {name: whatever_comes_from_notion(files) for name, files in after.items()} == {
        name: whatever_comes_from_notion(files) for name, files in before.items()
    }


def whatever_comes_from_notion(files: dict[str, bytes]) -> dict[str, bytes]:
    """All files, without what is in the site's, whose looks come with the program and may be newer than the state."""
    looks = (".html", ".css", ".js", ".svg", "manifest.jsonl")
    return {path: b"" if path.endswith(looks) else content for path, content in files.items()}


@pytest.mark.parametrize("old", ["interrupted"], indirect=True)
def test_an_interrupted_state_goes_on_where_it_was(old: Old, tmp_path: Path) -> None:
    report = old.sync()
    assert report.objects.read < 6, "what had been read is not read again"
    bench = Bench(old.emulator, tmp_path / "fresh")
    bench.good("export", export__renderers=["markdown", "html"])
    assert tree(old.folder / "out") == tree(bench.out)


@pytest.mark.parametrize("old", ["finished"], indirect=True)
def test_whoever_only_looks_understands_an_old_state_and_changes_nothing(old: Old) -> None:
    path = old.job().folder() / "state.sqlite"
    before = path.read_bytes()
    state = old.job().open_state(read_only=True)
    assert state.objects.by_status() == {"read": 13}
    state.close()
    assert path.read_bytes() == before


def test_a_state_carried_over_has_the_schema_of_a_new_one(tmp_path: Path) -> None:
    with tarfile.open(HERE / "format-2-finished.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    carried = next((tmp_path / "state").glob("*/state.sqlite"))
    State(carried).close()
    State(tmp_path / "new.sqlite").close()
    assert schema(carried) == schema(tmp_path / "new.sqlite")


def schema(path: Path) -> dict[str, object]:
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone()[0] == FORMAT
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY 1")]
    found: dict[str, object] = {}
    for table in tables:
        indexes = sorted(row[1:] for row in database.execute(f"PRAGMA index_list({table})"))
        columns = database.execute(f"PRAGMA table_info({table})").fetchall()
        found[table] = (
            columns,
            [(each, database.execute(f"PRAGMA index_xinfo({each[0]})").fetchall()) for each in indexes],
        )
    database.close()
    return found


@pytest.mark.parametrize("number", [1, FORMAT + 1])
def test_a_format_that_nobody_knows_is_refused_and_left_alone(tmp_path: Path, number: int) -> None:
    path = tmp_path / "state.sqlite"
    State(path).close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {number}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match=f"format {number}"):
        State(path)
    assert path.read_bytes() == before
