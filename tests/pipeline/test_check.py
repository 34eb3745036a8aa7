"""Check finds every kind of damage and nothing on a healthy tree; repair mends from the mirror alone."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import StateError
from notion_sync_core.inspection import inspect, repair
from notion_sync_core.restoration import restore
from notion_sync_demo.build import block
from pipeline.test_sync import page_id

Damage = Callable[[Bench], object]


def page(bench: Bench) -> Path:
    return next(bench.out.rglob("Safety.md"))


def asset(bench: Bench) -> Path:
    return next(path for path in sorted((bench.out / "assets").rglob("*")) if path.is_file())


def manifest(bench: Bench) -> Path:
    return bench.out / ".notion-sync" / "manifest.jsonl"


def sql(bench: Bench, *statements: str) -> None:
    [path] = (bench.folder / "state").glob("*/state.sqlite")
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def same_size_and_time(path: Path) -> None:
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced_by_link(path: Path) -> None:
    elsewhere = path.parent.parent / "elsewhere.txt"
    elsewhere.write_text("not ours")
    path.unlink()
    path.symlink_to(elsewhere)


def without_last_line(path: Path) -> None:
    path.write_bytes(path.read_bytes().rstrip(b"\n").rpartition(b"\n")[0] + b"\n")


DAMAGE: dict[str, tuple[Damage, str, bool]] = {
    "a page deleted": (lambda bench: page(bench).unlink(), "missing", False),
    "a page truncated": (lambda bench: os.truncate(page(bench), 10), "changed", False),
    "a page emptied": (lambda bench: page(bench).write_bytes(b""), "changed", False),
    "a page edited": (lambda bench: page(bench).write_text("mine"), "changed", False),
    "a page rotten with the same size and time": (lambda bench: same_size_and_time(page(bench)), "changed", True),
    "a page replaced by a link": (lambda bench: replaced_by_link(page(bench)), "changed", False),
    "a page replaced by a dead link": (
        lambda bench: (page(bench).unlink(), (bench.out / "gone").parent and page_path(bench).symlink_to("nowhere")),
        "changed",
        False,
    ),
    "a folder deleted": (lambda bench: shutil.rmtree(page(bench).parent), "missing", False),
    "an asset deleted": (lambda bench: asset(bench).unlink(), "missing", False),
    "an asset truncated": (lambda bench: os.truncate(asset(bench), 3), "changed", False),
    "an asset rotten with the same size and time": (lambda bench: same_size_and_time(asset(bench)), "changed", True),
    "all assets deleted": (lambda bench: shutil.rmtree(bench.out / "assets"), "missing", False),
    "a table of rows deleted": (lambda bench: next(bench.out.rglob("*.csv")).unlink(), "missing", False),
    "the manifest deleted": (lambda bench: manifest(bench).unlink(), "no manifest", False),
    "the manifest emptied": (lambda bench: manifest(bench).write_bytes(b""), "wrong manifest", False),
    "the manifest cut": (lambda bench: without_last_line(manifest(bench)), "wrong manifest", False),
    "the manifest torn in a line": (
        lambda bench: os.truncate(manifest(bench), manifest(bench).stat().st_size - 9),
        "wrong manifest",
        False,
    ),
    "the manifest full of nonsense": (lambda bench: manifest(bench).write_text("?"), "wrong manifest", False),
    "everything deleted": (lambda bench: shutil.rmtree(bench.out), "missing", False),
    "an object lost from the state": (
        lambda bench: sql(bench, f"DELETE FROM objects WHERE id = '{page_id(bench, 'Safety')}'"),
        "lost row",
        False,
    ),
    "a file lost from the state": (
        lambda bench: sql(bench, f"DELETE FROM files WHERE document_id = '{page_id(bench, 'Safety')}'"),
        "no file",
        False,
    ),
    "all files lost from the state": (lambda bench: sql(bench, "DELETE FROM files"), "lost row", False),
}
_PAGES: dict[Path, Path] = {}


def page_path(bench: Bench) -> Path:
    """Where the page was, also after it is gone."""
    return _PAGES[bench.out]


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_mended_without_a_request(bench: Bench, name: str) -> None:
    damage, kind, needs_reading = DAMAGE[name]
    bench.good()
    before, asked = tree(bench.out), bench.requests()
    _PAGES[bench.out] = page(bench)
    damage(bench)
    found = inspect(bench.job(), read_data=needs_reading)
    assert found.damaged
    assert kind in {finding.kind for finding in found.findings}

    mended = repair(bench.job(), read_data=True)
    assert mended.repaired is not None
    assert [finding for finding in mended.findings if finding.is_damage] == []
    after = {path: content for path, content in tree(bench.out).items() if "replaced" not in path}
    after = {path: content for path, content in after.items() if not path.endswith("elsewhere.txt")}
    assert after == before
    assert bench.requests() == asked


def test_nothing_is_found_on_a_healthy_tree(bench: Bench) -> None:
    bench.good()
    for read_data in (False, True):
        found = inspect(bench.job(), read_data=read_data)
        assert found.findings == []
        assert found.files > 40
    assert repair(bench.job()).repaired is None


def test_a_stray_file_and_a_stray_link_are_told_and_left_alone(bench: Bench) -> None:
    bench.good()
    (bench.out / "mine.txt").write_text("mine")
    (bench.out / "link").symlink_to("/etc/passwd")
    found = inspect(bench.job())
    assert not found.damaged
    assert {(finding.kind, finding.where) for finding in found.findings} == {
        ("stray", "fs: mine.txt"),
        ("stray", "fs: link"),
    }
    page(bench).unlink()
    repair(bench.job())
    assert (bench.out / "mine.txt").read_text() == "mine"
    assert (bench.out / "link").is_symlink()


def test_what_an_export_left_behind_is_stale_and_no_damage(bench: Bench) -> None:
    bench.good()
    bench.space.rename(page_id(bench, "Safety"), "Safety first")
    bench.good("export")
    found = inspect(bench.job())
    assert not found.damaged
    assert [finding.kind for finding in found.findings] == ["stale"]


def test_what_a_repair_replaces_is_kept(bench: Bench) -> None:
    bench.good()
    path = page(bench)
    path.write_text("three hours of work")
    repair(bench.job())
    kept = bench.out / ".notion-sync" / "replaced" / path.relative_to(bench.out)
    assert kept.read_text() == "three hours of work"
    assert inspect(bench.job()).findings == []


def test_a_copy_lost_from_the_mirror_is_told_and_comes_back_with_the_next_run(bench: Bench) -> None:
    bench.good()
    [blobs] = (bench.folder / "state").glob("*/mirror/blobs")
    shutil.rmtree(blobs)
    found = inspect(bench.job())
    assert {finding.kind for finding in found.findings} == {"lost copy"}
    mended = repair(bench.job())
    assert mended.damaged
    bench.good(options={"full": True})
    assert inspect(bench.job(), read_data=True).findings == []


def test_without_a_state_the_sink_is_compared_with_its_manifest(bench: Bench) -> None:
    bench.good()
    shutil.rmtree(bench.folder / "state")
    page(bench).write_text("mine")
    asset(bench).unlink()
    kinds = [finding.kind for finding in inspect(bench.job()).findings]
    assert sorted(kinds) == ["changed", "lost row", "missing"]


def test_a_lost_state_is_restored_from_the_manifest_and_only_reading_starts_anew(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    shutil.rmtree(bench.folder / "state")
    assert list(restore(bench.job()).values()) == [len(before[".notion-sync/manifest.jsonl"].splitlines())]
    with pytest.raises(StateError, match="exists"):
        restore(bench.job())
    assert not inspect(bench.job()).findings, "what lies there is what the manifest says"
    (bench.out / "Fernwood Bikes Handbook.md").write_text("other words")
    assert [each.kind for each in inspect(bench.job()).findings] == ["changed"]
    (bench.out / "Fernwood Bikes Handbook.md").write_bytes(before["Fernwood Bikes Handbook.md"])
    report = bench.good()
    assert (report.artifacts.written, report.artifacts.kept_edits) == (0, 0)
    assert tree(bench.out) == before


def test_nothing_is_restored_where_nothing_is(bench: Bench) -> None:
    with pytest.raises(StateError, match="no sink of this job has a manifest"):
        restore(bench.job())


def test_render_tells_what_the_mirror_lacks(bench: Bench) -> None:
    bench.good()
    bench.space.append_block(page_id(bench, "Safety"), block("paragraph", "More"))
    shutil.rmtree(next((bench.folder / "state").glob("*/mirror/listings")))
    report = bench.run("render")
    assert report.exit_code == 3
    assert len(report.failures) > 20
    assert "no copy" in report.failures[0]["error"]
    bench.good()
