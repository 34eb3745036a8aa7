"""A site with everything on one page, a database and an index, written to a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from notion_sync_core.document import Entry, Target
from notion_sync_core.model import Artifact, Json
from notion_sync_demo import assets
from notion_sync_html import HtmlRenderer
from plugins.html_samples import (
    BASE,
    EMOJI_ICON,
    NATIVE_ICON,
    SAMPLES,
    comment,
    file,
    paragraph,
    sample_database,
    sample_row,
    sample_site,
)
from plugins.rendering import PAGE_ID, MemoryDocument, MemoryTree, block, table

PICTURES = {
    "assets/ab/picture.png": assets.png(480, 160, (38, 110, 84), (214, 234, 200)),
    "assets/23/bike.png": assets.png(32, 32, (200, 90, 60), (240, 220, 200)),
    "assets/ef/bell.wav": assets.wav(),
    "assets/cd/prices.pdf": assets.pdf(["Prices"]),
}


FROM_THE_RIGHT = [
    paragraph("مرحبا بكم في دليل الورشة"),
    block("bulleted_list_item", "بند أول", [block("bulleted_list_item", "بند داخلي")]),
    block("numbered_list_item", "أولا"),
    block("to_do", "مهمة", checked=True),
    block("quote", "اقتباس", [paragraph("داخل")]),
    block("callout", "تنبيه", icon=NATIVE_ICON),
    block("toggle", "تبديل", [paragraph("مخفي")]),
    block("code", "x = 1", language="python", caption=[]),
    table(["اليوم", "يفتح"], ["الاثنين", "٩"]),
    paragraph("An English paragraph."),
    block("bulleted_list_item", "An English item"),
]
"""Text that is read from the right, with some that is not."""


def with_views() -> MemoryDocument:
    """A database with a table of some columns, a board, a filter that is not applied, and a chart."""
    document = sample_database()
    listed = [{"property_id": name} for name in ("Number", "Name", "Select")]
    group = {"property_id": "Select", "type": "select"}
    views: list[Json] = [
        {"name": "Short", "type": "table", "configuration": {"properties": listed}},
        {"name": "Board", "type": "board", "configuration": {"properties": listed, "group_by": group}},
        {"name": "Soon", "type": "list", "filter": {"property": "Date", "date": {"next_week": {}}}},
        {"name": "Chart", "type": "chart", "url": "https://www.notion.so/x?v=1"},
    ]
    document.sources[0]["views"] = [{**view, "id": f"{number:032x}"} for number, view in enumerate(views, 1)]
    return document


def write(artifacts: Iterable[Artifact], folder: Path) -> None:
    for artifact in artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(artifact.chunks))


def numbered(blocks: list[Json]) -> list[Json]:
    """The blocks with an id each, as Notion's have."""
    return list(_numbered(blocks, iter(range(1, 1 << 30))))


def _numbered(blocks: list[Json], numbers: Iterator[int]) -> Iterator[Json]:
    for raw in blocks:
        raw = {**raw, "id": f"{next(numbers):032x}" if raw["id"].endswith("-id") else raw["id"]}
        if "+" in raw:
            raw["+"] = list(_numbered(raw["+"], numbers))
        yield raw


def make(folder: Path) -> Path:
    """Write the site; give its folder, whose name is as odd as people's are."""
    root = folder / "My site #1 ä"
    renderer = HtmlRenderer()
    blocks = [block("table_of_contents")]
    for kind, sample in SAMPLES.items():
        blocks += [
            block("heading_1", f"Type {kind}"),
            *(raw for raw in sample if raw["type"] not in ("video", "table_of_contents")),
        ]
    blocks = numbered([*blocks, paragraph("A paragraph about a Größenverhältnis and a café, ＡＢＣ.")])
    site = sample_site(stem="Everything")
    site.beside = [
        Target("Before", "Before.html", "", "page", "z"),
        Target("Everything", "Everything.html", "", "page", PAGE_ID),
        Target("Tasks", "Tasks.html", "", "database", BASE),
    ]
    site.below = [Target(f"Child {n}", f"Everything/Child {n}.html", "", "page", str(n)) for n in range(4)]
    document = sample_row(*blocks)
    document.discussions = {PAGE_ID: [comment("About the page")], blocks[2]["id"]: [comment("About a block")]}
    write(renderer.render_document(document, site), root)
    child = sample_site(
        stem="Everything/Child 0", above=[Target("Everything", "../Everything.html", "", "page", PAGE_ID)]
    )
    write(renderer.render_document(sample_row(paragraph("Alone")), child), root)
    for name, language in (("From the right", "ar"), ("Mixed", "en")):
        turned = sample_row(*numbered(FROM_THE_RIGHT))
        turned.raw = {**turned.raw, "icon": EMOJI_ICON, "cover": file("https://example.com/outside.jpg")}
        write(HtmlRenderer(language=language).render_document(turned, sample_site(stem=name, beside=site.beside)), root)
    rows = sample_site(stem="Tasks")
    write(renderer.render_document(sample_database(), rows), root)
    write(renderer.render_document(with_views(), sample_site(stem="Views")), root)
    entries = [
        Entry(PAGE_ID, "page", "Everything", PurePosixPath("Everything.html"), 0, True, site.notes[0]),
        Entry("c", "page", "Child 0", PurePosixPath("Everything/Child 0.html"), 1, False, child.notes[0]),
        Entry(BASE, "database", "Tasks", PurePosixPath("Tasks.html"), 0, False, rows.notes[0]),
        Entry("p", "page", "A paragraph in its title", PurePosixPath("Folder/Other: page.html"), 0, False, ""),
    ]
    write(renderer.render_site(MemoryTree(entries)), root)
    for name, content in PICTURES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root
