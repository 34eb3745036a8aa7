"""One example of each type of block, property and rich text, with its quirks."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from notion_sync_core.document import Row, Target
from notion_sync_core.model import Json
from plugins.rendering import PAGE_ID, MemoryDocument, MemorySite, block, ref, span, table

OTHER = "22222222-2222-4222-8222-222222222222"
BASE = "33333333-3333-4333-8333-333333333333"
SOURCE = "44444444-4444-4444-8444-444444444444"
PICTURE = "https://files.example/picture.png"
PDF = "https://files.example/price list.pdf"
SOUND = "https://files.example/bell.wav"
FILM = "https://files.example/ride.mp4"
EMOJI = "https://files.example/bike.png"


def file(url: str) -> Json:
    """A file object of Notion's own storage, or of the web."""
    kind = "file" if "files.example" in url else "external"
    return {"type": kind, kind: {"url": url}}


def mention(kind: str, payload: Json, shown: str, href: str | None = None) -> Json:
    return {**span(shown, href), "type": "mention", "mention": {"type": kind, kind: payload}}


def equation(tex: str) -> Json:
    return {**span(tex), "type": "equation", "equation": {"expression": tex}}


def paragraph(text: str | list[Json], children: list[Json] | None = None, **payload: Any) -> Json:
    return block("paragraph", text, children, **payload)


EMOJI_ICON: Json = {"type": "emoji", "emoji": "💡"}
NATIVE_ICON: Json = {"type": "icon", "icon": {"name": "bicycle", "color": "green"}}
CUSTOM_ICON: Json = {"type": "custom_emoji", "custom_emoji": {"id": "e", "name": "bike", "url": EMOJI}}

TEXT = [
    span("plain, "),
    span("bold ", bold=True),
    span("italic ", italic=True),
    span("struck ", strikethrough=True),
    span("underlined ", underline=True),
    span("code", code=True),
    span(" all", bold=True, italic=True, strikethrough=True, underline=True, code=True),
    span(" red", color="red"),
    span(" on blue", color="blue_background"),
    span(" link", "https://example.com/?a=1&b=2"),
    span(" unsafe link", "javascript:alert(1)"),
    span(" inside", f"/{OTHER.replace('-', '')}#{'5' * 32}"),
    span("\nnext  line <b>&amp; 'quotes' \" "),
    equation(r"E = mc^2"),
    span(" "),
    mention("user", {"object": "user", "id": "u1"}, "@Mara"),
    span(" "),
    mention("page", {"id": OTHER}, "Old title", "https://app.notion.com/p/x"),
    span(" "),
    mention("database", {"id": BASE}, "Tasks"),
    span(" "),
    mention("date", {"start": "2026-03-02", "end": "2026-03-05"}, "2026-03-02 → 2026-03-05"),
    span(" "),
    mention("custom_emoji", {"id": "e", "name": "bike", "url": EMOJI}, ":bike:"),
    span(" "),
    mention("link_preview", {"url": "https://example.com/issue/1"}, "https://example.com/issue/1"),
    span(" "),
    mention("link_mention", {"href": "https://example.com/x", "title": "Example"}, "Example"),
    span(" "),
    mention("template_mention", {"type": "template_mention_date", "template_mention_date": "today"}, "@Today"),
    span(" "),
    mention("agent", {"name": "Helper"}, "@Helper"),
]

KID = [paragraph("kid")]
CODE = 'def pressure(kg: float) -> float:\n    """In bar."""\n    return kg / 2 * 1.5  # <rough>\n'
CELLS = [["Day", "Opens\nat", "Closes"], ["Monday", "9:00 | 10:00", "18:00"], ["Saturday", "10:00"]]

