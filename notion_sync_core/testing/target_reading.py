"""Checks of targets: what was written is what a source of the same service reads, in every field that was sent."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Json, Listing, Piece, fields, objects
from notion_sync_core.plugins.target import Target
from notion_sync_core.testing.build import external
from notion_sync_core.testing.examine import NotApplicable, same
from notion_sync_core.testing.source_bench import found_in
from notion_sync_core.testing.target_bench import PAPER, TargetBench, every_block, paragraph, text
from notion_sync_core.writing import Changes, New

check = PAPER.check
_COMPASS: Json = {"type": "emoji", "emoji": "🧭"}
_BELL: Json = {"type": "emoji", "emoji": "🔔"}
_COVER = external("https://example.org/cover.png")
_COLUMNS: Json = {"Name": {"title": {}}, "Hours": {"number": {}}, "Done": {"checkbox": {}}, "Link": {"url": {}}}
_VALUES: Json = {"Hours": {"number": 2.5}, "Done": {"checkbox": True}, "Link": {"url": "https://example.org/"}}
_LONG_NAME = 2_000


@check()
def pages_are_read_as_they_were_written(bench: TargetBench) -> None:
    """A source of the same service, which ``check_target(…, reads=…)`` makes, shows a page with the title, icon and
    cover that were sent, and each block with all that was sent of it and with what was sent inside it. A field that is
    dropped on the way is lost for ever: the service that is restored into is all that is left.
    """
    target, limits, home = bench.begun()
    written = [block for block in every_block(home) if block["type"] in limits.kinds]
    new = New("page", home, text("A page"), blocks=tuple(written[:1]), icon=_COMPASS, cover=_COVER)
    page = target.create(new, bench.gate).id
    for block in written[1:]:
        target.append(page, [block], "", bench.gate)
    ref, pieces = bench.read(page, "page")
    assert ref.title == "A page", f"the page is called {ref.title!r}"
    _holds(ref.raw, {"icon": _COMPASS, "cover": _COVER}, "the page")
    lists = _lists(pieces)
    _hold_blocks(lists, page, written)


@check("databases")
def databases_are_read_as_they_were_written(bench: TargetBench) -> None:
    """A database has the description, icon and cover that were sent, and stands in the text if that was said; each of
    its data sources has its columns, and a row the values, the icon and the blocks that were sent.
    """
    target, _, home = bench.begun()
    inline = New("database", home, text("Tasks"), _COLUMNS, (), "", _COMPASS, _COVER, text("all of them"), True)
    database = target.create(inline, bench.gate)
    ref, _ = bench.read(database.id, "database")
    _holds(ref.raw, {"icon": _COMPASS, "cover": _COVER, "is_inline": True}, "the database")
    _holds(ref.raw, {"description": list(text("all of them"))}, "the database")
    second = target.create(New("data_source", database.id, text("Second"), _COLUMNS), bench.gate)
    assert (second.kind, second.title) == ("data_source", "Second"), f"it calls it {second.kind} {second.title!r}"
    for source in (*database.sources, second.id):
        new = New("row", source, text("A row"), _VALUES, (paragraph("body"),), icon=_BELL)
        row, pieces = bench.read(target.create(new, bench.gate).id, "page")
        assert row.title == "A row", f"the row is called {row.title!r}"
        _holds(row.raw, {"properties": _VALUES, "icon": _BELL}, "a row")
        _hold_blocks(_lists(pieces), row.id, [paragraph("body")])
    found = [each.title for each in bench.source().fetch(second.id, "data_source", bench.gate) if each.id == second.id]
    assert found == ["Second"], f"the second data source is called {found}"


@check()
def changes_are_read_as_they_were_written(bench: TargetBench) -> None:
    """After a change, sent twice, an object has what the change names, and all else as before."""
    target, limits, home = bench.begun()
    page = target.create(New("page", home, text("Old"), blocks=(paragraph("old"),), cover=_COVER), bench.gate).id
    _change(target, bench, page, Changes("page", icon=_BELL))
    ref, pieces = bench.read(page, "page")
    assert ref.title == "Old", f"a change of its icon made the title {ref.title!r}"
    _holds(ref.raw, {"icon": _BELL, "cover": _COVER}, "the page")
    block = _lists(pieces)[page][0]["id"]
    _change(target, bench, page, Changes("page", title=text("New"), cover=external("https://example.org/new.png")))
    _change(target, bench, block, Changes("block", block={"paragraph": paragraph("new")["paragraph"]}))
    ref, pieces = bench.read(page, "page")
    assert ref.title == "New", f"renamed, the page is called {ref.title!r}"
    _holds(ref.raw, {"icon": _BELL, "cover": external("https://example.org/new.png")}, "the page")
    _hold_blocks(_lists(pieces), page, [paragraph("new")])
    if "database" in limits.objects:
        _changes_of_a_database(target, bench, home)


def _changes_of_a_database(target: Target, bench: TargetBench, home: str) -> None:
    database = target.create(New("database", home, text("Old"), _COLUMNS), bench.gate)
    (source,) = database.sources
    row = target.create(New("row", source, text("Old"), _VALUES), bench.gate).id
    _change(target, bench, database.id, Changes("database", title=text("New"), icon=_BELL))
    _change(target, bench, source, Changes("data_source", title=text("Fresh"), properties={"More": {"number": {}}}))
    _change(target, bench, row, Changes("row", title=text("New"), properties={"Hours": {"number": 3}}))
    ref, _ = bench.read(database.id, "database")
    assert ref.title == "New", f"renamed, the database is called {ref.title!r}"
    _holds(ref.raw, {"icon": _BELL}, "the database")
    (of_source,) = [each for each in bench.source().fetch(source, "data_source", bench.gate) if each.id == source]
    assert of_source.title == "Fresh", f"renamed, the data source is called {of_source.title!r}"
    ref, _ = bench.read(row, "page")
    assert ref.title == "New", f"renamed, the row is called {ref.title!r}"
    _holds(ref.raw, {"properties": {**_VALUES, "Hours": {"number": 3}, "More": {"number": None}}}, "the row")


def _change(target: Target, bench: TargetBench, object_id: str, changes: Changes) -> None:
    for _ in range(2):
        target.update(object_id, changes, bench.gate)


@check("upload")
def files_are_read_as_they_were_written(bench: TargetBench) -> None:
    """What a source downloads is, byte for byte, what went up, with its media type where the source tells one: a small
    file, and one that is too large for a single request, which goes up in parts.
    """
    target, limits, home = bench.holding("file")
    sizes = [size for size in (11, limits.whole_bytes + 1) if size <= limits.file_bytes]
    for size in sizes:
        content = bytes(range(1, 12)) * (size // 11 + 1)
        _upload(target, bench, home, "bell.wav", content[:size])
    ref, pieces = bench.read(home, "page")
    got = [_downloaded(bench, asset) for asset in found_in(pieces).assets]
    assert len(got) == len(sizes), f"of {len(sizes)} files in {ref.title!r} {len(got)} are read"
    for size, (media_type, digest) in zip(sizes, got, strict=True):
        sent = hashlib.sha256((bytes(range(1, 12)) * (size // 11 + 1))[:size]).hexdigest()
        assert same(digest, sent), f"a file of {size} bytes comes back as another"
        assert media_type in ("", "audio/wav"), f"a .wav comes back as {media_type}"


@check("upload")
def a_file_of_any_name_is_taken(bench: TargetBench) -> None:
    """Names come from people, and from other services: a long one is cut, and its end that says what it is stays or
    goes, but the file is there. An empty file is taken, or refused as a file: everything else goes on.
    """
    target, _, home = bench.holding("file")
    for name in ("n" * _LONG_NAME + ".txt", "é" * _LONG_NAME + ".txt", 'a "b" <c>.txt', "ünïcödé 🌱.txt"):
        _upload(target, bench, home, name, b"some notes\n")
    with contextlib.suppress(SkippableError):
        _upload(target, bench, home, "empty.txt", b"")


@check("children")
def each_language_that_it_names_is_taken(bench: TargetBench) -> None:
    """Code in a language that a target does not name is written as plain text; so each that it names has to be taken,
    and a block that is refused for it would be missing.
    """
    target, limits, home = bench.begun()
    if "code" not in limits.kinds or not limits.languages:
        raise NotApplicable("it names no language")
    named = sorted(limits.languages)
    blocks = [{"type": "code", "code": {"rich_text": list(text(each)), "language": each}} for each in named]
    for start in range(0, len(blocks), limits.array):
        target.append(home, blocks[start : start + limits.array], "", bench.gate)
    assert bench.said(target, home) == named


# -- what was sent, and what is shown


def _upload(target: Target, bench: TargetBench, home: str, name: str, content: bytes) -> None:
    uploaded = target.upload(bench.file("content", content), name, bench.gate)
    source = {"type": "file_upload", "file_upload": {"id": uploaded}}
    target.append(home, [{"type": "file", "file": source}], "", bench.gate)


def _downloaded(bench: TargetBench, asset: Any) -> tuple[str, str]:
    out = io.BytesIO()
    media_type = bench.source().download(asset, out, bench.gate)
    return media_type, hashlib.sha256(out.getvalue()).hexdigest()


def _lists(pieces: Sequence[Piece]) -> dict[str, list[Json]]:
    """The blocks of each list, in their order."""
    found: dict[str, list[Json]] = {}
    listings = [piece for piece in pieces if isinstance(piece, Listing)]
    for piece in sorted(listings, key=lambda each: each.index):
        found.setdefault(piece.parent_id, []).extend(objects(piece.raw.get("results")))
    return found


def _hold_blocks(lists: dict[str, list[Json]], container: str, sent: Sequence[Json]) -> None:
    """Whether a list shows the blocks that were sent, with what was sent inside them.

    :raises AssertionError: it does not.
    """
    shown = lists.get(container, [])
    kinds = [raw.get("type") for raw in shown]
    assert kinds == [block["type"] for block in sent], f"where {len(sent)} blocks were written, there are {kinds}"
    for raw, block in zip(shown, sent, strict=True):
        kind = block["type"]
        payload = {name: value for name, value in block[kind].items() if name != "children"}
        _holds(raw.get(kind), payload, f"a block of type {kind}")
        if block[kind].get("children"):
            _hold_blocks(lists, raw["id"], block[kind]["children"])


def _holds(shown: Any, sent: Any, what: str) -> None:
    """Whether everything that was sent is shown; a service adds to it.

    :raises AssertionError: it is not.
    """
    lost = next(_lost(shown, sent, ""), None)
    assert lost is None, f"{what} lost something: {lost}"


def _lost(shown: Any, sent: Any, where: str) -> Iterator[str]:
    if isinstance(sent, dict):
        for name, value in sent.items():
            yield from _lost(fields(shown).get(name), value, f"{where}.{name}".lstrip("."))
    elif isinstance(sent, list):
        if not isinstance(shown, list) or len(shown) != len(sent):
            yield f"{where} was {sent!r:.80}, and is {shown!r:.80}"
            return
        for number, (one, other) in enumerate(zip(shown, sent, strict=True)):
            yield from _lost(one, other, f"{where}[{number}]")
    elif shown != sent:
        yield f"{where} was {sent!r:.80}, and is {shown!r:.80}"
