"""What every source must do, as a function that a test calls."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from notion_sync_core.clock import SystemClock
from notion_sync_core.content.dates import utc_of
from notion_sync_core.errors import MissingError, PluginError
from notion_sync_core.gate.gate import Gate
from notion_sync_core.gate.policy import RetryPolicy
from notion_sync_core.model import Asset, Comments, Found, Listing, Piece, Ref, Unusable
from notion_sync_core.plugins.build import checked
from notion_sync_core.plugins.source import Source
from notion_sync_core.stages import border

_NAME = "under test"
_MANY = 5
"""Objects that are looked up one by one."""
_ABSENT = "00000000-0000-4000-8000-00000000dead"


def check_source(make: Callable[[], Any]) -> None:
    """The contract of sources, on a service that holds at least one page and does not change meanwhile.

    :param make: builds the source; each time for the same service.
    :raises AssertionError: the source breaks it; the message says where.
    """
    with _opened(make) as (source, gate):
        refs = _discovered(source, gate)
        assert any(ref.kind == "page" for ref in refs), "there is a page to check with"
        _looks_up(source, gate, refs)
        for ref in refs:
            if ref.kind != "data_source":
                _reads(source, gate, ref)
    with _opened(make) as (source, gate):
        again = _discovered(source, gate)
        assert {_bare(ref) for ref in again} == {_bare(ref) for ref in refs}, "another look shows the same objects"
        source.close()
    _made(make).close()  # nothing was asked of it


class _Nothing:
    """The :class:`~notion_sync_core.catalog.Catalog` of a job that never ran."""

    since = None

    def edited(self, _object_id: str) -> str | None:
        return None

    def known(self) -> int:
        return 0

    def awaited(self) -> int:
        return 0

    def knows(self, _object_id: str) -> bool:
        return False

    def unseen(self, _data_source_id: str) -> int:
        return 0

    def unread(self, _data_source_id: str) -> Iterator[str]:
        return iter(())

    def has_user(self, _user_id: str) -> bool:
        return False


def _made(make: Callable[[], Any]) -> Source:
    try:
        built = checked("sources", _NAME, make(), "the source under test")
    except PluginError as error:
        raise AssertionError(error.message) from error
    return Source(built.name, built.plugin, built.hooks)


@contextlib.contextmanager
def _opened(make: Callable[[], Any]) -> Iterator[tuple[Source, Gate]]:
    source = _made(make)
    try:
        yield source, Gate(source.host, SystemClock(), lambda _: None, policy=RetryPolicy(max_attempts=3))
    finally:
        source.close()


def _discovered(source: Source, gate: Gate) -> list[Ref]:
    """What listings show, rows included; the last of several references to one object counts."""
    found: dict[str, Ref] = {}
    todo: list[Iterable[Any]] = [source.discover((), _Nothing(), gate)]
    while todo:
        for shown in todo.pop():
            ref = _fit(shown)
            if ref is None:
                continue
            before = found.get(ref.id)
            assert before is None or before.kind == ref.kind, f"{ref.id} is of one kind"
            if before is None and ref.kind == "data_source":
                todo.append(source.expand(ref, _Nothing(), gate))
            found[ref.id] = ref
    return [ref for ref in found.values() if not ref.left_out]


def _fit(shown: Any) -> Ref | None:
    """A reference as it should be; ``None`` for what the source itself calls unusable."""
    found = border.admitted(shown, _NAME)
    as_it_is = found is shown
    if isinstance(found, Unusable):
        assert as_it_is, found.reason
        assert found.reason, "what cannot be used has a reason"
        return None
    assert as_it_is, f"{found.title!r} ({found.id}) has texts without halves of characters, and times in UTC"
    return found


def _bare(ref: Ref) -> tuple[str, str, str, str]:
    return ref.id, ref.kind, ref.title, ref.last_edited_time


def _looks_up(source: Source, gate: Gate, refs: list[Ref]) -> None:
    for ref in refs[:_MANY]:
        found = [_fit(each) for each in source.fetch(ref.id, ref.kind, gate)]
        own = next((each for each in found if each is not None and each.id == ref.id), None)
        assert own is not None, f"{ref.id} was asked for, and it comes"
        assert own.raw is not None, f"{ref.id} comes with its object when it is asked for by its id"
        assert _bare(own) == _bare(ref), f"{ref.id} is the same in a listing and by its id"
    try:
        absent = source.fetch(_ABSENT, "page", gate)
    except MissingError:
        return
    assert not absent, "what does not exist is missing"


def _reads(source: Source, gate: Gate, ref: Ref) -> None:
    if ref.raw is None:
        shown = source.fetch(ref.id, ref.kind, gate)
        ref = next(each for each in shown if isinstance(each, Ref) and each.id == ref.id)
    first, second = (_pieces(source, gate, ref) for _ in range(2))
    _goes_on_to_its_end(first)
    assert _texts(first) == _texts(second), f"reading {ref.title!r} twice gives the same"
    for piece in first:
        if isinstance(piece, Found):
            assert piece.read_at <= utc_of(SystemClock().now() + 60), "no reading begins in the future"
            for asset in piece.assets[:_MANY]:
                _downloads(source, gate, asset)


def _pieces(source: Source, gate: Gate, ref: Ref) -> list[Piece]:
    try:
        return list(border.read(source.read(ref, _Nothing(), gate), ref, _NAME))
    except PluginError as error:
        raise AssertionError(error.message) from error


def _goes_on_to_its_end(pieces: list[Piece]) -> None:
    """Each list has an answer behind each that says so, and no others."""
    lists: dict[tuple[type[Piece], str], dict[int, bool]] = {}
    for piece in pieces:
        if isinstance(piece, Listing | Comments):
            holder = piece.parent_id if isinstance(piece, Listing) else piece.block_id
            lists.setdefault((type(piece), holder), {})[piece.index] = bool(piece.raw.get("has_more"))
    for (_, holder), answers in lists.items():
        more = [answers[index] for index in sorted(answers)]
        assert sorted(answers) == list(range(len(answers))), f"the answers of the list of {holder} count up from 0"
        assert more == [True] * (len(more) - 1) + [False], f"the list of {holder} ends where it says so"


def _texts(pieces: list[Piece]) -> list[str]:
    """What was read, but for when."""
    shown = (piece.raw if isinstance(piece, Listing | Comments) else (piece.children, piece.raw) for piece in pieces)
    return sorted(map(repr, shown))


def _downloads(source: Source, gate: Gate, asset: Asset) -> None:
    if not source.hooks.implements("source_download"):
        return
    out = io.BytesIO()
    media_type = source.download(asset, out, gate)
    assert isinstance(media_type, str), f"{asset.key} has a media type, or none"