SAMPLES: dict[str, list[Json]] = {
    "paragraph": [
        paragraph("text"),
        paragraph(""),
        paragraph("parent", KID),
        paragraph("coloured", color="green_background"),
    ],
    "rich_text": [paragraph(TEXT)],
    "heading_1": [block("heading_1", "One\nline"), block("heading_1", "Coloured", color="red")],
    "heading_2": [block("heading_2", "Toggle", KID, is_toggleable=True)],
    "heading_3": [block("heading_3", "Three")],
    "heading_4": [block("heading_4", "Four")],
    "bulleted_list_item": [
        block("bulleted_list_item", "a", [block("bulleted_list_item", "b", KID)]),
        block("bulleted_list_item", "c", color="blue"),
    ],
    "numbered_list_item": [
        block("numbered_list_item", "one", [block("numbered_list_item", "a", list_format="letters")]),
        block("numbered_list_item", "two"),
        block("numbered_list_item", "seven", list_start_index=7),
        block("bulleted_list_item", "between"),
        block("numbered_list_item", "i", list_format="roman"),
        block("numbered_list_item", "ii"),
    ],
    "to_do": [block("to_do", "open", checked=False), block("to_do", "done", KID, checked=True)],
    "toggle": [block("toggle", "summary", KID), block("toggle", "")],
    "quote": [block("quote", "one\ntwo", KID), block("quote", "", KID)],
    "callout": [
        block("callout", "emoji", KID, icon=EMOJI_ICON, color="yellow_background"),
        block("callout", "native", icon=NATIVE_ICON, color="default"),
        block("callout", "custom", icon=CUSTOM_ICON),
        block("callout", "hosted", icon=file(PICTURE)),
        block("callout", "outside", icon=file("https://example.com/i.png")),
        block("callout", "none", icon=None),
    ],
    "code": [
        block("code", CODE, language="python", caption=[span("A rule of thumb")]),
        block("code", "<plain>", language="plain text", caption=[]),
        block("code", "graph LR\n  a --> b", language="mermaid"),
        block("code", [span("marked ", bold=True), span("linked", "https://example.com")], language="python"),
    ],
    "equation": [
        block("equation", expression=r"F = m \cdot a < \frac{1}{2}"),
        block("equation", expression=r"\frac{"),
        block("equation", expression=""),
    ],
    "divider": [block("divider")],
    "breadcrumb": [block("breadcrumb")],
    "table_of_contents": [
        block("table_of_contents", color="gray"),
        {**block("heading_1", "First"), "id": "a" * 32},
        {**block("heading_2", "Second"), "id": "b" * 32},
    ],
    "bookmark": [
        block("bookmark", url="https://example.com/a", caption=[span("See")]),
        block("bookmark", url="", caption=[]),
        block("bookmark", url="javascript:alert(1)", caption=[]),
    ],
    "embed": [block("embed", url="https://maps.example/x", caption=[])],
    "link_preview": [block("link_preview", url="https://github.example/x/1")],
    "link_to_page": [
        block("link_to_page", type="page_id", page_id=OTHER),
        block("link_to_page", type="database_id", database_id=BASE),
        block("link_to_page", type="comment_id", comment_id="c"),
    ],
    "image": [
        block("image", caption=[span("A picture")], **file(PICTURE)),
        block("image", caption=[span("Elsewhere")], **file("https://example.com/outside.jpg")),
    ],
    "video": [
        block("video", caption=[span("A ride")], **file(FILM)),
        block("video", caption=[], **file("https://www.youtube.com/watch?v=x")),
    ],
    "audio": [block("audio", caption=[], **file(SOUND))],
    "pdf": [block("pdf", caption=[span("Prices")], **file(PDF))],
    "file": [
        block("file", name="price list.pdf", caption=[span("From March")], **file(PDF)),
        block("file", name="page.html", caption=[], **file("https://files.example/page.html")),
    ],
    "child_page": [{**block("child_page", title="Sub"), "id": OTHER}],
    "child_database": [{**block("child_database", title="Tasks"), "id": BASE}, block("child_database", title="")],
    "synced_block": [
        block("synced_block", children=KID, synced_from=None),
        block("synced_block", synced_from={"type": "block_id", "block_id": "nowhere"}),
    ],
    "template": [block("template", "New entry", KID)],
    "column_list": [
        block(
            "column_list",
            children=[
                block("column", children=[paragraph("left")], width_ratio=0.3333),
                block("column", children=[paragraph("right")], width_ratio=0.6667),
                block("column", children=[paragraph("any")]),
            ],
        )
    ],
    "table": [
        {**table(*CELLS), "table": {"has_column_header": True, "has_row_header": True, "table_width": 3}},
        table(["no", "header"], header=False),
        table([]),
    ],
    "table_row": [block("table_row", cells=[[span("lost")], [span("row")]])],
    "tab": [
        block(
            "tab",
            children=[
                paragraph("Wall", [paragraph("By size.")], icon=EMOJI_ICON),
                paragraph("Drawer", [paragraph("With a battery.")], icon=None),
            ],
        )
    ],
    "meeting_notes": [
        block(
            "meeting_notes",
            children=[paragraph("We order frames.")],
            title=[span("Planning")],
            status="notes_ready",
            calendar_event={
                "start_time": "2026-03-02T09:00:00.000Z",
                "end_time": "2026-03-02T10:00:00.000Z",
                "attendees": [{"object": "user", "id": "u1"}],
            },
        )
    ],
    "meeting_section": [
        {
            **block("meeting_notes"),
            "meeting_notes": {
                "title": [span("Weekly")],
                "children": {"summary_block_id": "s1", "notes_block_id": "s2", "transcript_block_id": "s3"},
            },
        }
    ],
    "transcription": [block("transcription", status="transcription_failed")],
    "unsupported": [block("unsupported", block_type="form"), block("unsupported")],
    "unknown": [block("hologram", "its <text>", KID, title="its title", depth=3)],
}

