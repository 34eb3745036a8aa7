"""Uploads that a browser would run, out of the whole pipeline: stored so that nothing runs them, and never lost."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import orjson
import pytest

from conftest import Bench, tree
from notion_sync_core.inspection import inspect, repair
from notion_sync_core.model import Json
from notion_sync_core.stages import harmless
from notion_sync_demo.build import media
from pipeline.test_html import dead_links
from uploads import HTML, RUNNING, SVG

BOTH = {"export__renderers": ["markdown", "html"]}
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script><rect width="9" height="9"/></svg>'
SHOWN = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"></rect></svg>\n'


def stored(content: bytes, extension: str) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return f"assets/{digest[:2]}/{digest}{extension}"


def safety(bench: Bench) -> str:
    return next(each for each in bench.space.pages if bench.space.title(each) == "Safety")


def show(bench: Bench, kind: str, name: str, content: bytes, media_type: str = "image/svg+xml") -> None:
    upload: Json = bench.space.add_file(name, content, media_type)
    given = {"name": name} if kind == "file" else {}
    bench.space.append_block(safety(bench), media(kind, upload, **given))


def manifest(bench: Bench) -> Json:
    lines = (bench.out / ".notion-sync" / "manifest.jsonl").read_bytes().splitlines()[1:]
    return next(entry for entry in map(orjson.loads, lines) if entry["title"] == "Safety")


def test_every_upload_that_a_browser_would_run_lies_in_the_sink_by_an_extension_that_it_does_not_run(
    bench: Bench,
) -> None:
    plain = {name: content for name, content in RUNNING.items() if " " not in name}
    for name, content in plain.items():
        show(bench, "file", name, content + name.encode(), "application/octet-stream")
    bench.good(**BOTH)
    written = tree(bench.out)
    for name, content in plain.items():
        paths = {path for path, found in written.items() if found == content + name.encode()}
        assert len(paths) == 1, name
        assert paths.pop().endswith(".bin"), name


def test_a_file_keeps_its_name_in_links_and_manifest(bench: Bench) -> None:
    show(bench, "file", "report.html", HTML, "text/html")
    bench.good(**BOTH)
    path = stored(HTML, ".html.bin")
    assert tree(bench.out)[path] == HTML
    assert re.search(rf"\[report\.html\]\([./]*{re.escape(path)}\)", next(bench.out.rglob("Safety.md")).read_text())
    page = next(bench.out.rglob("Safety.html")).read_text()
    assert f'{path}" download' in page
    assert ">report.html<" in page
    assert manifest(bench)["names"] == {path: "report.html"}
    assert dead_links(bench.out) == []


@pytest.mark.parametrize("name", ["drawing.svg", "drawing.png", "drawing"])
def test_an_svg_that_stands_as_a_picture_is_shown_by_a_copy_that_does_nothing(bench: Bench, name: str) -> None:
    show(bench, "image", name, DRAWING)
    bench.good(**BOTH)
    raw, copy = stored(DRAWING, ".svg.bin"), stored(SHOWN, ".svg")
    assert tree(bench.out)[raw] == DRAWING
    assert tree(bench.out)[copy] == SHOWN
    assert f'{copy}"' in next(bench.out.rglob("Safety.html")).read_text()
    assert f"{copy})" in next(bench.out.rglob("Safety.md")).read_text()
    assert {raw, copy} <= set(manifest(bench)["assets"])
    assert not inspect(bench.job(**BOTH), read_data=True).findings


def test_icons_covers_and_emoji_show_such_copies_too(bench: Bench) -> None:
    upload = bench.space.add_file("drawing.svg", DRAWING, "image/svg+xml")
    page = bench.space.pages[safety(bench)]
    page["icon"], page["cover"] = upload, upload
    bench.good(**BOTH)
    html = next(bench.out.rglob("Safety.html")).read_text()
    assert html.count(stored(SHOWN, ".svg")) == 3, "cover, icon, and the icon in the sidebar"
    assert stored(DRAWING, ".svg.bin") not in html


def test_a_picture_that_cannot_be_made_harmless_is_linked_and_told(bench: Bench) -> None:
    show(bench, "image", "broken.svg", SVG[:-3])
    report = bench.good(**BOTH)
    path = stored(SVG[:-3], ".svg.bin")
    assert any("'broken.svg'" in warning["message"] for warning in report.warnings)
    assert f'{path}" download' in next(bench.out.rglob("Safety.html")).read_text()
    assert re.search(r"(?<!!)\[broken\.svg\]\(", next(bench.out.rglob("Safety.md")).read_text())


def test_what_an_older_rule_named_is_named_anew_without_a_request(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(bench, "image", "drawing.svg", DRAWING)
    show(bench, "file", "report.html", HTML, "text/html")
    with monkeypatch.context() as older:
        older.setattr("notion_sync_core.stages.read.asset_suffix", lambda name, _: Path(name).suffix)
        older.setattr(harmless, "arrange", lambda *_: None)
        bench.good(**BOTH)
    assert {stored(DRAWING, ".svg"), stored(HTML, ".html")} <= set(tree(bench.out))
    before = bench.requests()
    bench.good("render", **BOTH)
    assert bench.requests() == before
    assert {stored(DRAWING, ".svg.bin"), stored(SHOWN, ".svg"), stored(HTML, ".html.bin")} <= set(tree(bench.out))
    assert dead_links(bench.out) == []
    bench.good(**BOTH)
    assert tree(bench.out) == bench.fresh(**BOTH)


def test_a_mirror_that_lost_the_copy_makes_it_again(bench: Bench) -> None:
    show(bench, "image", "drawing.svg", DRAWING)
    bench.good(**BOTH)
    whole = tree(bench.out)
    copy = stored(SHOWN, ".svg")
    (bench.out / copy).unlink()
    digest = hashlib.sha256(SHOWN).hexdigest()
    next(path for path in (bench.folder / "state").rglob(digest) if path.is_file()).unlink()
    assert {finding.kind for finding in inspect(bench.job(**BOTH)).findings} == {"missing"}
    assert repair(bench.job(**BOTH)).findings == []
    assert tree(bench.out) == whole


def test_a_copy_leaves_with_the_last_page_that_shows_it(bench: Bench) -> None:
    show(bench, "image", "drawing.svg", DRAWING)
    bench.good(**BOTH)
    bench.space.trash(safety(bench))
    bench.good(**BOTH)
    assert not {stored(DRAWING, ".svg.bin"), stored(SHOWN, ".svg")} & set(tree(bench.out))


def test_a_lost_state_takes_such_files_over(bench: Bench) -> None:
    show(bench, "image", "drawing.svg", DRAWING)
    bench.good(**BOTH)
    whole = tree(bench.out)
    (bench.folder / "state").rename(bench.folder / "gone")
    report = bench.run("sync", **BOTH)
    assert report.artifacts.kept_edits == 0
    assert {path: content for path, content in tree(bench.out).items() if path.startswith("assets/")} == {
        path: content for path, content in whole.items() if path.startswith("assets/")
    }
