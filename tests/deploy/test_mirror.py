"""The workflow that mirrors a workspace into a repository: its steps run as they are written, on a bare repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from notion_sync_demo import Emulator, Fault, sample_workspace

WORKFLOW = Path(__file__).parent.parent.parent / "deploy" / "github" / "mirror.yml"
STATE = ".local/state/notion-sync"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Runner:
    """Does what a runner does: checks out, restores the cache, runs each step in a shell, keeps the cache."""

    def __init__(self, folder: Path, server: Emulator) -> None:
        self.folder, self.server = folder, server
        self.origin, self.cache = folder / "origin.git", folder / "cache"
        self.token = server.token
        (job,) = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"].values()
        self.steps: list[dict[str, Any]] = job["steps"]
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch", "main", str(self.origin)], check=True)
        self.home = folder / "home"

    def run(self) -> int:
        """One run of the workflow; the exit status of the step that failed, or 0."""
        work, output = self.folder / "work", self.folder / "output"
        for each in (work, self.home):
            shutil.rmtree(each, ignore_errors=True)
        self.home.mkdir()
        output.write_text("")
        subprocess.run(["git", "clone", "--quiet", str(self.origin), str(work)], check=True, stderr=subprocess.DEVNULL)
        if self.cache.exists():
            shutil.copytree(self.cache, self.home / STATE)
        status = 0
        for step in self.steps:
            if "run" in step and step["name"] != "Install":
                status = self._step(step, work, output)
                if status:
                    break
        # The cache is kept if all steps were well, as actions/cache does.
        if not status:
            shutil.rmtree(self.cache, ignore_errors=True)
            shutil.copytree(self.home / STATE, self.cache)
        return status

    def _step(self, step: dict[str, Any], work: Path, output: Path) -> int:
        said = dict(line.split("=", 1) for line in output.read_text().splitlines())
        known = {"${{ secrets.NOTION_TOKEN }}": self.token, "${{ steps.sync.outputs.status }}": said.get("status", "")}
        own = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "GITHUB_OUTPUT": str(output),
            "NOTION_SYNC_NOTION__BASE_URL": self.server.url,
            "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
            "LANG": "C.UTF-8",
            **{name: known[value] for name, value in step.get("env", {}).items()},
        }
        typed = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(typed, cwd=work, env=own, capture_output=True).returncode

    def commits(self) -> list[str]:
        """Subjects, the newest first."""
        heads = git(self.origin, "for-each-ref", "--format=%(refname)")
        return git(self.origin, "log", "--format=%s", "main").splitlines() if heads else []

    def changed(self) -> set[str]:
        """Paths of the last commit."""
        return set(
            git(self.origin, "-c", "core.quotePath=false", "show", "--format=", "--name-only", "main").splitlines()
        )


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    with Emulator(sample_workspace()) as server:
        yield Runner(tmp_path, server)


def test_a_commit_comes_when_something_changed_and_none_when_nothing_did(runner: Runner) -> None:
    assert runner.run() == 0
    assert len(runner.commits()) == 1
    assert "pages/Fernwood Bikes Handbook.md" in runner.changed()
    assert not [path for path in runner.changed() if path.endswith("/lock")]

    assert runner.run() == 0
    assert len(runner.commits()) == 1, "nothing changed"

    with runner.server.lock:
        space = runner.server.workspace
        (page,) = (each for each in space.pages if space.title(each) == "Fernwood Bikes Handbook")
        space.append_block(page, {"type": "divider", "divider": {}})
    asked = runner.server.counters.total
    assert runner.run() == 0
    assert len(runner.commits()) == 2
    assert runner.changed() == {"pages/Fernwood Bikes Handbook.md", "pages/.notion-sync/manifest.jsonl"}
    assert runner.server.counters.total - asked < 40, "the state was kept"


def test_a_cache_that_is_gone_costs_requests_and_no_commit(runner: Runner) -> None:
    assert runner.run() == 0
    shutil.rmtree(runner.cache)

    assert runner.run() == 0

    assert len(runner.commits()) == 1


def test_a_token_that_is_refused_fails_the_workflow_and_commits_nothing(runner: Runner) -> None:
    runner.token = "wrong"

    assert runner.run() == 4

    assert runner.commits() == []
    (sync,) = (step for step in runner.steps if step.get("id") == "sync")
    assert [step["name"] for step in runner.steps if "secrets" in str(step)] == [sync["name"]], "one step has the token"


def test_what_failed_is_told_after_what_is_well_was_committed(runner: Runner) -> None:
    with runner.server.lock:
        space = runner.server.workspace
        (page,) = (each for each in space.pages if space.title(each) == "Fernwood Bikes Handbook")
    runner.server.faults.add(Fault("400", path=f"/v1/blocks/{page}/children"))

    assert runner.run() == 3

    assert len(runner.commits()) == 1


def test_runs_wait_for_each_other_and_may_write_the_repository_alone() -> None:
    read = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    assert read["concurrency"]["cancel-in-progress"] is False
    assert read["permissions"] == {"contents": "write"}
