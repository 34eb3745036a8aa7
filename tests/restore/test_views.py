"""Views that come along: by columns, rows and people of today, as many requests as foreseen, none twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from faults.campaign import CHAOS
from faults.test_restore_kills import KINDS, Killed, KillingGate
from notion_sync_core.errors import RetryableError, UnreachableError
from notion_sync_core.model import Json, plain_text
from notion_sync_core.restore.comparison.canonical import Side
from notion_sync_core.restore.comparison.views import views
from notion_sync_core.restore.outcome import Outcome
from notion_sync_demo import Fault, Workspace
from notion_sync_demo.build import block, rich, schema
from restore.bench import Bench, OfWorkspace

_OPTIONS = [{"id": each, "name": each, "color": "default", "description": None} for each in ("Open", "Done")]


@define
class WithViews(OfWorkspace):
    """As a source reads them whose views are wanted."""

    def object(self, object_id: str) -> Json | None:
        raw = super().object(object_id)
        if raw is None or object_id not in self.space.data_sources:
            return raw
        shown = [each for each in self.space.saved_views.values() if each["data_source_id"] in (object_id, None)]
        return {**raw, "views": shown}


@define
class Space:
    """Tasks that name each other and people, and whatever views tests give them."""

    space: Workspace
    database: str
    source: str
    rows: list[str]
    mara: str

    def add(self, name: str, kind: str = "table", config: Json | None = None, **more: Any) -> str:
        return self.space.add_view(
            self.database, name, self.source, kind, configuration={"type": kind, **(config or {})}, **more
        )

    def id(self, column: str) -> str:
        return str(self.space.data_sources[self.source]["properties"][column]["id"])


@pytest.fixture
def tasks() -> Space:
    space = Workspace("Tasks", seed=4)
    mara = space.add_user("Mara")
    top = space.add_page(None, "Top")
    columns = [
        *(schema("Name", "title"), schema("State", "select", options=_OPTIONS), schema("Due", "date")),
        *(schema("Hours", "number", format="number"), schema("Who", "people"), schema("Where", "place")),
    ]
    database, (source,) = space.add_database(top, "Tasks", {"Tasks": columns})
    space.data_sources[source]["properties"]["Before"] = schema(
        "Before",
        "relation",
        database_id=database,
        data_source_id=source,
        type="single_property",
        single_property={},
    )
    values = {"State": None, "Due": None, "Hours": None, "Who": [], "Where": None, "Before": []}
    rows = [space.add_row(source, {"Name": rich(name), **values}) for name in ("One", "Two")]
    return Space(space, database, source, rows, mara)


@pytest.fixture
def bench(tasks: Space, tmp_path: Path) -> Iterator[Bench]:
    with Bench(tasks.space, tmp_path) as found:
        yield found


def restored(bench: Bench, **more: Any) -> Outcome:
    """A restore with views, which takes what was foreseen."""
    restoring = bench.restoring(**{"views": True, **more})
    restoring.originals = WithViews(bench.source)
    foreseen = restoring.foresee(bench.journal)
    done = restoring.run(bench.journal)
    assert foreseen.requests == done.requests
    assert bench.server.counters.statuses[400] == 0
    return done


def made(bench: Bench) -> list[Json]:
    return list(bench.space.saved_views.values())


def told(space: Workspace, source: str, names: dict[str, str]) -> dict[str, Any]:
    """What is compared of the views of a data source, with rows by their titles."""
    raw = {**space.data_sources[source], "views": list(space.saved_views.values())}
    side = Side(lambda each: names.get(each, each), str, bool, lambda _: None)
    return dict(views(raw, side))


def same(bench: Bench, tasks: Space) -> bool:
    (source,) = bench.space.data_sources
    was = {row: bench.source.title(row) for row in tasks.rows}
    is_ = {each: bench.space.title(each) for each in bench.space.pages}
    one, other = told(bench.source, tasks.source, was), told(bench.space, source, is_)
    assert one == other
    return True


def every_kind(tasks: Space) -> None:
    """One view of each type that can be made, with filters, orders, and columns of every sort."""
    names = ("Hours", "Due", "Name")
    shown = [{"property_id": tasks.id(name), "visible": name != "Due", "width": 90} for name in names]
    group = {"type": "select", "property_id": tasks.id("State"), "sort": {"type": "manual"}, "hide_empty_groups": True}
    both = {
        "and": [
            {"property": tasks.id("State"), "select": {"equals": "Open"}},
            {"or": [
                {"property": tasks.id("Before"), "relation": {"contains": tasks.rows[1]}},
                {"property": tasks.id("Who"), "people": {"contains": tasks.mara}},
            ]},
            {"timestamp": "created_time", "created_time": {"past_week": {}}},
        ]
    }  # fmt: skip
    sorts = [
        {"property": tasks.id("Due"), "direction": "descending"},
        {"timestamp": "created_time", "direction": "ascending"},
    ]
    quick = {tasks.id("State"): {"select": {"equals": "Done"}}}
    tasks.add("Plan", "table", {"properties": shown, "wrap_cells": True}, filter=both, sorts=sorts, quick_filters=quick)
    tasks.add("Board", "board", {"group_by": group, "cover": {"type": "page_cover"}, "properties": shown})
    tasks.add("Days", "calendar", {"date_property_id": tasks.id("Due"), "view_range": "week"})
    arrows = {"property_id": tasks.id("Before")}
    tasks.add("Line", "timeline", {"date_property_id": tasks.id("Due"), "arrows_by": arrows, "table_properties": shown})
    tasks.add("Cards", "gallery", {"card_layout": "compact", "cover": {"type": "page_content"}})
    tasks.add("List", "list")
    tasks.add("Plan", "map", {"map_by": tasks.id("Where"), "height": "small"})
    tasks.add(
        "Sums",
        "chart",
        {"chart_type": "bar", "x_axis": group, "y_axis": {"aggregator": "sum", "property_id": tasks.id("Hours")}},
    )


def test_views_of_every_kind_come_back_as_they_were_and_in_their_order(bench: Bench, tasks: Space) -> None:
    every_kind(tasks)
    done = restored(bench)
    assert same(bench, tasks)
    assert (done.notes, done.failures, done.status) == ((), (), "complete")
    assert done.requests["view"] == 8
    # Columns are asked for, views that came with the database are listed, and the one there is goes.
    assert (done.requests["looks"], done.requests["changes"]) == (2, 2)


def test_without_the_wish_a_database_has_the_view_that_it_comes_with(bench: Bench, tasks: Space) -> None:
    every_kind(tasks)
    done = restored(bench, views=False)
    assert [each["name"] for each in made(bench)] == ["Default view"]
    assert "view" not in done.requests


def test_what_a_view_names_and_is_not_there_is_left_out_and_told(bench: Bench, tasks: Space) -> None:
    gone = "0f1259e0-a18f-46b6-b535-106e122c9a56"
    conditions = [
        {"property": "gone", "number": {"equals": 1}},
        {"property": tasks.id("Before"), "relation": {"contains": gone}},
        {"property": tasks.id("Hours"), "number": {"greater_than": 2}},
    ]
    shown = [{"property_id": "gone", "visible": True}, {"property_id": tasks.id("Hours"), "visible": True}]
    tasks.add(
        "Table",
        config={"properties": shown, "group_by": {"type": "number", "property_id": "gone"}},
        filter={"or": conditions},
        sorts=[{"property": "gone", "direction": "ascending"}],
        quick_filters={"gone": {"number": {"equals": 1}}},
    )
    tasks.add("Board", "board", {"group_by": {"type": "select", "property_id": "gone"}})
    tasks.add("Cards", "gallery", {"cover": {"type": "page_content_first"}})
    tasks.space.add_view(tasks.database, "Desk", tasks.source, "dashboard", configuration={"type": "dashboard"})
    done = restored(bench)
    assert [each.words for each in done.notes] == [
        "of the view 'Table': its group by cannot be written",
        "of the view 'Table': a condition cannot be written",
        "of the view 'Table': a condition on 'Before' cannot be written",
        "of the view 'Table': an order by a column that is not there was left out",
        "of the view 'Table': a quick filter cannot be written",
        "of the view 'Board': what it is arranged by is not there: it was left out",
        "of the view 'Cards': its cover cannot be written",
        "of the view 'Desk': a dashboard cannot be made",
    ]
    assert [each["name"] for each in made(bench)] == ["Table", "Cards"]
    table = made(bench)[0]
    hours = next(iter(bench.space.data_sources.values()))["properties"]["Hours"]["id"]
    assert table["filter"] == {"or": [{"property": hours, "number": {"greater_than": 2}}]}
    assert [each["property_id"] for each in table["configuration"]["properties"]] == [hours]


def test_where_no_view_can_be_made_the_one_that_is_there_stays(bench: Bench, tasks: Space) -> None:
    tasks.add("Days", "calendar", {"date_property_id": "gone"})
    restored(bench)
    assert [each["name"] for each in made(bench)] == ["Default view"]


def test_views_that_were_not_read_are_told(bench: Bench) -> None:
    done = bench.restoring(views=True).run(bench.journal)
    assert [each.words for each in done.notes] == ["its views are left out: they were not read (export.views was off)"]


def test_a_view_that_is_refused_is_made_with_less_and_that_is_told(bench: Bench, tasks: Space) -> None:
    # An option that the target does not know: no documented rule forbids it, and Notion refuses it.
    tasks.add("Table", filter={"property": tasks.id("State"), "select": {"equals": "Never"}})
    restoring = bench.restoring(views=True)
    restoring.originals = WithViews(bench.source)
    done = restoring.run(bench.journal)
    (view,) = made(bench)
    assert (view["name"], view["filter"]) == ("Table", None)
    assert ["the target refuses it" in each.words for each in done.notes] == [True]


@pytest.mark.parametrize("seed", range(60 if CHAOS else 4))
def test_whatever_kills_it_and_whatever_is_lost_each_view_is_there_once(bench: Bench, tasks: Space, seed: int) -> None:
    every_kind(tasks)
    talked_about(tasks)
    chance = random.Random(seed)
    bench.server.faults._random = chance
    for kind in KINDS:
        bench.server.faults.add(Fault(kind, rate=0.05))
    done = None
    while done is None:
        try:
            restoring = bench.restoring(KillingGate(bench.clock, chance), views=True, comments=True)
            restoring.originals = WithViews(bench.source)
            done = restoring.run(bench.journal)
        except (Killed, UnreachableError, RetryableError):
            continue
    assert done.failures == ()
    assert same(bench, tasks)
    there = sorted(plain_text(each["rich_text"]) for talks in bench.space.comments.values() for each in talks)
    assert [each.partition(": ")[2] for each in there] == sorted(["same", "same", "again", "other"])
    assert len({each["discussion_id"] for talks in bench.space.comments.values() for each in talks}) == 3


def talked_about(tasks: Space) -> None:
    """Comments of which two say the same, and one answers."""
    space = tasks.space
    block_id = space.append(tasks.rows[0], [block("paragraph", "text")])[0]
    for place, said in ((block_id, "same"), (block_id, "same"), (tasks.rows[1], "other")):
        space.add_comment(place, said, author=tasks.mara)
    thread = space.comments[block_id][0]["discussion_id"]
    space.add_comment(block_id, "again", author=tasks.mara, discussion=thread)
