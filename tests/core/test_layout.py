"""Names and layout: no title is a path, no two objects share a file, whatever the order of arrival."""

from __future__ import annotations

import random
import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.run.layout import Child, fits, name_children
from notion_sync_core.run.names import MAX_PART, MAX_STEM, clean, cut, fold

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
