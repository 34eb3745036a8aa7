"""States as earlier formats left them, and the workspace that they are of."""

from __future__ import annotations

from notion_sync_demo import Workspace
from notion_sync_demo.build import bare, block, page_mention, rich, schema

NOON = 1_780_000_000.0


class Time:
    """What the workspace and the server take for the time."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def small_workspace(time: Time) -> Workspace:
    """A few pages, a database with rows, links, a synced block and its copy. No files: their addresses name a port."""
    space = Workspace("Small", seed=11, clock=time)
    home = space.add_page(None, "Home", [block("heading_1", "Home"), block("paragraph", "Welcome.")])
    for number in range(3):
        page = space.add_page(
            home,
            f"Topic {number}",
            [
                block("paragraph", ["Back to ", page_mention(home, "Home"), "."]),
                block("toggle", "more", [block("quote", "inside")]),
            ],
        )
        space.add_page(page, f"Leaf {number}", [block("to_do", "done")])
    columns = [schema("Name", "title"), schema("Hours", "number", format="number")]
    _, (source,) = space.add_database(home, "Tasks", {"Tasks": columns})
    for number in range(4):
        space.add_row(source, {"Name": rich(f"Task {number}"), "Hours": number}, [block("paragraph", f"How {number}")])
    original = space.append(home, [bare("synced_block", [block("paragraph", "shared words")], synced_from=None)])[0]
    space.add_page(None, "Copy", [bare("synced_block", synced_from={"type": "block_id", "block_id": original})])
    time.now += 3600
    return space


def edit(space: Workspace, time: Time) -> None:
    """What people did before the run that was cut short."""
    pages = {title: page for page in space.pages for title in [space.title(page)]}
    space.rename(pages["Topic 1"], "Topic one")
    space.append_block(pages["Leaf 2"], block("paragraph", "more"))
    space.trash(pages["Leaf 0"])
    space.add_page(pages["Home"], "New", [block("paragraph", "new")])
    time.now += 3600
