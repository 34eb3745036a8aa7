"""Checks of targets: what is written is there, as it was written and in its order, and limits are kept."""

from __future__ import annotations

from notion_sync_core.errors import FatalError, SkippableError
from notion_sync_core.model import Json
from notion_sync_core.testing.examine import refused, secrets_of
from notion_sync_core.testing.held import held, settled
from notion_sync_core.testing.target_bench import (
    ABSENT,
    PAPER,
    PARTS,
    TargetBench,
    every_block,
    nested,
    paragraph,
    text,
)
from notion_sync_core.writing import Changes, New

_HOSTILE = ("Ünïcödé 🌱", 'a "b" <c> & d\\e', "../../up", "  edges  ", "؜עברית", "%2F%00", "one\ttwo")


@PAPER.check()
def it_says_what_it_takes(bench: TargetBench) -> None:
    """A restore is cut into requests by these numbers before anything is sent: they have to be numbers one can cut by,
    and pages and paragraphs are the least that a target holds."""
    target, limits = bench.opened()
    assert {"paragraph"} <= limits.kinds, "it holds no paragraphs"
    assert "page" in limits.objects, "it holds no pages"
    for name in ("array", "levels", "blocks", "bytes", "text", "items", "values"):
        assert getattr(limits, name) >= 1, f"its limit {name} is {getattr(limits, name)}"
    assert limits.blocks >= limits.array, "it takes longer lists than blocks in all"
    unknown = limits.objects - {"page", "row", "database", "data_source", "view", "comment"}
    assert not unknown, f"it holds objects that nobody asks for: {sorted(unknown)}"
    assert limits.places <= limits.objects, "it places what it does not hold"
    assert limits.file_bytes > 0 or not target.can_upload(), "it takes files, of no byte at most"


@PAPER.check()
def a_place_that_is_absent_is_refused(bench: TargetBench) -> None:
    """Nothing may be written before it is sure where: a page that does not exist, or is not shared, is an error at
    once, not the top of the workspace."""
    with refused("a page that does not exist", SkippableError, FatalError):
        bench.another().open(ABSENT, bench.gate)


@PAPER.check("children")
def what_is_made_is_there(bench: TargetBench) -> None:
    """A page that was made stands in its parent with the id and the title that the answer gave: the journal keeps
    them, and everything else is written by them."""
    target, _, home = bench.begun()
    made = target.create(New("page", home, text("A page"), blocks=(paragraph("first"),)), bench.gate)
    assert (made.kind, made.title) == ("page", "A page"), f"it calls it {made.kind} {made.title!r}"
    found = [(each.id, each.kind, each.title) for each in bench.shown(target, home)]
    assert found == [(made.id, "page", "A page")], f"in the parent stands {found}"
    assert bench.said(target, made.id) == ["first"], "its first block is not in it"


@PAPER.check("children")
def titles_stay_what_they_are(bench: TargetBench) -> None:
    """A title is a text of people, never a path, a pattern or markup: in whatever letters it is written it comes back
    as it was, for a lost page is looked for by it."""
    target, _, home = bench.begun()
    for title in _HOSTILE:
        target.create(New("page", home, text(title)), bench.gate)
    assert sorted(bench.said(target, home)) == sorted(_HOSTILE)


@PAPER.check("children")
def pages_of_one_title_are_two(bench: TargetBench) -> None:
    """People give two pages one title, and each has an id and a content of its own: one does not take the other's
    place."""
    target, _, home = bench.begun()
    one, two = [target.create(New("page", home, text("Twin")), bench.gate).id for _ in range(2)]
    target.append(one, [paragraph("of one")], "", bench.gate)
    assert one != two, "both have one id"
    assert (bench.said(target, one), bench.said(target, two)) == (["of one"], [])


@PAPER.check("children")
def blocks_keep_their_order(bench: TargetBench) -> None:
    """Blocks cannot be moved afterwards: those of one request stand in its order, and those of the next one after
    them."""
    target, _, home = bench.begun()
    target.append(home, [paragraph("a"), paragraph("b")], "", bench.gate)
    target.append(home, [paragraph("c"), paragraph("d")], "", bench.gate)
    assert bench.said(target, home) == ["a", "b", "c", "d"]


@PAPER.check("children")
def blocks_stand_after_the_one_that_is_named(bench: TargetBench) -> None:
    """What stands between two child pages is written after the first of them, though others follow: only so the
    author's order comes back."""
    target, _, home = bench.begun()
    first, _ = target.append(home, [paragraph("a"), paragraph("d")], "", bench.gate)
    target.append(home, [paragraph("b"), paragraph("c")], first, bench.gate)
    assert bench.said(target, home) == ["a", "b", "c", "d"]


@PAPER.check("children")
def blocks_stand_first_where_that_is_asked(bench: TargetBench) -> None:
    """What stands before the first child page is written after the pages are there: blocks that are to stand after the
    container itself come before all that is in it, and with their ids."""
    target, _, home = bench.begun()
    child = target.create(New("page", home, text("Child")), bench.gate).id
    ids = target.append(home, [paragraph("a"), paragraph("b")], home, bench.gate)
    assert [made.id for made in bench.shown(target, home)] == [*ids, child]


