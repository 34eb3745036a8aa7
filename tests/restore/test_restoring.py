"""Restores of whole workspaces: what is there afterwards, what it took, and what is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import LimitReached, StateError
from notion_sync_core.model import plain_text
from notion_sync_core.restore.outcome import Outcome
from notion_sync_demo import Fault, Workspace
from notion_sync_demo.build import bare, block, mention, page_mention, rich, schema, table
from notion_sync_demo.sample import sample_workspace
from restore.bench import Bench, canonical, first_difference
from restore.kitchen import FILE, kitchen, random_space


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def restored(bench: Bench, **more: Any) -> Outcome:
    return bench.restoring(**more).run(bench.journal)


def tops(space: Workspace) -> list[str]:
    return [each for each, raw in space.pages.items() if raw["parent"]["type"] == "workspace"]


def difference(bench: Bench) -> str:
    """How what is below the home differs from the source; empty: not at all."""
    made = [each["id"] for each in bench.space.children(bench.home)]
    return first_difference(canonical(bench.source, tops(bench.source)), canonical(bench.space, made))


@pytest.fixture
def small(folder: Path) -> Iterator[Bench]:
    """A source that tests fill."""
    with Bench(Workspace("Small", seed=3), folder) as bench:
        yield bench


def said(space: Workspace, parent: str) -> list[str]:
    """The texts of the blocks right in a page or block, with the type where there is none."""
    return [
        plain_text(each[each["type"]].get("rich_text") or []) or str(each["type"]) for each in space.children(parent)
    ]


def page(space: Workspace, title: str) -> str:
    (found,) = [each for each in space.pages if space.title(each) == title]
    return found


# -- all of it


def test_all_that_can_be_written_comes_back_as_it_was(folder: Path) -> None:
    source = kitchen()
    long = page(source, "Very long text")
    for each in source.children(long):
        source.delete_block(each["id"])
    with Bench(source, folder) as bench:
        done = restored(bench)
        assert difference(bench) == ""
        assert [(each.title, each.words) for each in done.notes] == [
            ("Tasks", "the numbers of the column 'No' count anew")
        ]
        assert (done.failures, done.status) == ((), "partial")
        assert bench.server.counters.statuses == {200: bench.server.counters.total}


@pytest.mark.parametrize("seed", range(8))
def test_any_tree_comes_back_as_it_was_with_as_many_requests_as_were_foreseen(folder: Path, seed: int) -> None:
    with Bench(random_space(seed), folder) as bench:
        restoring = bench.restoring()
        foreseen = restoring.foresee(bench.journal)
        before = bench.server.counters.total
        assert len(bench.space.pages) == 1, "a dry run wrote"
        done = restoring.run(bench.journal)
        assert difference(bench) == ""
        assert done.status == "complete"
        assert foreseen.requests == done.requests
        assert done.requests["total"] == bench.server.counters.total
        assert (foreseen.blocks, foreseen.file_bytes) == (done.blocks, done.file_bytes)
        assert before == 3, "two to open the target, one to see what stands there"


def test_the_sample_comes_back_with_a_note_for_each_thing_that_is_not_as_it_was(folder: Path) -> None:
    with Bench(sample_workspace(), folder) as bench:
        done = restored(bench)
    assert {(each.title, each.words) for each in done.notes} == {
        ("Onboarding", "a numbered list that began with another number begins with 1"),
        ("Weekly meeting", "notes of a meeting became a toggle with what stood in them"),
        ("People", "a page that stood inside a block stands at the end of its page, with a link in its place"),
        ("Safety", "a block of the type 'form'"),
        ("Photos and files", "a block of the type 'link_preview'"),
        ("Suppliers", "a view of a database that lives elsewhere"),
        ("Tasks", "the column 'Blocked by' names rows that are not restored: it became text"),
        ("Tasks", "the column 'Blockers' could not be made: what it is computed from is not there"),
        ("Tasks", "the column 'Area' got options that only rows have"),
        ("Tasks", "the column 'Remind' (button) cannot be made"),
        ("Tasks", "the numbers of the column 'Number' count anew"),
        ("Bikes", "the column 'Colours' got options that only rows have"),
        ("Addresses", "the column 'Town' got options that only rows have"),
    }
    assert done.failures == ()


def test_a_finished_restore_that_runs_again_sends_no_write(folder: Path) -> None:
    with Bench(random_space(1), folder) as bench:
        restored(bench)
        before = len(bench.space.pages), len(bench.space.blocks)
        again = restored(bench)
        assert (len(bench.space.pages), len(bench.space.blocks)) == before
        assert again.requests == {"total": 2}


def test_what_stands_in_what_is_named_comes_along_and_nothing_else(folder: Path) -> None:
    source = kitchen()
    with Bench(source, folder) as bench:
        done = restored(bench, chosen=(page(source, "Places"),))
        assert [bench.space.title(each["id"]) for each in bench.space.children(bench.home)] == ["Places"]
        places = page(bench.space, "Places")
        shown = [bench.space.title(each["id"]) if each["type"] == "child_page" else plain_text(
            each["paragraph"]["rich_text"]) for each in bench.space.children(places)]  # fmt: skip
        assert shown == ["first", "Leaf one", "between", "Shell", "Leaf two", "last"]
        assert done.pages == 5


# -- links, mentions, people


def test_links_to_what_is_restored_lead_there_and_others_stay(small: Bench) -> None:
    space = small.source
    other = space.add_page(None, "Other")
    top = space.add_page(None, "Top")
    link = {"type": "text", "text": {"content": "x", "link": {"url": f"/{top.replace('-', '')}"}}}
    far = {"type": "text", "text": {"content": "y", "link": {"url": f"/{other.replace('-', '')}"}}}
    space.append(top, [block("paragraph", [link, far])])
    restored(small, chosen=(top,))
    made = page(small.space, "Top")
    (paragraph,) = small.space.children(made)
    found = [item["text"]["link"]["url"] for item in paragraph["paragraph"]["rich_text"]]
    assert found == [f"https://www.notion.so/{each.replace('-', '')}" for each in (made, other)]


def test_a_mention_of_what_is_not_restored_stays_where_it_exists_and_is_a_link_where_it_does_not(small: Bench) -> None:
    space = small.source
    here, gone = small.space.add_page(None, "Here"), space.add_page(None, "Gone")
    space.add_page(None, "Top", [block("paragraph", [page_mention(here, "Here")])])
    space.append(page(space, "Top"), [block("paragraph", [page_mention(gone, "Gone"), " tail"])])
    done = restored(small, chosen=(page(space, "Top"),))
    first, second = small.space.children(page(small.space, "Top"))
    assert first["paragraph"]["rich_text"][0]["mention"]["page"]["id"] == here
    item = second["paragraph"]["rich_text"][0]
    assert (item["text"]["content"], gone.replace("-", "") in item["text"]["link"]["url"]) == ("Gone", True)
    assert [each.words for each in done.notes] == [
        "a mention of a page that is not restored became a link to where it was"
    ]


def test_people_who_are_not_there_become_text_and_those_who_are_mapped_are_them(small: Bench) -> None:
    space = small.source
    gone, known = space.add_user("Gone"), space.add_user("Known")
    mentions = [mention("user", {"object": "user", "id": each}, f"@{each[:4]}") for each in (gone, known)]
    top = space.add_page(None, "Top", [block("paragraph", mentions)])
    _, (source,) = space.add_database(top, "Data", {"Data": [schema("Name", "title"), schema("Who", "people")]})
    space.add_row(source, {"Name": rich("Row"), "Who": [{"object": "user", "id": each} for each in (gone, known)]})
    new = small.space.add_user("New")
    done = restored(small, people={known: new})
    (paragraph, _) = small.space.children(page(small.space, "Top"))
    one, other = paragraph["paragraph"]["rich_text"]
    assert (one["text"]["content"], other["mention"]["user"]["id"]) == (f"@{gone[:4]}", new)
    row = small.space.pages[page(small.space, "Row")]
    assert [each["id"] for each in row["properties"]["Who"]["people"]] == [new]
    assert {each.words for each in done.notes} == {
        "a mention of a person who is not there became text", "of 'Who' people are missing who are not there",
    }  # fmt: skip


# -- what stands in its place, or cannot


def test_a_database_inside_a_toggle_stands_at_the_end_of_its_page_with_a_link_in_its_place(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, "Top", [block("toggle", "holds", [block("paragraph", "before")])])
    (toggle,) = space.children(top)
    space.add_database(toggle["id"], "Data", {"Data": [schema("Name", "title")]})
    space.append(top, [block("paragraph", "end")])
    done = restored(small)
    made = page(small.space, "Top")
    assert said(small.space, made) == ["holds", "end", "child_database"]
    inner = small.space.children(small.space.children(made)[0]["id"])
    assert [each["type"] for each in inner] == ["paragraph", "link_to_page"]
    assert inner[1]["link_to_page"]["database_id"] == small.space.children(made)[2]["id"]
    assert "at the end of its page" in done.notes[0].words


def test_a_row_without_its_database_becomes_a_page_with_its_values_as_text(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, "Top")
    columns = [schema("Name", "title"), schema("Hours", "number", format="number")]
    _, (source,) = space.add_database(top, "Data", {"Data": columns})
    row = space.add_row(source, {"Name": rich("Row"), "Hours": 3}, [block("paragraph", "body")])
    done = restored(small, chosen=(row,))
    assert said(small.space, page(small.space, "Row")) == ["Hours: 3", "body"]
    assert [each.words for each in done.notes] == [
        "its database is not restored: it became a page, with its values as text",
        "its values are text ('Name', 'Hours'), and its title is called 'title'",
    ]


def test_a_file_goes_up_once_and_again_if_nothing_showed_it_in_time(small: Bench) -> None:
    space = small.source
    holder = space.add_file("list.txt", FILE, "text/plain")
    top = space.add_page(None, "Top", [block("file", "", **holder)])
    for _ in range(3):
        space.append(top, [{"type": "file", "file": {**holder, "caption": [], "name": "list.txt"}}])
    small.server.faults.add(Fault("503", path="^/v1/pages$", method="POST"))
    with pytest.raises(Exception, match="gave no answer"):
        restored(small)
    assert small.server.counters.endpoints["file_uploads"] == 1
    small.server.faults.clear()
    small.clock.sleep(7200.0)
    done = restored(small)
    assert small.server.counters.endpoints["file_uploads"] == 2
    assert done.failures == ()
    shown = [each["file"]["file"]["url"] for each in small.space.children(page(small.space, "Top"))]
    assert (len(shown), len(set(shown))) == (4, 1)
    assert FILE in [content for content, _ in small.space.files.values()]


def test_an_empty_file_and_one_that_was_never_had_become_notes(small: Bench) -> None:
    space = small.source
    empty = space.add_file("empty.txt", b"", "text/plain")
    lost = {"type": "file", "file": {"url": "https://example.org/lost", "expiry_time": None}}
    top = space.add_page(None, "Top")
    space.append(
        top, [{"type": "file", "file": {**each, "caption": rich("said"), "name": "n"}} for each in (empty, lost)]
    )
    restored(small)
    assert said(small.space, page(small.space, "Top")) == ["Not restored: a file (file) said"] * 2


def test_what_the_target_refuses_becomes_a_note_and_its_neighbours_stay(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, "Top", [block("paragraph", f"line {number}") for number in range(8)])
    space.append(top, [bare("embed", url="https://example.org/refused", caption=[])])
    space.append(top, [block("paragraph", "end")])
    # Refused is each request with that block, as by a rule that nobody documented.
    real = small.server.api.writes._blocks._payloads["embed"]

    def refuse(*given: Any) -> Any:
        from notion_sync_demo.writing.refusals import invalid

        raise invalid("No such embeds.") if "refused" in str(given) else real(*given)

    small.server.api.writes._blocks._payloads["embed"] = refuse
    done = restored(small)
    shown = said(small.space, page(small.space, "Top"))
    assert shown[:8] == [f"line {number}" for number in range(8)]
    assert ("refuses" in shown[8], shown[9]) == (True, "end")
    assert [("embed" in each.words, "No such embeds." in each.words) for each in done.notes] == [(True, True)]


# -- the journal, and what stops a restore


def test_a_workspace_without_blocks_left_stops_it_and_it_goes_on_when_there_are_some(folder: Path) -> None:
    with Bench(random_space(3), folder) as bench:
        quota = bench.server.api.writes._quota
        quota.most, quota._grace_ends = 5, 0.0
        with pytest.raises(LimitReached, match="no more blocks") as raised:
            restored(bench)
        assert raised.value.report.status == "interrupted"
        quota.most = None
        restored(bench)
        assert difference(bench) == ""


def test_a_journal_that_is_damaged_or_newer_is_said_to_be(folder: Path) -> None:
    with Bench(random_space(3), folder) as bench:
        bench.journal.write_bytes(b"nonsense" * 1000)
        with pytest.raises(StateError, match="is damaged"):
            restored(bench)
        bench.journal.unlink()
        restored(bench, moment="run 1")
        with pytest.raises(StateError, match="of another restore"):
            restored(bench, moment="run 2")


def test_without_a_place_a_new_page_at_the_top_holds_everything(folder: Path) -> None:
    with Bench(random_space(2), folder) as bench:
        done = restored(bench, into="")
        assert bench.space.title(done.home).startswith("Restored ")
        assert bench.space.pages[done.home]["parent"]["type"] == "workspace"
        made = [each["id"] for each in bench.space.children(done.home)]
        assert first_difference(canonical(bench.source, tops(bench.source)), canonical(bench.space, made)) == ""


def test_comments_stand_at_their_blocks_and_answers_in_their_discussions(small: Bench) -> None:
    space = small.source
    deep = block("toggle", "outer", [block("paragraph", "before"), block("toggle", "in", [block("quote", "inner")])])
    pair = bare("column_list", [bare("column", [block("paragraph", "left")]), bare("column", [])])
    top = space.add_page(None, "Top", [block("paragraph", "text"), deep, pair, table([["a"], ["b"]])])
    text, outer, columns, grid = space.children(top)
    (inner,) = space.children(space.children(outer["id"])[1]["id"])
    (left,) = space.children(space.children(columns["id"])[0]["id"])
    mara = space.add_user("Mara")
    space.add_comment(top, "on the page", author=mara)
    space.add_comment(text["id"], "on a block", author=mara)
    thread = space.comments[text["id"]][0]["discussion_id"]
    space.add_comment(text["id"], "an answer", author=mara, discussion=thread)
    space.add_comment(inner["id"], "deep down", author=mara)
    space.add_comment(left["id"], "in a column", author=mara)
    space.add_comment(space.children(grid["id"])[1]["id"], "on a row", author=mara)
    restoring = small.restoring(comments=True)
    foreseen = restoring.foresee(small.journal)
    done = restoring.run(small.journal)
    made = page(small.space, "Top")
    first = small.space.children(made)[0]["id"]
    found = {
        plain_text(small.space.blocks[place][small.space.blocks[place]["type"]].get("rich_text") or []): [
            plain_text(each["rich_text"]).partition(": ") for each in talks
        ]
        for place, talks in small.space.comments.items()
    }
    assert {place: [said for _, _, said in talks] for place, talks in found.items()} == {
        "": ["on the page", "on a row"],
        "text": ["on a block", "an answer"],
        "inner": ["deep down"],
        "left": ["in a column"],
    }
    assert all(who.startswith("Mara, 20") for talks in found.values() for who, _, _ in talks)
    assert len({each["discussion_id"] for each in small.space.comments[first]}) == 1
    assert difference(small) == ""
    told = "a comment on a part of a block, or on what is not restored, stands on the page"
    assert [each.words for each in done.notes] == [told]
    assert (foreseen.requests, done.requests["comment"]) == (done.requests, 6)


def test_authors_and_times_stand_in_a_paragraph_and_of_rows_in_columns(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, "Top", [block("paragraph", "text")])
    columns = [schema("Name", "title"), schema("Originally edited", "number", format="number")]
    _, (source,) = space.add_database(top, "Data", {"Data": columns})
    row = space.add_row(source, {"Name": rich("Row"), "Originally edited": 3}, [block("paragraph", "body")])
    restored(small, stamp=True)
    stamp, text, _ = said(small.space, page(small.space, "Top"))
    assert (stamp[:8], text) == ("Created ", "text")
    made = page(small.space, "Row")
    assert said(small.space, made) == ["body"]
    values, was = small.space.pages[made]["properties"], space.pages[row]
    assert values["Originally created"]["date"]["start"] == was["created_time"]
    assert values["Originally edited (restored)"]["date"]["start"] == was["last_edited_time"]
    assert values["Originally edited"]["number"] == 3
    assert plain_text(values["Originally created by"]["rich_text"]) == was["created_by"]["id"]


def test_a_journal_is_private_and_keeps_no_title_and_no_text(small: Bench) -> None:
    small.source.add_page(None, "Canary title", [block("paragraph", "canary text")])
    restored(small)
    assert small.journal.stat().st_mode & 0o777 == 0o600
    left = [path for path in small.folder.rglob("*") if path.name.startswith("journal")]
    assert left
    assert [path.name for path in left if b"anary" in path.read_bytes()] == []
