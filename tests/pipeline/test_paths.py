"""Names, folders and dates from properties, flat output, sections, and where assets lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import ConfigError
from notion_sync_core.preview import preview
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import bare, block, page_mention, rich, schema

LINK = re.compile(r"\]\((?!https?:|#)<?([^)\s>#]+)")


def blog() -> Workspace:
    """A home page and a database of posts with dates, slugs and kinds; two want the same name."""
    space = Workspace("Blog", seed=3)
    home = space.add_page(None, "Home")
    columns = [
        schema("Name", "title"),
        schema("Slug", "rich_text"),
        schema("Kind", "select"),
        schema("Date", "date"),
    ]
    _, (posts,) = space.add_database(home, "Posts", {"Posts": columns})

    def post(name: str, slug: str = "", kind: str = "", date: str = "", blocks: Any = ()) -> str:
        values = {"Name": rich(name), "Slug": rich(slug)}
        values |= {"Kind": {"name": kind, "color": "red"}} if kind else {}
        values |= {"Date": {"start": date, "end": None, "time_zone": None}} if date else {}
        return space.add_row(posts, values, blocks or [block("paragraph", name)])

    picture = space.add_file("a.png", b"\x89PNG\r\n\x1a\n1", "image/png")
    first = post("Hello world", "hello", "News", "2026-03-02", [bare("image", **picture)])
    second = post("Another", "hello", "news", "2026-04-05", [block("paragraph", [page_mention(first, "x")])])
    post("No properties at all")
    post("Escapes?", "../../etc/passwd", "..", "2026-01-01")
    post("Clash", "assets", ".notion-sync", "2026-01-01")
    post("index", "index", "assets")
    space.add_page(second, "A page below")
    space.add_page(home, "Hello")
    return space


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Bench]:
    with Emulator(blog()) as emulator:
        yield Bench(emulator, tmp_path)


def given(**options: Any) -> dict[str, Any]:
    return {"export__renderers": [{"use": "markdown", "csv": False, **options}], "export__max_delete": 1.0}


def files(folder: Path) -> set[str]:
    return {name for name in tree(folder) if name.endswith(".md")}


def broken(folder: Path) -> list[str]:
    """Links and pictures that lead to no file."""
    found = []
    for path in folder.rglob("*.md"):
        for href in LINK.findall(path.read_text()):
            target = href.replace("%20", " ").replace("%3F", "?")
            if not Path(os.path.normpath(path.parent / target)).is_file():
                found.append(f"{path.name}: {href}")
    return found


def test_a_row_is_named_by_its_properties_and_all_else_by_its_title(shelf: Bench) -> None:
    shelf.good(**given(paths="{Date}-{Slug|title}"))
    found = {name.removeprefix("Home/Posts/") for name in files(shelf.out)}
    assert {"2026-03-02-hello.md", "2026-04-05-hello.md", "2026-04-05-hello/A page below.md"} <= found
    assert {"No properties at all.md", "Home.md", "Home/Hello.md", "Home/Posts.md"} <= found
    assert "2026-01-01--..-etc-passwd.md" in found
    assert broken(shelf.out) == []


def test_a_folder_comes_from_a_property_and_two_spellings_are_one(shelf: Bench) -> None:
    shelf.good(**given(paths="{Kind}/{Slug|title}"))
    found = {name.removeprefix("Home/Posts/") for name in files(shelf.out)}
    assert "News/hello.md" in found
    assert len([name for name in found if re.fullmatch(r"News/hello-[0-9a-f]{6}\.md", name)]) == 1
    assert "No properties at all.md" in found
    assert broken(shelf.out) == []


def test_flat_output_lies_at_the_top_and_keeps_away_from_our_own_folders(shelf: Bench) -> None:
    shelf.good(**given(flat=True))
    found = files(shelf.out)
    assert len(found) == 10
    assert not any("/" in name for name in found)
    assert broken(shelf.out) == []

    shelf.good(**given(flat=True, paths="{Kind}/{Slug|title}"))
    found = files(shelf.out)
    assert "News/hello.md" in found
    assert not any(name.startswith((".", "assets/")) for name in found)
    assert broken(shelf.out) == []


def test_a_page_with_pages_inside_is_the_index_of_their_folder_as_long_as_there_are_any(shelf: Bench) -> None:
    shelf.good(**given(sections="index"))
    assert {"Home/index.md", "Home/Posts/index.md", "Home/Posts/Another/index.md", "Home/Hello.md"} <= files(shelf.out)
    assert broken(shelf.out) == []
    space = shelf.space
    below = next(each for each in space.pages if space.title(each) == "A page below")
    space.trash(below)
    shelf.good(**given(sections="index"))
    assert "Home/Posts/Another.md" in files(shelf.out)
    assert tree(shelf.out) == shelf.fresh(**given(sections="index"))


def test_only_the_renderer_that_names_sections_has_them(shelf: Bench) -> None:
    two: dict[str, Any] = {"export__renderers": [{"use": "markdown", "dialect": "hugo"}, "html", "json"]}
    shelf.good(**two)
    found = set(tree(shelf.out))
    assert {"markdown/Home/_index.md", "markdown/Home/Posts/_index.md", "markdown/Home/Hello.md"} <= found
    assert {"html/Home.html", "html/Home/Posts.html", "html/Home/Hello.html", "json/Home/Posts.json"} <= found
    assert not [name for name in found if "_index" in name and not name.startswith("markdown/")]
    home = (shelf.out / "html" / "Home.html").read_text()
    leads = {unquote(each) for each in re.findall(r'href="([^"#:]+)"', home)}
    assert leads
    assert [each for each in leads if not (shelf.out / "html" / each).exists()] == []
    assert broken(shelf.out / "markdown") == []
    assert preview(shelf.job(**two)).changes == []
    alone = shelf.fresh("alone", export__renderers=["html"])
    assert alone["Home/Posts.html"].count(b"_index") == 0


@pytest.mark.parametrize(
    "options",
    [
        {"paths": "{Kind}/{Date:%Y/%m}/{Slug|title}"},
        {"flat": True, "paths": "_posts/{Date|created}-{Slug|title}"},
        {"sections": "_index", "paths": "{Kind}/{Slug|title}"},
    ],
)
def test_a_synced_tree_equals_a_fresh_one_whatever_properties_change(shelf: Bench, options: dict[str, Any]) -> None:
    space = shelf.space
    shelf.good(**given())
    for number, (name, column, payload) in enumerate(
        [
            ("Another", "Slug", rich("moved")),
            ("Hello world", "Kind", {"name": "Else", "color": "red"}),
            ("Clash", "Date", None),
            ("Hello world", "Slug", rich("moved")),
        ]
    ):
        space.set_value(next(each for each in space.pages if space.title(each) == name), column, payload)
        shelf.good(**given(**options))
        assert tree(shelf.out) == shelf.fresh(f"fresh-{number}", **given(**options))
        assert broken(shelf.out) == []


def test_assets_lie_where_the_job_says_and_are_linked_by_the_address_they_get(shelf: Bench) -> None:
    shelf.good(**given())
    moved = {"export__assets_folder": "static/files"}
    shelf.good(**given(folder="content", assets_url="/files/"), **moved)

    picture = next(path for path in shelf.out.rglob("*.png"))
    name = picture.relative_to(shelf.out / "static" / "files").as_posix()
    assert f"](/files/{name})" in (shelf.out / "content/Home/Posts/Hello world.md").read_text()
    assert not (shelf.out / "assets").exists()
    assert tree(shelf.out) == shelf.fresh(**given(folder="content", assets_url="/files/"), **moved)

    shelf.good(**given(), export__assets_folder="images")
    assert broken(shelf.out) == []
    assert not (shelf.out / "static").exists()
    shelf.good(**given())
    assert tree(shelf.out) == shelf.fresh("ever", **given())


def test_no_page_gets_into_the_folder_of_assets(shelf: Bench) -> None:
    shelf.space.add_page(None, "static")
    shelf.good(**given(), export__assets_folder="static/files")
    assert "static.md" not in files(shelf.out)
    assert any(re.fullmatch(r"static-[0-9a-f]{6}\.md", name) for name in files(shelf.out))


@pytest.mark.parametrize("folder", ["", "/assets", "../x", "a/../b", ".notion-sync", "a//b", "a b", "a/"])
def test_a_folder_for_assets_is_one_within_the_sink(shelf: Bench, folder: str) -> None:
    with pytest.raises(ConfigError, match="assets_folder"):
        shelf.job(export__assets_folder=folder)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"paths": "{Slug"}, r"plugins\.markdown\.paths"),
        ({"sections": "home"}, r"plugins\.markdown\.sections"),
        ({"assets_url": "https://cdn.example/x"}, r"plugins\.markdown\.assets_url"),
        ({"heading_shift": 7}, r"plugins\.markdown\.heading_shift"),
        ({"keys": {"date": ""}}, r"plugins\.markdown\.keys"),
        ({"keys": {"date": ["Date"]}}, r"plugins\.markdown\.keys"),
    ],
)
def test_options_that_mean_nothing_are_refused_before_a_request(
    shelf: Bench, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        shelf.job(**given(**options)).renderers()


def test_two_renderers_that_want_different_names_are_refused(shelf: Bench) -> None:
    both = [{"use": "markdown", "paths": "{Slug}"}, {"use": "markdown", "name": "two", "paths": "{Name}"}]
    with pytest.raises(ConfigError, match=r"plugins\.markdown\.paths and plugins\.two\.paths differ"):
        shelf.job(export__renderers=both).renderers()
    shelf.job(export__renderers=[{"use": "markdown", "paths": "{Slug}"}, "html"]).renderers()
