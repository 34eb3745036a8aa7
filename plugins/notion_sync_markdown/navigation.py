"""The order of all documents, as site generators read it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from yaml.reader import Reader

from notion_sync_core.plugin import Artifact, Entry, Tree
from notion_sync_markdown.dialects.mkdocs import EXTENSIONS
from notion_sync_markdown.front_matter import bare

_NOT_IN_YAML: re.Pattern[str] = Reader.NON_PRINTABLE


def artifacts(dialect: str, tree: Tree) -> Iterator[Artifact]:
    """The navigation that a dialect's reader takes."""
    name, media_type, write = _FILES[dialect]
    yield Artifact(tree.path(name), (text.encode("utf-8", "replace") for text in write(tree.entries())), media_type)


def mkdocs(entries: Iterator[Entry]) -> Iterator[str]:
    """A configuration to inherit: the navigation, and the extensions that the pages are written for."""
    yield "markdown_extensions:\n"
    for extension in EXTENSIONS:
        yield f"  - {extension}\n"
    yield "nav:\n"
    empty = True
    for entry in entries:
        space = "  " * (entry.depth + 1)
        label, path = _quoted(entry.title or "Untitled"), _quoted(str(entry.path))
        yield f"{space}- {label}:\n{space}  - {path}\n" if entry.has_inside else f"{space}- {label}: {path}\n"
        empty = False
    if empty:
        yield "  []\n"


def docusaurus(entries: Iterator[Entry]) -> Iterator[str]:
    """The items of a sidebar."""
    yield "["
    depth, first = 0, True
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


_Writer = Callable[[Iterator[Entry]], Iterator[str]]
_FILES: Mapping[str, tuple[str, str, _Writer]] = {
    "mkdocs": (".notion-sync/mkdocs-nav.yml", "application/yaml", mkdocs),
    "docusaurus": (".notion-sync/docusaurus-sidebar.json", "application/json", docusaurus),
}
