"""Names and layout: no title is a path, no two objects share a file, whatever the order of arrival."""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.stages.layout import Child, fits, name_children
from notion_sync_core.stages.names import MAX_PART, MAX_STEM, clean, cut, fold, slug
from notion_sync_core.stages.pattern import Pattern
from notion_sync_core.stages.style import Style
from notion_sync_core.stages.tree import Places
from notion_sync_core.state.records import Placed
from notion_sync_demo.build import rich, value

TITLES = st.text(max_size=300) | st.sampled_from(
    ["a", "A", "\u00e9", "e\u0301", "", "CON", "index", "assets", "../x", "a-0001"]
)


@given(TITLES)
def test_any_title_gives_a_name_that_every_file_system_can_hold(title: str) -> None:
    name = clean(title)
    assert name
    assert name == name.strip(" ")
    assert not name.startswith(".")
    assert not name.endswith((".", " "))
    assert not set(name) & set('<>:"/\\|?*')
    assert all(ord(char) >= 32 for char in name)
    assert len(name.encode()) <= MAX_STEM + 1
    assert name.partition(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    assert unicodedata.is_normalized("NFC", name)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Hello", "Hello"),
        ("a/b\\c", "a-b-c"),
        ("../../etc/passwd", "-..-etc-passwd"),
        ("", "Untitled"),
        ("...", "Untitled"),
        ("con.txt", "_con.txt"),
        ("x\u202egnp.exe", "xgnp.exe"),
        ("two\nlines", "two-lines"),
        ("trailing. ", "trailing"),
    ],
)
def test_titles_become_names(title: str, name: str) -> None:
    assert clean(title) == name


def test_cutting_never_splits_a_character() -> None:
    assert cut("é" * 10, 5) == "éé"


def make_children(titles: list[str], seed: int) -> list[Child]:
    generator = random.Random(seed)
    return [Child(str(uuid.UUID(int=generator.getrandbits(128), version=4)), title) for title in titles]


@given(st.lists(TITLES, max_size=25), st.integers(), st.booleans())
def test_no_two_children_of_a_folder_share_a_name(titles: list[str], seed: int, root: bool) -> None:
    children = make_children(titles, seed)
    names = dict(name_children(children, root=root))
    assert set(names) == {child.id for child in children}
    assert len({fold(name) for name in names.values()}) == len(children)
    assert all(len(f"{name}.markdown".encode()) <= MAX_PART for name in names.values())
    assert not {fold(name) for name in names.values()} & {"index"}


@given(st.lists(TITLES, min_size=1, max_size=15), st.integers())
def test_the_first_of_equal_names_keeps_it_and_later_ones_change_nothing(titles: list[str], seed: int) -> None:
    children = make_children(titles, seed)
    names = dict(name_children(children))
    fewer = dict(name_children(children[:-1]))
    assert all(names[child.id] == fewer[child.id] for child in children[:-1])


def test_equal_titles_get_the_tail_of_their_id() -> None:
    one, two = (
        Child("11111111-0000-4000-8000-00000000aaaa", "Note"),
        Child("11111111-0000-4000-8000-00000000bbbb", "NOTE"),
    )
    assert list(name_children([one, two])) == [(one.id, "Note"), (two.id, "NOTE-00bbbb")]


def test_a_title_that_imitates_a_suffix_cannot_take_a_file() -> None:
    two = Child("11111111-0000-4000-8000-00000000bbbb", "Note")
    one = Child("11111111-0000-4000-8000-00000000aaaa", "Note-00bbbb")
    first = Child("11111111-0000-4000-8000-00000000cccc", "Note")
    assert [name for _, name in name_children([first, one, two])] == ["Note", "Note-00bbbb", "Note-00000000bbbb"]


def test_reserved_names_are_not_given_away() -> None:
    children = make_children(["assets", "Index", ".notion-sync"], 1)
    top, below = dict(name_children(children, root=True)), dict(name_children(children))
    assert top[children[0].id] != "assets"
    assert below[children[0].id] == "assets"
    assert fold(top[children[1].id]) != "index" and fold(below[children[1].id]) != "index"


def test_a_folder_too_deep_holds_nothing_more() -> None:
    assert fits("a/b")
    assert not fits("x" * 900)


