"""Nothing outlives its maker: files of renderers, sinks and objects that are no more are deleted, or told."""

from __future__ import annotations

from conftest import Bench, tree
from notion_sync_core.errors import Exit
from notion_sync_demo.build import block


def test_what_a_renderer_made_about_all_documents_goes_with_it(bench: Bench) -> None:
    bench.good(export__renderers=["markdown", "html"])
    report = bench.good()
    assert report.artifacts.stale == 0
    assert tree(bench.out) == bench.fresh()


def test_an_export_lists_what_a_renderer_left(bench: Bench) -> None:
    both = bench.good(export__renderers=["markdown", "html"]).artifacts.written
    report = bench.good("export")
    assert report.artifacts.stale >= both / 2
    assert (bench.out / "html" / "index.html").exists()


def test_a_sink_that_the_job_no_longer_has_is_told_once_and_left_alone(bench: Bench) -> None:
    places = [{"use": "fs", "name": name, "path": str(bench.folder / name), "fsync": False} for name in ("out", "two")]
    bench.good(export__sinks=places)
    before = tree(bench.folder / "two")

    report = bench.good(export__sinks=places[:1])

    files = len(before) - 1  # the manifest is ours, and no file of the export
    assert [each["message"] for each in report.warnings] == [
        f"the sink two is not of this job any more: its {files} files stay as they are"
    ]
    assert report.artifacts.stale == files
    assert tree(bench.folder / "two") == before
    assert not bench.good(export__sinks=places[:1]).warnings
    assert bench.good(export__sinks=places).artifacts.written == 0


def test_deletes_that_were_refused_are_not_counted_as_done(bench: Bench) -> None:
    extra = [bench.space.add_page(None, f"Extra {number}", [block("paragraph", "x")]) for number in range(60)]
    total = bench.good().objects.discovered
    for page in extra[:40]:
        bench.space.trash(page)

    refused = bench.run("sync")

    assert refused.exit_code == Exit.GUARD
    assert (refused.objects.deleted, refused.artifacts.deleted) == (0, 0)
    allowed = bench.good(export__max_delete=1.0)
    assert (allowed.objects.deleted, allowed.artifacts.deleted) == (40, 40)
    assert allowed.objects.discovered == total - 40
    assert bench.good().objects.deleted == 0


def test_an_export_deletes_nothing_and_the_next_sync_counts_it(bench: Bench) -> None:
    page = bench.space.add_page(None, "Passing", [block("paragraph", "x")])
    bench.good()
    bench.space.trash(page)
    report = bench.good("export")
    assert (report.objects.deleted, report.artifacts.stale) == (0, 1)
    assert bench.good().objects.deleted == 1
