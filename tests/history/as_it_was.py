"""A job whose history is looked at: its trees as they were, beside those that stood there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conftest import Bench, tree
from notion_sync_core.clock import RunClock, SystemClock
from notion_sync_core.history.asof import render_as_of
from notion_sync_core.history.looking import kept
from notion_sync_core.session import Options

MANIFEST = ".notion-sync/manifest.jsonl"


def files(folder: Path) -> dict[str, bytes]:
    """A tree without what is of the job, and not of the workspace."""
    return {path: content for path, content in tree(folder).items() if not path.startswith(".notion-sync/")}


def as_of(bench: Bench, when: str, name: str, **given: Any) -> dict[str, bytes]:
    """The tree as it was."""
    to = bench.folder / name
    with kept(bench.job(**given)) as history:
        run, job = history.at(when, SystemClock().now()), bench.job(to=to, **given)
        render_as_of(history, run, job, lambda _: None, RunClock(SystemClock()), Options(mode="render"))
    assert not (to / ".notion-sync").exists()
    return files(to)
