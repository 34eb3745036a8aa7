"""Relations of what is restored to what is there and is not restored: they lead there, and nothing there changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import LimitReached
from notion_sync_core.model import plain_text
from notion_sync_core.restore.outcome import Outcome
from notion_sync_demo import Workspace
from notion_sync_demo.build import rich, schema
from restore.bench import Bench, digest


def related(space: Workspace, *, two_sides: bool = False) -> tuple[str, str, list[str]]:
    """A database whose rows name people of another one: the page that has it, the other's source, its rows."""
    people, (team,) = space.add_database(None, "People", {"People": [schema("Name", "title"), schema("Age", "number")]})
    top = space.add_page(None, "Top")
    _, (source,) = space.add_database(top, "Tasks", {"Tasks": [schema("Name", "title")]})
    friends = [space.add_row(team, {"Name": rich(f"Friend {number}"), "Age": number}) for number in range(3)]
    sides = {"synced_property_name": "Does", "synced_property_id": "does"}
    kind = {"type": "dual_property", "dual_property": sides}
    one_way = {"type": "single_property", "single_property": {}}
    props = space.data_sources[source]["properties"]
    props["Helpers"] = schema(
        "Helpers", "relation", database_id=people, data_source_id=team, **(kind if two_sides else one_way)
    )
    props["Ages"] = schema(
        "Ages", "rollup", function="sum", relation_property_name="Helpers", rollup_property_name="Age"
    )
    rollup = {"type": "number", "number": 1, "function": "sum"}
    helped = [{"id": each} for each in friends]
    space.add_row(source, {"Name": rich("Row"), "Helpers": helped, "Ages": rollup})
    return top, team, friends


def again(bench: Bench, **more: Any) -> tuple[Outcome, bool]:
    """A restore into the workspace that it was read from; and whether all that there was is as it was."""
    space = bench.server.workspace
    there = [*space.data_sources.values(), *(each for key, each in space.pages.items() if key != bench.home)]
    was = [digest(each) for each in there]
    restoring = bench.restoring(**more)
    foreseen = restoring.foresee(bench.journal)
    done = restoring.run(bench.journal)
    assert foreseen.requests == done.requests
    assert foreseen.notes == done.notes
    return done, [digest(each) for each in there] == was


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Bench]:
    """A workspace that is restored into itself."""
    space = Workspace("Own", seed=6)
    with Bench(space, tmp_path, into_itself=True) as bench:
        yield bench


def restored_source(space: Workspace, title: str = "Tasks") -> Any:
    return [each for each in space.data_sources.values() if plain_text(each["title"]) == title][-1]


@pytest.mark.parametrize("two_sides", [False, True])
def test_a_relation_to_what_is_there_and_not_restored_leads_there_and_nothing_there_changes(
    own: Bench, *, two_sides: bool
) -> None:
    top, team, friends = related(own.space, two_sides=two_sides)
    done, same = again(own, chosen=(top,))
    made = restored_source(own.space)
    helpers = made["properties"]["Helpers"]["relation"]
    assert (helpers["data_source_id"], helpers["type"]) == (team, "single_property")
    assert made["properties"]["Ages"]["type"] == "rollup"
    (row,) = own.space.all_rows(made["id"])
    assert [each["id"] for each in row["properties"]["Helpers"]["relation"]] == friends
    assert same
    words = "the relation 'Helpers' leads to rows that are not restored: it has one side, nothing changes there"
    assert [each.words for each in done.notes] == ([words] if two_sides else [])


def test_rows_that_are_gone_from_what_is_there_are_left_out_and_told(own: Bench) -> None:
    top, _, friends = related(own.space)
    own.space.trash(friends[1])
    done, same = again(own, chosen=(top,))
    (row,) = own.space.all_rows(restored_source(own.space)["id"])
    assert [each["id"] for each in row["properties"]["Helpers"]["relation"]] == [friends[0], friends[2]]
    assert [each.words for each in done.notes] == ["of 'Helpers' rows are missing that are not restored"]
    assert same


@pytest.mark.parametrize("how", ["trashed", "unshared"])
def test_a_relation_to_what_is_gone_or_not_shared_becomes_text(own: Bench, how: str) -> None:
    top, team, _ = related(own.space)
    if how == "trashed":
        own.space.data_sources[team]["in_trash"] = True
    else:
        own.space.unshared.add(team)
    done, _ = again(own, chosen=(top,))
    made = restored_source(own.space)
    assert made["properties"]["Helpers"]["type"] == "rich_text"
    (row,) = own.space.all_rows(made["id"])
    assert plain_text(row["properties"]["Helpers"]["rich_text"]) == "Friend 0, Friend 1, Friend 2"
    assert "the column 'Helpers' names rows that are not restored: it became text" in [
        each.words for each in done.notes
    ]


def test_what_was_found_outside_is_asked_once_for_all_runs(own: Bench) -> None:
    top, _, _ = related(own.space)
    with pytest.raises(LimitReached):
        restoring = own.restoring(chosen=(top,))
        quota = own.server.api.writes._quota
        quota.most, quota._grace_ends = 2, 0.0
        restoring.run(own.journal)
    quota.most = None
    before = own.server.counters.endpoints["data_sources/{id}"]
    done = own.restoring(chosen=(top,)).run(own.journal)
    assert own.server.counters.endpoints["data_sources/{id}"] == before
    assert (bool(before), done.status) == (True, "complete")
