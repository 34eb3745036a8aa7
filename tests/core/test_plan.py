"""The plan of a run that comes after one that was cut short."""

from __future__ import annotations

from pathlib import Path

from notion_sync_core.model import Parent, Ref
from notion_sync_core.run.plan import Child, Plan
from notion_sync_core.store.mirror import Mirror
from notion_sync_core.store.state import State


def test_what_was_looked_up_when_a_run_was_cut_short_is_as_unknown_as_before(tmp_path: Path) -> None:
    state, mirror = State(tmp_path / "state.sqlite"), Mirror(tmp_path / "mirror")
    child = Ref("child", "page", "Child", Parent("page_id", "hidden"), "2026-01-01", "2026-01-01")
    first = Plan(state, mirror, 1)
    first.see(child)
    first.mark_asked(Child("hidden", "page", ""))

    second = Plan(state, mirror, 2)
    second.begin()
    second.see(child)
    # As an ancestor, which may be hidden, and not as an object of the export, which would be told as unreadable.
    assert second.parents_to_fetch() == [Child("hidden", "page", "")]
    assert second.to_confirm() == []
    state.close()
    mirror.close()
