"""Short ways to write rich text, blocks and property values: those that authors of plugins have."""

from notion_sync_core.testing.build import (
    Json,
    bare,
    block,
    equation,
    external,
    media,
    mention,
    page_mention,
    property_id,
    rich,
    schema,
    table,
    text,
    value,
)

__all__ = [
    "Json",
    "bare",
    "block",
    "equation",
    "external",
    "media",
    "mention",
    "page_mention",
    "property_id",
    "rich",
    "schema",
    "table",
    "text",
    "value",
]
