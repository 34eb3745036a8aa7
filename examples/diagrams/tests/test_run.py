"""Sites with diagrams and callouts."""

from __future__ import annotations

import re
from pathlib import Path

from notion_sync_core.testing import Shelf, document
from notion_sync_core.testing.build import block, text
from notion_sync_html import HtmlRenderer

from conftest import Run
from notion_sync_diagrams import DiagramsBlock

_BOTH = ("--renderer", "html", "--renderer", "diagrams", "--to", "out")


def test_callouts_of_a_workspace_are_notes_and_pages_stand_where_they_stood(notion_sync: Run, tmp_path: Path) -> None:
    notion_sync("export", *_BOTH)
    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.html")}
    noted = [page for page in pages.values() if 'role="note"' in page]
    assert noted
    assert all("callout-title" in page for page in noted)
    assert "index.html" in pages


def test_with_both_off_the_renderer_does_it_all(notion_sync: Run, tmp_path: Path) -> None:
    off = ("--set", "plugins.diagrams.mermaid=false", "--set", "plugins.diagrams.callouts=false")
    notion_sync("export", *_BOTH, *off)
    assert not any("callout-title" in path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.html"))


def shown(folder: Path, *blocks: dict[str, object], plugin: DiagramsBlock | None = None) -> str:
    """A page of these blocks, as the HTML renderer shows it with the plugin beside it."""
    with Shelf(folder, [document("Page", *blocks)]) as shelf:
        return shelf.render(HtmlRenderer(), document("Page").id, plugin or DiagramsBlock()).text


def test_a_diagram_is_text_that_the_script_finds(tmp_path: Path) -> None:
    page = shown(tmp_path, block("code", "graph TD; A--><b>B</b>", language="mermaid", caption=[text("How <it> goes")]))
    assert '<pre class="mermaid">graph TD; A--&gt;&lt;b&gt;B&lt;/b&gt;</pre>' in page
    assert "<figcaption>How &lt;it&gt; goes</figcaption>" in page
    other = shown(tmp_path / "other", block("code", "x = 1", language="python", caption=[]))
    assert "mermaid" not in other


def test_a_callout_keeps_its_looks_its_links_and_what_is_in_it(tmp_path: Path) -> None:
    callout = block(
        "callout",
        [text("Stop", bold=True), text(" here", "https://x.example/?a=1&b=2"), text(" or not", "javascript:alert(1)")],
        [block("paragraph", "Inside.")],
        color="red_background",
    )
    page = shown(tmp_path, callout)
    note = page.partition('<section class="callout callout-danger"')[2].partition("</section>")[0]
    assert "<strong>Stop</strong>" in note
    assert 'href="https://x.example/?a=1&amp;b=2"' in note
    assert "javascript" not in note
    assert re.search(r"Inside\.", note)
