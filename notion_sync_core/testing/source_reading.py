"""Checks of sources: what reading a document gives."""

from __future__ import annotations

import contextlib
import io
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import attrs
import orjson

from notion_sync_core.clock import SystemClock
from notion_sync_core.content.dates import utc_of
from notion_sync_core.errors import FatalError, MissingError, SkippableError
from notion_sync_core.model import KINDS, Comments, Found, Listing, Piece, objects
from notion_sync_core.testing.examine import NotApplicable, secrets_of
from notion_sync_core.testing.fakes import FakeCatalog
from notion_sync_core.testing.source_bench import (
    ABSENT,
    MANY,
    PAPER,
    SourceBench,
    blocks_of,
    found_in,
    has_children_of_its_own,
    left,
    outside_calls,
    texts,
    unchanged,
)

check = PAPER.check
_WORKERS = 4
"""How many read at once."""


@check()
def every_page_has_its_blocks(bench: SourceBench) -> None:
    """Reading a page gives the first listing of its own blocks, an empty one if it has none: a page without any would
    count as read, and have no file.
    """
    for ref, pieces in bench.readings():
        own = [
            piece for piece in pieces if isinstance(piece, Listing) and (piece.parent_id, piece.index) == (ref.id, 0)
        ]
        assert ref.kind != "page" or len(own) == 1, f"{ref.title!r} has {len(own)} first listings"


@check()
def lists_count_up_and_end(bench: SourceBench) -> None:
    """The answers of one list count up from 0, each once, and ``has_more`` says of the last that it is the last and of
    no other: the mirror reads a list until it says so.
    """
    for ref, pieces in bench.readings():
        lists: dict[tuple[str, str], list[tuple[int, bool]]] = {}
        for piece in pieces:
            if isinstance(piece, Listing | Comments):
                holder = piece.parent_id if isinstance(piece, Listing) else piece.block_id
                lists.setdefault((type(piece).__name__, holder), []).append(
                    (piece.index, bool(piece.raw.get("has_more")))
                )
        for (_, holder), answers in lists.items():
            indexes = sorted(index for index, _ in answers)
            where = f"the list of {holder} in {ref.title!r}"
            assert indexes == list(range(len(answers))), f"the answers of {where} are {indexes}, not counted up from 0"
            more = [has_more for _, has_more in sorted(answers)]
            assert more == [True] * (len(more) - 1) + [False], f"{where} does not end where it says so"


@check()
def what_is_inside_a_block_is_read(bench: SourceBench) -> None:
    """A block that says ``has_children`` has a listing of its own among the pieces, unless what is in it is another
    document, is a copy, or is told as a warning: else a toggle is empty in every format.
    """
    for ref, pieces in bench.readings():
        held = {piece.parent_id for piece in pieces if isinstance(piece, Listing)}
        warned = found_in(pieces).warnings
        for raw in blocks_of(pieces):
            if has_children_of_its_own(raw) and not warned:
                assert raw.get("id") in held, f"what is inside a {raw.get('type')} of {ref.title!r} was not read"


@check()
def each_block_comes_once(bench: SourceBench) -> None:
    """No block stands twice in a document: answers of one list do not overlap, and no list is read twice."""
    for ref, pieces in bench.readings():
        ids = Counter(raw["id"] for raw in blocks_of(pieces) if raw.get("id"))
        twice = [own for own, count in ids.items() if count > 1]
        assert not twice, f"the block {twice[0] if twice else ''} stands twice in {ref.title!r}"


@check()
def blocks_are_as_the_api_gives_them(bench: SourceBench) -> None:
    """A listing is JSON, its ``results`` are objects with a ``type``, and its ``type`` names the object that holds what
    the block says: renderers read them so.
    """
    for ref, pieces in bench.readings():
        for piece in pieces:
            if not isinstance(piece, Listing):
                continue
            try:
                orjson.dumps(piece.raw)
            except TypeError as error:
                raise AssertionError(f"a listing of {ref.title!r} is no JSON: {error}") from error
            results = piece.raw.get("results")
            assert isinstance(results, list), f"a listing of {ref.title!r} has no results"
            assert len(objects(results)) == len(results), f"a block of {ref.title!r} is no object"
            for raw in results:
                kind = raw.get("type")
                assert isinstance(kind, str), f"a block of {ref.title!r} has no type"
                assert isinstance(raw.get(kind), dict), f"a {kind} of {ref.title!r} has no object {kind!r}"


@check()
def reading_twice_gives_the_same(bench: SourceBench) -> None:
    """What does not change reads the same, in the same order, by the same instance and by another: blocks, the object,
    children, links, and the keys of files. Otherwise every run writes every file.
    """
    source = bench.source()
    for ref, pieces in bench.readings():
        for words in ("by another instance", "again"):
            assert texts(bench.pieces(source, ref)) == texts(pieces), f"read {words}, {ref.title!r} is another"


