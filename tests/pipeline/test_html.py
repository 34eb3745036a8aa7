"""The offline site out of the whole pipeline: links that lead somewhere, a navigation that follows every change."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from conftest import Bench, tree
from plugins.html_rendering import squeezed_cells
from plugins.html_rendering import tree as parsed

LOCAL = re.compile(r"(?![a-zA-Z][\w+.-]*:)")
HTML = {"export.renderers": ["html"]}


def dead_links(folder: Path) -> list[tuple[str, str]]:
    """Links and files that pages refer to and that are not there, anchors included."""
    dead = []
    pages = {path: parsed(path.read_text("utf-8")) for path in folder.rglob("*.html")}
    anchors = {path: {each.get("id") for each in page.iter() if each.get("id")} for path, page in pages.items()}
    for path, page in pages.items():
        for element in page.iter():
            for name in ("href", "src"):
                address = element.get(name)
                if address is None or not LOCAL.match(address):
                    continue
                file, _, fragment = address.partition("#")
                target = Path(posixpath.normpath(path.parent / unquote(file))) if file else path
                if not target.is_file() or (fragment and fragment not in anchors[target]):
                    dead.append((str(path.relative_to(folder)), address))
    return dead


def test_the_sample_workspace_becomes_a_site_whose_every_link_leads_somewhere(bench: Bench) -> None:
    bench.good(**HTML)

    pages = list(bench.out.rglob("*.html"))
    assert len(pages) > 40
    assert dead_links(bench.out) == []
    assert (bench.out / "assets" / "notion-sync" / "search" / "0.js").is_file()


def test_beside_another_renderer_the_site_has_its_own_folder(bench: Bench) -> None:
    bench.good(**{"export.renderers": ["markdown", "html"]})

    assert (bench.out / "html" / "index.html").is_file()
    assert (bench.out / "html" / "assets" / "notion-sync" / "style.css").is_file()
    assert dead_links(bench.out) == []


def test_a_site_that_was_synced_equals_a_fresh_one(bench: Bench) -> None:
    bench.good(**HTML)
    pages = {bench.space.title(each): each for each in bench.space.pages}
    bench.space.add_page(None, "Another top page")
    bench.space.rename(pages["Workshop"], "The <workshop>")
    bench.space.move(pages["Safety"], pages["People"])
    bench.space.trash(pages["Expenses"])
    bench.good(**HTML)

    assert tree(bench.out) == bench.fresh(**HTML)
    assert dead_links(bench.out) == []
    index = (bench.out / "index.html").read_text("utf-8")
    assert all(title in index for title in ("Another top page", "The &lt;workshop&gt;", "People/Safety.html"))
    assert "Expenses" not in index


def test_a_database_shows_its_rows_and_a_row_its_properties(bench: Bench) -> None:
    bench.good(**HTML)
    rows = squeezed_cells((bench.out / "Fernwood Bikes Handbook" / "Tasks.html").read_text("utf-8"), "rows")
    row = (bench.out / "Fernwood Bikes Handbook" / "Tasks" / "Fix the door.html").read_text("utf-8")

    assert len(rows) == 10
    assert dict(zip(rows[0], rows[1], strict=True))["Number"] == "FW-1"
    assert dict(squeezed_cells(row, "properties"))["Owner"] == "Mara Lindqvist"


@pytest.mark.parametrize("processes", [0, 1])
def test_the_site_is_the_same_from_another_process(bench: Bench, processes: int) -> None:
    first = bench.fresh("first", **HTML, performance__render_processes=processes)

    assert first == bench.fresh("second", **HTML)


def test_comments_stand_beside_what_they_are_about(bench: Bench) -> None:
    pages = {bench.space.title(each): each for each in bench.space.pages}
    first = bench.space.children(pages["Working hours"])[-1]["id"]
    bench.space.add_comment(pages["Working hours"], "About the <page>")
    bench.space.add_comment(first, "About a block")

    bench.good(**HTML, export__comments=True)

    html = (bench.out / "Fernwood Bikes Handbook" / "People" / "Working hours.html").read_text("utf-8")
    assert html.index("About the &lt;page&gt;") < html.index("A good shop") < html.index("About a block")
