"""The workspace whose objects are made odd, and what each of its documents shows."""

from __future__ import annotations

import json

from faults.mutation import Shown
from notion_sync_demo import Workspace
from notion_sync_demo.api import Api
from notion_sync_demo.build import (
    bare,
    block,
    equation,
    external,
    media,
    mention,
    page_mention,
    rich,
    schema,
    table,
    text,
)


def workspace() -> Workspace:
    """Small, with every kind of object and value."""
    space = Workspace("Odd", seed=11, clock=lambda: 1_780_000_000.0)
    anna = space.add_user("Anna", "anna@example.org")
    home = space.add_page(None, "Home", [block("heading_1", "Home"), block("paragraph", "Hello")])
    notes = space.add_page(
        home,
        "Notes",
        [
            block(
                "paragraph",
                [
                    "See ",
                    page_mention(home, "Home"),
                    equation("x^2"),
                    mention("user", {"object": "user", "id": anna}, "@Anna"),
                ],
            ),
            block("toggle", "More", [block("bulleted_list_item", "one", [block("to_do", "two", checked=True)])]),
            table([["a", "b"], ["c", "d"]]),
            bare("bookmark", url="https://example.org/", caption=rich("there")),
            media("image", external("https://example.org/x.png"), "a picture"),
        ],
        icon={"type": "emoji", "emoji": "🚲"},
    )
    columns = [
        *(schema("Name", "title"), schema("Hours", "number", format="euro"), schema("Site", "url")),
        *(schema("Who", "people"), schema("Done", "checkbox"), schema("When", "date"), schema("Tags", "multi_select")),
        *(schema("Next", "relation"), schema("Files", "files"), schema("Sum", "rollup"), schema("Text", "rich_text")),
    ]
    _, (source,) = space.add_database(home, "Tasks", {"Tasks": columns})
    row = ""
    for number in range(4):
        values = {
            "Name": rich(f"Task {number}"),
            "Hours": number,
            "Site": "https://example.org/",
            "Done": True,
            "Who": [{"object": "user", "id": anna}],
            "When": {"start": "2026-03-04", "end": None},
            "Tags": [{"name": "red", "color": "red"}],
            "Next": [{"id": row}] if row else [],
            "Text": rich("words"),
            "Files": [{"name": "f", "type": "external", "external": {"url": "https://example.org/f.pdf"}}],
            "Sum": {"type": "array", "array": [{"type": "number", "number": 3}], "function": "show_original"},
        }
        row = space.add_row(source, values, [block("paragraph", f"Do {number}")])
    talk = space.add_comment(notes, ["Good? ", text("yes", bold=True)], author=anna)
    space.add_comment(notes, "Good.", discussion=talk)
    original = space.append(notes, [bare("synced_block", [block("paragraph", "shared")], synced_from=None)])[0]
    space.add_page(None, "Copy", [bare("synced_block", synced_from={"type": "block_id", "block_id": original})])
    for number in range(3):
        area = space.add_page(None, f"Area {number}", [block("quote", f"Area {number}")])
        space.add_page(area, f"Leaf {number}", [block("code", "x = 1", language="python"), block("callout", "mind")])
    return space


def shown_by(space: Workspace) -> Shown:
    """What the emulator's workspace shows."""
    objects = {page: page for page in space.pages} | {database: database for database in space.databases}
    objects |= {source: raw["parent"]["database_id"] for source, raw in space.data_sources.items()}
    objects |= {each: "" for each in space.users if each != space.bot_id}
    for holder, comments in space.comments.items():
        objects |= {comment["id"]: holder for comment in comments}
    parents: dict[str, str] = {}
    texts = {doc: json.dumps(raw) for doc, raw in {**space.pages, **space.databases}.items()}
    for block_id, raw in space.blocks.items():
        holder = raw["parent"].get(raw["parent"]["type"])
        while holder in space.blocks and holder not in space.pages:
            holder = space.blocks[holder]["parent"].get(space.blocks[holder]["parent"]["type"])
        texts[holder] += json.dumps(raw)
        if block_id in objects:
            parents[block_id] = holder  # the child's block, in its parent
        else:
            objects[block_id] = holder
    for block_id, raw in space.blocks.items():
        source = (raw.get("synced_block") or {}).get("synced_from")
        if source:
            texts[objects[block_id]] += texts[objects[source["block_id"]]]
    for page, raw in space.pages.items():
        source = raw["parent"].get("data_source_id")
        if source:
            parents[page] = objects[source]
            texts[parents[page]] += texts[page] + json.dumps(space.data_sources[source])
    return Shown(Api(space), objects, texts, _around(parents, texts))


def _around(parents: dict[str, str], texts: dict[str, str]) -> dict[str, set[str]]:
    """Ancestors, whose names are in every path below them, and siblings, whose names may be taken."""
    around: dict[str, set[str]] = {}
    for doc in texts:
        above: set[str] = set()
        at = doc
        while at in parents:
            at = parents[at]
            above.add(at)
        beside = {each for each in texts if parents.get(each) == parents.get(doc)}
        around[doc] = above | beside | {each for each, parent in parents.items() if parent == doc}
    return around
