"""What a target refuses, what waits for each other, and what is not there: the rest is restored, and it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import ConfigError, SkippableError, UnreachableError
from notion_sync_core.model import Json, plain_text
from notion_sync_core.restore.outcome import Outcome
from notion_sync_core.restore.running import is_finished
from notion_sync_demo import Fault, Workspace
from notion_sync_demo.build import bare, block, page_mention, rich, schema, text
from notion_sync_demo.writing.refusals import invalid
from restore.bench import Bench


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Bench]:
    """A source that tests fill."""
    with Bench(Workspace("Small", seed=3), tmp_path) as bench:
        yield bench


def restored(bench: Bench, **more: Any) -> Outcome:
    return bench.restoring(**more).run(bench.journal)


def page(space: Workspace, title: str) -> str:
    (found,) = [each for each in space.pages if space.title(each) == title]
    return found


def texts(space: Workspace, parent: str) -> list[str]:
    return [
        plain_text(each[each["type"]].get("rich_text") or []) or str(each["type"]) for each in space.children(parent)
    ]


def api_refuses(bench: Bench, method: str, when: Callable[[Json], bool], message: str = "No.") -> None:
    """The emulator refuses requests with such a body."""
    real = bench.server.api.writes.handle

    def handle(handler: Any, request: Any, *names: str) -> Json:
        if request.method == method and when(request.body):
            raise invalid(message)
        return real(handler, request, *names)

    bench.server.api.writes.handle = handle  # type: ignore[method-assign]


def synced(inside: str) -> Json:
    return bare("synced_block", [block("paragraph", inside)], synced_from=None)


def copy_of(original: str) -> Json:
    return bare("synced_block", synced_from={"type": "block_id", "block_id": original})


# -- what waits for each other


def test_two_pages_that_show_each_others_blocks_first_are_both_whole(small: Bench) -> None:
    space = small.source
    one, two = space.add_page(None, "One"), space.add_page(None, "Two")
    (first,), (second,) = space.append(one, [synced("of one")]), space.append(two, [synced("of two")])
    for holder, copied in ((one, second), (two, first)):
        space.append(holder, [copy_of(copied)], 0)
    done = restored(small)
    assert done.failures == ()
    for title, wanted in (("One", ["of two", "of one"]), ("Two", ["of one", "of two"])):
        made = small.space.children(page(small.space, title))
        assert [texts(small.space, each["id"]) for each in made] == [[text] for text in wanted]
    originals = [
        each
        for each in small.space.blocks.values()
        if each["type"] == "synced_block" and not each["synced_block"]["synced_from"]
    ]
    assert len(originals) == 2


def test_copies_whose_original_is_not_restored_share_one_that_is_made_of_them(small: Bench) -> None:
    space = small.source
    (original,) = space.append(space.add_page(None, "Elsewhere"), [synced("same")])
    tops = [space.add_page(None, title, [copy_of(original)]) for title in ("One", "Two")]
    restored(small, chosen=tuple(tops))
    made = [small.space.children(page(small.space, title))[0] for title in ("One", "Two")]
    assert [texts(small.space, each["id"]) for each in made] == [["same"], ["same"]]
    assert made[0]["synced_block"]["synced_from"] is None
    assert made[1]["synced_block"]["synced_from"]["block_id"] == made[0]["id"]


def test_a_title_that_names_a_later_page_gets_it_in_the_end(small: Bench) -> None:
    space = small.source
    late = space.new_id()
    space.add_page(None, ["About ", page_mention(late, "Late")])
    space.add_page(None, "Late", page_id=late)
    restored(small)
    (made,) = [each for each in small.space.pages if small.space.title(each).startswith("About")]
    mention = small.space.pages[made]["properties"]["title"]["title"][1]["mention"]
    assert mention["page"]["id"] == page(small.space, "Late")


# -- what is refused


def test_a_page_that_is_refused_as_it_is_comes_without_what_is_refused(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, "Top", [block("paragraph", "good"), block("quote", "bad"), block("paragraph", "end")])
    space.pages[top]["icon"] = {"type": "emoji", "emoji": "🌱"}
    small.server.api.writes._blocks._payloads["quote"] = _raises("No quotes today.")
    done = restored(small)
    made = page(small.space, "Top")
    shown = texts(small.space, made)
    assert (shown[0], shown[2]) == ("good", "end")
    assert "No quotes today." in shown[1]
    assert small.space.pages[made]["icon"]["emoji"] == "🌱"
    assert [each.title for each in done.notes] == ["Top"]


def _raises(message: str) -> Callable[..., Any]:
    def refuse_it(*_: Any) -> Any:
        raise invalid(message)

    return refuse_it


def test_a_row_whose_value_is_refused_has_the_others(small: Bench) -> None:
    space = small.source
    columns = [schema("Name", "title"), schema("Good", "rich_text"), schema("Bad", "url")]
    _, (source,) = space.add_database(space.add_page(None, "Top"), "Data", {"Data": columns})
    space.add_row(source, {"Name": rich("Row"), "Good": rich("kept"), "Bad": "https://example.org/bad"})
    small.server.api.writes._values._takers["url"] = _raises("Not that address.")
    done = restored(small)
    row = small.space.pages[page(small.space, "Row")]
    assert (plain_text(row["properties"]["Good"]["rich_text"]), row["properties"]["Bad"]["url"]) == ("kept", None)
    assert [each.words.partition(":")[0] for each in done.notes] == ["the value of Bad was not taken"]


def test_a_formula_that_is_refused_costs_its_column_and_what_needs_it(small: Bench) -> None:
    space = small.source
    columns = [
        schema("Name", "title"), schema("Good", "formula", expression='prop("Name")'),
        schema("Bad", "formula", expression="refused()"), schema("Needs", "formula", expression='prop("Bad")'),
    ]  # fmt: skip
    space.add_database(space.add_page(None, "Top"), "Data", {"Data": columns})
    real = small.server.api.writes._schemas._formula
    small.server.api.writes._schemas._formula = lambda body, *rest: (  # type: ignore[method-assign, misc, assignment]
        _raises("Not that one.")() if "refused" in str(body) else real(body, *rest)
    )
    done = restored(small)
    (made,) = list(small.space.data_sources.values())
    assert set(made["properties"]) == {"Name", "Good"}
    assert {each.words.partition(":")[0] for each in done.notes} == {
        "the column 'Bad' could not be made", "the column 'Needs' could not be made",
    }  # fmt: skip


def test_a_database_that_is_refused_is_a_failure_with_all_that_stands_in_it(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, "Top", [block("paragraph", "text")])
    _, (source,) = space.add_database(top, "Data", {"Data": [schema("Name", "title")]})
    space.add_page(space.add_row(source, {"Name": rich("Row")}), "In a row")
    api_refuses(small, "POST", lambda body: "initial_data_source" in body, "No databases.")
    done = restored(small)
    assert [(each.title, "No databases." in each.error) for each in done.failures] == [
        ("Data", True), ("Data", False), ("Row", False), ("In a row", False),
    ]  # fmt: skip
    assert texts(small.space, page(small.space, "Top"))[0] == "text"
    assert done.status == "partial"


def test_a_place_that_is_not_there_is_a_mistake_of_usage(small: Bench) -> None:
    with pytest.raises(ConfigError, match="nothing can be restored below"):
        small.restoring(into="00000000-0000-4000-8000-00000000dead")


def test_whether_a_page_at_the_top_was_made_may_stay_unknown_and_is_said(small: Bench) -> None:
    small.source.add_page(None, "Top")
    small.server.faults.add(Fault("lost", times=1, path="^/v1/pages$", method="POST"))
    with pytest.raises(UnreachableError, match="nobody knows whether the page"):
        restored(small, into="")
    assert not is_finished(small.journal)
    done = restored(small, into="")
    assert is_finished(small.journal)
    made = [each for each in small.space.pages if small.space.title(each).startswith("Restored ")]
    assert len(made) == 2
    assert [bool(small.space.children(each)) for each in made] == [each == done.home for each in made]


# -- what is not here


def test_a_document_whose_content_was_never_read_has_its_title_and_a_note(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, "Top", [block("paragraph", "text")])
    restoring = small.restoring()
    whole = restoring.originals

    class Halved:
        def __getattr__(self, name: str) -> Any:
            return getattr(whole, name)

        def object(self, object_id: str) -> Json | None:
            return None if object_id == top else whole.object(object_id)

        def blocks(self, parent_id: str) -> Iterator[Json]:
            return iter(()) if parent_id == top else whole.blocks(parent_id)

    restoring.originals = Halved()  # type: ignore[assignment]
    done = restoring.run(small.journal)
    assert texts(small.space, page(small.space, "Top")) == []
    assert [each.words for each in done.notes] == ["its content was never read: it has a title alone"]


def test_what_is_named_and_is_not_here_is_a_mistake_of_usage(small: Bench) -> None:
    small.source.add_page(None, "Top")
    with pytest.raises(ConfigError, match="is not among what can be restored"):
        restored(small, chosen=("00000000-0000-4000-8000-00000000dead",))


def test_a_row_that_becomes_a_page_says_all_its_values(small: Bench) -> None:
    space = small.source
    columns = [
        schema("Name", "title"), schema("Done", "checkbox"), schema("Due", "date"), schema("Tags", "multi_select"),
        schema("Sum", "formula"), schema("Near", "relation"),
    ]  # fmt: skip
    columns[3]["multi_select"] = {"options": []}
    _, (source,) = space.add_database(space.add_page(None, "Top"), "Data", {"Data": columns})
    other = space.add_row(source, {"Name": rich("Other")})
    row = space.add_row(
        source,
        {
            "Name": rich("Row"), "Done": True, "Due": {"start": "2026-01-01", "end": "2026-01-02"},
            "Tags": [{"name": "a"}, {"name": "b"}], "Sum": {"type": "number", "number": 3}, "Near": [{"id": other}],
        },
    )  # fmt: skip
    restored(small, chosen=(row,))
    assert texts(small.space, page(small.space, "Row")) == [
        "Done: yes", "Due: 2026-01-01 → 2026-01-02", "Tags: a, b", "Sum: 3", "Near: Other",
    ]  # fmt: skip


def test_an_icon_that_is_refused_is_told_and_the_page_is_there(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, [text("bold", bold=True)])
    space.pages[top]["icon"] = {"type": "emoji", "emoji": "🌱"}
    api_refuses(small, "POST", lambda body: bool(body.get("icon")))
    done = restored(small)
    made = small.space.pages[page(small.space, "bold")]
    assert made["properties"]["title"]["title"][0]["annotations"]["bold"] is True
    assert [each.words for each in done.notes] == ["its icon or its cover was refused"]


def test_a_page_of_which_a_part_is_lost_is_there_with_what_is_left_and_what_stands_in_it(small: Bench) -> None:
    space = small.source
    top = space.add_page(None, "Top", [block("paragraph", "kept"), block("paragraph", "lost")])
    space.add_page(top, "Child")
    restoring = small.restoring()
    whole = restoring.originals

    class Torn:
        def __getattr__(self, name: str) -> Any:
            return getattr(whole, name)

        def blocks(self, parent_id: str) -> Iterator[Json]:
            for raw in whole.blocks(parent_id):
                if plain_text(raw[raw["type"]].get("rich_text") or []) == "lost":
                    raise SkippableError("the mirror lost a part", "Sync.")
                yield raw

    restoring.originals = Torn()  # type: ignore[assignment]
    done = restoring.run(small.journal)
    assert [(each.title, each.error) for each in done.failures] == [("Top", "the mirror lost a part")]
    assert page(small.space, "Child")
    assert texts(small.space, page(small.space, "Top")) == ["kept", "child_page"]
