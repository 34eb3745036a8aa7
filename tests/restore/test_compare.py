"""Two trees are compared: equal ones give nothing, and nothing that people could see differs unseen."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import define, evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Bench
from notion_sync_core.content.files import name_of
from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Json, Ref
from notion_sync_core.restore.comparison.compare import Difference, compare
from notion_sync_core.restore.comparison.wording import how
from notion_sync_core.restore.originals.of_mirror import opened
from notion_sync_demo import Emulator, Workspace, generate, sample_workspace
from notion_sync_demo.build import block, page_mention, text
from plugins.html_samples import SECTIONS, sample_database, sample_row
from restore.memory import Became, Memory

ROW = "77777777-7777-4777-8777-777777777777"

OUT = {
    *("id", "plain_text", "href", "expiry_time", "created_time", "created_by", "last_edited_time", "last_edited_by"),
    *("request_id", "parent", "has_children", "in_trash", "archived", "is_archived", "has_more", "next_cursor"),
    *(
        "relation_property_id",
        "rollup_property_id",
        "synced_property_id",
        "option_ids",
        "person",
        "avatar_url",
        "views",
    ),
    # Of people and of what is mentioned the id counts, of copies what they copy, of a child what it is.
    *("people", "relation", "synced_from", "child_page", "child_database", "mention", "link_to_page", "object"),
    *("formula", "rollup", "unique_id", "button"),
}


@cache
def sample() -> Memory:
    return read(sample_workspace())


def read(space: Workspace) -> Memory:
    with TemporaryDirectory() as folder, Emulator(space) as emulator:
        bench = Bench(emulator, Path(folder))
        bench.good(**{"export.comments": True})
        with opened(bench.job()) as originals:
            return Memory.of(originals)


def differences(one: Any, other: Any, became: Any, wanted: list[Ref] | None = None) -> list[Difference]:
    return list(compare(one, other, became, list(one.refs()) if wanted is None else wanted, comments=True))


def test_what_is_the_same_but_for_ids_and_times_does_not_differ() -> None:
    was = sample()
    other, became = was.anew()
    assert differences(was, other, became) == []


@pytest.mark.parametrize("seed", range(3))
def test_nor_does_a_generated_workspace(seed: int) -> None:
    was = read(generate(60, seed=seed))
    other, became = was.anew()
    assert differences(was, other, became) == []


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of the texts, numbers and booleans that people see."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in OUT:
                yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from leaves(each, (*path, at))
    elif value is not None:
        yield path


def change(value: Any, path: tuple[Any, ...]) -> None:
    for key in path[:-1]:
        value = value[key]
    found = value[path[-1]]
    value[path[-1]] = not found if isinstance(found, bool) else found + "x" if isinstance(found, str) else found + 1


def places(memory: Memory) -> list[tuple[str, str, int, tuple[Any, ...]]]:
    """Everything that could be changed: in which document, and where."""
    found: list[tuple[str, str, int, tuple[Any, ...]]] = []
    for ref in memory.all:
        raw = memory.raws[ref.id]
        keys = ("properties", "icon", "title", *(() if ref.kind == "data_source" else ("cover", "description")))
        shown = {key: raw[key] for key in keys if key in raw}
        found += [(ref.id, ref.id, -1, path) for path in leaves(shown) if not computed(raw, path)]
        if ref.kind == "page":
            found += _of_blocks(memory, ref.id, ref.id)
    return found


def computed(raw: Json, path: tuple[Any, ...]) -> bool:
    """Values that nobody can write, and what stands beside a value."""
    if path[0] != "properties":
        return False
    prop = raw["properties"][path[1]]
    # The type of a value is that of its column; columns say their names twice.
    if raw["object"] == "page" and path[2] != prop["type"]:
        return True
    if raw["object"] == "page" and prop["type"] in ("select", "status", "multi_select"):
        return path[-1] != "name"  # the colour is the column's
    if raw["object"] == "page":
        return str(prop["type"]) in ("created_time", "created_by", "last_edited_time", "last_edited_by", "verification")
    return path[2] in ("name", "type") and len(path) == 3


def _of_blocks(memory: Memory, page: str, parent: str) -> Iterator[tuple[str, str, int, tuple[Any, ...]]]:
    for at, raw in enumerate(memory.lists.get(parent, ())):
        shown = {"type": raw["type"], raw["type"]: raw[raw["type"]]}
        yield from ((page, parent, at, path) for path in leaves(shown))
        copies = raw["type"] == "synced_block" and raw["synced_block"]["synced_from"]
        if raw["type"] not in ("child_page", "child_database") and not copies:
            yield from _of_blocks(memory, page, raw["id"])


@cache
def kitchen() -> Memory:
    """Blocks of all types, and values of all types of properties."""
    space = Workspace()
    for name, blocks in SECTIONS.items():
        space.add_page(None, name, map(own, blocks))
    return read(space)


def own(raw: Json) -> Json:
    """A sample block, for the emulator to give it an id."""
    kept = {key: each for key, each in raw.items() if key not in ("+", "id", "has_children")}
    return {**kept, "children": list(map(own, raw.get("+") or ()))}


def values() -> Memory:
    """The values and columns of the sample database, of all types."""
    database, row_ = sample_database(), sample_row()
    (source,) = database.sources
    raws = [{**row_.raw, "id": ROW}, {**source, "object": "data_source"}]
    refs = [evolve(row_.ref, id=ROW), evolve(row_.ref, id=source["id"], kind="data_source")]
    return Memory(refs, {}, {raw["id"]: raw for raw in raws}, {ROW: []}).with_files()


WORKSPACES = {"sample": sample, "kitchen": kitchen, "values": values}


@cache
def _anew(name: str) -> tuple[Memory, Memory, Became, list[tuple[str, str, int, tuple[Any, ...]]]]:
    was = WORKSPACES[name]()
    other, became = was.anew()
    assert differences(was, other, became) == []
    return was, other, became, places(was)


@pytest.mark.parametrize("name", WORKSPACES)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(number=st.integers(0, 1 << 30))
def test_whatever_single_thing_is_changed_is_found(name: str, number: int) -> None:
    was, other, became, where = _anew(name)
    page, parent, at, path = where[number % len(where)]
    ref = was.ref(page)
    assert ref is not None
    new = became.to_new[parent]
    holder: Any = other.raws[new] if at < 0 else other.lists[new][at]
    kept = copy.deepcopy(holder)
    change(holder, path)
    try:
        found = [each for each in differences(was, other, became, [ref]) if each.id == page]
        assert found, (page, at, path)
        assert all(each.what and str(each).startswith(ref.title or "Untitled") for each in found)
    finally:
        holder.clear()
        holder.update(kept)


def wide() -> Memory:
    """A page with many blocks, some of them alike, and some with others in them."""
    space = Workspace()
    blocks = [block("paragraph", str(number % 7)) for number in range(40)]
    blocks += [block("toggle", "same", children=[block("paragraph", str(number))]) for number in range(5)]
    space.add_page(None, "Wide", blocks)
    return read(space)


@cache
def _wide() -> Memory:
    return wide()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(2, 45))
def test_another_order_is_found(rng: random.Random, count: int) -> None:
    was = _wide()
    other, became = was.anew()
    new = other.all[0].id
    before = other.lists[new]
    start = rng.randrange(len(before) - count + 1)
    part = before[start : start + count]
    rng.shuffle(part)
    after = [*before[:start], *part, *before[start + count :]]

    def seen(blocks: list[Json]) -> list[Any]:
        return [(raw["type"], str(raw[raw["type"]]), str(texts(other, raw["id"]))) for raw in blocks]

    def texts(memory: Memory, parent: str) -> list[Any]:
        return [raw["paragraph"]["rich_text"] for raw in memory.lists.get(parent, ())]

    other.lists[new] = after
    assert bool(differences(was, other, became)) is (seen(before) != seen(after))


@pytest.mark.parametrize("at", [0, 20, 44])
def test_a_block_that_is_missing_or_too_much_is_told_and_nothing_else(at: int) -> None:
    was = wide()
    for which in ("missing", "more"):
        other, became = was.anew()
        blocks = other.lists[other.all[0].id]
        if which == "missing":
            del blocks[at]
        else:
            blocks.insert(at, {**block("quote", "Nobody wrote this"), "id": "x"})
        (found,) = differences(was, other, became)
        assert ("is missing" if which == "missing" else "a quote stands there that did not: 'Nobody") in found.what
        assert f"block {at + (which == 'missing')}" in found.where


def pair(*blocks: Json, **more: Any) -> tuple[Memory, Memory, Became]:
    space = Workspace()
    space.add_page(None, "Page", blocks, **more)
    was = read(space)
    return was, *was.anew()


def test_what_differs_is_said_in_plain_words() -> None:
    was, other, became = pair(block("heading_1", "Plan"), block("to_do", "Sweep", checked=True))
    blocks = other.lists[other.all[0].id]
    blocks[0]["heading_1"]["rich_text"][0]["text"]["content"] = "Plane"
    blocks[1]["to_do"]["checked"] = False
    assert list(map(str, differences(was, other, became))) == [
        "Page: block 1 (heading 1): rich text was 'Plan' and is 'Plane'",
        "Page: block 2 (to do): checked was True and is nothing",
    ]


def test_what_the_restore_has_told_is_marked() -> None:
    was, other, became = pair(block("paragraph", "x"))
    other.lists[other.all[0].id].clear()
    (found,) = differences(was, other, became)
    assert not found.told
    became.told[was.all[0].id] = ["a link preview became a paragraph"]
    (found,) = differences(was, other, became)
    assert found.told


def test_a_note_about_one_property_excuses_no_other() -> None:
    was = sample()
    other, became = was.anew()
    row = next(each for each in was.all if "Hours" in was.raws[each.id].get("properties", {}) and each.kind == "page")
    other.raws[became.new(row.id)]["properties"]["Hours"]["number"] = 99
    became.told[row.id] = ["of 'Area' only 100 of 120 can be written"]
    (found,) = differences(was, other, became)
    assert (found.where, found.told) == ("property Hours", False)
    became.told[row.id] = ["of 'Hours' only half can be written"]
    (found,) = differences(was, other, became)
    assert found.told


def test_texts_that_were_split_are_one() -> None:
    was, other, became = pair(block("paragraph", "a" * 3000))
    (raw,) = other.lists[other.all[0].id]
    (item,) = raw["paragraph"]["rich_text"]
    raw["paragraph"]["rich_text"] = [
        {**item, "text": {"content": part, "link": None}, "plain_text": part} for part in ("a" * 2000, "a" * 1000)
    ]
    assert differences(was, other, became) == []
    raw["paragraph"]["rich_text"].reverse()
    raw["paragraph"]["rich_text"].append(raw["paragraph"]["rich_text"][0])
    assert len(differences(was, other, became)) == 1


def test_links_and_mentions_lead_to_what_was_restored() -> None:
    space = Workspace()
    target = space.add_page(None, "Target", [block("paragraph", "there")])
    bare = target.replace("-", "")
    (inner,) = (raw["id"] for raw in space.children(target))
    linked = [text("go", url) for url in (f"https://www.notion.so/{bare}", f"/{bare}#{inner.replace('-', '')}")]
    page = space.add_page(
        None, "Page", [block("paragraph", [page_mention(target, "Target")]), block("paragraph", linked)]
    )
    was = read(space)
    other, became = was.anew()
    assert differences(was, other, became) == []
    # Who leads to the original instead of to what was restored is found.
    original = space.children(page)
    for at, raw in enumerate(original):
        other.lists[became.new(page)][at]["paragraph"]["rich_text"] = raw["paragraph"]["rich_text"]
    assert [each.where for each in differences(was, other, became)] == ["block 1 (paragraph)", "block 2 (paragraph)"]
    # Of a block of which nobody was told what became of it, only its page is compared.
    other, became = was.anew()
    assert differences(was, other, became.without(inner)) == []


def test_a_copy_of_what_was_not_restored_holds_what_it_showed() -> None:
    was = sample()
    other, became = was.anew()
    copies = [
        raw for blocks in was.lists.values() for raw in blocks
        if raw["type"] == "synced_block" and raw["synced_block"]["synced_from"]
    ]  # fmt: skip
    assert copies
    original = copies[0]["synced_block"]["synced_from"]["block_id"]
    for blocks in other.lists.values():
        for raw in blocks:
            if raw["type"] == "synced_block" and (raw["synced_block"]["synced_from"] or {}).get("block_id") == (
                became.new(original)
            ):
                raw["synced_block"]["synced_from"] = None
    holders = [each for each in differences(was, other, became) if "synced" in each.where]
    assert holders
    assert differences(was, other, became.without(original)) == []


def test_what_was_not_restored_or_stands_for_nothing_or_elsewhere_is_told() -> None:
    space = Workspace()
    top = space.add_page(None, "Top")
    inner = space.add_page(top, "Inner")
    was = read(space)
    other, became = was.anew()
    lost = became.without(inner)
    found = differences(was, other, lost)
    assert any(each.id == inner and each.what == "it was not restored" for each in found)
    assert any("stands for nothing" in each.what for each in found)
    del other.raws[became.new(inner)]
    assert "cannot be read any more" in next(each.what for each in differences(was, other, became) if each.id == inner)
    other, became = was.anew()
    other.within[became.new(top)].clear()
    assert [each.what for each in differences(was, other, became)] == ["'Inner' stood in it, and stands elsewhere now"]


def test_what_is_of_another_kind_or_cannot_be_read_whole_is_told() -> None:
    was, other, became = pair(block("paragraph", "x"))
    (ref,) = other.all
    other.all = [evolve(ref, kind="database")]
    assert [each.what for each in differences(was, other, became)] == ["it was a page and is a database"]

    @define
    class Torn(Memory):
        def blocks(self, parent_id: str) -> Iterator[Json]:
            yield from self.lists[parent_id]
            raise SkippableError("the mirror lost a part of it")

    torn = Torn([ref], other.within, other.raws, other.lists)
    assert [each.what for each in differences(was, torn, became)] == [
        "it cannot be compared: the mirror lost a part of it"
    ]


def test_blocks_that_stand_in_themselves_end() -> None:
    was, other, became = pair(block("toggle", "round"))
    for memory in (was, other):
        raw = memory.lists[memory.all[0].id][0]
        raw["has_children"] = True
        memory.lists[raw["id"]] = [raw]
    assert differences(was, other, became) == []


def test_comments_are_compared_where_they_were_wanted() -> None:
    space = Workspace()
    page = space.add_page(None, "Page", [block("paragraph", "x")])
    (inner,) = (raw["id"] for raw in space.children(page))
    for about in (page, inner):
        space.add_comment(about, "Is that so?")
    was = read(space)
    other, became = was.anew()
    assert differences(was, other, became) == []
    for talks in other.talks.values():
        talks[0]["rich_text"][0]["text"]["content"] = "It is"
    assert [each.where for each in differences(was, other, became)] == ["comments", "block 1 (paragraph)"]
    assert list(compare(was, other, became, list(was.refs()))) == []


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        ({"type": "file", "file": {"url": "https://a.example/x/My%20file.pdf?sig=1"}}, "My file.pdf"),
        ({"type": "external", "external": {"url": "https://a.example/%2e%2e%2fx.pdf"}}, "x.pdf"),
        ({"type": "file", "file": {"url": "https://[a/x.pdf"}, "name": " "}, ""),
        ({"file": {"url": "https://a.example/x"}, "name": "..\\..\\a\0b.txt"}, "a b.txt"),
        ({"type": "file", "name": 7}, ""),
    ],
)
def test_the_name_of_a_file_is_what_people_call_it_and_never_a_path(holder: Json, name: str) -> None:
    assert name_of(holder) == name


def test_values_are_told_by_their_first_difference() -> None:
    assert how({"a": [1, 2]}, {"a": [1, 3]}) == "a was 2 and is 3"
    assert how([1], [1, 2]) == "it had 1 parts and has 2"
    assert how(None, "x" * 100).startswith("it was nothing and is 'xxx")
    assert how({"type": "emoji", "emoji": "x"}, None) == "it was emoji, x and is nothing"
    assert how("x", [["text", {}, None], "Fix it"]) == "it was 'x' and is 'Fix it'"
    assert how("a" * 500 + "b", "a" * 500 + "c") == f"it was …'{'a' * 20}b' and is …'{'a' * 20}c'"


def test_a_note_about_a_column_excuses_neither_the_icon_nor_the_text() -> None:
    was, other, became = pair(block("paragraph", "x"))
    (ref,), new = was.all, other.all[0].id
    other.raws[new]["icon"] = {"type": "emoji", "emoji": "!"}
    other.lists[new].clear()
    became.told[ref.id] = ["of 'title' only a part can be written"]
    assert [(each.where, each.told) for each in differences(was, other, became)] == [
        ("icon", False),
        ("block 1 (paragraph)", False),
    ]
    became.told[ref.id] = ["an icon (custom emoji) cannot be written", "a link preview became text"]
    assert [each.told for each in differences(was, other, became)] == [True, True]
