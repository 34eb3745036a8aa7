"""The manifest is made again when something of it changed, and only then: the state numbers what it tells of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import Bench
from notion_sync_core.stages import write
from notion_sync_core.stages.manifest import Edition, manifest_lines
from notion_sync_demo import Emulator
from states import Time, edit, small_workspace


def said_and_true(bench: Bench, sink: str = "fs") -> tuple[bytes, bytes]:
    """The manifest in the folder, and what the state would say of it now."""
    state = bench.job().open_state(read_only=True)
    try:
        generation = Edition.known(state, sink).generation
        true = b"".join(manifest_lines(state, sink, state.facts.job, generation))
    finally:
        state.close()
    return (bench.out / ".notion-sync/manifest.jsonl").read_bytes(), true


@pytest.fixture
def life(tmp_path: Path) -> Iterator[tuple[Bench, Time]]:
    time = Time()
    space = small_workspace(time)
    with Emulator(space, clock=time) as emulator:
        yield Bench(emulator, tmp_path), time


def test_a_sync_that_finds_nothing_new_makes_no_manifest(
    life: tuple[Bench, Time], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, _ = life
    bench.good()
    bench.good()  # what was edited within the minute of the first reading is read again
    made: list[str] = []
    real = write.manifest_lines
    monkeypatch.setattr(write, "manifest_lines", lambda *given: made.append(given[1]) or real(*given))
    bench.good()
    assert not made
    (bench.out / ".notion-sync/manifest.jsonl").unlink()
    bench.good()
    assert made == ["fs"], "where it is gone it is made again"


def test_after_any_run_the_manifest_says_what_the_state_knows(life: tuple[Bench, Time]) -> None:
    bench, time = life
    space = bench.space

    def page(title: str) -> str:
        return next(each for each in space.pages if space.title(each) == title)

    changes: list[Callable[[], object]] = [
        lambda: None,
        lambda: edit(space, time),
        lambda: space.trash(page("New")),
        lambda: space.rename(page("Topic 2"), "Topic two"),
        lambda: (bench.out / "markdown/Home.md").unlink(),
        lambda: (bench.out / "markdown/Copy.md").write_text("mine"),
        lambda: (bench.out / "markdown/Copy.md").unlink(),
    ]
    for number, change in enumerate(changes):
        change()
        renderers = ["markdown", "json"] if number != 2 else ["json", "html"]
        for _ in range(2):
            bench.run(export__renderers=renderers)
            said, true = said_and_true(bench)
            assert said == true
            time.now += 3600


def test_a_state_without_the_number_finds_the_manifest_as_it_is(life: tuple[Bench, Time]) -> None:
    bench, _ = life
    bench.good()
    before = (bench.out / ".notion-sync/manifest.jsonl").read_bytes()
    state = bench.job().open_state()
    known = Edition.known(state, "fs")
    state.facts.put("manifest:fs", f"{known.generation} {known.digest}")  # as earlier versions noted it
    state.checkpoint()
    state.close()
    bench.good()
    assert (bench.out / ".notion-sync/manifest.jsonl").read_bytes() == before
