"""Checks of targets that hold more than documents: columns that can be listed, views, comments."""

from __future__ import annotations

from notion_sync_core.errors import DoubtError, MissingError
from notion_sync_core.model import Json
from notion_sync_core.plugins.target import Target
from notion_sync_core.testing.examine import refused
from notion_sync_core.testing.target_bench import ABSENT, PAPER, TargetBench, paragraph, text
from notion_sync_core.writing import Changes, New

_COLUMNS: Json = {"Name": {"title": {}}, "Hours": {"number": {}}}


@PAPER.check("columns")
def columns_are_listed_with_their_ids(bench: TargetBench) -> None:
    """Relations lead to what stood there before, and views name columns by their ids: both are found by listing the
    columns of a data source, and one that is not there is said to be missing."""
    target, _, home = bench.begun()
    database = target.create(New("database", home, text("Tasks"), _COLUMNS), bench.gate)
    found = bench.shown(target, database.sources[0], "columns")
    assert sorted((each.kind, each.title) for each in found) == [("column", "Hours"), ("column", "Name")]
    assert len({each.id for each in found}) == 2, "two columns have one id"
    with refused("the columns of what is not there", MissingError):
        bench.shown(target, ABSENT, "columns")


@PAPER.check("views")
def views_are_made_found_and_taken_away(bench: TargetBench) -> None:
    """Views that were wished for stand behind those that a service makes of itself, which then go; one whose answer was
    lost is found by its id, which was not there before."""
    target, _, home = bench.begun()
    database = target.create(New("database", home, text("Tasks"), _COLUMNS), bench.gate)
    own = [each.id for each in bench.shown(target, database.id, "views")]
    made = target.create(_view(database.id, database.sources[0], "Ours"), bench.gate)
    shown = bench.shown(target, database.id, "views")
    assert [each.id for each in shown] == [*own, made.id]
    assert {each.kind for each in shown} == {"view"}, "what is listed among views is called something else"
    bench.gate.lose("answers")
    with refused("a lost answer", DoubtError):
        target.create(_view(database.id, database.sources[0], "Lost"), bench.gate)
    bench.gate.lose("")
    left = [each.id for each in bench.shown(target, database.id, "views")]
    assert len(left) == len(own) + 2, "one whose answer was lost is not there, or there twice"
    gone = own or [made.id]
    bench.gate.lose("answers")
    for each in gone:
        target.update(each, Changes("view", is_gone=True), bench.gate)
    bench.gate.lose("")
    found = [each.id for each in bench.shown(target, database.id, "views")]
    assert found == [each for each in left if each not in gone], "what is to go stays, or something else went"


@PAPER.check("comments")
def comments_stand_where_they_are_told(bench: TargetBench) -> None:
    """A comment stands on the page or the block that is named, an answer in the discussion that it answers in, and each
    says what it was made with: one whose answer was lost is looked for by that."""
    target, _, home = bench.begun()
    page = target.create(New("page", home, text("A page"), blocks=(paragraph("said"),)), bench.gate)
    (block,) = bench.shown(target, page.id)
    for place, on in ((page.id, "page"), (block.id, "block")):
        first = target.create(New("comment", place, text(f"on a {on}"), {"on": on}), bench.gate)
        answer = New("comment", place, text("an answer"), {"on": on, "discussion_id": first.discussion})
        second = target.create(answer, bench.gate)
        assert (second.discussion, bool(first.discussion)) == (first.discussion, True), "the answer stands elsewhere"
        _lose(bench, target, New("comment", place, text("lost"), {"on": on}))
        found = bench.said(target, place, "comments")
        assert found == [f"on a {on}", "an answer", "lost"], f"on the {on} stands {found}"


def _view(database: str, source: str, name: str) -> New:
    return New("view", database, text(name), {"data_source_id": source, "type": "table"})


def _lose(bench: TargetBench, target: Target, new: New) -> None:
    bench.gate.lose("answers")
    with refused("a lost answer", DoubtError):
        target.create(new, bench.gate)
    bench.gate.lose("")
