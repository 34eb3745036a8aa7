"""Takes what leads to rows that are left out by choice out of the content that renderers see.

So does what leads to objects of the service that no listing has shown: they may lie below such a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import KINDS, Json, fields, id_from_url, normalise_id, objects, properties_of
from notion_sync_core.state import State

BLANK = "…"
"""Stands where a mention was."""
_LEADS = {
    **dict.fromkeys(("bookmark", "embed", "link_preview"), "url"),
    "link_to_page": "",
    "child_page": "id",
    "child_database": "id",
}
"""Blocks that are nothing but a way to something else, and where they say to what."""
_VIEWS = "views"
"""Where a data source's object holds its views."""
_ADDRESSES = ("url", "href")
_OWN = ("notion.so", "notion.com")
"""Hosts of the service itself; what people publish there has another."""


class Veil:
    """What one job may not show.

    :param hides: whether an object, by its hyphenated id, is left out (``True``), is there (``False``), or is not
        known (``None``).
    :param rollups: (its name, that of the relation it looks through) of each rollup of a data source, by its id.
    """

    def __init__(
        self, hides: Callable[[str], bool | None], rollups: Callable[[str], Iterable[tuple[str, str]]]
    ) -> None:
        self._hides = lru_cache(20_000)(hides)
        self._rollups = lru_cache(500)(lambda source: tuple(rollups(source)))

    @classmethod
    def over(cls, state: State, mirror: Mirror) -> Veil | None:
        """For a job that leaves rows out; ``None`` for one that does not."""
        if not state.facts.selection:
            return None
        return cls(state.objects.is_hidden, lambda source: _rollups_of(mirror.object(source) or {}))

    def object(self, raw: Json) -> Json:
        """A page, database or data source."""
        kept = self._without_rollups(raw)
        found: Json = self._seen(kept)
        return found

    def listing(self, blocks: Iterable[Json]) -> Iterator[Json]:
        """Blocks; those that only lead to what is hidden are left out."""
        for block in blocks:
            if not self._only_leads(block):
                yield self._seen(block)

    def _only_leads(self, block: Json) -> bool:
        kind = str(block.get("type") or "")
        if kind not in _LEADS:
            return False
        payload = fields(block.get(kind))
        if kind == "link_to_page":
            return any(map(self._hides_id, payload.values()))
        return self._hides_id(block.get("id")) if _LEADS[kind] == "id" else self._hides_address(payload.get("url"))

    def _hides_id(self, found: Any) -> bool:
        object_id = normalise_id(found) if isinstance(found, str) else None
        return object_id is not None and self._hides(object_id) is not False

    def _hides_address(self, found: Any) -> bool:
        object_id = id_from_url(found) if isinstance(found, str) else None
        if object_id is None:
            return False
        hidden = self._hides(object_id)
        return _is_own(found) if hidden is None else hidden

    def _seen(self, value: Any) -> Any:
        """The same without ways to what is hidden; the value itself if there are none."""
        if isinstance(value, list):
            made = [self._seen(each) for each in value]
            return value if all(new is old for new, old in zip(made, value, strict=True)) else made
        if not isinstance(value, dict):
            return value
        if "plain_text" in value:
            return self._text(value)
        changed = {key: seen for key, each in value.items() if (seen := self._field(value, key, each)) is not each}
        return {**value, **changed} if changed else value

    def _field(self, holder: Json, key: str, value: Any) -> Any:
        if key in _ADDRESSES and isinstance(value, str):
            return None if self._hides_address(value) else value
        if key == "relation" and isinstance(value, list) and holder.get("type") == "relation":
            kept = [item for item in value if not (isinstance(item, dict) and self._hides_id(item.get("id")))]
            return value if len(kept) == len(value) else kept
        if key == _VIEWS and isinstance(value, list):
            return [self._named(each) for each in map(self._seen, value)]
        return self._seen(value)

    def _named(self, value: Any, *, in_relation: bool = False) -> Any:
        """A view, or a part of one, that names no row that is hidden: a filter by one lets nothing through."""
        if isinstance(value, str):
            object_id = normalise_id(value)
            hidden = False if object_id is None else self._hides(object_id)
            # Of what no listing has shown, only what stands for a row can be one: people and columns have ids too.
            return BLANK if hidden or (hidden is None and in_relation) else value
        if isinstance(value, list):
            return [self._named(each, in_relation=in_relation) for each in value]
        if isinstance(value, dict):
            return {key: self._named(each, in_relation=in_relation or key == "relation") for key, each in value.items()}
        return value

    def _text(self, item: Json) -> Json:
        """An item of rich text: of a mention nothing stays, of a link its words, unless they are the address."""
        payload = fields(item.get(str(item.get("type") or "")))
        kind = str(payload.get("type") or "") if item.get("type") == "mention" else ""
        mentioned = fields(payload.get(kind))
        link = fields(payload.get("link"))
        ways = (item.get("href"), link.get("url"), mentioned.get("href"), mentioned.get("url"))
        shown = str(item.get("plain_text") or "")
        leads = any(map(self._hides_address, ways)) or (kind in KINDS and self._hides_id(mentioned.get("id")))
        object_id = id_from_url(shown.strip())
        says = object_id is not None and self._hides(object_id) is True
        if not leads and not says:
            return item
        words = BLANK if kind or says or self._hides_address(shown.strip()) else shown
        return {
            **{key: value for key, value in item.items() if key != "mention"},
            "type": "text",
            "text": {"content": words, "link": None},
            "plain_text": words,
            "href": None,
        }

    def _without_rollups(self, raw: Json) -> Json:
        """A row whose rollups do not show values of rows that are hidden."""
        parent = fields(raw.get("parent"))
        found = properties_of(raw)
        changed: dict[str, Json] = {}
        for name, through in self._rollups(str(parent.get("data_source_id") or "")) if found else ():
            items = fields(fields(found.get(name)).get("rollup")).get("array")
            rows = objects(fields(found.get(through)).get("relation"))
            shown = [not self._hides_id(row.get("id")) for row in rows]
            if not isinstance(items, list) or all(shown):
                continue
            # One value a row, in their order; where that is not so, nobody can tell whose they are.
            apart = len(items) == len(shown)
            kept = [item for item, stays in zip(items, shown, strict=True) if stays] if apart else []
            changed[name] = {**found[name], "rollup": {**found[name]["rollup"], "array": kept}}
        return {**raw, "properties": {**raw["properties"], **changed}} if changed else raw


def _is_own(address: str) -> bool:
    """Whether an address leads into the service."""
    host = address.lower().partition("://")[2].partition("/")[0]
    return address.startswith("/") or any(host == own or host.endswith(f".{own}") for own in _OWN)


def _rollups_of(source: Json) -> Iterator[tuple[str, str]]:
    for name, column in properties_of(source).items():
        through = fields(column.get("rollup")).get("relation_property_name")
        if isinstance(through, str):
            yield name, through
