"""Objects of which the API shows little but the id: they are looked up, or told; nothing goes without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.report import Report
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import bare, block, mention, rich, schema, table

TASKS = ("Mend the gate", "Paint the door")


def workshop() -> tuple[Workspace, dict[str, str]]:
    """A page, a database with two rows, and their ids."""
    space = Workspace("Workshop", seed=5, clock=lambda: 1_780_000_000.0)
    home = space.add_page(None, "Home", [block("paragraph", "Hello"), block("paragraph", "Goodbye")])
    columns = [schema("Name", "title"), schema("Hours", "number", format="number")]
    database, (source,) = space.add_database(home, "Tasks", {"Tasks": columns})
    rows = [space.add_row(source, {"Name": rich(title), "Hours": 3}, [block("paragraph", title)]) for title in TASKS]
    return space, {"home": home, "database": database, "source": source, "row": rows[0], "other": rows[1]}


@pytest.fixture
def ids(server: Emulator) -> dict[str, str]:
    space, ids = workshop()
    server.workspace = server.api.workspace = space
    return ids


def shown(bench: Bench) -> dict[str, bytes]:
    return tree(bench.out)


def reasons(report: Report) -> str:
    return "\n".join(f"{item['title']}: {item['error']}" for item in report.failures)


@pytest.mark.parametrize("what", ["home", "source", "row", "other"])
def test_what_a_listing_shows_a_part_of_is_looked_up_once(bench: Bench, ids: dict[str, str], what: str) -> None:
    whole = bench.fresh("whole")
    asked = bench.requests()
    bench.space.partial[ids[what]] = False
    bench.good()
    assert shown(bench) == whole
    assert bench.requests() - asked <= asked + 1

    asked = bench.requests()
    bench.good()
    assert shown(bench) == whole
    assert bench.requests() - asked <= 8


def test_a_database_keeps_columns_rows_and_csv_though_its_data_source_says_no_more_than_its_columns(
    bench: Bench, ids: dict[str, str]
) -> None:
    whole = bench.fresh("whole")
    bench.space.partial[ids["source"]] = True
    bench.good()
    assert shown(bench) == whole


def test_a_data_source_whose_database_nothing_tells_is_told_by_name(bench: Bench, ids: dict[str, str]) -> None:
    bench.space.partial[ids["source"]] = True
    for row in ("row", "other"):
        bench.space.trash(ids[row])
    report = bench.run()
    assert "nobody can tell which database it is of" in reasons(report)

    bench.space.add_view(ids["database"])
    bench.good()
    assert (bench.out / "Home/Tasks.csv").read_text() == "Name,Hours\n"


@pytest.mark.parametrize("what", ["home", "row"])
def test_a_page_of_which_only_the_id_is_shown_fails_by_name_and_keeps_its_copy(
    bench: Bench, ids: dict[str, str], what: str
) -> None:
    bench.good()
    before = shown(bench)
    bench.space.partial[ids[what]] = True
    report = bench.run()
    assert [item["id"] for item in report.failures] == [ids[what]]
    assert "only the id" in reasons(report)
    assert {name: before[name] for name in before if name.endswith(".md")} == {
        name: found for name, found in shown(bench).items() if name.endswith(".md")
    }


def test_a_database_of_which_only_the_id_is_shown_fails_by_name(bench: Bench, ids: dict[str, str]) -> None:
    bench.space.partial[ids["database"]] = True
    report = bench.run()
    assert [item["id"] for item in report.failures] == [ids["database"]]


def test_an_object_that_search_shows_by_its_id_and_that_is_not_shared_is_listed_as_unreadable(
    bench: Bench, ids: dict[str, str]
) -> None:
    lonely = bench.space.add_page(None, "Lonely")
    bench.space.partial[lonely] = False
    answer = bench.emulator.api._page

    def refuse(request: object, page_id: str) -> object:
        if page_id == lonely:
            return answer(request, "00000000-0000-4000-8000-000000000000")  # type: ignore[arg-type]
        return answer(request, page_id)  # type: ignore[arg-type]

    routes = bench.emulator.api._routes
    routes[:] = [(*route[:3], refuse) if route[2] == "pages/{id}" else route for route in routes]  # type: ignore[misc]
    report = bench.good()
    assert [item["id"] for item in report.unreadable] == [lonely]
    assert "search shows only a part of it" in report.unreadable[0]["reason"]


def test_a_block_of_which_a_list_shows_only_the_id_is_looked_up(bench: Bench, ids: dict[str, str]) -> None:
    whole = bench.fresh("whole")
    first = bench.space.children(ids["home"])[0]["id"]
    bench.space.partial[first] = False
    bench.good()
    assert shown(bench) == whole
    assert bench.emulator.counters.paths[f"/v1/blocks/{first}"] == 1


def test_a_block_that_nothing_shows_more_of_is_a_placeholder_and_told(bench: Bench, ids: dict[str, str]) -> None:
    first = bench.space.children(ids["home"])[0]["id"]
    bench.space.partial[first] = True
    report = bench.good()
    assert any("only its id is shown" in warning["message"] for warning in report.warnings)
    text = (bench.out / "Home.md").read_text()
    assert "[unsupported block]" in text.replace("\\", "")
    assert "Goodbye" in text


def test_comments_of_which_a_list_shows_only_the_id_are_looked_up(bench: Bench, ids: dict[str, str]) -> None:
    bench.space.add_comment(ids["home"], "Well done")
    comment = bench.space.comments[ids["home"]][0]["id"]
    bench.space.partial[comment] = False
    bench.good(export__comments=True)
    assert "Well done" in (bench.out / "Home.md").read_text()
    bench.space.partial[comment] = True
    report = bench.good(export__comments=True, options={"full": True})
    assert any("only its id is shown" in warning["message"] for warning in report.warnings)


def test_rows_that_say_only_which_database_they_are_in_stand_in_its_data_source(
    bench: Bench, ids: dict[str, str]
) -> None:
    whole = bench.fresh("whole")
    bench.space.loosely_parented |= {ids["row"], ids["other"]}
    bench.good()
    assert shown(bench) == whole
    bench.good()
    assert shown(bench) == whole
    bench.space.rename(ids["row"], "Mend the fence")
    bench.good()
    assert shown(bench) == bench.fresh()


def test_rows_of_several_data_sources_that_say_only_the_database_stand_where_its_queries_show_them(
    bench: Bench, ids: dict[str, str]
) -> None:
    columns = [schema("Name", "title")]
    _, sources = bench.space.add_database(ids["home"], "Work", {"Old": columns, "New": columns})
    rows = [bench.space.add_row(source, {"Name": rich(f"Row {source[:4]}")}) for source in sources]
    whole = bench.fresh("whole")
    bench.space.loosely_parented |= set(rows)
    for _ in range(3):
        bench.good()
        assert shown(bench) == whole


def test_a_wiki_shows_its_pages_and_the_databases_that_stand_in_it(bench: Bench, ids: dict[str, str]) -> None:
    wiki, (pages,) = bench.space.add_database(None, "Wiki", {"Wiki": [schema("Page", "title")]})
    bench.space.add_row(pages, {"Page": rich("Welcome")}, [block("paragraph", "Come in")])
    inner, (data,) = bench.space.add_database(None, "Machines", {"Machines": [schema("Name", "title")]})
    bench.space.databases[inner]["parent"] = {"type": "database_id", "database_id": wiki}
    bench.space.data_sources[data]["database_parent"] = bench.space.databases[inner]["parent"]
    bench.space.add_row(data, {"Name": rich("Lathe")})
    bench.space.wikis[pages] = [data]
    bench.space.unlisted |= {data}
    bench.good()
    files = {path.relative_to(bench.out).as_posix() for path in bench.out.rglob("*.md")}
    assert {"Wiki.md", "Wiki/Welcome.md", "Wiki/Machines.md", "Wiki/Machines/Lathe.md"} <= files
    assert (bench.out / "Wiki/Machines.csv").exists()
    assert shown(bench) == bench.fresh()
    bench.good()
    assert shown(bench) == bench.fresh("again")


def test_a_list_that_ends_early_is_told_or_read_from_its_other_end(bench: Bench, ids: dict[str, str]) -> None:
    whole = bench.fresh("whole")
    bench.emulator.api.caps["search-descending"] = 2
    bench.good()
    assert shown(bench) == whole
    bench.emulator.api.caps[f"children-{ids['row']}"] = 0
    bench.emulator.api.caps["search-ascending"] = 1
    report = bench.run(options={"full": True})
    assert "search ends early" in reasons(report)
    assert any("a list of blocks ends early" in warning["message"] for warning in report.warnings)


def test_guests_have_names_wherever_a_person_is_meant(bench: Bench, ids: dict[str, str], tmp_path: Path) -> None:
    guests = {}
    for number, name in enumerate(("Ada", "Bo", "Cy", "Di", "Ed"), 1):
        guests[name] = f"00000000-0000-4000-8000-00000000000{number}"
        user = {"object": "user", "id": guests[name], "name": name, "type": "person", "avatar_url": None, "person": {}}
        bench.space.users[guests[name]] = user
    listed = bench.emulator.api._users

    def without_guests(request: object) -> object:
        answer = listed(request)  # type: ignore[arg-type]
        return {**answer, "results": [user for user in answer["results"] if user["id"] not in guests.values()]}

    routes = bench.emulator.api._routes
    routes[:] = [(*route[:3], without_guests) if route[2] == "users" else route for route in routes]  # type: ignore[misc]

    def somebody(name: str) -> dict[str, str]:
        return {"object": "user", "id": guests[name]}

    event = {
        "start_time": "2026-05-01T10:00:00.000Z",
        "end_time": "2026-05-01T11:00:00.000Z",
        "attendees": [guests["Bo"]],
    }
    bench.space.append(
        ids["home"],
        [
            block("paragraph", [mention("user", somebody("Ada"), "@Anonymous")]),
            bare("meeting_notes", title=rich("Weekly"), status="notes_ready", calendar_event=event),
        ],
    )
    columns = [schema("Name", "title"), schema("State", "verification"), schema("Roll", "rollup")]
    _, (source,) = bench.space.add_database(ids["home"], "Wiki", {"Wiki": columns})
    array = {"type": "array", "array": [{"type": "people", "people": [somebody("Di")]}], "function": "show_original"}
    verified = {"state": "verified", "date": None, "verified_by": somebody("Cy")}
    bench.space.add_row(source, {"Name": rich("Page"), "State": verified, "Roll": array})
    bench.space.add_comment(ids["home"], "Hm", author=guests["Ed"])
    bench.space.comments[ids["home"]][0]["display_name"] = {"type": "user", "resolved_name": None}
    bench.good(export__comments=True)
    home = (bench.out / "Home.md").read_text()
    assert all(name in home for name in ("@Ada", "Bo", "**Ed**"))
    csv = (bench.out / "Home/Wiki.csv").read_text()
    assert "verified Cy" in csv
    assert "Di" in csv
    assert bench.emulator.counters.endpoints["users/{id}"] == 5


def test_comments_on_rows_of_a_table_and_what_is_no_row_of_it_are_shown_below_it(
    bench: Bench, ids: dict[str, str]
) -> None:
    (made,) = bench.space.append(ids["home"], [table([["Tool", "Place"], ["Saw", "Wall"]])])
    row = bench.space.children(made)[1]["id"]
    bench.space.add_comment(row, "It hangs too high")
    bench.space.append(made, [block("paragraph", "No row at all")])
    bench.good(export__comments=True)
    text = (bench.out / "Home.md").read_text()
    assert "It hangs too high" in text
    assert "No row at all" in text
    assert "| Saw | Wall |" in text


def test_the_parts_of_a_meeting_are_read_by_their_ids_and_labelled_though_it_says_that_it_has_children(
    bench: Bench, ids: dict[str, str]
) -> None:
    (meeting,) = bench.space.append(ids["home"], [bare("meeting_notes", title=rich("Weekly"), status="notes_ready")])
    parts = bench.space.append(meeting, [block("toggle", "", [block("paragraph", each)]) for each in ("Sum", "Words")])
    (elsewhere,) = bench.space.append(ids["other"], [block("toggle", "", [block("paragraph", "What was said")])])
    bench.space.append(meeting, [block("paragraph", "Beside the parts")])
    names = ("summary_block_id", "notes_block_id", "transcript_block_id")
    payload = bench.space.blocks[meeting]["meeting_notes"]
    payload["children"] = dict(zip(names, (*parts, elsewhere), strict=True))
    payload["calendar_event"] = {"start_time": "2026-05-01T10:00", "end_time": "2026-05-01T11:00", "attendees": []}
    payload["recording"] = {"start_time": "2026-05-01T10:02", "end_time": "2026-05-01T10:58"}
    bench.good()
    text = (bench.out / "Home.md").read_text()
    order = [text.index(each) for each in ("**Summary**", "Sum\n", "**Notes**", "Words", "**Transcript**", "What was")]
    assert order == sorted(order)
    assert text.count("Words") == 1
    assert "Beside the parts" in text
    assert "2026-05-01T10:00 – 2026-05-01T11:00, recorded 2026-05-01T10:02 – 2026-05-01T10:58" in text.replace("\\", "")
