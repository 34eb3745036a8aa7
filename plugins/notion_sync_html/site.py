"""The files that are about all documents: index, style, scripts and what the search looks through."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import define, evolve, field
from markupsafe import Markup

from notion_sync_core.plugin import Entry, Tree
from notion_sync_html.markup import element, line, path_address, start
from notion_sync_html.page import Frame, shell

ASSETS = "assets/notion-sync"
PAGES = f"{ASSETS}/pages.html"
"""The tree of all documents, where one of them is the index."""
_SHARD = 1 << 20
"""Characters of a part of the search index."""
_CLOSE = Markup("</ul></details></li>\n")
_JS, _CSS = "text/javascript", "text/css"
File = tuple[str, Iterable[str], str]
"""Path, pieces and media type."""


@define
class _Counts:
    """What the index says about the whole."""

    pages: int = 0
    databases: int = 0
    tops: list[str] = field(factory=list)
    """Titles at the top; the first two."""
    has_home: bool = False
    """The document that is the index is one of them, and lies where the index does."""

    def see(self, entry: Entry, home: str | None) -> None:
        if entry.kind == "page":
            self.pages += 1
        else:
            self.databases += 1
        if entry.depth == 0 and len(self.tops) < 2:
            self.tops.append(_title(entry))
        self.has_home = self.has_home or (entry.id == home and len(entry.path.parts) == 1)


def files(tree: Tree, frame: Frame, home: str | None = None) -> Iterator[File]:
    """Every such file. The tree is gone through twice: for the search, and for the index.

    :param home: the document whose file is the index as well.
    """
    yield f"{ASSETS}/style.css", [_style(frame)], _CSS
    for name in ("theme.js", "site.js"):
        yield f"{ASSETS}/{name}", [frame.look.static(name) or ""], _JS
    counts = _Counts()
    shards = 0
    for shards, text in enumerate(_shards(tree, frame, counts, home), 1):
        yield f"{ASSETS}/search/{shards - 1}.js", [text], _JS
    if frame.search:
        yield f"{ASSETS}/search/parts.js", [f"notionSync.parts({shards});\n"], _JS
    if home is not None:
        yield PAGES, _index(tree, frame, counts, "../../"), "text/html"
    if not counts.has_home:
        yield "index.html", _index(tree, frame, counts, ""), "text/html"


def _style(frame: Frame) -> str:
    """The style sheet, the widths of columns, and what the user adds in ``static/custom.css``."""
    look = frame.look
    widths = "".join(f".w-{width}{{flex-grow:{width}}}\n" for width in range(1, 101))
    return "".join((look.static("style.css") or "", "\n", widths, look.static("custom.css") or ""))


# -- the search


def _shards(tree: Tree, frame: Frame, counts: _Counts, home: str | None) -> Iterator[str]:
    """The search index in parts, each a script that hands over its documents."""
    waiting: list[str] = []
    size = number = 0
    trail: list[str] = []
    for entry in tree.entries():
        counts.see(entry, home)
        if not frame.search:
            continue
        del trail[entry.depth :]
        waiting.append(_searched(entry, trail))
        trail.append(_title(entry))
        size += len(waiting[-1])
        if size >= _SHARD:
            yield _shard(number, waiting)
            number += 1
            waiting.clear()
            size = 0
    if waiting:
        yield _shard(number, waiting)


def _shard(number: int, documents: list[str]) -> str:
    return "notionSync.part({},[\n{}\n]);\n".format(number, ",\n".join(documents))


def _searched(entry: Entry, trail: list[str]) -> str:
    """Title, address, icon, where it stands, headings, text, and of each heading its anchor and where its text is."""
    note = read_note(entry.note)
    row = [
        _title(entry),
        path_address(entry.path.as_posix()),
        note.get("icon", ""),
        " › ".join(trail),
        "\n".join(note.get("headings", ())),
        note.get("text", ""),
        note.get("places", ()),
    ]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def read_note(note: str) -> dict[str, Any]:
    """What :meth:`notion_sync_html.digest.Digest.note` has left; nothing if it was somebody else."""
    try:
        found = json.loads(note) if note else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _title(entry: Entry) -> str:
    return line(entry.title) or "Untitled"


# -- the index


def _index(tree: Tree, frame: Frame, counts: _Counts, way: str) -> Iterator[str]:
    """The file with the tree of all.

    :param way: from it to the renderer's folder.
    """
    title = frame.name or (counts.tops[0] if len(counts.tops) == 1 else "All pages")
    given = {**shell(frame, way), "title": title, "pages": counts.pages, "databases": counts.databases}
    yield from frame.look.stream("index", {**given, "body": _branches(tree, way)})


def _branches(tree: Tree, way: str) -> Iterator[Markup]:
    """The tree as nested lists that fold."""
    depth = -1
    for entry, is_open in _with_depth(tree.entries()):
        if entry.depth > depth:
            yield start("ul", class_="tree" if depth < 0 else None) + "\n"
        yield _CLOSE * max(0, depth - entry.depth)
        depth = entry.depth
        if is_open:
            # The link stands beside the fold: within it, keyboards and screen readers could not tell them apart.
            fold = element("summary", element("span", f"In {_title(entry)}", class_="unseen"))
            yield start("li") + _branch(entry, way) + start("details", open=entry.depth == 0) + fold + "\n"
        else:
            yield element("li", _branch(entry, way)) + "\n"
    if depth >= 0:
        yield _CLOSE * depth + Markup("</ul>\n")


def _with_depth(entries: Iterable[Entry]) -> Iterator[tuple[Entry, bool]]:
    """Each entry, never more than one deeper than that before it, and whether the next stands inside it."""
    last: Entry | None = None
    for entry in entries:
        if last is None:
            last = evolve(entry, depth=0)
            continue
        yield last, entry.depth > last.depth
        last = evolve(entry, depth=min(entry.depth, last.depth + 1))
    if last is not None:
        yield last, False


def _branch(entry: Entry, way: str) -> Markup:
    icon = read_note(entry.note).get("icon", "")
    kind = "page" if entry.kind == "page" else "database"
    href = way + path_address(entry.path.as_posix())
    if not icon:
        return element("a", _title(entry), href=href, class_=f"{kind} plain", dir="auto")
    sign = element("span", str(icon), class_="icon", aria_hidden="true")
    return element("a", sign + _title(entry), href=href, class_=kind, dir="auto")
