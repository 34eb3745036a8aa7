"""For each type of block, what it can look like: the golden files show what becomes of it."""

from __future__ import annotations

from typing import Any

from notion_sync_core.document import Target
from notion_sync_core.model import Json
from plugins.rendering import MemorySite, block, span, table

OTHER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
LONE = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
PICTURE: Json = {"type": "external", "external": {"url": "https://example.com/picture.png"}}
HOSTED: Json = {"type": "file", "file": {"url": "https://files.example/talk.mp4", "expiry_time": None}}
EMOJI: Json = {"type": "emoji", "emoji": "💡"}
CUSTOM: Json = {"type": "custom_emoji", "custom_emoji": {"id": "e", "name": "bufo", "url": "https://e.example/b.png"}}
NATIVE: Json = {"type": "icon", "icon": {"name": "warning", "color": "yellow"}}
KID = [block("paragraph", "inside")]


def site() -> MemorySite:
    return MemorySite(
        targets={OTHER: Target("Other page", "Folder/Other page.md", "https://app.notion.com/p/x", id=OTHER)},
        assets={"https://files.example/talk.mp4": "assets/ab/talk.mp4"},
        users={"u1": "Ada"},
        anchors=frozenset({LONE}),
    )


def mention(kind: str, payload: Json, shown: str, href: str | None = None) -> Json:
    return {**span(shown), "type": "mention", "mention": {"type": kind, kind: payload}, "href": href}


def equation(tex: str) -> Json:
    return {**span(tex), "type": "equation", "equation": {"expression": tex}}


def linked(raw: Json) -> Json:
    """A block that a link leads to."""
    return {**raw, "id": LONE}


def _numbered(text: str, children: list[Json] | None = None, **payload: Any) -> Json:
    return block("numbered_list_item", text, children, **payload)


def _meeting(kind: str) -> list[Json]:
    event = {"start_time": "2026-03-02T09:00:00.000Z", "end_time": "2026-03-02T10:00:00.000Z", "attendees": ["u1"]}
    ids = {"summary_block_id": "s1", "notes_block_id": "s2", "transcript_block_id": "s3"}
    return [
        block(kind, title=[span("Weekly")], status="notes_ready", calendar_event=event),
        {**block(kind, status="transcription_paused"), kind: {"status": "transcription_paused", "children": ids}},
    ]


SECTIONS = {
    "s1": [block("paragraph", "What we decided.")],
    "s2": [block("bulleted_list_item", "A note")],
    "s3": [block("paragraph", "Ada: hello.")],
}

