"""Documents that show what there is: each kind of block and of property, text in every form, comments, pages inside."""

from __future__ import annotations

from typing import Any

from notion_sync_core.model import Json
from notion_sync_core.testing.build import (
    bare,
    block,
    equation,
    every_kind,
    hosted,
    media,
    mention,
    page_mention,
    rich,
    schema,
    table,
    text,
    value,
)
from notion_sync_core.testing.drafts import Draft, database, document, new_id

_ANNOTATIONS = ("bold", "italic", "strikethrough", "underline", "code")
_PERSON: Json = {"object": "user", "id": "a0000000-0000-4000-8000-000000000001", "name": "Ada", "type": "person"}
_PICTURE = hosted("https://files.example.org/c/picture.png")
_WHEN = "2026-01-02T03:04:00.000Z"
_LANGUAGES = (
    *("plain text", "ascii art", "notion formula", "c++", "c#", "f#", "java/c/c++/c#", "docker", "vb.net"),
    *("visual basic", "objective-c", "llvm ir", "markup", "webassembly", "python", "mermaid", "latex", "no such one"),
)


def showcase() -> list[Draft]:
    """The documents, each time the same."""
    home = document(
        "Showcase",
        block("paragraph", "Everything below."),
        {**bare("child_page", title="Inside"), "id": new_id("page Inside")},
        {**bare("child_database", title="Showcase tasks"), "id": new_id("database Showcase tasks")},
        icon={"type": "emoji", "emoji": "🧭"},
    )
    inside = document("Inside", block("paragraph", "A page in a page."), inside=home)
    tasks = _tasks(home)
    pages = [_text(inside), _blocks(inside), _looks(), _code(), _meetings(), _links(inside, tasks), _lists(), _talk()]
    pages += [_taken_over()]
    odd = document("Odd", *(block for raw in odd_blocks() for block in (raw, bare("divider"))))
    return [
        home,
        inside,
        *pages,
        odd,
        tasks,
        document("Empty page of the kit"),
        document("", object_id=new_id("untitled")),
    ]


def _text(other: Draft) -> Draft:
    """Text in every form, and characters that mean something in one format or another."""
    pieces: list[Json | str] = ["plain, "]
    pieces += [item for name in _ANNOTATIONS for item in (text(name, None, **{name: True}), text(", "))]
    pieces += [
        text("all of them", None, **dict.fromkeys(_ANNOTATIONS[:4], True)),
        text(" red", color="red"),
        text(" on blue", color="blue_background"),
        text(" a link", "https://example.org/?a=1&b=(2)"),
        equation("a_1 < b^2"),
        page_mention(other.id, "Inside"),
        mention("date", {"start": "2026-01-02", "end": "2026-01-05", "time_zone": None}, "2026-01-02 → 2026-01-05"),
        mention("user", _PERSON, "@Ada"),
        mention("link_preview", {"url": "https://example.org/preview"}, "https://example.org/preview"),
    ]
    odd = ["*stars* _lines_ `ticks` ~waves~", "# no heading", "1. no list", "- no list", "<b>no tag</b> & no &amp;"]
    odd += [
        "a | b",
        "[no](link)",
        "{{ none }}",
        "$1 and $2",
        "back\\slash",
        " spaces  around ",
        "two\nlines",
        "日本 é 🧭",
    ]
    return document(
        "Text & <signs>", block("paragraph", pieces), *(block("paragraph", each) for each in odd), links=[other.id]
    )


def _blocks(other: Draft) -> Draft:
    """Each kind of block, alone and with something inside it."""
    alone = list(every_kind(other.id))
    inner = [block("paragraph", "inside"), block("bulleted_list_item", "inside too")]
    holding = [{**raw, "children": inner} for raw in alone if not raw["children"] and "rich_text" in raw[raw["type"]]]
    unknown: list[Json] = [bare("comes_later", rich_text=rich("of the future")), bare("unsupported", block_type="form")]
    files: list[Json] = [{"type": "file", "file": hosted("https://files.example.org/a/plan.pdf", "plan.pdf")}]
    return document("Blocks", *alone, *holding, *unknown, *files, links=[other.id])


