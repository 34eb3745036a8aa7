"""Larger exports render and write in a second process; what comes out is the same."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core import pipeline
from notion_sync_core.errors import Exit
from notion_sync_core.stages import render_process
from notion_sync_demo import Emulator, generate


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as patch, Emulator(generate(120, seed=2)) as emulator:
        patch.setattr(pipeline, "MANY", 50)
        yield Bench(emulator, tmp_path_factory.mktemp("large"))


def test_a_second_process_writes_the_same_tree(large: Bench) -> None:
    large.good("export")
    assert tree(large.out) == large.fresh("one", performance__render_processes=0)


def test_folders_whose_names_are_no_utf_8_serve_both_processes(large: Bench) -> None:
    odd = os.fsdecode(b"caf\xe9")
    large.good("export")
    large.good("export", to=large.folder / odd, state=f"state-{odd}")
    assert tree(large.folder / odd) == tree(large.out)


def test_a_rendering_process_that_dies_is_blamed_and_the_next_run_goes_on(
    large: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(self: render_process.RenderProcess, docs: list[str]) -> None:
        self._process.kill()

    monkeypatch.setattr(render_process.RenderProcess, "submit", die)
    report = large.run(to=large.folder / "two", state="state-two")
    assert report.exit_code == Exit.PLUGIN
    assert "rendering process ended" in report.error.message
    monkeypatch.undo()
    large.good(to=large.folder / "two", state="state-two")
    assert tree(large.folder / "two") == tree(large.out)


def test_a_signal_to_the_whole_group_leaves_the_helper_to_its_parent(large: Bench) -> None:
    job = large.job()
    large.good("export")
    folder = job.folder(job.id)
    helper = render_process.RenderProcess(
        folder / "state.sqlite", folder / "mirror", job.renderer_specs(), job.sink_specs(), "signalled"
    )
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            helper.submit([])
            assert helper.result() == []
            helper._process.send_signal(number)
        helper.submit([])
        assert helper.result() == []
    finally:
        helper.close()


def test_a_folder_in_the_place_of_a_file_is_kept_and_told(large: Bench) -> None:
    out = large.folder / "three"
    large.good("export", to=out, state="state-three")
    path = sorted(out.glob("*.md"))[0]
    path.unlink()
    path.mkdir()
    (path / "theirs.txt").write_text("in the way")
    report = large.run("sync", to=out, state="state-three")
    assert report.kept_edits == [f"fs: {path.name}"]
    assert (path / "theirs.txt").exists()


def test_a_rendering_process_that_starts_after_its_parent_died_stages_nothing(tmp_path: Path) -> None:
    order = {"state": str(tmp_path / "none"), "mirror": "", "renderers": [], "sinks": [], "run_id": "1", "parent": 1}
    out = io.BytesIO()
    render_process.serve(io.BytesIO(json.dumps(order).encode() + b'\n{"docs": ["a"]}\n'), out)
    assert out.getvalue() == b""
