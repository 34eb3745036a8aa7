"""The plan of a run that comes after one that was cut short, or that sees something change while it reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Found, Parent, Ref
from notion_sync_core.stages.plan import Plan, Seen
from notion_sync_core.stages.selection import Selection
from notion_sync_core.state import Child, State

PAGE = Ref("page", "page", "Page", Parent("workspace", None), "2026-01-01", "2026-01-01", raw={"id": "page", "v": 1})
CHANGED = evolve(PAGE, raw={"id": "page", "v": 2})
"""A new column, a formula: the time has not moved."""


def plan_of_a_run(state: State, mirror: Mirror) -> Plan:
    state.begin_run()
    return Plan(state, mirror)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[State, Mirror]]:
    state, mirror = State(tmp_path / "state.sqlite"), Mirror(tmp_path / "mirror")
    yield state, mirror
    state.close()
    mirror.close()


def test_what_was_looked_up_when_a_run_was_cut_short_is_as_unknown_as_before(kept: tuple[State, Mirror]) -> None:
    child = Ref("child", "page", "Child", Parent("page_id", "hidden"), "2026-01-01", "2026-01-01")
    first = plan_of_a_run(*kept)
    first.see(child)
    first.state.lookups.ask(Child("hidden", "page", ""))

    second = plan_of_a_run(*kept)
    second.begin()
    second.see(child)
    # As an ancestor, which may be hidden, and not as an object of the export, which would be told as unreadable.
    assert second.state.lookups.parents_to_fetch() == [Child("hidden", "page", "")]
    assert second.state.lookups.to_confirm() == []


def test_what_an_interrupted_run_left_is_read_in_its_form_of_today(kept: tuple[State, Mirror]) -> None:
    plan_of_a_run(*kept).see(PAGE)
    second = plan_of_a_run(*kept)
    second.begin()
    assert second.take_pending(10) == []
    second.see(CHANGED)
    assert [ref.raw for ref in second.take_pending(10)] == [CHANGED.raw]


def test_what_changes_while_it_is_read_is_not_set_back_and_read_again(kept: tuple[State, Mirror]) -> None:
    _, mirror = kept
    plan = plan_of_a_run(*kept)
    plan.see(PAGE)
    (taken,) = plan.take_pending(10)
    plan.see(CHANGED)
    plan.finish_read(taken, Found(raw=PAGE.raw), settled=True)
    assert mirror.object("page") == CHANGED.raw
    (again,) = plan.take_pending(10)
    plan.finish_read(again, Found(raw=again.raw), settled=True)
    assert plan.take_pending(10) == []


def test_a_data_source_that_no_listing_shows_any_more_is_looked_up_for_its_rows(kept: tuple[State, Mirror]) -> None:
    source = Ref("source", "data_source", "Tasks", Parent("database_id", "base"), "2026-01-01", "2026-01-01")
    row = Ref("row", "page", "Task", Parent("data_source_id", "source"), "2026-01-01", "2026-01-01")
    first = plan_of_a_run(*kept)
    first.see(source)
    first.see(row)
    second = plan_of_a_run(*kept)
    second.see(row)
    assert Child("source", "data_source", "Task") in second.state.lookups.children_to_fetch()


def test_a_page_that_was_hidden_when_its_child_left_is_read_when_it_comes_back(kept: tuple[State, Mirror]) -> None:
    child = Ref("child", "database", "Child", Parent("page_id", "page"), "2026-01-01", "2026-01-01")
    first = plan_of_a_run(*kept)
    for ref, found in ((PAGE, Found(children=[("child", "database", "Child")])), (child, Found())):
        first.see(ref)
        first.take_pending(1)
        first.finish_read(ref, found, settled=True)
    second = plan_of_a_run(*kept)
    second.see(evolve(child, left_out="it is in Notion's trash"))
    second.state.lookups.not_found(Child("page", "page", "Page"), "404")
    third = plan_of_a_run(*kept)
    third.see(PAGE)
    assert [ref.id for ref in third.take_pending(10)] == ["page"]


ROW = Ref(
    "row", "page", "Row", Parent("data_source_id", "source"), "2026-01-01", "2026-01-01",
    raw={"id": "row", "properties": {"On": {"type": "checkbox", "checkbox": False}}},
)  # fmt: skip


def plan_of_chosen_rows(state: State, mirror: Mirror) -> Plan:
    state.begin_run()
    return Plan(state, mirror, selection=Selection({"On": [True]}))


def test_a_row_that_is_not_chosen_is_known_from_the_second_look_on_and_never_read(kept: tuple[State, Mirror]) -> None:
    first = plan_of_chosen_rows(*kept)
    assert first.see(ROW) == Seen(first=False, pending=False, known=False)
    assert first.see(ROW) == Seen(first=False, pending=False, known=True)
    assert first.take_pending(10) == []
    assert plan_of_chosen_rows(*kept).see(ROW).known


def test_what_is_left_out_by_choice_is_hidden_until_it_is_chosen_again(kept: tuple[State, Mirror]) -> None:
    plan = plan_of_chosen_rows(*kept)
    plan.see(PAGE)
    plan.see(ROW)
    objects = plan.state.objects
    assert [objects.is_hidden(each) for each in ("row", "page", "nobody")] == [True, False, None]
    assert [objects.is_unselected(each) for each in ("row", "page", "nobody")] == [True, False, False]

    objects.is_back("row")

    assert objects.is_hidden("row") is False
    assert {ref.id for ref in plan.take_pending(10)} == {"page", "row"}