SECTIONS = {
    "s1": [paragraph("What we decided.")],
    "s2": [block("bulleted_list_item", "A note")],
    "s3": [],
}
"""What is in the parts of a meeting's notes."""


def sample_site(**given: Any) -> MemorySite:
    """A site in which the samples' links lead somewhere."""
    return MemorySite(
        targets={
            OTHER: Target("Other: page", "Folder/Other: page.html", "https://app.notion.com/p/other", "page", OTHER),
            BASE: Target("Tasks", "Tasks.html", "https://app.notion.com/p/tasks", "database", BASE),
        },
        assets={
            PICTURE: "assets/ab/picture.png",
            PDF: "assets/cd/prices.pdf",
            SOUND: "assets/ef/bell.wav",
            FILM: "assets/01/ride.mp4",
            EMOJI: "assets/23/bike.png",
            "https://files.example/page.html": "assets/45/page.html",
        },
        users={"u1": "Mara Lindqvist"},
        **given,
    )


def prop(kind: str, payload: Any, **more: Any) -> Json:
    return {"id": kind[:4], "type": kind, kind: payload, **more}


PROPERTIES: dict[str, Json] = {
    "Name": prop("title", [span("A row")]),
    "Text": prop("rich_text", TEXT[:3]),
    "Number": prop("number", 0.25),
    "Select": prop("select", {"name": "One", "color": "red"}),
    "No select": prop("select", None),
    "Tags": prop("multi_select", [{"name": "a <b>", "color": "blue"}, {"name": "c", "color": "odd"}]),
    "Status": prop("status", {"name": "In progress", "color": "green"}),
    "Date": prop("date", {"start": "2026-03-02T09:00:00.000+01:00", "end": "2026-03-05", "time_zone": None}),
    "Zoned": prop("date", {"start": "2026-03-02T09:00:00", "end": None, "time_zone": "Europe/Paris"}),
    "Old": prop("date", {"start": "1592-01-01", "end": None, "time_zone": None}),
    "People": prop("people", [{"object": "user", "id": "u1"}, {"object": "group", "id": "g", "name": "Team"}]),
    "Files": prop("files", [{"name": "p.png", **file(PICTURE)}, {"name": "l.pdf", **file(PDF)}, {"name": "x"}]),
    "Done": prop("checkbox", True),
    "Undone": prop("checkbox", False),
    "Url": prop("url", "https://example.com/a b"),
    "Bad url": prop("url", "javascript:alert(1)"),
    "Email": prop("email", "a@example.com"),
    "Phone": prop("phone_number", "+46 555"),
    "Formula": prop("formula", {"type": "string", "string": "<b>"}),
    "Formula yes": prop("formula", {"type": "boolean", "boolean": True}),
    "Formula day": prop("formula", {"type": "date", "date": {"start": "2026-01-01"}}),
    "Formula none": prop("formula", {"type": "unsupported", "unsupported": {}}),
    "Relation": prop("relation", [{"id": OTHER}, {"id": "99999999-9999-4999-8999-999999999999"}], has_more=False),
    "Rollup": prop("rollup", {"type": "number", "number": 3, "function": "count"}),
    "Rollup list": prop(
        "rollup",
        {"type": "array", "array": [prop("select", {"name": "One", "color": "red"}), prop("number", 2)]},
    ),
    "Created": prop("created_time", "2026-03-02T09:00:00.000Z"),
    "Edited": prop("last_edited_time", "2026-03-02T09:00:12.345Z"),
    "By": prop("created_by", {"object": "user", "id": "u1"}),
    "Id": prop("unique_id", {"prefix": "FW", "number": 7}),
    "Verified": prop(
        "verification",
        {"state": "verified", "date": {"start": "2026-01-01"}, "verified_by": {"object": "user", "id": "u1"}},
    ),
    "Place": prop("place", {"lat": 59.3, "lon": 18.0, "name": "Shop", "address": None}),
    "Button": prop("button", {}),
    "Unsupported": prop("unsupported", {}),
    "New type": prop("hologram", {"depth": 3, "name": "x"}),
}


