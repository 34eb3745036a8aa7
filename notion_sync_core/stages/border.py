"""What a source may bring in: only text with an encoding reaches the state, whatever a plugin or a service gives.

Each object is judged by itself. What can be put right is; the rest is named, and harms nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import evolve

from notion_sync_core import wellformed
from notion_sync_core.content.dates import utc
from notion_sync_core.errors import PluginError
from notion_sync_core.model import KINDS, Comments, Found, Json, Listing, Parent, Piece, Ref, Unusable

_TEXTS = ("title", "url", "left_out")
_TIMES = ("created_time", "last_edited_time")
_REMEDY = "This is a fault in the plugin: report it to its authors. All else goes on without it."


def admitted(shown: Any, source: str) -> Ref | Unusable:
    """What a listing gave, fit for the state.

    :param source: the plugin's name, for messages.
    """
    if isinstance(shown, Unusable):
        texts = (shown.kind, shown.id, shown.title, shown.reason, shown.remedy)
        return shown if _are_texts(*texts) else _refused("something it cannot name", source)
    if not isinstance(shown, Ref):
        return _refused(f"{type(shown).__name__}, no reference", source)
    return shown if _is_whole(shown) else _mended(shown, source)


def _is_whole(ref: Ref) -> bool:
    where: Any = ref.parent
    if not isinstance(where, Parent) or not _are_texts(
        *(ref.id, ref.kind, ref.title, where.type, where.id or "", ref.created_time, ref.last_edited_time),
        *(ref.url, ref.left_out),
    ):
        return False
    return _is_timely(ref) and bool(ref.id) and ref.kind in KINDS and (ref.raw is None or isinstance(ref.raw, dict))


def _is_timely(ref: Ref) -> bool:
    """What is left out is not read, so nobody needs to know when it was edited."""
    return bool(ref.left_out) or (
        "" != ref.created_time == utc(ref.created_time) and "" != ref.last_edited_time == utc(ref.last_edited_time)
    )


def _are_texts(*found: Any) -> bool:
    """Whether all of them are text, and all of it has an encoding; the cheapest way to see it."""
    try:
        "".join(found).encode()
    except (TypeError, ValueError):
        return False
    return True


def _mended(ref: Any, source: str) -> Ref | Unusable:
    """A reference with halves of surrogate pairs put right, and its times in UTC.

    A wrong type, and a time that is none, are the plugin's fault.
    """
    if not _is_id(ref.id):
        return _refused(f"an object whose id is {ref.id!r:.80}", source)
    title = wellformed.text(ref.title) if isinstance(ref.title, str) else ""
    if not isinstance(ref.kind, str) or ref.kind not in KINDS:
        return _refused(f"{title!r} ({ref.id}) as {ref.kind!r:.80}, which is no kind of object", source, ref.id, title)
    for name, found, wanted in (
        *((name, getattr(ref, name), str) for name in (*_TEXTS, *_TIMES)),
        *(("parent", ref.parent, Parent), ("raw", ref.raw or {}, dict)),
        *(
            ("parent type", getattr(ref.parent, "type", ""), str),
            ("parent id", getattr(ref.parent, "id", "") or "", str),
        ),
    ):
        if not isinstance(found, wanted):
            what = f"{title!r} ({ref.id}) with a {name} of the wrong type: {type(found).__name__}"
            return _refused(what, source, ref.id, title, ref.kind)
    times = {name: utc(getattr(ref, name)) for name in _TIMES}
    for name, time in times.items():
        if not time and not ref.left_out:
            what = f"{title!r} ({ref.id}) with a {name} that is no time: {getattr(ref, name)!r:.80}"
            return _refused(what, source, ref.id, title, ref.kind)
    where = ref.parent.id
    parent = Parent(wellformed.text(ref.parent.type), None if where is None else wellformed.text(where))
    texts: dict[str, Any] = {name: wellformed.text(getattr(ref, name)) for name in _TEXTS}
    mended: Ref = evolve(ref, parent=parent, **times, **texts)
    return mended


def _refused(what: str, source: str, object_id: str = "", title: str = "", kind: Any = "page") -> Unusable:
    return Unusable(f"plugin {source} shows {what}", object_id, kind, title, _REMEDY)


def _is_id(raw: object) -> bool:
    return isinstance(raw, str) and bool(raw) and wellformed.is_text(raw)


def read(pieces: Iterable[Any], ref: Ref, source: str) -> Iterator[Piece]:
    """The pieces of a document, each of them :func:`checked`.

    :raises PluginError: one is not fit, or a page's own list of blocks is not among them: it would count as read,
        and have no file.
    """
    has_content = ref.kind != "page"
    for given in pieces:
        piece = checked(given, source)
        has_content = has_content or (isinstance(piece, Listing) and (piece.parent_id, piece.index) == (ref.id, 0))
        yield piece
    if not has_content:
        raise _fault(source, f"reads no listing of the blocks of {ref.title!r} ({ref.id}), not even an empty one")


def checked(piece: Any, source: str) -> Piece:
    """One thing that reading gave, fit for state and mirror.

    :raises PluginError: it is not: this document cannot be read.
    """
    if isinstance(piece, Found):
        if not (_found_is_whole(piece) and isinstance(piece.raw, dict | None)):
            raise _fault(source, "finds something that is no text in this document")
        return _timed(piece, source)
    if not isinstance(piece, Listing | Comments):
        raise _fault(source, f"reads {type(piece).__name__}, which is no piece of a document")
    holder = piece.parent_id if isinstance(piece, Listing) else piece.block_id
    if not _is_id(holder) or not isinstance(piece.raw, dict) or not isinstance(piece.index, int):
        raise _fault(source, "reads a listing that is none")
    return piece


def _fault(source: str, what: str) -> PluginError:
    error = PluginError(f"plugin {source} {what}", _REMEDY)
    error.plugin, error.hook = source, "source_read"
    return error


def _timed(found: Found, source: str) -> Found:
    read_at = utc(found.read_at)
    if found.read_at and not read_at:
        raise _fault(source, f"has read this document at {found.read_at!r:.80}, which is no time")
    return found if read_at == found.read_at else evolve(found, read_at=read_at)


def _found_is_whole(found: Found) -> bool:
    texts: list[Any] = [found.read_at, *found.links, *found.originals, *found.warnings]
    try:
        for group in (found.children, found.anchors, found.synced_from):
            for each in group:
                texts += each
        for asset in found.assets:
            texts += (asset.key, asset.url, asset.name, asset.holder_id)
    except (TypeError, AttributeError):
        return False
    return _are_texts(*texts)


def users(found: Any) -> tuple[Json, ...]:
    """The user objects among those a source gave: those with an id."""
    return tuple(user for user in found if isinstance(user, dict) and _is_id(user.get("id")))
