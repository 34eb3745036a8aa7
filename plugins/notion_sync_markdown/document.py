"""What stands in a document's file: front matter, title, body; or what a template makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from attrs import frozen

from notion_sync_core.plugin import Document, properties, properties_of
from notion_sync_markdown import database, walk
from notion_sync_markdown.comments import discussions
from notion_sync_markdown.front_matter import EVERYTHING, FrontMatter, front_matter
from notion_sync_markdown.pen import Pen
from notion_sync_markdown.writers import Writer, to_markdown


@frozen
class Shown:
    """What is shown, as far as it can be chosen."""

    front_matter: FrontMatter = EVERYTHING
    """What stands there."""
    heading: bool = True
    """The title stands at the top."""
    schema: bool = True
    """A database says what its columns are."""
    option_descriptions: bool = False
    """It says what is said about their options."""


def pieces(document: Document, pen: Pen, shown: Shown, book: Any) -> Iterator[str]:
    """The text of the file, a piece at a time.

    :param book: templates (a :class:`~notion_sync_markdown.templating.Book`), or ``None``.
    """
    head = front_matter(document, pen, shown.front_matter)
    title = pen.title(document.ref.title or "Untitled")
    body = _body(document, pen, shown, book)
    made = _templated(document, pen, head, title, body, book)
    if made is not None:
        yield from made
    elif shown.heading:
        yield head
        yield pen.dialect.heading(1, title)
        yield from body
    else:
        yield from _headless(head, body)
    yield "\n"


def _headless(head: str, body: Iterator[str]) -> Iterator[str]:
    """Front matter, and the text with nothing before it."""
    yield head.rstrip("\n")
    begun = bool(head)
    for text in body:
        yield text if begun else text.lstrip("\n")
        begun = begun or bool(text.strip("\n"))


def _templated(
    document: Document, pen: Pen, head: str, title: str, body: Iterator[str], book: Any
) -> Iterator[str] | None:
    if book is None:
        return None
    ref = document.ref
    kind = "page" if ref.kind == "page" else "database"
    values: dict[str, Any] = {
        "front_matter": head,
        "title": title,
        "body": body,
        "id": ref.id,
        "url": ref.url,
        "created": ref.created_time,
        "edited": ref.last_edited_time,
        "raw": document.raw,
        "properties": _texts(document, pen) if kind == "page" else {},
    }
    made: Iterator[str] | None = book.document(kind, values)
    return made


def _body(document: Document, pen: Pen, shown: Shown, book: Any) -> Iterator[str]:
    """All below the title, each piece with what separates it from the one before."""
    separator = "\n\n"
    about = document.comments(document.ref.id)
    if about:
        yield separator + discussions(about, pen)
    write: Writer = to_markdown if book is None else partial(to_markdown, writers=book.writers)
    if document.ref.kind == "page":
        made = walk.pieces(document, pen, write)
    else:
        made = database.pieces(document, pen, schema=shown.schema, describe=shown.option_descriptions)
    for text in made:
        yield separator + text if text else ""
        separator = "" if text else separator


def _texts(document: Document, pen: Pen) -> dict[str, str]:
    return {name: properties.text(prop, pen.site) for name, prop in properties_of(document.raw).items()}
