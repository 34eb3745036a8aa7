"""Where sources are examined: what listings show, what reading gives, and whether calls go through the gate."""

from __future__ import annotations

import contextlib
import copy
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from notion_sync_core.content.walk import OTHER_DOCUMENTS
from notion_sync_core.errors import PluginError, SkippableError
from notion_sync_core.model import Asset, Comments, Found, Json, Kind, Listing, Piece, Ref, Unusable, fields, objects
from notion_sync_core.plugins.source import Source
from notion_sync_core.stages import border
from notion_sync_core.testing.examine import Feature, Given, Make, NotApplicable, Paper, built
from notion_sync_core.testing.fakes import FakeCatalog, FakeGate

ABSENT = "00000000-0000-4000-8000-00000000dead"
"""An id that no service gave away."""
_NAME = "under test"
MANY = 5
"""Objects that are looked up one by one."""


class SourceBench:
    """A source, its gate, and what was learnt from it so far."""

    def __init__(self, make: Make, folder: Path) -> None:
        self.folder = folder
        self.gate = FakeGate()
        self.golden = Given.of(make).golden
        self._make = make
        self._made: list[Source] = []
        self._refs: list[Ref] | None = None

    def source(self) -> Source:
        """One more instance."""
        found = built("sources", self._make, self.folder)
        source = Source(found.name, found.plugin, found.hooks)
        self._made.append(source)
        return source

    def implements(self, hook: str) -> bool:
        """Whether the source has a hook."""
        return self.source().hooks.implements(hook)

    def close(self) -> None:
        """Close every instance; what that raises no longer matters."""
        for source in self._made:
            with contextlib.suppress(Exception):
                source.close()
        self.gate.close()

    # -- listings

    def refs(self, source: Source | None = None) -> list[Ref]:
        """What listings show, rows included; the last of several references to one object counts.

        :raises AssertionError: something of it is not in the right form.
        """
        if source is None and self._refs is not None:
            return self._refs
        self._refs = discovered(source or self.source(), self.gate)
        return self._refs

    def pages(self) -> list[Ref]:
        """Those of them that can be read.

        :raises AssertionError: there is no page.
        """
        found = [ref for ref in self.refs() if ref.kind != "data_source"]
        assert any(ref.kind == "page" for ref in found), "it shows no page: there is nothing to examine"
        return found

    def whole(self, source: Source, ref: Ref) -> Ref:
        """A reference with its object, looked up if its listing did not give it."""
        if ref.raw is not None:
            return ref
        shown = source.fetch(ref.id, ref.kind, self.gate)
        return next((each for each in shown if isinstance(each, Ref) and each.id == ref.id), ref)

    # -- reading

    def pieces(self, source: Source, ref: Ref) -> list[Piece]:
        """What reading a document gives.

        :raises AssertionError: something of it is not in the right form.
        """
        try:
            return list(border.read(source.read(ref, FakeCatalog(), self.gate), ref, _NAME))
        except PluginError as error:
            raise AssertionError(error.message) from error

    def readings(self) -> Iterator[tuple[Ref, list[Piece]]]:
        """Every document with what reading it gives, by one instance."""
        return ((ref, pieces) for ref, pieces, _ in self.walk(self.source()))

    def walk(
        self, source: Source, meet: Callable[[Ref], object] | None = None
    ) -> Iterator[tuple[Ref, list[Piece], int]]:
        """Every document with what reading it gives, and how many calls that took, as a run comes by them: those that
        listings show, and then what is found in them and no listing shows, such as a database.

        :param meet: is told of these before they are read, data sources included.
        """
        met, waiting = {ref.id for ref in self.refs()}, deque(self.pages())
        while waiting:
            whole = self.whole(source, waiting.popleft())
            before = self.gate.calls
            pieces = self.pieces(source, whole)
            yield whole, pieces, self.gate.calls - before
            for own, kind, _ in found_in(pieces).children:
                new = [ref for ref in self._found(source, own, kind) if ref.id not in met] if own not in met else []
                met |= {own, *(ref.id for ref in new)}
                if meet is not None:
                    for ref in new:
                        meet(ref)
                waiting += [ref for ref in new if ref.kind != "data_source"]

    def _found(self, source: Source, own: str, kind: Kind) -> list[Ref]:
        """A child that a reading found; nothing: it cannot be read. A data source comes with its rows."""
        try:
            shown = [fit(each) for each in source.fetch(own, kind, self.gate)]
            refs = [ref for ref in shown if ref is not None and not ref.left_out]
            sources = [ref for ref in refs if ref.kind == "data_source"]
            rows = [fit(each) for ref in sources for each in source.expand(ref, FakeCatalog(), self.gate)]
        except SkippableError:
            return []
        return [*refs, *(row for row in rows if row is not None and not row.left_out)]

    def assets(self) -> list[Asset]:
        """Files that documents refer to.

        :raises NotApplicable: there are none.
        """
        found = [asset for _, pieces in self.readings() for asset in found_in(pieces).assets]
        if not found:
            raise NotApplicable("no document that it shows refers to a file")
        return found


