"""The workspace on which the source for Notion is examined: the sample, and what services show besides."""

from __future__ import annotations

from notion_sync_core.testing.build import external
from notion_sync_demo import Workspace, sample_workspace
from notion_sync_demo.build import bare, block, media, page_mention, rich, schema, text

SIGNED = "https://files.example.org/plan.png?version=2&lang=en&X-Amz-Date=20260302&X-Amz-Signature=0a1b#page=3"
"""An address that somebody copied out of the service, signature and all."""

NOW = 1_772_460_000.0
"""Two hours after the sample was made."""


def served_workspace() -> Workspace:
    """The sample workspace, with what is rare in one."""
    space = sample_workspace(lambda: NOW)
    home = next(page for page, raw in space.pages.items() if space.title(page) == "Fernwood Bikes Handbook")
    _addresses(space, home)
    _people(space, home)
    _rows(space)
    _hidden(space, home)
    _in_part(space, home)
    _elsewhere(space, home)
    _odd(space, home)
    return space


def _odd(space: Workspace, home: str) -> None:
    """An object that does not say when it was made and where it stands; a list that shows a block twice, as one does
    that is edited while it is read.
    """
    space.pages[space.add_page(None, "Of no time and place")] |= {"created_time": "some day", "parent": {}}
    page = space.add_page(home, "Edited while it is read", [block("paragraph", f"line {line}") for line in range(25)])
    space._children[page].append(space.children(page)[0]["id"])


def workspace_to_render() -> Workspace:
    """The sample workspace, with blocks that say more than blocks do today, by a name that renderers use as well."""
    space = sample_workspace()
    home = next(page for page, raw in space.pages.items() if space.title(page) == "Fernwood Bikes Handbook")
    page = space.add_page(
        home, "Of tomorrow", [block("toggle", "more", [block("paragraph", "inside")]), block("quote")]
    )
    for raw in space.children(page):
        raw |= {"children": ["of tomorrow"], "comes_later": {"of": "the future"}}
    return space


def _elsewhere(space: Workspace, home: str) -> None:
    """What stands, or is shown, in more places than one: a wiki, a linked view, rows and sources with odd parents."""
    database, [wiki, inner] = space.add_database(
        home, "Wiki", {name: [schema("Page", "title"), schema("About", "rich_text")] for name in ("Wiki", "Inner")}
    )
    space.wikis[wiki] = [inner]
    space.data_sources[inner]["parent"] = {
        "type": "data_source_id",
        "data_source_id": wiki,
        "database_id": database,
    }
    about = [page_mention(home, "the handbook"), text(" and "), text("a chapter", f"/{database.replace('-', '')}")]
    space.add_row(wiki, {"Page": rich("A chapter"), "About": about})
    row = space.add_row(wiki, {"Page": rich("Of the database, it says")})
    space.loosely_parented.add(row)
    linked = space.add_linked_view(home)
    space.add_view(linked, "Chapters", wiki)


def _in_part(space: Workspace, home: str) -> None:
    """What lists show little but the id of: a block, a comment, a row."""
    page = space.add_page(home, "In part")
    own = space.append(page, [block("paragraph", "whole"), block("paragraph", "in part")])
    space.partial[own[1]] = False
    space.add_comment(own[0], "in part")
    space.partial[space.comments[own[0]][0]["id"]] = False
    row = next(each for each, raw in space.pages.items() if raw["parent"]["type"] == "data_source_id")
    space.partial[row] = False
    space.partial[space.add_row(space.pages[row]["parent"]["data_source_id"], {})] = True


def _addresses(space: Workspace, home: str) -> None:
    """Files that lie elsewhere, and addresses with a signature that people typed."""
    more = {f"{name}_url": SIGNED for name in ("icon", "thumbnail", "iframe")}
    linked = [text("as a link", SIGNED), text(" and as text: "), text(SIGNED)]
    kinds = [bare(kind, url=SIGNED, caption=rich("signed"), **more) for kind in ("bookmark", "embed", "link_preview")]
    space.add_page(
        home,
        "Copied addresses",
        [block("paragraph", linked), *kinds, media("image", external(SIGNED)), media("file", external(SIGNED))],
        icon=external("https://pictures.example.org/icon.png"),
        cover=external(SIGNED),
    )


def _people(space: Workspace, home: str) -> None:
    """Comments with files, on a page and on a block, in two discussions."""
    page = space.add_page(home, "Talked of", [block("paragraph", "spoken of", [block("paragraph", "inside")])])
    spoken_of = space.children(page)[0]["id"]
    guest = space.add_user("A guest", "guest@elsewhere.example")
    sketch = space.add_file("sketch.txt", b"a sketch\n", "text/plain")
    discussion = space.add_comment(spoken_of, "Is that so?", author=guest, attachments=[sketch])
    space.add_comment(spoken_of, ["It is, see ", page_mention(home, "the handbook")], discussion=discussion)
    space.add_comment(page, "About all of it")


def _rows(space: Workspace) -> None:
    """Rows that are archived, in the trash, or templates; a data source that lies in a database of two."""
    source = next(own for own, raw in space.data_sources.items() if "Colours" in raw["properties"])
    database = space.data_sources[source]["parent"]["database_id"]
    name = {"Name": rich("Unicycle")}
    space.archive(space.add_row(source, name))
    space.trash(space.add_row(source, {"Name": rich("Penny-farthing")}))
    space.add_template(source, "A new bike", [block("paragraph", "Colour:")])
    space.add_row(source, {"Name": rich("Tandem " * 40)}, [block("paragraph", "for two")])
    space.databases[database] |= {
        "icon": space.add_file("icon.txt", b"icon\n"),
        "cover": space.add_file("cover.txt", b"cover\n"),
    }
    space.add_view(database, "Dear ones", source, filter={"property": "Price", "number": {"greater_than": 900}})


def _hidden(space: Workspace, home: str) -> None:
    """Pages in the trash, not shared, or found in no listing; a copy whose original nobody may see."""
    thrown_away, for_others = (space.add_page(home, title) for title in ("Thrown away", "For others"))
    space.add_page(
        home, "Leads astray", [block("paragraph", [page_mention(each, "there")]) for each in (thrown_away, for_others)]
    )
    space.trash(thrown_away)
    space.unshare(for_others)
    space.unlisted.add(space.add_page(home, "In no listing", [block("paragraph", "found by its parent alone")]))
    box = bare("synced_block", [block("paragraph", "shown twice")], synced_from=None)
    original = space.append(home, [box])[0]
    originals = (original, space.new_id())
    copies = [bare("synced_block", synced_from={"type": "block_id", "block_id": own}) for own in originals]
    space.add_page(home, "Copies", copies)
