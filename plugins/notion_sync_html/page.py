"""One document as a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from attrs import frozen
from markupsafe import Markup

from notion_sync_core.plugin import Document, Site
from notion_sync_html import comments, database, dates, navigation, outline, values, walk
from notion_sync_html.context import Context, Heading
from notion_sync_html.digest import Digest
from notion_sync_html.icons import cover, icon, icon_text
from notion_sync_html.look import Look
from notion_sync_html.markup import join, line, web_address

_WHOLE = 1 << 19
"""Characters of a body that are held until its headings are known; a longer one is read twice instead."""

_RIGHT_TO_LEFT = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "iw", "ku", "ps", "sd", "ug", "ur", "yi"))
"""Languages whose pages begin at the right."""


@frozen
class Frame:
    """What is the same on all pages."""

    look: Look
    name: str
    """Of the site."""
    language: str
    search: int
    """Characters of a document that can be searched; 0: no search."""
    all_pages: str = "index.html"
    """The tree of all documents, from the renderer's folder."""


def pieces(document: Document, site: Site, frame: Frame, *, noted: bool = True) -> Iterator[str]:
    """A document's file, piece by piece.

    :param noted: at its end it leaves the note for the search index.
    """
    is_page = document.ref.kind == "page"
    context = Context(document, site, frame.look, Digest(frame.search, icon_text(document.raw)))
    # In the order in which they are read.
    found = values.property_table(document.raw, context) if is_page else []
    said = comments.about(document.ref.id, context)
    if is_page:
        body, headings = _with_headings(walk.pieces(context), context)
    else:
        body, headings = database.pieces(context), database.headings(document)
    given = {
        **shell(frame, site.home),
        **navigation.of(document, site, site.home + frame.all_pages),
        "title": line(document.ref.title) or "Untitled",
        "icon": icon(document.raw, site),
        "cover": cover(document.raw, site),
        "properties": found,
        "comments": said,
        "headings": headings,
        "body": body,
        "edited": dates.moment(document.ref.last_edited_time),
        "notion_url": web_address(document.ref.url),
    }
    yield from frame.look.stream("page" if is_page else "database", given)
    note = context.digest.note()
    if note and noted:
        site.note(note)


def shell(frame: Frame, home: str) -> dict[str, Any]:
    """What every template of a whole file gets to see."""
    return {
        "site_name": frame.name,
        "language": frame.language,
        "direction": "rtl" if frame.language.lower().split("-")[0] in _RIGHT_TO_LEFT else None,
        "home": home,
        "all_pages": home + frame.all_pages,
        "has_search": frame.search > 0,
    }


def _with_headings(body: Iterator[Markup], context: Context) -> tuple[Iterator[Markup], list[Heading]]:
    """The body, and its headings, which stand before it."""
    waiting: list[Markup] = []
    size = 0
    for piece in body:
        waiting.append(piece)
        size += len(piece)
        if size > _WHOLE:
            return chain(waiting, body), outline.contents(context.document, context.site)
    return iter([join(waiting)]), context.headings