@check()
def threads_may_read_at_once(bench: SourceBench) -> None:
    """Workers read documents at the same time, by one instance: none gets another's blocks."""
    source = bench.source()
    expected = [(ref, texts(pieces)) for ref, pieces in bench.readings()][: 4 * MANY]
    begin = threading.Barrier(_WORKERS)

    def read(number: int) -> None:
        begin.wait(20)
        for ref, before in expected[number::_WORKERS]:
            assert texts(bench.pieces(source, ref)) == before, f"read beside others, {ref.title!r} is another"

    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(read, range(_WORKERS)))


@check()
def reading_changes_no_reference(bench: SourceBench) -> None:
    """The object in ``ref.raw`` is shared with whoever listed it: a reading leaves it as it is."""
    source = bench.source()
    for ref in bench.pages():
        whole = bench.whole(source, ref)
        as_before = unchanged(whole)
        bench.pieces(source, whole)
        assert as_before(), f"reading {ref.title!r} changed its reference"


@check()
def no_reading_begins_in_the_future(bench: SourceBench) -> None:
    """``Found.read_at`` is when the reading began, by the service's clock. What was edited in that minute is read
    again; a time to come would hide edits until then.
    """
    for ref, pieces in bench.readings():
        at = found_in(pieces).read_at
        assert at <= utc_of(SystemClock().now() + 60), f"{ref.title!r} was read at {at}"


@check()
def what_was_found_is_said(bench: SourceBench) -> None:
    """Reading gives one ``Found``, whose children have an id and a kind. A child page in the blocks is among them: it
    is how the walk finds what no listing shows.
    """
    for ref, pieces in bench.readings():
        found = [piece for piece in pieces if isinstance(piece, Found)]
        assert len(found) == 1, f"reading {ref.title!r} gives {len(found)} times what it found"
        for own, kind, _ in found[0].children:
            assert own, f"a child of {ref.title!r} has no id"
            assert kind in KINDS, f"a child of {ref.title!r} is a {kind!r}"
        children = {own for own, _, _ in found[0].children}
        shown = [
            raw for raw in blocks_of(pieces) if raw.get("type") in ("child_page", "child_database") and raw.get("id")
        ]
        missing = [raw["id"] for raw in shown if raw["id"] not in children]
        assert not missing, f"{ref.title!r} shows the child {missing[0] if missing else ''}, and it was not found"


@check()
def children_can_be_asked_for(bench: SourceBench) -> None:
    """A child that reading found can be looked up, is no object of its own (a view), or is missing: anything else would
    fail in every run.
    """
    source = bench.source()
    children = [child for _, pieces in bench.readings() for child in found_in(pieces).children][: 2 * MANY]
    for own, kind, title in children:
        with contextlib.suppress(MissingError):
            shown = list(source.fetch(own, kind, bench.gate))
            ids = [each.id for each in shown]
            assert not ids or own in ids, f"the child {title!r} was asked for, and {ids[0]} comes"


@check()
def an_error_in_the_middle_comes_through(bench: SourceBench) -> None:
    """When a call fails while a document is read, the reading raises it: half a page must not count as a page."""
    source, gate = bench.source(), bench.gate
    pages = [bench.whole(source, ref) for ref in bench.pages()][: 3 * MANY]
    for ref in pages:
        before = gate.calls
        bench.pieces(source, ref)
        calls = gate.calls - before
        for after in {0, calls - 1} if calls else ():
            gate.fail(FatalError("the exam ends this call"), after)
            try:
                list(source.read(ref, FakeCatalog(), gate))
            except FatalError:
                continue
            finally:
                gate.fails = None
            raise AssertionError(f"call {after + 1} of {calls} for {ref.title!r} failed, and it counts as read")


@check()
def a_reading_can_be_left(bench: SourceBench) -> None:
    """A run that stops leaves a reading in its middle: that raises nothing, and the next one is whole."""
    source = bench.source()
    ref = bench.whole(source, bench.pages()[0])
    left(source.hooks.call("source_read", ref=ref, catalog=FakeCatalog(), gate=bench.gate))
    assert texts(bench.pieces(source, ref)) == texts(bench.pieces(bench.source(), ref)), (
        "a reading that was left is felt"
    )


@check()
def an_absent_page_is_not_read(bench: SourceBench) -> None:
    """Reading what is gone meanwhile raises a :class:`SkippableError`, such as ``MissingError``, or gives it empty: the
    other objects go on.
    """

    ref = next(each for each in bench.pages() if each.kind == "page")
    gone = attrs.evolve(ref, id=ABSENT, raw={**(ref.raw or {}), "id": ABSENT})
    source = bench.source()
    try:
        pieces = list(source.read(gone, FakeCatalog(), bench.gate))
    except SkippableError:
        return
    assert not blocks_of(pieces), "a page that does not exist has blocks"


