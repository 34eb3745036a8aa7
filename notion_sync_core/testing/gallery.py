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
_WHEN = "2026-01-02T03:04:00.000Z"


def showcase() -> list[Draft]:
    """The documents, each time the same."""
    home = document("Showcase", block("paragraph", "Everything below."), icon={"type": "emoji", "emoji": "🧭"})
    inside = document("Inside", block("paragraph", "A page in a page."), inside=home)
    return [
        home,
        inside,
        _text(inside),
        _blocks(inside),
        _lists(),
        _talk(),
        _tasks(home),
        document("Empty"),
        document(""),
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
    return database("Tasks", columns, [whole, bare_one], inside=home)
