"""Pages rendered to HTML, and what a parser reads out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import html5lib

from notion_sync_core.model import Json
from notion_sync_html import HtmlRenderer
from plugins.rendering import MemoryDocument, MemorySite, content, squeezed

_BODY = re.compile(r'<div class="content">\n(.*)</div>\n</article>', re.DOTALL)
_BREAKS = frozenset(
    """
    address article aside blockquote br caption dd details div dl dt figcaption figure footer h1 h2 h3
    h4 h5 header hr li main nav ol p pre section summary table td th tr ul
    """.split()  # noqa: SIM905
)
"""Elements that stand on lines of their own."""
MATH = "{http://www.w3.org/1998/Math/MathML}"


def render(document: MemoryDocument, site: MemorySite | None = None, renderer: HtmlRenderer | None = None) -> str:
    """A document's whole file."""
    artifacts = (renderer or HtmlRenderer()).render_document(document, site or MemorySite())
    return content(next(iter(artifacts)))


def page(*nested: Json, site: MemorySite | None = None, **document: Any) -> str:
    """A page's whole file."""
    return render(MemoryDocument(list(nested), **document), site)


def body(*nested: Json, site: MemorySite | None = None, **document: Any) -> str:
    """The HTML of the blocks alone."""
    found = _BODY.search(page(*nested, site=site, **document))
    assert found
    return found[1]


def tree(html: str) -> Any:
    """The file as a browser reads it."""
    return html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)


def main_of(html: str) -> Any:
    found = tree(html).find(".//main")
    assert found is not None
    return found


def content_of(html: str) -> Any:
    found = next(div for div in main_of(html).iter("div") if div.get("class") == "content")
    assert found is not None
    return found


def text_of(element: Any) -> str:
    """All text in order; formulas as their TeX."""
    return "".join(_texts(element))


def _texts(root: Any) -> Iterator[str]:
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
            continue
        if not isinstance(item.tag, str):  # a comment
            continue
        if item.tag == f"{MATH}semantics":
            yield "".join(note.text or "" for note in item.iter(f"{MATH}annotation"))
            continue
        edge = "\n" if item.tag in _BREAKS else ""
        yield edge + (item.text or "")
        waiting.append(edge)
        for child in reversed(list(item)):
            waiting.append(child.tail or "")
            waiting.append(child)


def squeezed_cells(html: str, name: str) -> list[list[str]]:
    """The cells of the table of that class, or in an element of that class."""
    found = next(each for each in tree(html).iter() if each.get("class") == name)
    return [[squeezed(text_of(cell)) for cell in row if cell.tag in ("td", "th")] for row in found.iter("tr")]
