"""What independent parsers read out of Markdown: GitHub's own, Python-Markdown, and CommonMark for the others."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown import Markdown

from notion_sync_core.model import Json
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.dialects.mkdocs import EXTENSIONS
from plugins.hostile_reading import without_paragraphs
from plugins.rendering import MemoryDocument, MemorySite, content, read_text, squeezed

DIALECTS = ("gfm", "obsidian", "docusaurus", "mkdocs")
_CALLOUT = re.compile(r"^((?:[ >]|[-*] |\d+[.)] |\[[ x]\] )*)\[!\w+\][-+]?", re.MULTILINE)
_DIRECTIVE = re.compile(r"^([ >]*):{3,}(?:\w+(?:\[(.*)\])?)?$", re.MULTILINE)
_SUMMARY = re.compile(r"^([ >]*)<summary>(.*)</summary>$", re.MULTILINE)
_JSX = re.compile(r"style=\{\{\w+: '[^']*'\}\}")
BLOCKS = frozenset(
    (
        *(
            "p",
            "li",
            "td",
            "th",
            "tr",
            "div",
            "pre",
            "blockquote",
            "summary",
            "details",
            "br",
            "table",
            "ul",
            "ol",
            "hr",
            "thead",
            "tbody",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    )
)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append("\n" if tag in BLOCKS else "")
        if tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append("\n" if tag in BLOCKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of_html(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    reader.close()
    return squeezed("".join(reader.parts))


def github(markdown: str) -> str:
    """As GitHub's own parser reads it."""
    return text_of_html(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))


def python_markdown_html(markdown: str) -> str:
    return Markdown(extensions=["fenced_code", "toc", *EXTENSIONS]).convert(markdown)


def read(markdown: str, dialect: str) -> str:
    """As a dialect's reader shows it."""
    if dialect == "mkdocs":
        return text_of_html(python_markdown_html(markdown))
    if dialect == "obsidian":
        markdown = _CALLOUT.sub(r"\1", markdown)
    if dialect == "docusaurus":
        markdown = without_paragraphs(_JSX.sub("", markdown))
        markdown = _DIRECTIVE.sub(r"\1\2", _SUMMARY.sub(r"\1\n\1\2\n\1", markdown))
    return read_text(markdown)


def read_file(markdown: str, dialect: str) -> str:
    """As a dialect's reader shows a whole file."""
    return read(_without_front_matter(markdown), dialect)


def _without_front_matter(markdown: str) -> str:
    return markdown.split("\n---\n", 1)[1] if markdown.startswith("---\n") else markdown


def rendered(*nested: Json, site: MemorySite | None = None, options: Json | None = None, **document: Any) -> str:
    """A page's whole file."""
    made = MemoryDocument(list(nested), **document)
    renderer = MarkdownRenderer(**(options or {}))
    return content(next(iter(renderer.render_document(made, site or MemorySite()))))


def body(*nested: Json, dialect: str = "gfm", site: MemorySite | None = None, **options: Any) -> str:
    """A page's Markdown without front matter and title."""
    made = rendered(*nested, site=site, options={"dialect": dialect, **options})
    return made.split("# Page\n", 1)[1].strip("\n")
