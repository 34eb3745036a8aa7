"""Documents on their way to a renderer, made by hand: pages and databases with what is in them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from notion_sync_core.model import Found, Json, Kind, Listing, Parent, Ref
from notion_sync_core.testing.build import rich, value

WHEN = "2026-01-02T03:04:00.000Z"
PER_LISTING = 100
"""Blocks in one answer of the API."""


@frozen
class Draft:
    """A page or database on its way to a renderer; :func:`document` and :func:`database` make them."""

    ref: Ref
    blocks: tuple[Json, ...] = ()
    """As :mod:`~notion_sync_core.testing.build` makes them: what is inside one stands under ``children``."""
    comments: Mapping[str, list[Json]] = field(factory=dict)
    """Open comments by the id that they are about."""
    sources: tuple[Json, ...] = ()
    """The data source objects of a database."""
    rows: tuple[Ref, ...] = ()
    """References to its rows, with their objects."""
    found: Found = field(factory=Found)

    @property
    def id(self) -> str:
        """Of the page or database."""
        return self.ref.id


def new_id(name: str) -> str:
    """An id; the same name has the same one in each run."""
    return str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4))


def document(
    title: str,
    *blocks: Json,
    inside: Draft | None = None,
    properties: Mapping[str, Json] | None = None,
    comments: Mapping[str, list[Json]] | None = None,
    links: Iterable[str] = (),
    object_id: str = "",
    **raw: Any,
) -> Draft:
    """A page with these blocks.

    :param inside: the page that it stands in.
    :param properties: property values by name; the title is added.
    :param comments: open comments by the id of the block they are about, or under ``""`` those on the page itself.
    :param links: ids of the documents that its text leads to.
    :param object_id: its id; else one made of its title.
    :param raw: more of the API object, such as ``icon``.
    """
    own = object_id or new_id(f"page {title}")
    parent = Parent("page_id", inside.id) if inside else Parent()
    whole = {
        "object": "page",
        "id": own,
        "properties": {"title": value("title", "title", rich(title)), **(properties or {})},
    }
    about = {key or own: said for key, said in (comments or {}).items()}
    return Draft(
        ref_of(own, "page", title, parent, {**whole, **raw}), blocks, about, found=Found(links=frozenset(links))
    )


def database(
    title: str,
    columns: Mapping[str, Json],
    rows: Iterable[Mapping[str, Json]] = (),
    *,
    inside: Draft | None = None,
    title_column: str = "Name",
    **raw: Any,
) -> Draft:
    """A database with one data source.

    :param columns: schemas by name, as :func:`~notion_sync_core.testing.build.schema` makes them, the title's included.
    :param rows: property values by name, as :func:`~notion_sync_core.testing.build.value` makes them.
    """
    own, source = new_id(f"database {title}"), new_id(f"data source {title}")
    parent = Parent("page_id", inside.id) if inside else Parent()
    whole = {"object": "database", "id": own, "title": rich(title), "data_sources": [{"id": source, "name": title}]}
    of_source = {"object": "data_source", "id": source, "title": rich(title), "properties": dict(columns)}
    made = []
    for number, values in enumerate(rows):
        row_id = new_id(f"row {number} of {title}")
        name = "".join(item["plain_text"] for item in values.get(title_column, {}).get("title", ()))
        shown = {"object": "page", "id": row_id, "properties": dict(values)}
        made.append(ref_of(row_id, "page", name, Parent("data_source_id", source), shown))
    found = Found(children=((source, "data_source", title),))
    return Draft(ref_of(own, "database", title, parent, {**whole, **raw}), (), {}, (of_source,), tuple(made), found)


def ref_of(object_id: str, kind: Kind, title: str, parent: Parent, raw: Json) -> Ref:
    """A reference to an object, with the times and the address that the API gives."""
    url = f"https://app.example.org/{object_id.replace('-', '')}"
    whole = {"created_time": WHEN, "last_edited_time": WHEN, "url": url, "icon": None, "cover": None, **raw}
    return Ref(object_id, kind, title, parent, WHEN, WHEN, url, raw=whole)


def listings_of(
    parent: str, blocks: Iterable[Json], children: list[tuple[str, Kind, str]] | None = None
) -> Iterator[Listing]:
    """The answers of the API that show these blocks and all that is inside them, at most a hundred in each.

    :param children: is told of the child pages and databases.
    """
    waiting: list[tuple[str, list[Json]]] = [(parent, list(blocks))]
    while waiting:
        above, inside = waiting.pop()
        shown = [_shown(above, number, raw) for number, raw in enumerate(inside)]
        for whole, raw in zip(shown, inside, strict=True):
            if raw.get("children"):
                waiting.append((whole["id"], raw["children"]))
            if children is not None and whole.get("type") in ("child_page", "child_database"):
                kind: Kind = "page" if whole["type"] == "child_page" else "database"
                children.append((whole["id"], kind, str(whole[whole["type"]].get("title", ""))))
        for index in range(max(1, -(-len(shown) // PER_LISTING))):
            part = shown[index * PER_LISTING : (index + 1) * PER_LISTING]
            yield Listing(above, index, {"results": part, "has_more": (index + 1) * PER_LISTING < len(shown)})


def _shown(above: str, number: int, raw: Json) -> Json:
    own = raw.get("id") or new_id(f"block {number} in {above}")
    bare = {key: content for key, content in raw.items() if key != "children"}
    return {"object": "block", "id": own, "has_children": bool(raw.get("children")), **bare}