@PAPER.check("children")
def ids_are_those_of_the_new_blocks(bench: TargetBench) -> None:
    """Services answer with the new blocks and all that follow them, or with what is inside them too: given are the ids
    of the new ones, one for each that was sent, in the same order."""
    target, _, home = bench.begun()
    first, last = target.append(home, [paragraph("a"), paragraph("d")], "", bench.gate)
    ids = target.append(home, [paragraph("b", [paragraph("inside")]), paragraph("c")], first, bench.gate)
    assert [made.id for made in bench.shown(target, home)] == [first, *ids, last]
    assert bench.said(target, ids[0], "block") == ["inside"]


@PAPER.check("children")
def blocks_go_into_blocks(bench: TargetBench) -> None:
    """What is deeper than one request reaches is added to its container later, by the container's id."""
    target, _, home = bench.begun()
    (outer,) = target.append(home, [paragraph("outer")], "", bench.gate)
    (inner,) = target.append(outer, [paragraph("inner")], "", bench.gate)
    target.append(inner, [paragraph("innermost")], "", bench.gate)
    assert bench.said(target, home) == ["outer"], "they stand beside their container"
    assert bench.said(target, outer, "block") == ["inner"]
    assert bench.said(target, inner, "block") == ["innermost"]


@PAPER.check("children")
def it_takes_as_much_as_it_says(bench: TargetBench) -> None:
    """Requests are as large as the limits allow, for each one costs budget: a list, a depth and a text that just fit
    are taken."""
    target, limits, home = bench.begun()
    target.append(home, [paragraph(str(number)) for number in range(limits.array)], "", bench.gate)
    target.append(home, [nested(limits.levels)], "", bench.gate)
    long = paragraph("x" * limits.text)
    target.append(home, [long], "", bench.gate)
    said = bench.said(target, home)
    assert len(said) == limits.array + 2, f"of {limits.array + 2} blocks {len(said)} are there"
    assert len(said[-1]) == limits.text, "the long text was cut"
    deep, level = bench.shown(target, home)[-2].id, 1
    while inner := bench.shown(target, deep, "block"):
        deep, level = inner[0].id, level + 1
    assert level == limits.levels, f"{level} levels of {limits.levels} are there"


@PAPER.check("children")
def what_is_too_much_is_refused_whole(bench: TargetBench) -> None:
    """A request over a limit is a mistake in whoever cut it: it is refused, and nothing of it is written, for half of
    it would be taken for all when it is looked at."""
    target, limits, home = bench.begun()
    with refused("a list that is longer than the limit", SkippableError):
        target.append(home, [paragraph(str(number)) for number in range(limits.array + 1)], "", bench.gate)
    with refused("blocks that are deeper than the limit", SkippableError):
        target.append(home, [nested(limits.levels + 1)], "", bench.gate)
    with refused("a page with blocks that are deeper than the limit", SkippableError):
        target.create(New("page", home, text("Deep"), blocks=(nested(limits.levels + 1),)), bench.gate)
    assert not bench.said(target, home), "some of it was written all the same"


@PAPER.check("children")
def it_holds_each_type_that_it_names(bench: TargetBench) -> None:
    """What a target cannot hold becomes a note, before anything is sent: so each type that it names can be made, and
    is there."""
    target, limits, home = bench.begun()
    made: list[str] = []
    for block in every_block(home):
        kind = str(block["type"])
        if kind in limits.kinds:
            made += target.append(home, [block], "", bench.gate)
    assert [each.id for each in bench.shown(target, home)] == made
    known = {str(block["type"]) for block in every_block(home)} | PARTS
    assert not limits.kinds - known, f"it names types that nobody knows: {sorted(limits.kinds - known)}"


@PAPER.check("places")
def a_page_stands_where_it_is_told(bench: TargetBench) -> None:
    """A child page is part of its author's text: made after a block, it stands there, and not at the end."""
    target, _, home = bench.begun()
    first, _ = target.append(home, [paragraph("before"), paragraph("behind")], "", bench.gate)
    made = target.create(New("page", home, text("Child"), after=first), bench.gate)
    assert [each.id for each in bench.shown(target, home)][1] == made.id, "it stands somewhere else"
    before = target.create(New("page", home, text("First"), after=home), bench.gate)
    assert bench.shown(target, home)[0].id == before.id, "one that is to stand first does not"


