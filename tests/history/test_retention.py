"""How long versions are kept: words, the runs they mean, and what pruning takes, and never takes."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Bench
from history.as_it_was import as_of, files
from notion_sync_core import Job
from notion_sync_core.errors import ConfigError
from notion_sync_core.history.blobs import Blobs
from notion_sync_core.history.forgetting import forget_old
from notion_sync_core.history.keeping import History
from notion_sync_core.history.records import Run, Version
from notion_sync_core.history.retention import Mark, Span, kept, parse
from notion_sync_core.history.store import Store
from notion_sync_demo.build import block

DAY = 86_400.0
NOW = 1_790_000_000.0


def test_words_mean_spans() -> None:
    assert parse("all:7d day:30d") == (Span("all", 7 * DAY), Span("day", 30 * DAY))
    assert parse(" all:2w  month:forever ") == (Span("all", 14 * DAY), Span("month", math.inf))


@pytest.mark.parametrize("text", ["", "all", "7d", "all:0d", "all:7", "year:1y", "day:30d all:7d", "all:7d day:7d"])
def test_what_are_no_spans_is_refused_in_the_configuration(text: str) -> None:
    with pytest.raises(ConfigError, match=r"history\.keep"):
        Job.load(environ={}, use_default_file=False, flags={"history.keep": text})


def test_all_runs_of_a_week_and_then_one_a_day_for_a_month() -> None:
    runs = [Mark(number, NOW - hours * 3600, True) for number, hours in enumerate(range(24 * 40, -1, -6))]
    found = kept(runs, parse("all:7d day:30d"), NOW)
    times = [NOW - run.time for run in runs if run.number in found]
    assert sum(age <= 7 * DAY for age in times) == 7 * 4 + 1
    assert 22 <= sum(age > 7 * DAY for age in times) <= 24
    assert max(times) <= 30 * DAY


MARKS = st.lists(st.tuples(st.integers(0, 60 * 24), st.booleans()), min_size=1, max_size=60).map(
    lambda ages: [
        Mark(n, NOW - hours * 3600.0, whole) for n, (hours, whole) in enumerate(sorted(ages, reverse=True), 1)
    ]
)
KEEP = st.sampled_from(["all:7d day:30d", "all:1d", "day:9d month:forever", "all:2d week:40d", "all:forever"])


@given(MARKS, KEEP)
def test_the_last_run_is_always_kept_and_a_longer_span_keeps_more(runs: list[Mark], keep: str) -> None:
    found = kept(runs, parse(keep), NOW)
    assert runs[-1].number in found
    assert found <= {run.number for run in runs}
    assert kept([run for run in runs if run.number in found], parse(keep), NOW) == found, "twice is as once"
    assert found <= kept(runs, parse("all:forever"), NOW)


def version(object_id: str, run: int, sha256: str) -> Version:
    status = "read" if sha256 else "trashed"
    return Version(
        object_id, run, sha256, 1, "page", object_id, "workspace", None, "", "", "", status, 1, None, None, "", ""
    )


CHANGES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(1, 20), st.sampled_from(["", "1", "2", "3"])), max_size=60
)


def real(changes: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """What goes was there."""
    rows = sorted({(each, run): (each, run, sha256 * 64) for each, run, sha256 in changes}.values())
    before = [("", 0, ""), *rows[:-1]]
    return [row for row, last in zip(rows, before, strict=False) if row[2] or (last[0] == row[0] and last[2])]


@settings(max_examples=60)
@given(CHANGES, st.sets(st.integers(1, 20), min_size=1))
def test_pruning_changes_no_run_that_is_kept_and_never_takes_the_last_of_what_is_there(
    changes: list[tuple[str, int, str]], numbers: set[int]
) -> None:
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        store = Store(Path(folder) / "history.sqlite")
        store.put([version(*each) for each in real(changes)])

        def there(run: int) -> dict[str, str]:
            return {each.object_id: each.sha256 for each in store.as_of(run) if each.is_there}

        asked = sorted({*numbers, 1 << 40})
        before = {run: there(run) for run in asked}
        gone, _ = store.take_out(store.doomed(numbers))
        assert {run: there(run) for run in asked} == before
        assert not gone & store.hashes()
        assert not store.doomed(numbers), "twice is as once"
        assert {each.object_id for each in store.as_of(1 << 40)} >= set(there(1 << 40))
        store.close()


def test_pruning_takes_versions_and_files_that_only_old_runs_show(bench: Bench) -> None:
    space = bench.space
    page = space.add_page(None, "Pictures", [block("image", **space.add_file("a.png", b"\x89PNG old", "image/png"))])
    bench.good()
    for each in space.children(page):
        space.delete_block(each["id"])
    bench.good()
    space.trash(page)
    bench.good()
    now = files(bench.out)
    job = bench.job()
    folder = job.folder()
    old = [path for path in folder.glob("mirror/blobs/*/*") if path.read_bytes() == b"\x89PNG old"]
    assert len(old) == 1
    state, mirror = job.open_state(), job.open_mirror()
    history = History(job.history_folder(), state, mirror)
    store, blobs = history.store, history.blobs
    seconds = store.runs()[-1].time
    look = forget_old(store, blobs, state, mirror, "all:7d", seconds + 1, dry_run=True)
    assert (look.runs, look.versions) == (0, 0)
    look = forget_old(store, blobs, state, mirror, "all:7d", seconds + 8 * DAY, dry_run=True)
    done = forget_old(store, blobs, state, mirror, "all:7d", seconds + 8 * DAY)
    assert (look.runs, look.versions) == (done.runs, done.versions) == (2, 2)
    assert done.files == 1
    assert not old[0].exists()
    assert store.of(page) == []
    assert set(blobs.all()) == store.hashes()
    history.close()
    mirror.close()
    state.close()
    assert as_of(bench, "3", "old") == now
    bench.good()
    assert files(bench.out) == now


def test_a_run_prunes_at_its_end(bench: Bench) -> None:
    bench.good()
    job = bench.job()
    store = Store(job.history_folder() / "history.sqlite")
    [run] = store.runs()
    store.put_run(Run(*run[:1], NOW - 90 * DAY, NOW - 90 * DAY, *run[3:5]))
    store.commit()
    store.close()
    page = next(iter(bench.space.pages))
    bench.space.append_block(page, block("paragraph", "More"))
    report = bench.good()
    assert (report.history.kept, report.history.forgotten) == (1, 1)
    store = Store(job.history_folder() / "history.sqlite", read_only=True)
    assert [run.number for run in store.runs()] == [2]
    assert len(store.of(page)) == 1
    assert set(Blobs(job.history_folder() / "blobs", store).all()) == store.hashes()
    store.close()