def schema(name: str, kind: str, description: str | None = None, **config: Any) -> Json:
    return {"id": name, "name": name, "type": kind, kind: config, "description": description}


SCHEMA: Json = {
    **{name: schema(name, value["type"]) for name, value in PROPERTIES.items()},
    "Number": schema("Number", "number", format="percent"),
    "Select": schema("Select", "select", "Which one", options=[{"name": "One", "color": "red"}]),
    "Formula": schema("Formula", "formula", expression='prop("Number") < 1'),
    "Rollup": schema("Rollup", "rollup", function="count", relation_property_name="Relation"),
    "Id": schema("Id", "unique_id", prefix="FW"),
}


def row(number: int, title: str, **values: Json) -> Row:
    row_id = f"{number:08}-0000-4000-8000-000000000000"
    found = {"Name": prop("title", [span(title)]), **values}
    return Row(evolve(ref(title, "page", row_id)), {"object": "page", "id": row_id, "properties": found})


def sample_database(**given: Any) -> MemoryDocument:
    source = {
        "object": "data_source",
        "id": SOURCE,
        "title": [span("Tasks")],
        "description": [span("All <tasks>")],
        "properties": SCHEMA,
    }
    rows = [
        row(1, "A row", **{name: value for name, value in PROPERTIES.items() if name != "Name"}),
        row(2, "b row", Number=prop("number", 0.5), Done=prop("checkbox", False)),
        row(3, "C <row>", Number=prop("number", -0.125)),
        row(4, "", Number=prop("number", None)),
    ]
    raw = {"object": "database", "icon": EMOJI_ICON, "description": [span("What has to be done.")]}
    return MemoryDocument([], ref("Tasks", "database", BASE), {**raw, **given}, [source], {SOURCE: rows})


def sample_row(*nested: Json) -> MemoryDocument:
    raw = {"object": "page", "icon": NATIVE_ICON, "cover": file(PICTURE), "properties": PROPERTIES}
    return MemoryDocument(list(nested), ref("A row", "page", PAGE_ID), raw)


def comment(text: str | list[Json], discussion: str = "d1", **more: Any) -> Json:
    return {
        "object": "comment",
        "id": f"c-{discussion}",
        "discussion_id": discussion,
        "created_time": "2026-03-02T09:00:00.000Z",
        "created_by": {"object": "user", "id": "u1"},
        "rich_text": [span(text)] if isinstance(text, str) else text,
        **more,
    }
