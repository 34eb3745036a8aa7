"""How each reader of Markdown wants to be written for."""

from notion_sync_markdown.dialects.base import Dialect
from notion_sync_markdown.dialects.docusaurus import Docusaurus
from notion_sync_markdown.dialects.hugo import Hugo
from notion_sync_markdown.dialects.jekyll import Jekyll
from notion_sync_markdown.dialects.mkdocs import MkDocs
from notion_sync_markdown.dialects.obsidian import Obsidian

DIALECTS: dict[str, type[Dialect]] = {
    "gfm": Dialect,
    "obsidian": Obsidian,
    "docusaurus": Docusaurus,
    "mkdocs": MkDocs,
    "hugo": Hugo,
    "jekyll": Jekyll,
}

__all__ = ["DIALECTS", "Dialect"]