def _looks() -> Draft:
    """Colours, icons, widths, and headings that are toggles."""
    held = [block("paragraph", "held")]
    kinds = (
        "paragraph",
        "heading_1",
        "bulleted_list_item",
        "numbered_list_item",
        "to_do",
        "toggle",
        "quote",
        "callout",
    )
    coloured = [block(kind, f"a red {kind}", color="red_background") for kind in kinds]
    headings = [block(f"heading_{level}", f"level {level}", held, is_toggleable=True) for level in range(1, 5)]
    callouts = [block("callout", "said", held, icon=icon) for icon in (None, _PICTURE, {"type": "emoji", "emoji": "⚠️"})]
    widths = [bare("column", held, width_ratio=ratio) for ratio in (0.25, 0.75)]
    tabs = [block("paragraph", label, held, icon=icon) for label, icon in (("One", None), ("Two", _PICTURE))]
    rows = table([["a", "b"], ["c", "d"]])
    rows["table"] |= {"has_row_header": True, "has_column_header": False}
    return document("Looks", *coloured, *headings, *callouts, bare("column_list", widths), bare("tab", tabs), rows)


def _code() -> Draft:
    """Code in languages whose names mean something else elsewhere, and texts that break fences."""
    blocks = [block("code", f"in {name}", language=name, caption=[]) for name in _LANGUAGES]
    texts = [text("bold", None, bold=True), text("struck", None, strikethrough=True), text("red", None, color="red")]
    texts += [text("a link", "https://example.org/"), page_mention(new_id("page Inside"), "Inside")]
    blocks += [block("code", ["x = ", each, " + 1"], language="python", caption=[]) for each in texts]
    odd = ["``` and ~~~", "````", "<!-- --> </script>", "  indented\n\ttab", "", "trailing \n"]
    blocks += [block("code", content, language="plain text", caption=rich("why *so*")) for content in odd]
    formulas = [bare("equation", expression=each) for each in ("a < b", "\\frac{1}{2}", "$$", "")]
    return document("Code and formulas", *blocks, *formulas)


def _meetings() -> Draft:
    """Notes of meetings, with who was there and when."""
    event = {"start_time": _WHEN, "end_time": "2026-01-02T04:04:00.000Z", "attendees": [_PERSON["id"]]}
    whole = {
        "title": rich("Planning"),
        "status": "notes_ready",
        "calendar_event": event,
        "recording": {"start_time": _WHEN, "end_time": "2026-01-02T03:34:00.000Z"},
        "children": {name: new_id(f"{name} of a meeting") for name in ("summary_block_id", "notes_block_id")},
    }
    said = [block("paragraph", "We begin."), block("to_do", "begin", checked=False)]
    old = bare("transcription", said, title=rich("An older one"), status="transcription_finished")
    return document("Meetings", {"type": "meeting_notes", "meeting_notes": whole, "children": said}, old)


TAKEN_OVER = new_id("page Taken over")
"""The document in which plugins for single blocks may take over what says so."""