SAMPLES: dict[str, list[Json]] = {
    "paragraph": [
        block("paragraph", [span("plain, "), span("bold", bold=True), span(" and "), span("code", code=True)]),
        block("paragraph", [span("under", underline=True), span(" "), span("gone", strikethrough=True)]),
        block("paragraph", [span("red", color="red"), span(" on "), span("blue", color="blue_background")]),
        block("paragraph", "a whole one in green", color="green"),
        block("paragraph", ""),
        block("paragraph", "two\nlines", KID),
        block("paragraph", [span("see "), span("the web", "https://example.com"), span(", "), equation("a_b^2")]),
        linked(block("paragraph", "somebody links here")),
    ],
    "mention": [
        block(
            "paragraph",
            [mention("user", {"id": "u1"}, "@Anonymous"), span(" in "), mention("page", {"id": OTHER}, "x")],
        ),
        block("paragraph", [mention("date", {"start": "2026-03-02T09:00", "time_zone": "Europe/Berlin"}, "")]),
        block("paragraph", [mention("custom_emoji", CUSTOM["custom_emoji"], ":bufo:"), span(" done")]),
        block("paragraph", [mention("link_mention", {"href": "https://a.example", "title": "A title"}, "")]),
        block("paragraph", [span("a block", f"/{OTHER.replace('-', '')}#{LONE.replace('-', '')}")]),
    ],
    **{f"heading_{level}": [block(f"heading_{level}", f"Level {level}")] for level in (1, 3, 4)},
    "heading_2": [
        block("heading_2", "Plain"),
        block("heading_2", "Toggle heading", KID, is_toggleable=True),
        linked(block("heading_2", [span("Linked "), span("one", bold=True)], color="red")),
    ],
    "bulleted_list_item": [
        block("bulleted_list_item", "one", [block("bulleted_list_item", "nested", KID)]),
        block("bulleted_list_item", "two\nlines"),
        block("bulleted_list_item", ""),
        linked(block("bulleted_list_item", "linked")),
    ],
    "numbered_list_item": [
        _numbered("one", [_numbered("nested"), _numbered("nested too")]),
        _numbered("two"),
        _numbered("seven", list_start_index=7),
        block("paragraph", "text between"),
        _numbered("cee", list_format="letters", list_start_index=3),
        _numbered("dee", KID, list_format="letters"),
        block("paragraph", "text between"),
        _numbered("roman", list_format="roman"),
    ],
    "to_do": [block("to_do", "done", checked=True), block("to_do", "open", [block("to_do", "part", checked=False)])],
    "toggle": [
        block("toggle", [span("What is "), span("it", italic=True), span("?")], [*KID, block("toggle", "more", KID)]),
        block("toggle", "empty"),
    ],
    "quote": [block("quote", "one\ntwo", [block("quote", "nested")]), block("quote", "another")],
    "callout": [
        block("callout", "with an emoji\nand a second line", KID, icon=EMOJI, color="gray_background"),
        block("callout", "custom", icon=CUSTOM),
        block("callout", "native", icon=NATIVE),
        block("callout", "picture", icon=PICTURE),
        block("callout", "bare", icon=None, color="red_background"),
    ],
    "code": [
        block("code", "a ``` b\n\n  c", language="c++", caption=[span("why")]),
        block("code", "x", language="plain text", caption=[]),
        block("bulleted_list_item", "in a list", [block("code", "y = 1\n\nz = 2", language="python", caption=[])]),
    ],
    "equation": [block("equation", expression="x + y"), block("equation", expression="\\frac{a}{b} < c_1")],
    "divider": [block("divider")],
    "breadcrumb": [block("breadcrumb")],
    "table_of_contents": [block("table_of_contents", color="default")],
    "bookmark": [
        block("bookmark", url="https://example.com/a_b", caption=[]),
        block("bookmark", url="https://example.com", caption=[span("A caption")]),
        block("bookmark", url="", caption=[]),
    ],
    "embed": [block("embed", url="https://example.com/map", caption=[span("A "), span("map", bold=True)])],
    "link_preview": [block("link_preview", url="https://github.com/a/b/pull/1")],
    "link_to_page": [
        block("link_to_page", type="page_id", page_id=OTHER),
        block("link_to_page", type="database_id", database_id="d" * 32),
        block("link_to_page", type="comment_id", comment_id="e" * 32),
    ],
    "image": [
        block("image", caption=[span("A caption")], **PICTURE),
        block("image", caption=[span("with "), span("a link", "https://example.com")], **PICTURE),
        linked(block("image", caption=[], **PICTURE)),
    ],
    **{kind: [block(kind, caption=[span("A caption")], **HOSTED)] for kind in ("video", "audio", "pdf")},
    "file": [block("file", caption=[span("A caption")], name="Our [talk].mp4", **HOSTED)],
    "child_page": [{**block("child_page", title="Old title"), "id": OTHER}],
    "child_database": [block("child_database", title="")],
    "synced_block": [
        block("synced_block", children=[block("paragraph", "the original")], synced_from=None),
        block("synced_block", synced_from={"type": "block_id", "block_id": "not-shared"}),
    ],
    "template": [block("template", "New meeting", [block("paragraph", "Agenda")])],
    "column_list": [
        block(
            "column_list",
            children=[
                block("column", children=[block("paragraph", "left")], width_ratio=0.25),
                block("column", children=[block("bulleted_list_item", "right", KID)], width_ratio=0.75),
            ],
        )
    ],
    "table": [
        table(["Name", "Text"], ["a|b", "two\nlines"], ["short"]),
        {**table(["row", "1"], ["row", "2"], header=False)},
        {
            **table(["", "h"], ["r", "c"]),
            "table": {"table_width": 2, "has_column_header": True, "has_row_header": True},
        },
    ],
    "tab": [
        block(
            "tab",
            children=[
                block("paragraph", "First", KID, icon=EMOJI),
                block("paragraph", "Second", [block("bulleted_list_item", "item")]),
            ],
        )
    ],
    "meeting_notes": _meeting("meeting_notes"),
    "transcription": _meeting("transcription"),
    "unsupported": [block("unsupported", block_type="form"), block("unsupported")],
    "unknown": [block("hologram", "its *text*", KID, title="its title")],
}

COMMENTS: list[Json] = [
    {
        "discussion_id": "d1",
        "created_time": "2026-03-02T09:00:00.000Z",
        "created_by": {"id": "u1"},
        "rich_text": [span("Is this "), span("right", bold=True), span("?")],
    },
    {
        "discussion_id": "d2",
        "created_time": "2026-03-02T10:00:00.000Z",
        "created_by": {"id": "u2", "name": "Bob"},
        "rich_text": [span("Another\nthread")],
        "attachments": [{"category": "image", "file": {"url": "https://files.example/talk.mp4"}}],
    },
    {
        "discussion_id": "d1",
        "created_time": "2026-03-02T11:00:00.000Z",
        "created_by": {"id": "u2"},
        "display_name": {"type": "user", "resolved_name": "Bob"},
        "rich_text": [span("Yes.")],
    },
]
