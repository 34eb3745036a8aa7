"""Two sinks in one job: what one of them does is not the other's fault."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import Exit, SinkError
from notion_sync_core.plugin import hookimpl
from notion_sync_demo.build import block
from notion_sync_fs.sink import FileSystemSink
from pipeline.test_sync import page_id


def both(bench: Bench) -> dict[str, Any]:
    paths = {"fs": bench.out, "second": bench.folder / "second"}
    return {
        "export__sinks": [
            {"use": "fs", "name": name, "path": str(path), "fsync": False} for name, path in paths.items()
        ]
    }


def break_second(monkeypatch: pytest.MonkeyPatch, hook: str, after: int, error: Exception) -> None:
    """The second sink fails from its so manieth call of a hook on."""
    real, calls = getattr(FileSystemSink, hook), [0]

    def failing(self: FileSystemSink, **given: Any) -> Any:
        if self.location.endswith("second"):
            calls[0] += 1
            if calls[0] > after:
                raise error
        return real(self, **given)

    signature = {
        "sink_open": "run_id", "sink_stage": "artifact", "sink_commit": "staged", "sink_stat": "path", "sink_flush": ""
    }[hook]  # fmt: skip
    given = f"{signature}={signature}" if signature else ""
    scope: dict[str, Any] = {"failing": failing}
    exec(f"def {hook}(self{', ' + signature if signature else ''}): return failing(self, {given})", scope)
    monkeypatch.setattr(FileSystemSink, hook, hookimpl(scope[hook]))


@pytest.mark.campaign
@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize("hook", ["sink_open", "sink_stage", "sink_commit", "sink_stat", "sink_flush"])
@pytest.mark.parametrize("renderer", ["markdown", "html"])
def test_a_sink_that_fails_is_named_the_other_is_finished_and_the_next_run_brings_it_up_to_date(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, hook: str, number: int, renderer: str
) -> None:
    if hook == "sink_open" and number:
        return
    given = {**both(bench), "export__renderers": [renderer]}
    bench.good(**given)
    bench.space.append_block(page_id(bench, "Safety"), block("paragraph", "More"))
    bench.space.rename(page_id(bench, "Workshop"), "The big workshop")
    with monkeypatch.context() as patch:
        break_second(patch, hook, number, SinkError("the second disk is broken", "Mend it."))
        report = bench.run(**given)
    assert report.exit_code == Exit.SINK
    assert "second disk is broken" in report.error.message
    expected = bench.fresh(export__renderers=[renderer])
    assert tree(bench.out) == expected
    bench.good(**given)
    assert tree(bench.folder / "second") == expected


def test_a_fault_in_the_code_of_one_sink_is_that_plugin_s_and_the_other_is_finished(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_second(monkeypatch, "sink_commit", 3, KeyError("oops"))
    report = bench.run(**both(bench))
    assert report.exit_code == Exit.PLUGIN
    assert "plugin second failed in sink_commit" in report.error.message
    monkeypatch.undo()
    assert tree(bench.out) == bench.fresh()


def test_where_both_fail_the_run_ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: FileSystemSink, staged: Any) -> None:
        raise SinkError(f"{self.location} is broken")

    monkeypatch.setattr(FileSystemSink, "sink_commit", hookimpl(broken))
    report = bench.run(**both(bench))
    assert report.exit_code == Exit.SINK
    assert "broken" in report.error.message
