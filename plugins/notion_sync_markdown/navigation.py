"""What is about all documents: their order, as site generators read it, and a home page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from yaml.reader import Reader

from notion_sync_core.plugin import Artifact, Entry, Tree
from notion_sync_markdown import escape
from notion_sync_markdown.dialects import Dialect
from notion_sync_markdown.dialects.mkdocs import EXTENSIONS
from notion_sync_markdown.front_matter import bare, defused, written

_NOT_IN_YAML: re.Pattern[str] = Reader.NON_PRINTABLE
HOME = "index"
"""The home page's file, which no document may have."""


def artifacts(dialect: Dialect, tree: Tree, home: str = "", *, heading: bool = True) -> Iterator[Artifact]:
    """The navigation that a dialect's reader takes, and the home page.

    :param home: its title; ``""``: there is none.
    :param heading: the title stands at its top.
    """
    if dialect.name in _FILES:
        name, media_type, write = _FILES[dialect.name]
        yield _artifact(tree, name, write(tree.entries(), home), media_type)
    if home:
        path = f"{dialect.sections or HOME}.md"
        yield _artifact(tree, path, home_page(dialect, home, tree.entries(), heading=heading), "text/markdown")


def _artifact(tree: Tree, name: str, texts: Iterator[str], media_type: str) -> Artifact:
    return Artifact(tree.path(name), (text.encode("utf-8", "replace") for text in texts), media_type)


def home_page(dialect: Dialect, title: str, entries: Iterator[Entry], *, heading: bool = True) -> Iterator[str]:
    """Links to what stands at the top."""
    plain = defused(" ".join(title.split()).translate(dialect.in_data), dialect.not_in_data)
    head = written(_HOMES[dialect.name](plain)) if dialect.name in _HOMES else ""
    yield head
    if heading:
        yield dialect.heading(1, dialect.escaper.text(" ".join(title.split()))) + "\n\n"
    for entry in entries:
        if entry.depth == 0:
            label = dialect.escaper.label(" ".join((entry.title or "Untitled").split()))
            yield f"- {dialect.link(label, escape.path(str(entry.path)), str(entry.path))}\n"


_HOMES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "docusaurus": lambda title: {"id": "home", "title": title, "slug": "/", "sidebar_position": 0},
    "hugo": lambda title: {"title": title},
    "jekyll": lambda title: {"title": title},
}


def mkdocs(entries: Iterator[Entry], home: str = "") -> Iterator[str]:
    """A configuration to inherit: the navigation, and the extensions that the pages are written for."""
    yield "markdown_extensions:\n"
    for extension in EXTENSIONS:
        yield f"  - {extension}\n"
    yield "nav:\n"
    if home:
        yield f"  - {_quoted(home)}: {HOME}.md\n"
    empty = not home
    for entry in entries:
        space = "  " * (entry.depth + 1)
        label, path = _quoted(entry.title or "Untitled"), _quoted(str(entry.path))
        yield f"{space}- {label}:\n{space}  - {path}\n" if entry.has_inside else f"{space}- {label}: {path}\n"
        empty = False
    if empty:
        yield "  []\n"


def docusaurus(entries: Iterator[Entry], home: str = "") -> Iterator[str]:
    """The items of a sidebar."""
    yield "["
    depth, first = 0, True
    if home:
        yield f'\n{{"type": "doc", "id": "home", "label": {_quoted(home)}}}'
        first = False
    for entry in entries:
        yield "]}" * (depth - entry.depth)
        yield "\n" if first else ",\n"
        doc = _quoted(str(PurePosixPath(entry.path).parent / bare(entry.id)))
        label = _quoted(entry.title or "Untitled")
        if entry.has_inside:
            yield f'{{"type": "category", "label": {label}, "link": {{"type": "doc", "id": {doc}}}, "items": ['
        else:
            yield f'{{"type": "doc", "id": {doc}, "label": {label}}}'
        depth, first = entry.depth + entry.has_inside, entry.has_inside
    yield "]}" * depth + "\n]\n"


def _quoted(text: str) -> str:
    """One line that JSON and YAML read alike."""
    return json.dumps(_NOT_IN_YAML.sub("\ufffd", " ".join(text.split())), ensure_ascii=False)


_Writer = Callable[[Iterator[Entry], str], Iterator[str]]
_FILES: Mapping[str, tuple[str, str, _Writer]] = {
    "mkdocs": (".notion-sync/mkdocs-nav.yml", "application/yaml", mkdocs),
    "docusaurus": (".notion-sync/docusaurus-sidebar.json", "application/json", docusaurus),
}