SUFFIXES = st.lists(st.sampled_from([".md", ".html", ".json", ".meta.json", ".html.md"]), unique=True, max_size=4)
NESTED = st.sampled_from(
    [
        *(
            f"{stem}{end}"
            for stem in ("a", "A", "index", "assets")
            for end in ("", ".md", ".HTML", ".x.csv", ".meta", ".md.md")
        )
    ]
)
CSV = st.sampled_from([(), (".csv",), (".csv", ".x.csv", ".y.csv")])


@given(st.lists(st.tuples(TITLES | NESTED, CSV), max_size=20), SUFFIXES, st.integers(), st.booleans())
def test_no_folder_and_no_file_of_a_child_is_that_of_another(
    given: list[tuple[str, tuple[str, ...]]], suffixes: list[str], seed: int, root: bool
) -> None:
    bare = make_children([title for title, _ in given], seed)
    children = [Child(child.id, child.title, more) for child, (_, more) in zip(bare, given, strict=True)]
    names = dict(name_children(children, root=root, suffixes=suffixes))
    taken = [
        {fold(names[child.id]), *(fold(names[child.id] + suffix) for suffix in (*suffixes, *child.suffixes))}
        for child in children
    ]
    taken.append({"index", *(f"index{suffix}" for suffix in suffixes), *(("assets", ".notion-sync") if root else ())})
    assert sum(map(len, taken)) == len(set().union(*taken))


def test_the_folder_of_one_page_is_not_the_file_of_another_whichever_came_first() -> None:
    one, two = make_children(["Guide", "Guide.MD"], 1)
    tail_one, tail_two = one.id[-6:], two.id[-6:]
    assert dict(name_children([one, two], suffixes=[".md"])) == {one.id: "Guide", two.id: f"Guide.MD-{tail_two}"}
    assert dict(name_children([two, one], suffixes=[".md"])) == {two.id: "Guide.MD", one.id: f"Guide-{tail_one}"}


def test_a_further_renderer_changes_names_only_where_two_would_be_one() -> None:
    children = make_children(["Guide", "Guide.md", "Guide.json", "Notes", "data.csv"], 1)
    before = dict(name_children(children, suffixes=[".md"]))
    after = dict(name_children(children, suffixes=[".md", ".json"]))
    assert [child.title for child in children if before[child.id] != after[child.id]] == ["Guide.json"]
    assert [child.title for child in children if before[child.id] != child.title] == ["Guide.md"]


def test_a_database_claims_the_names_of_its_csv_files_and_no_others() -> None:
    first, second, third = make_children(["DB", "DB.a", "DB.b"], 1)
    children = [Child(first.id, "DB", (".csv", ".A.csv")), Child(second.id, "DB.a", (".csv",)), Child(third.id, "DB.b")]
    assert [name for _, name in name_children(children, suffixes=[".md"])] == ["DB", f"DB.a-{second.id[-6:]}", "DB.b"]


ASSIGNED = [chr(number) for number in range(0x30000) if unicodedata.category(chr(number))[0] not in "C"]


def test_names_fold_together_whatever_case_and_form_a_disk_compares() -> None:
    changes = (str.upper, str.lower, str.casefold, str.swapcase, str.title)
    for char in ASSIGNED:
        name = f"a{char}b"
        folded = fold(name)
        forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
        assert {fold(change(form)) for form in forms for change in changes} == {folded}, char
        assert fold(folded) == folded, char
        assert fold(f"a\u200d{char}\ufe0fb") == folded, char


