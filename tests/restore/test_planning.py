"""What is planned for any blocks: the target takes each request, and nothing that was said is lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notion_sync_core.model import Json, Parent, Ref, objects, plain_text
from notion_sync_core.restore.originals import Stored
from notion_sync_core.restore.planning import columns, payloads, texts, values
from notion_sync_core.restore.planning.around import Around, Awaited
from notion_sync_core.restore.planning.trees import Trees, count
from notion_sync_core.testing.drafts import WHEN
from notion_sync_core.testing.strategies import blocks, rich_texts
from notion_sync_core.testing.strategies import texts as any_text
from notion_sync_core.writing import Limits
from notion_sync_demo import Workspace
from notion_sync_demo.build import bare, block, table, text
from notion_sync_notion.target import BLOCKS, LANGUAGES
from restore.bench import Bench

LIMITS = Limits(BLOCKS, frozenset({"page"}), languages=LANGUAGES)
PAGE = "11111111-1111-4111-8111-111111111111"


@define
class OfBlocks:
    """One page with these blocks, however odd they are, as originals."""

    drafts: list[Json]
    lists: dict[str, list[Json]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.lists[PAGE] = [self._numbered(each) for each in self.drafts]

    def _numbered(self, draft: Json) -> Json:
        kind = draft["type"]
        own = str(uuid.UUID(int=len(self.lists) + (1 << 100), version=4))
        self.lists[own] = []
        self.lists[own] = [self._numbered(each) for each in draft.get("children") or []]
        return {"object": "block", "id": own, "type": kind, kind: draft[kind], "has_children": bool(self.lists[own])}

    def refs(self) -> Iterator[Ref]:
        yield Ref(PAGE, "page", "Any", Parent(), WHEN, WHEN)

    def ref(self, object_id: str) -> Ref | None:
        return next((each for each in self.refs() if each.id == object_id), None)

    def inside(self, object_id: str) -> Iterator[Ref]:
        return iter(())

    def object(self, object_id: str) -> Json | None:
        title = {"type": "title", "title": [{"type": "text", "text": {"content": "Any"}, "plain_text": "Any"}]}
        return {"properties": {"title": title}} if object_id == PAGE else None

    def blocks(self, parent_id: str) -> Iterator[Json]:
        yield from self.lists.get(parent_id, [])

    def comments(self, block_id: str) -> Iterator[Json]:
        return iter(())

    def file(self, document_id: str, holder: Json) -> Stored | None:
        return None


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(Workspace("Empty", seed=1), tmp_path_factory.mktemp("any")) as bench:
        yield bench


def around(limits: Limits = LIMITS, originals: OfBlocks | None = None, **more: Any) -> Around:
    def nothing(_: str) -> str:
        return ""

    given: dict[str, Any] = {
        "known": nothing, "kind": nothing, "is_awaited": lambda _: False, "title": nothing,
        "blocks": (originals or OfBlocks([])).blocks, "file": lambda _: None, "person": nothing,
        "note": lambda _: None, **more,
    }  # fmt: skip
    return Around(limits, **given)


def words(space: Workspace, parent: str) -> str:
    """All that is said below a page or block."""
    found = []
    for each in space.children(parent):
        payload = each[each["type"]]
        found += [plain_text(payload.get(key) or []) for key in ("rich_text", "caption")]
        found += [plain_text(cell) for cell in payload.get("cells", ())]
        found.append(words(space, each["id"]))
    return "".join(found)


def said(drafts: list[Json]) -> Iterator[str]:
    """What the texts in some blocks say, where they can be written at all."""
    for draft in drafts:
        payload = draft[draft["type"]]
        for item in objects(payload.get("rich_text")) if isinstance(payload, dict) else ():
            if item.get("type") == "text" and draft["type"] not in ("table_row",):
                yield str(item["text"]["content"])
        yield from said(draft.get("children") or [])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(drafts=st.lists(blocks(), max_size=5))
def test_whatever_stands_on_a_page_the_target_takes_each_request_and_all_words_are_there(
    bench: Bench, drafts: list[Json]
) -> None:
    home = bench.space.add_page(None, "Home")
    restoring = bench.restoring(into=home)
    restoring.originals = OfBlocks(drafts)
    before = bench.server.counters.statuses[400]
    journal = bench.folder / f"{home}.sqlite"
    foreseen = restoring.foresee(journal)
    done = restoring.run(journal)
    # Mentions of what is in no workspace are tried once; all else has to be right at once.
    if "a mention of a page that is not restored" not in str(done.notes):
        assert bench.server.counters.statuses[400] == before
    assert done.failures == ()
    (made,) = bench.space.children(home)
    there = words(bench.space, made["id"])
    assert [each for each in said(drafts) if each not in there] == []
    assert foreseen.blocks <= done.blocks + 10


@given(items=rich_texts(), most=st.integers(1, 40), room=st.integers(1, 5))
def test_a_text_is_split_within_the_limits_and_says_the_same(items: list[Json], most: int, room: int) -> None:
    limits = Limits(BLOCKS, text=most, items=room)
    found = texts.arrays(items, around(limits))
    assert all(len(each) <= room for each in found)
    contents = [item["text"]["content"] for each in found for item in each if "text" in item]
    # A character beyond the basic plane takes two units and is not cut.
    assert all(len(each.encode("utf-16-le")) // 2 <= max(most, 2) for each in contents)
    wanted = "".join(str(item["text"]["content"]) for item in items if item["type"] == "text")
    assert [each for each in wanted if each not in "".join(contents)] == []


@given(text_=any_text(), most=st.integers(1, 10))
def test_a_cut_text_is_a_start_of_it_in_whole_characters(text_: str, most: int) -> None:
    found = texts.cut(text_, most)
    assert text_.startswith(found)
    assert len(found.encode("utf-16-le")) // 2 <= most or len(found) <= 1


def level(made: Json) -> int:
    return 1 + max((level(each) for each in made[made["type"]].get("children", ())), default=0)


@settings(deadline=None)
@given(drafts=st.lists(blocks(), min_size=1, max_size=3), levels=st.integers(2, 4), most=st.integers(3, 6))
def test_a_request_is_never_deeper_longer_or_larger_than_the_limits(drafts: list[Json], levels: int, most: int) -> None:
    originals = OfBlocks(drafts)
    kinds = BLOCKS - {"column_list", "column"} if levels < 3 else BLOCKS
    limits = Limits(kinds, levels=levels, array=most, blocks=12)
    trees = Trees(around(limits, originals))
    for raw in originals.lists[PAGE]:
        piece = trees.piece(raw, "page", 0)
        assert all(level(each) <= levels for each in piece.made)
        assert all(len(each[each["type"]].get("children", ())) <= most for each in piece.made)
        assert piece.blocks == sum(map(count, piece.made))
        # Columns and a row are made with their whole, whatever it takes.
        assert piece.blocks <= 12 + 2 * len(piece.made)


@pytest.mark.parametrize(
    ("draft", "words_"),
    [
        (bare("link_preview", url="https://example.org/x"), "Not restored: a block of the type 'link_preview'"),
        ({"type": "unsupported", "unsupported": {"block_type": "form"}}, "Not restored: a block of the type 'form'"),
        (bare("bookmark", url="javascript:x()", caption=[]), "Not restored: the address of a block (bookmark)"),
        (bare("link_to_page", type="comment_id", comment_id=PAGE), "Not restored: a link to a comment, or to nothing"),
        (bare("child_database", title=""), "Not restored: a view of a database that lives elsewhere"),
        (bare("column", []), "Not restored: a part (column) without its whole"),
    ],
)
def test_what_cannot_be_written_is_a_visible_paragraph(draft: Json, words_: str) -> None:
    told: list[str] = []
    originals = OfBlocks([draft])
    (made,) = payloads.planned(originals.lists[PAGE][0], "page", 0, around(note=told.append))
    assert made["type"] == "paragraph"
    assert texts.shown(made["paragraph"]["rich_text"]).startswith(words_)
    assert told == [words_.removeprefix("Not restored: ")]


def test_code_in_an_unknown_language_and_a_long_formula_stay_readable() -> None:
    told: list[str] = []
    surroundings = around(note=told.append)
    code, formula = OfBlocks([block("code", "x", language="klingon"), bare("equation", expression="x" * 1500)]).lists[
        PAGE
    ]
    (made,) = payloads.planned(code, "page", 0, surroundings)
    assert made["code"]["language"] == "plain text"
    (made,) = payloads.planned(formula, "page", 0, surroundings)
    assert texts.shown(made["paragraph"]["rich_text"]) == "x" * 1500
    assert len(told) == 2


def test_rows_have_as_many_cells_as_their_table() -> None:
    rows = table([["a", "b"], ["c"]])
    rows["table"]["table_width"] = 1
    originals = OfBlocks([rows])
    piece = Trees(around(LIMITS, originals)).piece(originals.lists[PAGE][0], "page", 0)
    inner = piece.made[0]["table"]
    assert (inner["table_width"], [len(each["table_row"]["cells"]) for each in inner["children"]]) == (2, [2, 2])


def test_what_is_awaited_is_not_planned() -> None:
    surroundings = around(is_awaited=lambda _: True)
    with pytest.raises(Awaited):
        texts.arrays([text("x", f"/{PAGE.replace('-', '')}")], surroundings)


# -- columns and values


def test_options_are_whole_and_within_what_is_taken() -> None:
    listed = [
        {"id": "a", "name": "a, b", "color": "red"},
        {"id": "b", "name": "A; B"},
        {"id": "c", "name": "c", "color": "zq"},
    ]
    prop = {"type": "status", "status": {"options": listed, "groups": [{"name": "Later", "option_ids": ["c"]}]}}
    column = columns.plain("State", prop, around(), [{"name": "seen", "color": "blue_background"}])
    assert column is not None
    assert column.body == {
        "status": {
            "options": [
                {"name": "a; b", "color": "red"},
                {"name": "c", "color": "default", "group": "To-do"},
                {"name": "seen", "color": "default"},
            ]
        }
    }


def test_a_formula_names_properties_by_name_whatever_it_was_read_as() -> None:
    prop = {"type": "formula", "formula": {"expression": '{{notion:block_property:a%3D:x}} + prop("Other")'}}
    column = columns.formula("source", "Sum", prop, {"a%3D": "First"})
    assert column.body["formula"]["expression"] == 'prop("First") + prop("Other")'
    assert column.needs == {("source", "First"), ("source", "Other")}


def test_more_values_than_are_taken_are_cut_and_told_unless_the_other_side_writes_them() -> None:
    told: list[str] = []
    ids = [{"id": str(uuid.UUID(int=number, version=4))} for number in range(150)]
    surroundings = around(note=told.append, known=lambda each: each)
    given_value = {"type": "relation", "relation": ids}
    found = values.value("Rows", given_value, "relation", surroundings)
    assert found is not None
    assert (len(found["relation"]), told) == (100, ["of 'Rows' only 100 of 150 can be written"])
    assert values.value("Rows", {**given_value, "has_other_side": True}, "relation", surroundings) is None


@pytest.mark.parametrize(
    ("kind", "payload", "wanted"),
    [
        ("number", 0, 0), ("number", True, None), ("checkbox", True, True), ("url", "x" * 2001, None),
        ("email", "x" * 201, None), ("select", {"id": "i", "name": "a, b", "color": "red"}, {"name": "a; b"}),
        ("date", {"start": "2026-01-01"}, {"start": "2026-01-01", "end": None, "time_zone": None}),
        ("date", {"start": 3}, None), ("place", {"lat": 1.5, "lon": 2, "name": None}, {"lat": 1.5, "lon": 2}),
        ("place", {"lat": 1.5}, None), ("people", [{"id": "gone"}], []), ("files", [{"type": "file"}], []),
    ],
)  # fmt: skip
def test_values_are_what_requests_take(kind: str, payload: Any, wanted: Any) -> None:
    found = values.value("A", {"type": kind, kind: payload}, kind, around())
    assert found == (None if wanted is None else {kind: wanted})


def test_what_is_read_of_people_in_a_file(tmp_path: Path) -> None:
    from notion_sync_core.errors import ConfigError
    from notion_sync_core.restore.chosen import people_in

    file = tmp_path / "people.csv"
    file.write_text(f"old,new\n{PAGE},{PAGE.replace('-', '')}\n22222222222242228222222222222222,\n")
    assert people_in(file) == {PAGE: PAGE, "22222222-2222-4222-8222-222222222222": ""}
    file.write_text(f"{PAGE},{PAGE}\nMara,x\n")
    with pytest.raises(ConfigError, match="line 2"):
        people_in(file)
