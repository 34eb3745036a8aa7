"""Originals with what a restore adds to them, in the shapes of the API, so that it is planned as everything else is:
values of a row whose database is not restored, authors and times, comments.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from attrs import define, field

from notion_sync_core.content.walk import OTHER_DOCUMENTS
from notion_sync_core.model import Json, Ref, fields, normalise_id, plain_text, properties_of
from notion_sync_core.restore.originals import Originals, Stored
from notion_sync_core.restore.originals.walk import walk

_SPACE = uuid.UUID("5ec0b1f4-6c0f-4a52-9c34-8a8e7f1f0c55")
"""Of ids of blocks that stand in no original."""
_STAMPS = (
    ("Originally created", "created_time", "date"),
    ("Originally created by", "created_by", "rich_text"),
    ("Originally edited", "last_edited_time", "date"),
    ("Originally edited by", "last_edited_by", "rich_text"),
)
"""Columns that say who wrote a row, and when: name, what they say, type."""
_DEEPEST = 10
"""No value of the API has more in itself."""


@define
class Added:
    """See :class:`~notion_sync_core.restore.originals.Originals`.

    :param stamp: pages say who wrote them, and when; rows in columns of their own.
    :param talks: pages end with the comments on them and their blocks.
    """

    originals: Originals
    stamp: bool = False
    talks: bool = False
    lonely: set[str] = field(factory=set)
    """Rows that become pages, as their databases are not restored."""
    _toggles: dict[str, str] = field(factory=dict)
    """Pages, by the ids of the blocks that hold their comments."""

    def refs(self) -> Iterator[Ref]:
        """See the protocol."""
        return self.originals.refs()

    def ref(self, object_id: str) -> Ref | None:
        """See the protocol."""
        return self.originals.ref(object_id)

    def inside(self, object_id: str) -> Iterator[Ref]:
        """See the protocol."""
        return self.originals.inside(object_id)

    def object(self, object_id: str) -> Json | None:
        """See the protocol; data sources and their rows have the columns that are added to them."""
        raw, ref = self.originals.object(object_id), self.originals.ref(object_id) if self.stamp else None
        if raw is None or ref is None:
            return raw
        if ref.kind == "data_source":
            columns = {name: {"id": f"stamp {key}", "type": kind, kind: {}} for name, key, kind in _stamps(raw)}
            return {**raw, "properties": {**properties_of(raw), **columns}}
        if ref.kind == "page" and self._is_row(ref):
            source = self.originals.object(ref.parent.id or "") or {}
            values = {name: _stamped(raw, key, kind) for name, key, kind in _stamps(source)}
            return {**raw, "properties": {**properties_of(raw), **values}}
        return raw

    def comments(self, block_id: str) -> Iterator[Json]:
        """See the protocol."""
        return self.originals.comments(block_id)

    def file(self, document_id: str, holder: Json) -> Stored | None:
        """See the protocol."""
        return self.originals.file(document_id, holder)

    def blocks(self, parent_id: str) -> Iterator[Json]:
        """See the protocol; a document begins and ends with what is added to it."""
        if parent_id in self._toggles:
            yield from self._comments(self._toggles[parent_id])
            return
        if parent_id in self.lonely:
            yield from self._values(parent_id)
        ref = self.originals.ref(parent_id) if self.stamp or self.talks else None
        is_page = ref is not None and ref.kind == "page"
        if self.stamp and is_page and ref is not None and not self._is_row(ref):
            yield from self._stamp(parent_id)
        yield from self.originals.blocks(parent_id)
        if self.talks and is_page and next(self._all_comments(parent_id), None) is not None:
            toggle = str(uuid.uuid5(_SPACE, f"comments {parent_id}"))
            self._toggles[toggle] = parent_id
            yield _block("toggle", "Comments", toggle, has_children=True)

    def _is_row(self, ref: Ref) -> bool:
        """Whether a page has the columns of a data source that is restored with it."""
        return ref.parent.type == "data_source_id" and ref.id not in self.lonely

    def _values(self, row_id: str) -> Iterator[Json]:
        for name, given in properties_of(self.originals.object(row_id) or {}).items():
            said = self._said(given.get(str(given.get("type")))) if given.get("type") != "title" else ""
            if said:
                yield _block("paragraph", f"{name}: {said}", str(uuid.uuid5(_SPACE, f"{row_id} {name}")))

    def _said(self, payload: Any, depth: int = 0) -> str:
        """A value in words."""
        if depth > _DEEPEST:
            return ""
        if isinstance(payload, list):
            return ", ".join(filter(None, (self._said(each, depth + 1) for each in payload)))
        if isinstance(payload, bool):
            return "yes" if payload else "no"
        if not isinstance(payload, dict):
            return "" if payload is None else str(payload)
        for key in ("plain_text", "name", "start", "number"):
            if isinstance(payload.get(key), str | int | float):
                end = payload.get("end") if key == "start" else None
                return f"{payload[key]} → {end}" if end else str(payload[key])
        inner = payload.get(str(payload.get("type")))
        if inner is not None and inner is not payload:
            return self._said(inner, depth + 1)
        ref = self.originals.ref(normalise_id(str(payload.get("id"))) or "")
        return "" if ref is None else ref.title

    def _stamp(self, page_id: str) -> Iterator[Json]:
        raw = self.originals.object(page_id) or {}
        made, edited = raw.get("created_time"), raw.get("last_edited_time")
        said = f"Created {made}{_by(raw.get('created_by'))}, edited {edited}{_by(raw.get('last_edited_by'))}."
        yield _block("paragraph", said, str(uuid.uuid5(_SPACE, f"stamp {page_id}")))

    def _comments(self, page_id: str) -> Iterator[Json]:
        for raw in self._all_comments(page_id):
            said = f"{author_and_day(raw)}: {plain_text(raw.get('rich_text'))}"
            yield _block("bulleted_list_item", said, str(raw.get("id") or ""))

    def _all_comments(self, page_id: str) -> Iterator[Json]:
        """Comments on a page, and then on its blocks, in the order of these."""
        yield from self.originals.comments(page_id)
        for block in walk(self.originals, page_id):
            if block.type not in OTHER_DOCUMENTS:
                yield from self.originals.comments(block.id)


def author_and_day(comment: Json) -> str:
    """Who wrote a comment, and when."""
    named = fields(comment.get("display_name")).get("resolved_name") or fields(comment.get("created_by")).get("name")
    return f"{named or 'Somebody'}, {str(comment.get('created_time') or '')[:10]}"


def _by(author: Any) -> str:
    name = fields(author).get("name") or fields(author).get("id")
    return f" by {name}" if name else ""


def _block(kind: str, said: str, block_id: str, *, has_children: bool = False) -> Json:
    payload = {"rich_text": [_text(said)]}
    return {"object": "block", "id": block_id, "type": kind, "has_children": has_children, kind: payload}


def _stamps(source: Json) -> Iterator[tuple[str, str, str]]:
    """Columns that are added to a data source, by names that it has not."""
    taken = properties_of(source)
    for name, key, kind in _STAMPS:
        while name in taken:
            name += " (restored)"
        yield name, key, kind


def _stamped(raw: Json, key: str, kind: str) -> Json:
    """The value of a row in such a column."""
    if kind == "date":
        return {"type": kind, kind: {"start": raw.get(key), "end": None, "time_zone": None}}
    return {"type": kind, kind: [_text(_by(raw.get(key)).removeprefix(" by "))]}


def _text(said: str) -> Json:
    return {"type": "text", "text": {"content": said}, "plain_text": said}
