"""Rows chosen by the values of their properties: what is left out is gone, whole, and comes back when it is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import ConfigError, Exit
from notion_sync_core.preview import preview
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import bare, block, page_mention, rich, schema, text

CANARY = "Cassowary"
"""Stands in everything that a row left out holds."""
ONLY = {"export__only": {"Status": ["Published"]}}
EVERYTHING = {
    "export__renderers": [
        *(
            {
                "use": "markdown",
                "name": name,
                "dialect": name,
                "bases": True,
                "metadata": ["id", "url", "icon", "cover"],
                "csv_metadata": ["id", "url"],
                "home": "Contents",
            }
            for name in ("gfm", "obsidian", "docusaurus", "mkdocs", "hugo", "jekyll")
        ),
        "html",
        {"use": "json", "rows": True},
    ],
    "export__comments": True,
    "export__views": True,
}
"""Whatever may show something of a row in another place than its own."""


class Blog:
    """A database of posts, some published, and pages that speak of all of them."""

    def __init__(self) -> None:
        self.space = space = Workspace("Blog", seed=11)
        self.home = space.add_page(None, "Home")
        columns = [
            schema("Name", "title"),
            schema("Status", "status", options=[{"name": "Draft"}, {"name": "Published"}]),
            schema("Done", "checkbox"),
            schema("Tags", "multi_select", options=[{"name": "news"}, {"name": "tips"}]),
            schema("Words", "number"),
            schema("See also", "relation", data_source_id="", type="single_property"),
            schema(
                "Titles", "rollup", function="show_original", relation_property_name="See also",
                rollup_property_name="Name",
            ),
        ]  # fmt: skip
        self.database, (self.posts,) = space.add_database(self.home, "Posts", {"Posts": columns})
        plain = [schema("Title", "title"), schema("Post", "relation", data_source_id=self.posts)]
        self.notes_database, (self.notes,) = space.add_database(self.home, "Notes", {"Notes": plain})
        self.published = [self.post(f"Post {number}", "Published") for number in range(6)]
        secret = space.add_file(f"{CANARY}.png", b"\x89PNG\r\n\x1a\n" + CANARY.encode(), "image/png")
        ways = [page_mention(self.published[2], "Post 2"), page_mention(self.home, "Home")]
        self.draft = self.post(
            f"{CANARY} draft", "Draft", [block("paragraph", [f"{CANARY} text", *ways]), bare("image", **secret)]
        )
        emoji = {"id": space.new_id(), "name": CANARY.lower(), "url": f"https://emoji.example/{CANARY}.png"}
        space.pages[self.draft]["icon"] = {"type": "custom_emoji", "custom_emoji": emoji}
        self.below = space.add_page(self.draft, f"{CANARY} below", [block("paragraph", CANARY)])
        self.inner, _ = space.add_database(self.below, f"{CANARY} inner", {"In": [schema(f"{CANARY} x", "title")]})
        self.speak_of(self.draft)
        self.look_at(self.draft)

    def post(self, title: str, status: str, blocks: Any = (), **values: Any) -> str:
        found = {"Name": rich(title), "Status": {"name": status, "color": "red"}, **values}
        return self.space.add_row(self.posts, found, blocks or [block("paragraph", f"About {title}")])

    def speak_of(self, draft: str) -> None:
        """Every way in which one page may lead to another."""
        space = self.space
        url = f"https://www.notion.so/{CANARY}-draft-{draft.replace('-', '')}"
        page = space.add_page(
            self.home,
            "Speaks",
            [
                block("paragraph", [text("See "), page_mention(draft, f"{CANARY} draft"), text(" here.")]),
                block("paragraph", [text("the words stay", url)]),
                block("paragraph", [text(url, url)]),
                block("to_do", [page_mention(self.below, f"{CANARY} below")]),
                bare("bookmark", url=url),
                bare("link_to_page", type="page_id", page_id=draft),
                block("callout", "box", [bare("link_to_page", type="page_id", page_id=self.below)]),
                bare("table", [bare("table_row", cells=[[page_mention(draft, CANARY)]])], table_width=1),
            ],
        )
        space.add_comment(page, [page_mention(draft, f"{CANARY} draft")])
        rows = [{"id": self.published[1]}, {"id": draft}]
        titles = [{"type": "title", "title": rich(space.title(row["id"])), "id": "title"} for row in rows]
        rollup = {"type": "array", "array": titles, "function": "show_original"}
        space.set_value(self.published[0], "See also", rows)
        space.set_value(self.published[0], "Titles", rollup)
        space.add_row(self.notes, {"Title": rich("A note"), "Post": [{"id": draft}]})
        self.show_in_place(draft)

    def show_in_place(self, draft: str) -> None:
        """A database within a page, of which HTML shows rows there."""
        page = self.space.add_page(self.home, "Holds")
        columns = [
            schema("Task", "title"),
            schema("About", "rich_text"),
            schema("For", "relation", data_source_id=self.posts),
            schema(
                "Of", "rollup", function="show_original", relation_property_name="For", rollup_property_name="Name"
            ),
        ]  # fmt: skip
        _, (tasks,) = self.space.add_database(page, "Tasks", {"Tasks": columns}, inline=True)
        title = {"type": "title", "title": rich(f"{CANARY} draft"), "id": "title"}
        values = {
            "Task": rich("A task"),
            "About": rich([page_mention(draft, CANARY)]),
            "For": [{"id": draft}],
            "Of": {"type": "array", "array": [title], "function": "show_original"},
        }
        self.space.add_row(tasks, values)

    def look_at(self, draft: str) -> None:
        """Views that name rows, in every way in which one may."""
        below = self.below.replace("-", "")
        filters = [
            {"property": "seealso", "relation": {"contains": draft}},
            {"or": [{"property": "seealso", "relation": {"does_not_contain": below}}]},
            {"and": [{"property": "titles", "rollup": {"any": {"relation": {"contains": [draft]}}}}]},
        ]
        for number, given in enumerate(filters):
            quick = {"seealso": {"relation": {"contains": draft}}}
            self.space.add_view(self.database, f"Look {number}", filter=given, quick_filters=quick)
        group = {"property_id": "seealso", "type": "relation", "sort": {"type": "manual"}, "hide_empty_groups": False}
        self.space.add_view(self.database, "Board", kind="board", configuration={"type": "board", "group_by": group})
        self.space.add_view(self.database, "Gallery", kind="gallery")

    def signs(self) -> set[bytes]:
        """What must not be found: the word, and the ids of what is left out."""
        ids = {self.draft, self.below, self.inner}
        return {CANARY.encode().lower(), *(form.encode() for each in ids for form in (each, each.replace("-", "")))}


@pytest.fixture
def blog() -> Blog:
    return Blog()


@pytest.fixture
def shelf(blog: Blog, tmp_path: Path) -> Iterator[Bench]:
    with Emulator(blog.space) as emulator:
        yield Bench(emulator, tmp_path)


def leaks(folder: Path, blog: Blog) -> list[str]:
    found = []
    for name, content in tree(folder).items():
        seen = (name.encode() + b"\n" + content).lower()
        found += [f"{name}: {sign.decode()}" for sign in blog.signs() if sign in seen]
    return found


def test_nothing_of_a_row_left_out_shows_anywhere(shelf: Bench, blog: Blog) -> None:
    shelf.good("export", **EVERYTHING, **ONLY)

    assert leaks(shelf.out, blog) == []
    speaks = next(shelf.out.glob("gfm/**/Speaks.md")).read_text()
    assert "See … here." in speaks
    assert "the words stay" in speaks
    assert "Post 1" in next(shelf.out.glob("gfm/**/Post 0.md")).read_text()
    assert list(shelf.out.glob("gfm/**/A note.md"))


def test_what_shows_rows_elsewhere_still_shows_those_that_are_chosen(shelf: Bench, blog: Blog) -> None:
    shelf.good("export", **EVERYTHING, **ONLY)

    assert "A task" in next(shelf.out.glob("html/Home/Holds.html")).read_text()
    posts = next(shelf.out.glob("gfm/Home/Posts.md")).read_text()
    sections = dict(each.split("\n", 1) for each in posts.split("\n## ")[1:])
    assert list(sections) == ["Look 0", "Look 1", "Look 2", "Board", "Gallery"]
    shown = {name: text.count("[Post ") for name, text in sections.items()}
    # By a row that is left out nothing is found, and everything is other than it. A post names "Post 1" beside itself.
    assert shown == {"Look 0": 0, "Look 1": 7, "Look 2": 7, "Board": 7, "Gallery": 7}
    html = next(shelf.out.glob("html/Home/Posts.html")).read_text()
    looks = [each.count("</a></th>") for each in html.split("<h2")[1:]]
    assert looks == [0, 6, 6, 6, 6]
    (lines,) = shelf.out.glob("json/Home/Posts.jsonl")
    assert len(lines.read_text().splitlines()) == 6
    assert len(list(shelf.out.glob("obsidian/**/*.base"))) == 3


def test_without_a_choice_the_same_signs_are_found_everywhere(shelf: Bench, blog: Blog) -> None:
    shelf.good("export", **EVERYTHING)

    found = leaks(shelf.out, blog)
    assert len({each.partition("/")[0] for each in found}) == 10  # eight renderers, assets and the manifest
    paths = {each.partition(": ")[0] for each in found}
    for where in (
        "html/Home/Holds.html",  # rows in place
        "html/Home/Posts/Post 2.html",  # a backlink
        "html/assets/notion-sync/search/0.js",
        "html/index.html",
        "json/Home/Posts.json",  # views
        "json/Home/Posts.jsonl",
    ):
        assert where in paths


def test_what_is_left_out_is_not_counted(shelf: Bench, blog: Blog) -> None:
    given: dict[str, Any] = {"export__renderers": ["html"], **ONLY}
    before = shelf.fresh("few", **given)
    for number in range(80):
        blog.post(f"Draft {number}", "Draft", [block("paragraph", [page_mention(blog.published[2], "Post 2")])])

    assert b" more</" not in b"".join(before.values())
    assert shelf.fresh("many", **given) == before
    assert b" more</" in b"".join(shelf.fresh("all", export__renderers=["html"]).values())


def test_what_leaves_the_choice_is_deleted_by_sync_and_what_comes_into_it_is_read(shelf: Bench, blog: Blog) -> None:
    shelf.good(**EVERYTHING)

    shelf.good(**EVERYTHING, **ONLY)
    assert leaks(shelf.out, blog) == []
    assert tree(shelf.out) == shelf.fresh(**EVERYTHING, **ONLY)

    blog.space.set_value(blog.draft, "Status", {"name": "Published", "color": "red"})
    shelf.good(**EVERYTHING, **ONLY)
    assert tree(shelf.out) == shelf.fresh("all", **EVERYTHING, **ONLY)
    assert list(shelf.out.rglob(f"{CANARY} below"))

    blog.space.set_value(blog.draft, "Status", {"name": "Draft", "color": "red"})
    shelf.good(**EVERYTHING, **ONLY)
    assert leaks(shelf.out, blog) == []


@pytest.mark.parametrize("roots", [False, True])
def test_another_choice_later_gives_what_a_fresh_export_gives(shelf: Bench, blog: Blog, roots: bool) -> None:
    given: dict[str, Any] = {"export__roots": [blog.home]} if roots else {}
    choices: list[dict[str, Any]] = [
        {"Status": ["Published"]},
        {"Status": ["Draft"]},
        {},
        {"Status": ["Draft", "Published"]},
        {"Status": "Published"},
    ]
    for number, only in enumerate(choices):
        shelf.good(export__only=only, export__max_delete=1.0, **given)
        assert tree(shelf.out) == shelf.fresh(f"fresh-{number}", export__only=only, **given), only


def test_a_choice_costs_no_more_requests_than_none(shelf: Bench) -> None:
    def asked(state: str, **given: Any) -> int:
        before = shelf.requests()
        shelf.good(state=f"state-{state}", to=shelf.folder / state, **given)
        return shelf.requests() - before

    whole = asked("whole")
    assert asked("chosen", **ONLY) < whole
    assert asked("chosen", **ONLY) <= asked("whole")
    # What comes into the choice is read; nothing else is looked for.
    assert asked("chosen") <= whole


def test_rendering_again_leaves_out_what_is_left_out_now_without_a_request(shelf: Bench, blog: Blog) -> None:
    shelf.good()
    before = shelf.requests()
    shelf.good("render", export__only={"Status": ["Published"]})
    assert shelf.requests() == before
    assert not leaks(shelf.out / "Home" / "Notes", blog)
    assert CANARY not in (shelf.out / "Home" / "Posts.csv").read_text()


def test_a_plan_tells_what_a_choice_deletes_and_creates(shelf: Bench, blog: Blog) -> None:
    shelf.good()
    found = preview(shelf.job(**ONLY))
    gone = {change.path for change in found.changes if change.action == "delete"}
    assert gone == {path for path in tree(shelf.out) if CANARY in path and path.endswith(".md")}
    assert "export.only" in next(change.why for change in found.changes if change.path.endswith(f"{CANARY} draft.md"))
    shelf.good(**ONLY)
    back = {change.path for change in preview(shelf.job()).changes if change.action == "create"}
    assert any(path.endswith(f"{CANARY} draft.md") for path in back)


def test_the_guard_that_refuses_names_the_choice(shelf: Bench, blog: Blog) -> None:
    for number in range(20):
        blog.post(f"Old {number}", "Draft")
    shelf.good()
    before = tree(shelf.out)

    report = shelf.run(**ONLY)

    assert report.exit_code == Exit.GUARD
    assert report.error is not None
    assert "because export.only leaves them out" in report.error.message
    assert "export.only" in report.error.remedy
    assert set(before) <= set(tree(shelf.out))
    assert preview(shelf.job(**ONLY)).refused


@pytest.mark.parametrize(
    ("only", "titles"),
    [
        ({"Status": ["Published"]}, {"a", "c"}),
        ({"Status": "Draft"}, {"b"}),
        ({"Done": True}, {"b"}),
        ({"Done": [False, True]}, {"a", "b", "c"}),
        ({"Tags": ["tips"]}, {"a", "b"}),
        ({"Tags": [""]}, {"c"}),
        ({"Words": [3, 1200.5]}, {"a", "b"}),
        ({"Words": ["3"]}, {"a"}),
        ({"Name": ["c", "a"]}, {"a", "c"}),
        ({"Status": ["Published"], "Tags": ["tips"]}, {"a"}),
        ({"Done": ["true"]}, set()),
    ],
)
def test_every_kind_of_value_can_choose(only: Any, titles: set[str], tmp_path: Path) -> None:
    blog = Blog()
    for each in (*blog.published, blog.draft):
        blog.space.trash(each)
    blog.post("a", "Published", Tags=[{"name": "news"}, {"name": "tips"}], Words=3)
    blog.post("b", "Draft", Tags=[{"name": "tips"}], Words=1200.5, Done=True)
    blog.post("c", "Published")
    with Emulator(blog.space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good("export", export__only=only)
        assert {path.stem for path in bench.out.glob("Home/Posts/*.md")} == titles
        assert list(bench.out.glob("Home/Notes/A note.md"))


def test_a_slip_in_a_name_or_a_value_is_told(shelf: Bench) -> None:
    warnings = [item["message"] for item in shelf.good("export", export__only={"Statsu": ["Published"]}).warnings]
    assert any("'Statsu', which no database has" in message for message in warnings)
    given = {"export__only": {"Status": ["Published", "Publised"]}}
    warnings = [item["message"] for item in shelf.good("export", **given).warnings]
    assert [message for message in warnings if "export.only" in message] == [
        "export.only names 'Publised', which is no option of any 'Status'"
    ]
    assert not [item for item in shelf.good("export", **ONLY).warnings if "export.only" in item["message"]]


@pytest.mark.parametrize("only", [{"Status": []}, {"": ["x"]}, {"Status": [["x"]]}, {"Status": {"a": 1}}, "Status"])
def test_a_choice_that_means_nothing_is_refused(shelf: Bench, only: Any) -> None:
    with pytest.raises(ConfigError, match=r"export\.only"):
        shelf.job(export__only=only)


def test_a_run_cut_short_while_it_lists_publishes_nothing_of_what_is_left_out(blog: Blog, tmp_path: Path) -> None:
    for number in range(3):
        blog.space.add_page(blog.below, f"{CANARY} deep {number}", [block("paragraph", CANARY)])
    with Emulator(blog.space) as emulator:
        for number in range(1, 40, 2):
            bench = Bench(emulator, tmp_path / str(number))
            report = bench.run("export", options={"max_requests": number}, export__publish_every_s=0.0001, **ONLY)
            if bench.out.exists():
                assert leaks(bench.out, blog) == [], number
            if report.error is None:
                break
            bench.good(**ONLY)
            assert leaks(bench.out, blog) == []
