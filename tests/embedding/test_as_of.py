"""A program sees the past as it sees the present."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Bench
from embedding.test_changes import as_seen, everything
from notion_sync_core import ConfigError, CursorError, Job, StateError
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block


def job(bench: Bench) -> Job:
    found = bench.job()
    assert isinstance(found, Job)
    return found


def test_each_run_can_be_opened_as_it_was_then(tmp_path: Path) -> None:
    space = Workspace()
    page = space.add_page(None, "Plans", [block("paragraph", "Once")])
    other = space.add_page(None, "Other")
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        with job(bench).open() as site:
            first = everything(site)
        space.trash(page)
        space.rename(other, "Renamed")
        bench.good(**{"export.max_delete": 1.0})
        with job(bench).open() as site:
            second = everything(site)
            cursor = site.cursor
        requests = bench.requests()
        with job(bench).open(as_of=1) as site:
            assert everything(site) == first
            assert {each["title"] for each in first.values()} == {"Plans", "Other"}
            document = site.document(page)
            assert document is not None
            assert as_seen(document) == first[page]
            assert not site.knows(cursor)
            with pytest.raises(CursorError):
                list(site.deleted_since(cursor))
        with job(bench).open(as_of="2") as site:
            assert everything(site) == second
            past = site.cursor
        with job(bench).open() as site:
            assert not site.knows(past)
        assert bench.requests() == requests


def test_the_sample_as_it_was_is_the_sample(bench: Bench) -> None:
    bench.good()
    with job(bench).open() as now, job(bench).open(as_of="0m") as then:
        assert sorted(everything(now)) == sorted(everything(then))
        for one, other in zip(now.documents(), then.documents(), strict=True):
            assert as_seen(one) == as_seen(other)


def test_nothing_is_left_of_what_was_opened(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    bench.good()
    with job(bench).open(as_of=1) as site:
        assert len(site) > 0
        assert any(scratch.iterdir())
    assert not any(scratch.iterdir())


def test_a_moment_of_which_nothing_is_kept_is_told(bench: Bench) -> None:
    with pytest.raises(StateError, match="no history"), job(bench).open(as_of=1):
        pass
    bench.good()
    with pytest.raises(ConfigError, match="no moment"), job(bench).open(as_of="soon"):
        pass
    with pytest.raises(StateError, match="history begins"), job(bench).open(as_of="2020-01-01"):
        pass