def discovered(source: Source, gate: FakeGate) -> list[Ref]:
    """See :meth:`SourceBench.refs`."""
    found: dict[str, Ref] = {}
    todo: list[Iterable[Any]] = [source.discover((), FakeCatalog(), gate)]
    while todo:
        for shown in todo.pop():
            ref = fit(shown)
            if ref is None:
                continue
            before = found.get(ref.id)
            assert before is None or before.kind == ref.kind, (
                f"{ref.id} is shown as {ref.kind}, and is of one kind only"
            )
            if before is None and ref.kind == "data_source":
                todo.append(source.expand(ref, FakeCatalog(), gate))
            found[ref.id] = ref
    return [ref for ref in found.values() if not ref.left_out]


def fit(shown: Any) -> Ref | None:
    """A reference as it should be; ``None`` for what the source itself calls unusable.

    :raises AssertionError: it is not as it should be.
    """
    found = border.admitted(shown, _NAME)
    as_it_is = found is shown
    if isinstance(found, Unusable):
        assert as_it_is, found.reason
        assert found.reason, "what cannot be used has no reason"
        return None
    assert as_it_is, f"{found.title!r} ({found.id}) has half a character in a text, or a time that is not UTC"
    return found


def bare(ref: Ref) -> tuple[str, str, str, str, str]:
    """What of a reference is the same wherever it comes from."""
    return ref.id, ref.kind, ref.title, ref.last_edited_time, str(ref.parent.id or "")


def found_in(pieces: list[Piece]) -> Found:
    """What a reading turned up; the last one counts."""
    return next((piece for piece in reversed(pieces) if isinstance(piece, Found)), Found())


def texts(pieces: list[Piece]) -> list[str]:
    """What was read, but for when, so that two readings can be compared."""
    shown = []
    for piece in pieces:
        if isinstance(piece, Listing | Comments):
            holder = piece.parent_id if isinstance(piece, Listing) else piece.block_id
            shown.append(repr((type(piece).__name__, holder, piece.index, piece.raw)))
        else:
            keys = sorted(asset.key for asset in piece.assets)
            linked = (sorted(piece.links), sorted(piece.anchors), sorted(piece.synced_from), sorted(piece.originals))
            shown.append(repr((piece.children, piece.raw, keys, linked, piece.warnings)))
    return sorted(shown)


def blocks_of(pieces: list[Piece]) -> list[Json]:
    """Every block of a reading."""
    return [raw for piece in pieces if isinstance(piece, Listing) for raw in objects(piece.raw.get("results"))]


def has_children_of_its_own(raw: Json) -> bool:
    """Whether what is in a block is this document's."""
    kind = raw.get("type")
    copy_of = fields(fields(raw.get("synced_block")).get("synced_from")).get("block_id")
    return bool(raw.get("has_children")) and kind not in OTHER_DOCUMENTS and not copy_of


@contextlib.contextmanager
def outside_calls(gate: FakeGate) -> Iterator[list[str]]:
    """Note what leaves this process from this thread and not through the gate."""
    here, seen = threading.get_ident(), list[str]()

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(own: Any, *given: Any, **named: Any) -> Any:
            if threading.get_ident() == here and not gate.is_inside:
                seen.append(name)
            return real(own, *given, **named)

        return call

    with contextlib.ExitStack() as stack:
        for kind in (socket.socket, ssl.SSLSocket):
            for name in ("connect", "send", "sendall"):
                stack.enter_context(mock.patch.object(kind, name, watched(name, getattr(kind, name))))
        yield seen


def left(pieces: Iterable[Any]) -> None:
    """Take one of these and leave the rest, as a run does that stops."""
    begun = iter(pieces)
    next(begun, None)
    close = getattr(begun, "close", None)
    if close is not None:
        close()


def unchanged(ref: Ref) -> Callable[[], bool]:
    """Whether a reference's object is as it is now."""
    before = copy.deepcopy(ref.raw)
    return lambda: ref.raw == before


# -- features


def _implements(hook: str) -> Callable[[SourceBench], bool]:
    return lambda bench: bench.implements(hook)


def _reads_comments(bench: SourceBench) -> bool:
    return any(isinstance(piece, Comments) for _, pieces in bench.readings() for piece in pieces)


PAPER = Paper(
    "sources",
    SourceBench,
    [
        Feature("ping", "it says who we are to the service", _implements("source_ping")),
        Feature("workspace", "it says whose content it shows", _implements("source_workspace")),
        Feature("resolve", "it says which object a root stands for", _implements("source_resolve")),
        Feature("revisit", "it shows known objects again for few requests", _implements("source_revisit")),
        Feature("locate", "it finds the page that a block stands in", _implements("source_locate")),
        Feature("expand", "it shows the rows of data sources", _implements("source_expand")),
        Feature("users", "it lists users", _implements("source_users")),
        Feature("synced", "it reads synced blocks of others", _implements("source_read_children")),
        Feature("assets", "it fetches files", _implements("source_download")),
        Feature("comments", "it reads comments", _reads_comments),
    ],
)