@pytest.mark.parametrize(
    "unit", ["\u0301", "\u0323\u0301", "a\u0323\u0301\u0304", " ", ". ", "/", "\u200b", "\x00", "ﷺ"]
)
@pytest.mark.parametrize("name", [clean, slug])
def test_no_more_of_a_title_is_put_in_order_than_a_name_can_hold(
    unit: str, name: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sorted_at_once = []
    real = unicodedata.normalize
    monkeypatch.setattr(
        unicodedata, "normalize", lambda form, text: sorted_at_once.append(len(text)) or real(form, text)
    )
    assert len(name(unit * 200_000).encode()) <= MAX_STEM
    assert max(sorted_at_once) <= 1024


# -- paths that do not follow from titles and parents alone

PARTS = st.sampled_from(
    ["a", "A", "a.md", "a.csv", "b", "index", "_index", "assets", "static", "é", "e\u0301", "", "a-0001"]
)
OBJECTS = st.lists(st.tuples(PARTS, PARTS, PARTS, st.integers(-1, 20), st.booleans()), max_size=25)


def places(objects: list[tuple[str, str, str, int, bool]], style: Style) -> tuple[dict[str, str], dict[str, str]]:
    """Paths and folders of objects, each (title, slug, kind, number of its parent or -1, is a row)."""
    raws = {
        str(uuid.UUID(int=number)): {
            "properties": {
                "Slug": value("rich_text", "Slug", rich(slug_text)),
                "Kind": value("select", "Kind", {"name": kind} if kind else None),
            }
            if is_row
            else {}
        }
        for number, (_, slug_text, kind, _, is_row) in enumerate(objects)
    }
    made = Places(style, raws.get)
    paths: dict[str, str] = {}
    inside: dict[str, str] = {}
    has_children = {parent for number, (*_, parent, _) in enumerate(objects) if 0 <= parent < number}
    for number, (title, *_, parent, _) in enumerate(objects):
        object_id = str(uuid.UUID(int=number))
        folder = inside[str(uuid.UUID(int=parent))] if 0 <= parent < number and not style.flat else ""
        placed = Placed(object_id, title, "page", None, number in has_children and not style.flat)
        paths[object_id], inside[object_id] = made.of(placed, folder, ())
    return paths, inside


@pytest.mark.parametrize(
    "style",
    [
        Style(suffixes=(".md", ".csv"), pattern=Pattern.parse("{Kind}/{Slug|title}", "paths")),
        Style(suffixes=(".md",), pattern=Pattern.parse("{Slug}-{Kind}", "paths"), flat=True, assets="static/files"),
        Style(suffixes=(".md", ".html"), sections="index"),
        Style("slug", (".md",), pattern=Pattern.parse("{Kind}/{Kind}/{Slug}", "paths"), sections="_index"),
    ],
    ids=["folders", "flat", "sections", "both"],
)
@given(objects=OBJECTS)
def test_no_two_objects_have_one_file_and_no_file_stands_where_a_folder_is(style: Style, objects: Any) -> None:
    paths, _ = places(objects, style)
    files = [fold(path + suffix) for path in paths.values() for suffix in style.suffixes]
    assert len(files) == len(set(files))
    folders = {fold(path[:at]) for path in paths.values() for at, char in enumerate(path) if char == "/"}
    assert not folders & set(files)
    ours = {"static" if style.flat else "assets", ".notion-sync"}
    assert not ours & {fold(path.partition("/")[0]) for path in paths.values()}
    spelled = {path[:at] for path in paths.values() for at, char in enumerate(path) if char == "/"}
    assert len({fold(each) for each in spelled}) == len(spelled)
    assert places(objects, style)[0] == paths


def test_what_others_stand_inside_is_a_section_but_for_the_sources_of_a_database() -> None:
    places = Places(Style(suffixes=(".md",), sections="_index"), {}.get)
    page = Placed("1", "Handbook", "page", None, has_children=True)
    leaf = Placed("2", "Leaf", "page", None, has_children=False)
    source = Placed("3", "Rows", "data_source", None, has_children=True)
    base = Placed("4", "Base", "database", None, has_children=True)
    assert [places.of(each, "", ()) for each in (page, leaf, source, base)] == [
        ("Handbook/_index", "Handbook"),
        ("Leaf", "Leaf"),
        ("Rows", "Rows"),
        ("Base/_index", "Base"),
    ]


def test_a_flat_tree_has_no_folder_and_no_place_is_taken_by_a_data_source() -> None:
    places = Places(Style(suffixes=(".md",), flat=True), {}.get)
    source = Placed("1", "Tasks", "data_source", None, has_children=True)
    page = Placed("2", "Tasks", "page", None, has_children=False)
    assert places.of(source, "", ()) == ("Tasks", "Tasks")
    assert places.of(page, "", ()) == ("Tasks", "Tasks")
