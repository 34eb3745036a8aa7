"""What tests share: a private home, an emulator, and jobs against it."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from notion_sync_core import Job
from notion_sync_core.events import Event
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_demo import Emulator, Workspace, sample_workspace

# The same examples in each run, so that no check fails by luck; HYPOTHESIS_PROFILE=random looks further.
settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("random", parent=settings.get_profile("default"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
collect_ignore = ["recipes"]
"""Each needs an environment of its own: `make test-recipes`."""


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays until the end: no garbage collection need look at it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Empty folders for what every test needs: pytest's own way looks at all former ones for the next number."""
    parent, numbers = tmp_path_factory.mktemp("folders"), itertools.count()

    def made() -> Path:
        folder = parent / str(next(numbers))
        folder.mkdir(mode=0o700)
        return folder

    return made


@pytest.fixture(autouse=True)
def private_home(new_folder: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's files or variables."""
    home = new_folder()
    for name in [name for name in os.environ if name.startswith(("NOTION_", "XDG_"))]:
        if name != "NOTION_SYNC_RECORDED":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def server() -> Iterator[Emulator]:
    """The sample workspace, served."""
    with Emulator(sample_workspace()) as emulator:
        yield emulator


class Bench:
    """Runs jobs against an emulator, with state and output below one folder."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.folder = folder
        self.out = folder / "out"

    @property
    def space(self) -> Workspace:
        return self.emulator.workspace

    def job(self, *, to: Path | None = None, state: str = "state", **flags: Any) -> Job:
        return Job.load(
            environ={"NOTION_TOKEN": self.emulator.token},
            use_default_file=False,
            flags={
                "notion.base_url": self.emulator.url,
                "performance.requests": 0,
                "deployment.state_dir": str(self.folder / state),
                "export.sinks": [{"use": "fs", "path": str(to or self.out), "fsync": False}],
                **{name.replace("__", "."): value for name, value in flags.items()},
            },
        )

    def run(
        self, mode: str = "sync", on_event: Callable[[Event], object] | None = None, options: Any = None, **given: Any
    ) -> Report:
        listeners = (on_event,) if on_event else ()
        return run(self.job(**given), Options(mode=mode, **(options or {})), listeners)

    def good(self, mode: str = "sync", **given: Any) -> Report:
        """A run that must be complete."""
        report = self.run(mode, **given)
        assert report.error is None, report.error
        assert report.status == "complete", report.failures
        objects = report.objects
        assert objects.discovered == objects.read + objects.unchanged + objects.failed + objects.unreadable
        return report

    def fresh(self, name: str = "fresh", **given: Any) -> dict[str, bytes]:
        """The tree of an export that knows nothing of earlier runs."""
        self.good("export", to=self.folder / name, state=f"state-{name}", **given)
        return tree(self.folder / name)

    def requests(self) -> int:
        return self.emulator.counters.total


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path, without what differs between jobs."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != ".notion-sync/lock":
            content = path.read_bytes()
            # The manifest's first line names the job.
            found[name] = content.partition(b"\n")[2] if name.endswith("manifest.jsonl") else content
    return found


@pytest.fixture
def bench(server: Emulator, tmp_path: Path) -> Bench:
    """The sample workspace and a place to export it to."""
    return Bench(server, tmp_path)
