"""The contract suite of sources finds what is wrong with a source, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from foreign import WHEN, Notes, note
from notion_sync_core.plugin import Found, Listing, Parent, Piece, Ref, Unusable, hookimpl
from notion_sync_core.testing import check_source
from notion_sync_demo import Emulator
from notion_sync_notion import NotionSource


class Good(Notes):
    read: list[str] = []


def test_a_source_that_keeps_the_contract_passes() -> None:
    check_source(Good)


def test_notion_keeps_the_contract_of_sources(server: Emulator) -> None:
    check_source(lambda: NotionSource(server.token, server.url, comments=True))


class Silent(Good):
    def pieces(self, ref: Ref) -> Iterator[Piece]:
        yield self.found(ref)


class BreaksOff(Good):
    def listing(self, ref: Ref) -> Listing:
        return evolve(super().listing(ref), raw={"results": [], "has_more": True})


class LeavesOneOut(Good):
    def pieces(self, ref: Ref) -> Iterator[Piece]:
        for index, more in ((0, True), (2, False)):
            yield Listing(ref.id, index, {"results": [], "has_more": more})


class NeverTheSame(Good):
    def listing(self, ref: Ref) -> Listing:
        return Listing(ref.id, 0, {"results": [{"at": len(self.read)}]})


class FromTheFuture(Good):
    def found(self, ref: Ref) -> Found:
        return Found(read_at="2999-01-01T00:00:00.000Z")


class GivesAnother(Good):
    @hookimpl
    def source_fetch(self, object_id: str) -> list[Any]:
        return [note("second" if object_id == "first" else "first")]


class ComesBare(Good):
    @hookimpl
    def source_fetch(self, object_id: str) -> list[Any]:
        return [note(object_id, raw=None)]


class KnowsEverything(Good):
    @hookimpl
    def source_fetch(self, object_id: str) -> list[Any]:
        return [note(object_id)]


class Restless(Good):
    @hookimpl
    def source_discover(self) -> Iterator[Any]:
        self.read.append("")
        yield note(f"note{len(self.read)}")

    @hookimpl
    def source_fetch(self, object_id: str) -> list[Any]:
        return [note(object_id)] if object_id.startswith("note") else []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Silent, "reads no listing of the blocks of 'First'"),
        (BreaksOff, "the list of first ends where it says so"),
        (LeavesOneOut, "the answers of the list of first count up from 0"),
        (NeverTheSame, "reading 'First' twice gives the same"),
        (FromTheFuture, "no reading begins in the future"),
        (GivesAnother, "first was asked for, and it comes"),
        (ComesBare, "first comes with its object"),
        (KnowsEverything, "what does not exist is missing"),
        (Restless, "another look shows the same objects"),
        (object, "the source under test is no source: it does not implement"),
    ],
)
def test_a_source_that_breaks_it_is_told_where(source: type[Any], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_source(source)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (note("odd", kind="note"), "which is no kind of object"),
        (note("odd", title=None), "title of the wrong type"),
        (note("odd", last_edited_time="yesterday"), "no time: 'yesterday'"),
        (note("odd", last_edited_time="2026-01-02T04:04:05+01:00"), "times in UTC"),
        (note("first", kind="database"), "first is of one kind"),
        (Unusable(""), "has a reason"),
        ("page", "str, no reference"),
    ],
)
def test_a_source_that_shows_what_is_no_reference_is_told_what(shown: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_source(type("Shows", (Good,), {"refs": (*Notes.refs, shown)}))


def test_what_a_source_calls_unusable_or_leaves_out_needs_nothing_else() -> None:
    out = Ref("out", "page", "Out", Parent(), "", WHEN, left_out="it is in the trash")
    check_source(type("Shows", (Good,), {"refs": (*Notes.refs, out, Unusable("odd"))}))