@PAPER.check("databases")
def a_database_has_columns_and_rows(bench: TargetBench) -> None:
    """A database is made with its columns and says the ids of its data sources; rows go into these, with values by the
    columns' names, and are shown there by their titles."""
    target, _, home = bench.begun()
    columns: Json = {"Name": {"title": {}}, "Hours": {"number": {}}}
    database = target.create(New("database", home, text("Tasks"), columns), bench.gate)
    assert len(database.sources) == 1, f"it says {len(database.sources)} data sources"
    (source,) = database.sources
    row = New("row", source, text("A row"), {"Hours": {"number": 2}}, (paragraph("body"),))
    made = target.create(row, bench.gate)
    assert [(each.id, each.kind) for each in bench.shown(target, home)] == [(database.id, "database")]
    shown = [(each.id, each.kind) for each in bench.shown(target, database.id, "database")]
    assert shown == [(source, "data_source")], f"in the database stands {shown}"
    found = [(each.id, each.kind, each.title) for each in bench.shown(target, source, "data_source")]
    assert found == [(made.id, "row", "A row")], f"in the data source stands {found}"
    assert bench.said(target, made.id) == ["body"]
    with refused("a value of a column that there is not", SkippableError):
        target.create(New("row", source, text("Another"), {"None": {"number": 1}}), bench.gate)


@PAPER.check("children")
def a_change_may_be_repeated(bench: TargetBench) -> None:
    """Changes are sent again when their answer was lost: after the second one all is as after the first, and what the
    change does not name is as before."""
    target, _, home = bench.begun()
    page = target.create(New("page", home, text("Old"), blocks=(paragraph("old"), paragraph("kept"))), bench.gate)
    block = bench.shown(target, page.id)[0].id
    for _ in range(2):
        target.update(page.id, Changes("page", title=text("New")), bench.gate)
        target.update(block, Changes("block", block={"paragraph": paragraph("new")["paragraph"]}), bench.gate)
    assert [(each.id, each.title) for each in bench.shown(target, home)] == [(page.id, "New")]
    assert bench.said(target, page.id) == ["new", "kept"]


@PAPER.check("upload")
def a_file_is_shown_as_often_as_wanted(bench: TargetBench) -> None:
    """A file goes up once for all blocks that show it: the id that an upload gave serves each of them."""
    target, _, home = bench.holding("file")
    uploaded = target.upload(bench.file(), "notes.txt", bench.gate)
    block: Json = {"type": "file", "file": {"type": "file_upload", "file_upload": {"id": uploaded}}}
    ids = [target.append(home, [block], "", bench.gate)[0] for _ in range(2)]
    assert len(set(ids)) == 2


@PAPER.check("upload")
def an_upload_that_there_is_not_is_refused(bench: TargetBench) -> None:
    """A block with a file that never went up would be a hole that nobody hears of: it is refused, so that it can be
    told."""
    target, _, home = bench.holding("file")
    absent: Json = {"type": "file", "file": {"type": "file_upload", "file_upload": {"id": ABSENT}}}
    with refused("a file that never went up", SkippableError):
        target.append(home, [absent], "", bench.gate)


@PAPER.check("children")
def nothing_else_is_touched(bench: TargetBench) -> None:
    """Restoring changes nothing that is there: whatever is written below one page, its neighbours are what they
    were."""
    target, _, home = bench.begun()
    neighbour = target.create(New("page", home, text("Neighbour"), blocks=(paragraph("theirs"),)), bench.gate).id
    mine = target.create(New("page", home, text("Mine")), bench.gate).id
    before = bench.shown(target, neighbour)
    inside = bench.another()
    inside.open(mine, bench.gate)
    (block,) = inside.append(mine, [paragraph("a")], "", bench.gate)
    inside.create(New("page", mine, text("Neighbour")), bench.gate)
    inside.update(block, Changes("block", block={"paragraph": paragraph("b")["paragraph"]}), bench.gate)
    assert bench.shown(target, neighbour) == before
    assert bench.said(target, home) == ["Neighbour", "Mine"]


@PAPER.check("children")
def a_second_instance_goes_on(bench: TargetBench) -> None:
    """A restore that was cut short goes on in another process: what one instance made, the next one finds, by the
    same ids."""
    target, _, home = bench.begun()
    (block,) = target.append(home, [paragraph("a")], "", bench.gate)
    target.close()
    again = bench.another()
    again.open(home, bench.gate)
    again.append(home, [paragraph("b")], block, bench.gate)
    assert bench.said(again, home) == ["a", "b"]


@PAPER.check()
def it_gives_back_what_it_took(bench: TargetBench) -> None:
    """Two restores, or two jobs, run in one process: after a target was closed no connection, file or thread of it is
    left."""
    bench.opened()[0].close()
    before = held()
    for _ in range(3):
        target, _ = bench.opened()
        target.close()
    after = settled(before)
    assert after[0] <= before[0], f"{after[0] - before[0]} files are left open"
    assert after[1] <= before[1], f"{after[1] - before[1]} threads are left"


@PAPER.check()
def it_tells_no_secret(bench: TargetBench) -> None:
    """A token that writes is worth more than one that reads: it is in no text that the plugin shows of itself, and in
    no error."""
    target, _ = bench.opened()
    seen = [repr(target.plugin), str(target.plugin)]
    try:
        bench.another().open(ABSENT, bench.gate)
    except (SkippableError, FatalError) as error:
        seen += [str(error), repr(error)]
    for name, secret in secrets_of(target.plugin):
        assert not any(secret in each for each in seen), f"it shows its {name}"