@check()
def nothing_read_holds_a_secret(bench: SourceBench) -> None:
    """No token of its options stands in what it reads: all of that is kept, and much of it published."""
    secrets = list(secrets_of(bench.source().plugin))
    for ref, pieces in bench.readings():
        shown = json.dumps(texts(pieces))
        for name, secret in secrets:
            assert secret not in shown, f"what is read of {ref.title!r} holds {name}"


@check("comments")
def comments_are_lists(bench: SourceBench) -> None:
    """Comments come as the API gives them: objects, under the block or document that they are about."""
    for ref, pieces in bench.readings():
        about = {ref.id, *(raw.get("id") for raw in blocks_of(pieces))}
        for piece in pieces:
            if isinstance(piece, Comments):
                assert piece.block_id in about, (
                    f"a comment in {ref.title!r} is about {piece.block_id}, which is not there"
                )
                results = piece.raw.get("results")
                assert isinstance(results, list), f"comments in {ref.title!r} are no list"
                assert len(objects(results)) == len(results), f"a comment in {ref.title!r} is no object"


@check("synced")
def an_absent_synced_block_is_skipped(bench: SourceBench) -> None:
    """A synced block that is not readable raises a :class:`SkippableError`, or is empty: the next copy is tried."""

    try:
        pieces: list[Piece] = list(bench.source().read_children(ABSENT, FakeCatalog(), bench.gate))
    except SkippableError:
        return
    assert not blocks_of(pieces), "a synced block that does not exist has blocks"


@check("locate")
def an_absent_block_is_nowhere(bench: SourceBench) -> None:
    """Of a block that is not there ``source_locate`` says ``""``, or that it is missing; a page that a block stands in
    is found.
    """

    source = bench.source()
    with contextlib.suppress(SkippableError):
        assert not source.locate(ABSENT, bench.gate), "a block that does not exist stands somewhere"
    ref, raw = next(((ref, raw) for ref, pieces in bench.readings() for raw in blocks_of(pieces)[-1:]), (None, {}))
    if ref is None:
        raise NotApplicable("no page that it shows has a block")
    assert source.locate(raw["id"], bench.gate) == ref.id, f"a block of {ref.title!r} is said to stand elsewhere"


@check("assets")
def files_have_keys_that_stay(bench: SourceBench) -> None:
    """A file's key is the same in each reading, whatever its address is today, and holds no signature; it says what
    refers to it, so that its address can be renewed.
    """
    first, second = ({asset.key: asset for asset in bench.assets()} for _ in range(2))
    assert first.keys() == second.keys(), "read again, files have other keys"
    for asset in first.values():
        assert asset.key, "a file has no key"
        assert "signature=" not in asset.key.lower(), f"the key of a file holds a signature: {asset.key:.80}"
        assert asset.holder_id, f"nobody is said to refer to {asset.key:.80}"


@check("assets")
def files_come_whole_each_time(bench: SourceBench) -> None:
    """Fetching a file writes its bytes and gives its media type or ``""``, the same each time, through the gate."""
    source = bench.source()
    for asset in bench.assets()[:MANY]:
        got = []
        for _ in range(2):
            out = io.BytesIO()
            with outside_calls(bench.gate) as seen:
                media_type = source.download(asset, out, bench.gate)
            assert isinstance(media_type, str), f"{asset.key:.80} has a media type that is no text"
            assert not seen, f"{asset.key:.80} is fetched around the gate"
            got.append((media_type, out.getvalue()))
        assert got[0] == got[1], f"fetched twice, {asset.key:.80} is another"
        assert got[0][1], f"{asset.key:.80} comes without a byte"


@check("assets")
def an_expired_address_is_renewed(bench: SourceBench) -> None:
    """A file whose address of today is not known, as in a later run, is fetched all the same: by its key and what
    refers to it.
    """
    source = bench.source()
    for asset in bench.assets()[:MANY]:
        if asset.external:
            continue
        one, two = io.BytesIO(), io.BytesIO()
        source.download(asset, one, bench.gate)
        source.download(attrs.evolve(asset, url=asset.key), two, bench.gate)
        assert one.getvalue() == two.getvalue(), f"by its key alone {asset.key:.80} is another file"


@check("expand")
def databases_have_their_sources(bench: SourceBench) -> None:
    """Reading a database finds its data sources: without them it has no rows."""
    for ref, pieces in bench.readings():
        if ref.kind == "database":
            listed = [raw for raw in objects((ref.raw or {}).get("data_sources")) if raw.get("id")]
            found = {own for own, kind, _ in found_in(pieces).children if kind == "data_source"}
            missing = [raw["id"] for raw in listed if raw["id"] not in found]
            assert not missing, f"the data source {missing[0] if missing else ''} of {ref.title!r} was not found"
