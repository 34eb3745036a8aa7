"""What stands for nothing any more is known for ours, also by a run that has no state."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_core.inspection import inspect
from notion_sync_core.stages.prune import Pruner

MANIFEST = ".notion-sync/manifest.jsonl"


def stale_in_manifest(bench: Bench) -> list[str]:
    header: dict[str, Any] = json.loads((bench.out / MANIFEST).read_bytes().partition(b"\n")[0])
    return sorted(header.get("stale", ()))


def lose_the_state(bench: Bench) -> None:
    shutil.rmtree(bench.folder / "state")


@pytest.fixture
def left(bench: Bench) -> list[str]:
    """What an export leaves behind of a page that was renamed and of one that went, with its file."""
    bench.good("export")
    one, other, *_ = (each for each, page in bench.space.pages.items() if page["parent"]["type"] == "data_source_id")
    bench.space.rename(one, "Another name")
    bench.space.trash(other)
    bench.good("export")
    return sorted(set(tree(bench.out)) - set(bench.fresh()))


def test_the_manifest_of_an_export_names_what_it_left_behind_and_check_has_nothing_against_it(
    bench: Bench, left: list[str]
) -> None:
    assert left
    assert stale_in_manifest(bench) == left
    found = inspect(bench.job())
    assert {each.kind for each in found.findings} == {"stale"}


def test_it_is_told_by_an_export_without_state_and_goes_with_a_sync_without_state(
    bench: Bench, left: list[str]
) -> None:
    lose_the_state(bench)
    assert bench.good("export").artifacts.stale == len(left)
    assert stale_in_manifest(bench) == left
    lose_the_state(bench)
    assert bench.good("sync").artifacts.deleted == len(left)
    assert stale_in_manifest(bench) == []
    assert tree(bench.out) == bench.fresh()


def test_one_that_somebody_edited_is_kept_and_told_by_a_sync_without_state(bench: Bench, left: list[str]) -> None:
    edited = next(path for path in left if path.endswith(".md"))
    (bench.out / edited).write_text("mine")
    lose_the_state(bench)
    report = bench.good("sync")
    assert [kept for kept in report.kept_edits if edited in kept]
    assert (bench.out / edited).read_text() == "mine"
    assert set(tree(bench.out)) - set(bench.fresh()) == {edited}


def test_a_sync_that_dies_before_it_deletes_and_loses_its_state_leaves_nothing_behind(
    bench: Bench, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: Pruner) -> Iterator[Any]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Pruner, "remove", die)
        with pytest.raises(KeyboardInterrupt):
            bench.run("sync")
    assert stale_in_manifest(bench) == left
    lose_the_state(bench)
    bench.good("sync")
    assert tree(bench.out) == bench.fresh()


def test_a_page_that_comes_back_to_where_it_was_is_written_over_what_it_left(bench: Bench, left: list[str]) -> None:
    lose_the_state(bench)
    for each, page in bench.space.pages.items():
        if page.get("in_trash"):
            bench.space.restore(each)
    report = bench.good("sync")
    assert report.kept_edits == []
    assert tree(bench.out) == bench.fresh()
