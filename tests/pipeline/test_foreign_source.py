"""A source of somebody else's: what is wrong with it is named, object by object, and nothing vanishes in silence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from foreign import WHEN, Desk, Notes, note
from notion_sync_core.errors import Exit
from notion_sync_core.plugin import Found, Listing, Piece, Ref, utc_of


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def shows(*refs: Any) -> type[Notes]:
    """A source that shows these beside a good note."""
    return type("Shows", (Notes,), {"refs": (*refs, note("good"))})


def test_a_source_needs_three_hooks_and_nothing_is_read_twice(desk: Desk) -> None:
    report = desk.run(Notes)
    assert (report.exit_code, sorted(Notes.read)) == (0, ["first", "second"]), report.failures
    assert "text of first" in desk.files()["First.md"]
    assert desk.run(Notes).exit_code == 0
    assert Notes.read == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "note"}, "'Odd' (odd) as 'note', which is no kind of object"),
        ({"kind": None}, "as None, which is no kind of object"),
        ({"title": None}, "with a title of the wrong type: NoneType"),
        ({"last_edited_time": "yesterday"}, "'Odd' (odd) with a last_edited_time that is no time: 'yesterday'"),
        ({"last_edited_time": "2026-13-40"}, "with a last_edited_time that is no time: '2026-13-40'"),
        ({"last_edited_time": ""}, "with a last_edited_time that is no time: ''"),
        ({"last_edited_time": 1767323045}, "with a last_edited_time of the wrong type: int"),
        ({"created_time": "long ago"}, "with a created_time that is no time: 'long ago'"),
        ({"created_time": None}, "with a created_time of the wrong type: NoneType"),
    ],
)
def test_a_reference_with_a_wrong_field_is_named_and_harms_nobody_else(
    desk: Desk, fields: dict[str, Any], words: str
) -> None:
    for _ in range(2):  # each run says so
        report = desk.run(shows(note("odd", **fields)))
        assert report.exit_code == Exit.PARTIAL, report.error
        assert [item["id"] for item in report.failures] == ["odd"]
        assert "plugin notes shows" in report.failures[0]["error"]
        assert words in report.failures[0]["error"]
        assert list(desk.files()) == ["Good.md"]
    assert desk.run(shows(note("odd"))).exit_code == 0, "mended, it is exported"
    assert sorted(desk.files()) == ["Good.md", "Odd.md"]


def test_times_with_an_offset_are_in_order_with_those_of_utc(desk: Desk) -> None:
    at_home = note("home", last_edited_time="2026-01-02T04:04:05+01:00", created_time="2026-01-02T00:00:00-03:00")
    assert desk.run(shows(at_home)).exit_code == 0
    assert f'"last_edited_time":"{WHEN}"' in (desk.out / ".notion-sync" / "manifest.jsonl").read_text().replace(
        ": ", ":"
    )
    source = shows(note("home", last_edited_time=WHEN, created_time="2026-01-02T03:00:00.000Z"))
    assert desk.run(source).exit_code == 0
    assert source.read == [], "the same moment is no change"


class Empty(Notes):
    """Says that it has read each page, and gives no blocks."""

    def pieces(self, ref: Ref) -> Iterator[Piece]:
        yield self.found(ref)


class Astray(Notes):
    """Gives the blocks under another id."""

    def listing(self, ref: Ref) -> Listing:
        return evolve(super().listing(ref), parent_id=f"{ref.id}-block")


@pytest.mark.parametrize("source", [Empty, Astray])
def test_a_page_without_any_listing_fails_by_name_and_its_last_copy_stays(desk: Desk, source: type[Notes]) -> None:
    report = desk.run(source)
    assert report.exit_code == Exit.PARTIAL, report.error
    assert [item["id"] for item in report.failures] == ["first", "second"]
    words = "plugin notes reads no listing of the blocks of 'First' (first), not even an empty one"
    assert report.failures[0]["error"] == words
    assert desk.files() == {}
    assert desk.run(Notes).exit_code == 0
    good = desk.files()
    assert desk.run(source, export__comments=True).exit_code == Exit.PARTIAL, "everything is read again"
    assert desk.files() == good


def test_an_empty_page_is_one_empty_listing(desk: Desk) -> None:
    class Blank(Notes):
        def listing(self, ref: Ref) -> Listing:
            return Listing(ref.id, 0, {"results": []})

    assert desk.run(Blank).exit_code == 0
    assert desk.files() == {"First.md": "# First\n", "Second.md": "# Second\n"}


@pytest.mark.parametrize("found", [(), (Found(),), (Found(read_at="2026-02-01T01:00:00+01:00"),)])
def test_what_a_source_reads_without_telling_the_time_is_not_read_again(desk: Desk, found: tuple[Found, ...]) -> None:
    class Timeless(Notes):
        def pieces(self, ref: Ref) -> Iterator[Piece]:
            yield self.listing(ref)
            yield from found

    assert desk.run(Timeless).exit_code == 0
    assert len(Timeless.read) == 2
    assert desk.run(Timeless).exit_code == 0
    assert Timeless.read == []


def test_what_was_edited_while_it_was_read_is_read_again_by_our_own_clock(desk: Desk) -> None:
    class Now(Notes):
        refs = (note("first", last_edited_time=utc_of(time.time() + 60)),)

        def found(self, ref: Ref) -> Found:
            return Found()

    for _ in range(2):
        assert desk.run(Now).exit_code == 0
        assert Now.read == ["first"]


def test_a_reading_at_a_time_that_is_none_fails_by_name(desk: Desk) -> None:
    class Vague(Notes):
        def found(self, ref: Ref) -> Found:
            return Found(read_at="just now")

    report = desk.run(Vague)
    assert report.exit_code == Exit.PARTIAL
    assert report.failures[0]["error"] == "plugin notes has read this document at 'just now', which is no time"