def _taken_over() -> Draft:
    """Blocks that plugins take over, among others of their kind, and with others inside."""
    kinds = ("paragraph", "heading_2", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote", "code")
    inner = [block("bulleted_list_item", "taken over inside"), block("paragraph", "as ever inside")]
    pairs = [(block(kind, f"taken over {kind}", inner), block(kind, f"a {kind} as ever")) for kind in kinds]
    return document("Taken over", *(each for pair in pairs for each in pair))


def odd_blocks() -> list[Json]:
    """Blocks that no page should have: of a type that does not exist yet, without what their type needs, or hardly
    blocks.
    """
    return [
        bare("comes_later", rich_text=rich("of the future"), answer=42),
        {"type": "comes_later"},
        {"type": None},
        {"object": "block"},
        {"type": "paragraph"},
        {"type": "image", "image": {}},
        {"type": "image", "image": {"type": "comes_later", "comes_later": {}}},
        {"type": "table", "table": {}, "children": [{"type": "paragraph", "paragraph": {}}]},
        bare("table_row", cells=[rich("without"), rich("a table")]),
        {"type": "link_to_page", "link_to_page": {}},
        {"type": "link_to_page", "link_to_page": {"page_id": new_id("page Inside")}},
        {"type": "synced_block", "synced_block": {"synced_from": {"block_id": "gone"}}},
        bare("column", [block("paragraph", "in a column alone")]),
        block("to_do", "done or not"),
        block("code", "x"),
    ]


def _links(page: Draft, base: Draft) -> Draft:
    """Links to what is there, to what is not, and to what is elsewhere; copies, and files without a name."""
    absent = "33333333-3333-4333-8333-333333333333"
    leads = [("page_id", page.id), ("database_id", base.id), ("page_id", absent), ("comment_id", absent)]
    links = [_leads(kind, own) for kind, own in leads]
    copies = [bare("synced_block", synced_from={"type": "block_id", "block_id": absent})]
    addresses = ("https://example.org/a b?c=(d)&e=[f]", "http://[::1", "mailto:ada@example.org", "/relative", "")
    cards = [bare("bookmark", url=each, caption=[]) for each in addresses]
    kinds = ("image", "video", "audio", "pdf", "file")
    files = [media(kind, hosted(f"https://files.example.org/{kind}/a%20{kind}.bin")) for kind in kinds]
    return document("Links", *links, *copies, *cards, *files, links=[page.id, base.id], cover=_PICTURE, icon=_PICTURE)


def _leads(kind: str, own: str) -> Json:
    return {"type": "link_to_page", "link_to_page": {"type": kind, kind: own}, "children": []}


def _lists() -> Draft:
    """Lists in lists, lists that begin anew, and a table with text in every form."""
    numbered = [block("numbered_list_item", f"point {number}") for number in range(1, 4)]
    deep = block(
        "bulleted_list_item", "one", [block("to_do", "two", [block("numbered_list_item", "three")], checked=False)]
    )
    mixed = block(
        "numbered_list_item", "with a quote", [block("quote", "said"), block("code", "x = 1\n\ny", language="c")]
    )
    cells = table([["", "a|b"], [[text("bold", bold=True)], "two\nlines"]], header=False)
    return document(
        "Lists", *numbered, block("paragraph", "between"), *numbered, mixed, deep, block("toggle", "", [deep]), cells
    )


def _talk() -> Draft:
    """Comments on a page and on a block."""
    spoken_of = "b0000000-0000-4000-8000-000000000001"
    said = [_comment(number, words) for number, words in enumerate(("first", "*second* & <last>"))]
    blocks = [{**block("paragraph", "spoken of"), "id": spoken_of}, block("paragraph", "not spoken of")]
    return document("Talk", *blocks, comments={"": said[:1], spoken_of: said})


def _comment(number: int, words: str) -> Json:
    return {
        "object": "comment",
        "id": f"c0000000-0000-4000-8000-{number:012x}",
        "discussion_id": "d0000000-0000-4000-8000-000000000001",
        "created_time": _WHEN,
        "created_by": _PERSON,
        "rich_text": rich(words),
    }


_VALUES: dict[str, Any] = {
    "title": rich("Fix the door"),
    "rich_text": rich("with *stars*"),
    "number": 1234.5,
    "select": {"name": "High", "color": "red"},
    "multi_select": [{"name": "one", "color": "blue"}, {"name": "two, three", "color": "pink"}],
    "status": {"name": "Doing", "color": "green"},
    "date": {"start": "2026-01-02T10:00:00.000+01:00", "end": "2026-01-02T11:00:00.000+01:00", "time_zone": None},
    "people": [_PERSON],
    "files": [hosted("https://files.example.org/b/door.png", "door.png")],
    "checkbox": True,
    "url": "https://example.org/door",
    "email": "door@example.org",
    "phone_number": "+49 30 1234",
    "formula": {"type": "string", "string": "=1+1"},
    "relation": [{"id": new_id("page Inside")}],
    "rollup": {"type": "array", "function": "show_original", "array": [{"type": "number", "number": 3}]},
    "created_time": _WHEN,
    "created_by": _PERSON,
    "last_edited_time": _WHEN,
    "last_edited_by": _PERSON,
    "unique_id": {"prefix": "FW", "number": 7},
    "comes_later": {"of": "the future"},
}
_EMPTY: dict[str, Any] = {"number": 0, "checkbox": False, "formula": {"type": "number", "number": None}}
_LISTS = ("title", "rich_text", "multi_select", "people", "files", "relation")


def _tasks(home: Draft) -> Draft:
    """A database with each kind of property: a row that has all of them, and one that has none."""
    names = {kind: "Name" if kind == "title" else kind.replace("_", " ").capitalize() for kind in _VALUES}
    columns = {name: schema(name, kind) for kind, name in names.items()}
    whole = {name: value(kind, name, _VALUES[kind]) for kind, name in names.items()}
    bare_one = {
        name: value(kind, name, _EMPTY.get(kind, [] if kind in _LISTS else None)) for kind, name in names.items()
    }
    return database("Showcase tasks", columns, [whole, bare_one], inside=home)
