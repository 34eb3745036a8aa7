"""Each kind of object in a document of its own, as each renderer shows it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from attrs import evolve

from notion_sync_core.document import Row
from notion_sync_core.model import Json
from notion_sync_html import HtmlRenderer
from notion_sync_json import JsonRenderer
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.extras import COLUMNS, KEYS
from notion_sync_notion import decode
from plugins.rendering import PAGE_ID, MemoryDocument, MemorySite, block, content, ref

WHOLE = MarkdownRenderer(metadata=list(KEYS), csv_metadata=list(COLUMNS), option_descriptions=True)
"""Everything that may be wished for."""
_RENDERERS: Mapping[str, Any] = {"Markdown": WHOLE, "HTML": HtmlRenderer(), "JSON": JsonRenderer()}
_INSIDE = {
    "table": [block("table_row", cells=[[{"type": "text", "plain_text": "cell"}]])] * 2,
    "column_list": [block("column", children=[block("paragraph", "inside")])],
    "tab": [block("paragraph", "tab", [block("paragraph", "inside")])],
}
_AROUND = {"table_row": "table", "column": "column_list"}


def of_block(raw: Json) -> MemoryDocument:
    """A page with one block; what may hold others does, what must stand in another one does."""
    kind = raw["type"]
    if raw["has_children"] and kind not in ("child_page", "child_database", "unsupported"):
        raw = {**raw, "+": _INSIDE.get(kind) or [block("paragraph", "inside")]}
    if kind in _AROUND:
        raw = block(_AROUND[kind], children=[raw], has_column_header=False)
    return MemoryDocument([raw], ref=ref())


def of_page(raw: Json) -> MemoryDocument:
    """A page with properties."""
    return MemoryDocument(ref=evolve(decode.ref(raw), raw=None), raw=raw)


def of_row(raw: Json) -> MemoryDocument:
    """A database with one row."""
    columns = {
        name: {"id": value["id"], "name": name, "type": value["type"]} for name, value in raw["properties"].items()
    }
    source = {"id": "source", "title": [], "properties": columns}
    database = ref("Database", "database")
    row = Row(evolve(decode.ref(raw), raw=None), raw)
    return MemoryDocument(ref=database, raw={"object": "database"}, sources=[source], source_rows={"source": [row]})


def of_data_source(raw: Json) -> MemoryDocument:
    """A database with this data source, and another one."""
    other = {"id": "other", "title": [], "properties": {}}
    return MemoryDocument(ref=ref("Database", "database"), raw={"object": "database"}, sources=[raw, other])


def of_database(raw: Json) -> MemoryDocument:
    """A database without data sources."""
    return MemoryDocument(ref=evolve(decode.ref(raw), raw=None), raw=raw)


def of_comment(raw: Json) -> MemoryDocument:
    """A page with a comment."""
    return MemoryDocument(ref=ref(), discussions={PAGE_ID: [raw]})


def of_user(raw: Json) -> MemoryDocument:
    """A page that mentions somebody, and names them in a property."""
    mention = {"type": "mention", "mention": {"type": "user", "user": raw}, "plain_text": "", "href": None}
    properties = {"Who": {"id": "who", "type": "people", "people": [raw]}}
    return MemoryDocument([block("paragraph", [mention])], ref=ref(), raw={"object": "page", "properties": properties})


def joined(raw: Json) -> Json:
    """A value whose parts belong together: a group of options has options."""
    status = raw.get("properties", {}).get("status", {}).get("status") or {}
    for group in status.get("groups", ()):
        group["option_ids"] += [option["id"] for option in status["options"]]
    return raw


def of_view(raw: Json) -> MemoryDocument:
    """A database whose data source has this view."""
    source = {"id": "source", "title": [], "properties": {}, "views": [raw]}
    return MemoryDocument(ref=ref("Database", "database"), raw={"object": "database"}, sources=[source])


DOCUMENTS: Mapping[str, tuple[str, Callable[[Json], MemoryDocument]]] = {
    "block": ("BlockObjectResponse", of_block),
    "page": ("PageObjectResponse", of_page),
    "row": ("PageObjectResponse", of_row),
    "data_source": ("DataSourceObjectResponse", of_data_source),
    "database": ("DatabaseObjectResponse", of_database),
    "comment": ("CommentObjectResponse", of_comment),
    "user": ("UserObjectResponse", of_user),
    "view": ("DataSourceViewObjectResponse", of_view),
}
"""The definition of each kind of object, and a document that shows one."""
FORMATS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("block", "page", "data_source", "database", "comment", "user"), ("Markdown", "HTML")),
    "row": ("CSV",),
}


def shown(kind: str, format: str, raw: Json) -> str:
    """What a format shows of an object."""
    document = DOCUMENTS[kind][1](copy.deepcopy(raw))
    site = MemorySite(stem="Folder/Page")
    if format == "CSV":
        _, csv = WHOLE.render_document(document, site)
        return content(csv)
    return content(next(iter(_RENDERERS[format].render_document(document, site))))


def the_object(kind: str, raw: Json) -> Any:
    """What the JSON renderer holds of an object."""
    found = orjson.loads(shown(kind, "JSON", raw))
    if kind == "block":
        made = found["blocks"][0]
        made = made["children"][0] if raw["type"] in _AROUND else made
        return {key: value for key, value in made.items() if key not in ("+", "children")}
    if kind == "comment":
        return found["comments"][0]
    if kind == "user":
        return found["object"]["properties"]["Who"]["people"][0]
    if kind == "view":
        return found["data_sources"][0]["views"][0]
    if kind == "data_source":
        return found["data_sources"][0]
    return found["object"]


def the_line(raw: Json) -> tuple[Json, Json]:
    """A row as a line of JSON Lines, and the schema of it."""
    _, line, schema = JsonRenderer(rows=True).render_document(of_row(copy.deepcopy(raw)), MemorySite())
    return orjson.loads(content(line)), orjson.loads(content(schema))
