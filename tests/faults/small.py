"""A workspace of about fifty objects, small enough that a run takes a fraction of a second, and what happens to it."""

from __future__ import annotations

from notion_sync_demo import Workspace
from notion_sync_demo.build import bare, block, media, page_mention, rich, schema, text

NOON = 1_780_000_000.0
"""When everything is made; edits come an hour later, and are read another hour later."""


class Time:
    """What the workspace and the server take for the time."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def small_workspace(time: Time) -> Workspace:
    """Pages three levels deep, a database with rows, pictures, a synced block, links and mentions."""
    space = Workspace("Small", seed=7, clock=time)
    picture = [
        space.add_file(f"picture {n}.png", b"\x89PNG\r\n\x1a\n" + bytes([n]) * (900 + n), "image/png") for n in range(4)
    ]
    first = ""
    for number in range(4):
        area = space.add_page(
            None, f"Area {number}", [block("heading_1", f"Area {number}"), block("paragraph", "About.")]
        )
        first = first or area
        for part in range(4):
            page = space.add_page(
                area,
                f"Topic {number}.{part}",
                [
                    block("paragraph", [f"Topic {part} of ", page_mention(first, "the first area"), "."]),
                    block(
                        "bulleted_list_item", "outer", [block("bulleted_list_item", "inner"), block("to_do", "done")]
                    ),
                    media("image", picture[(number + part) % 4], "a picture"),
                ],
            )
            if part < 2:
                for leaf in range(1 + part):
                    space.add_page(
                        page,
                        f"Leaf {leaf}",
                        [block("paragraph", f"Leaf {leaf} of {number}.{part}"), block("quote", "said")],
                    )
    columns = [schema("Name", "title"), schema("Hours", "number", format="number"), schema("Site", "url")]
    _, (source,) = space.add_database(first, "Tasks", {"Tasks": columns})
    for number in range(9):
        space.add_row(
            source, {"Name": rich(f"Task {number}"), "Hours": number}, [block("paragraph", f"How to do {number}")]
        )
    original = space.append(first, [bare("synced_block", [block("paragraph", "shared words")], synced_from=None)])[0]
    space.add_page(None, "Copy", [bare("synced_block", synced_from={"type": "block_id", "block_id": original})])
    hidden = space.add_page(None, "Hidden")
    space.add_page(hidden, "Below something hidden", [block("paragraph", "still shown")])
    space.unshare(hidden)
    space.unlisted.add(titled(space, "Topic 2.3"))
    return space


def titled(space: Workspace, title: str) -> str:
    """The page of that title."""
    return next(page for page in space.pages if space.title(page) == title)


def edit(space: Workspace) -> None:
    """What people did meanwhile: of everything one."""
    topic = {title: titled(space, title) for title in ("Topic 0.2", "Topic 0.3", "Topic 1.0", "Topic 1.1", "Topic 2.0")}
    space.rename(titled(space, "Area 3"), "Area three")  # a whole subtree gets other paths
    space.append_block(titled(space, "Area 1"), block("paragraph", ["New words, ", text("bold ones", bold=True)]))
    space.rename(topic["Topic 0.2"], "Topic 0.3")  # two change names
    space.rename(topic["Topic 0.3"], "Topic 0.2")
    space.move(topic["Topic 1.0"], topic["Topic 2.0"])
    space.trash(topic["Topic 1.1"])  # with what is below it
    space.delete_block(
        next(each["id"] for each in space.children(titled(space, "Topic 2.2")) if each["type"] == "image")
    )
    space.set_value(titled(space, "Task 3"), "Hours", 30)
    space.rename(titled(space, "Task 4"), "Task four")
    space.trash(titled(space, "Task 5"))
    space.add_row(next(iter(space.data_sources)), {"Name": rich("Task 9"), "Hours": 9}, [block("paragraph", "late")])
    fresh = space.add_file("fresh.png", b"\x89PNG\r\n\x1a\nfresh" * 90, "image/png")
    space.add_page(topic["Topic 2.0"], "Brand new", [block("paragraph", "new"), media("image", fresh, "fresh")])
    space.append_block(topic["Topic 2.0"], media("image", fresh, "again"))
