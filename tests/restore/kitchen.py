"""Workspaces that hold all that a restore has to get right, small and random ones."""

from __future__ import annotations

import random

from notion_sync_core.model import Json
from notion_sync_demo import Workspace
from notion_sync_demo.build import bare, block, external, media, mention, page_mention, rich, schema, table, text

FILE = b"one file, shown at several places\n"


def kitchen() -> Workspace:
    """One workspace with everything that can be restored as it was."""
    return _Kitchen().space


class _Kitchen:
    def __init__(self) -> None:
        self.space = space = Workspace("Kitchen", seed=11)
        self.mara = space.add_user("Mara", "mara@example.org")
        self.home = space.add_page(None, "Kitchen", icon={"type": "emoji", "emoji": "🍲"})
        self.file = space.add_file("list.txt", FILE, "text/plain")
        self._deep()
        self._long()
        self._places()
        self._synced()
        self._databases()
        self._texts()

    def _deep(self) -> None:
        nested = block("paragraph", "bottom")
        for level in range(7, 0, -1):
            nested = block("toggle", f"level {level}", [block("paragraph", f"in {level}"), nested, block("quote", "q")])
        columns = bare(
            "column_list",
            [
                bare("column", [block("toggle", "a", [block("paragraph", "b", [block("paragraph", "c")])])]),
                bare("column", [block("paragraph", "d")]),
                bare("column", [block("paragraph", "e", [block("bulleted_list_item", "f")])]),
            ],
        )
        inner = bare("column_list", [bare("column", [block("paragraph", "g")]), bare("column", [])])
        grid = table([["a", "b"], ["c", [text("d", bold=True)]]])
        self.space.add_page(
            self.home,
            "Deep",
            [
                nested,
                columns,
                block("toggle", "holds columns", [inner, block("paragraph", "behind")]),
                block("toggle", "holds a table", [block("toggle", "deeper", [grid])]),
                grid,
                bare(
                    "tab", [block("paragraph", "Tab", [block("paragraph", "in", [block("to_do", "x", checked=True)])])]
                ),
                block("heading_2", "opens", [block("paragraph", "in it")], is_toggleable=True),
            ],
        )

    def _long(self) -> None:
        many = [block("paragraph", f"line {number}") for number in range(230)]
        wide = block("toggle", "wide", [block("bulleted_list_item", f"item {number}") for number in range(230)])
        rows = table([[f"r{number}", "x"] for number in range(120)])
        self.space.add_page(self.home, "Long", [*many, wide, rows, block("paragraph", "the end")])

    def _places(self) -> None:
        """Children between blocks: leaves, shells, databases, in every order."""
        space = self.space
        page = space.add_page(self.home, "Places", [block("paragraph", "first")])
        space.add_page(page, "Leaf one", [block("paragraph", "one")])
        space.append(page, [block("paragraph", "between")])
        shell = space.add_page(page, "Shell", [block("paragraph", "before")])
        space.add_page(shell, "Inner", [block("paragraph", "inner")])
        space.append(shell, [block("paragraph", "after")])
        space.add_page(page, "Leaf two")
        space.append(page, [block("paragraph", "last")])
        bare_page = space.add_page(self.home, "Leaf first")
        space.add_page(bare_page, "L1")
        space.append(bare_page, [block("paragraph", "x")])
        shell = space.add_page(bare_page, "S1")
        space.add_page(shell, "S2", [block("paragraph", "leaf")])
        space.add_page(bare_page, "L2")
        self_naming = space.add_page(self.home, "Names itself")
        space.append(self_naming, [block("paragraph", ["me: ", page_mention(self_naming, "Names itself")])])

    def _synced(self) -> None:
        """Copies before their originals, and in other pages; two pages that show each other's."""
        space = self.space
        early = space.add_page(self.home, "Copies", [block("paragraph", "copies:")])
        one = space.add_page(self.home, "One", [block("paragraph", "one")])
        two = space.add_page(self.home, "Two")
        original = bare(
            "synced_block", [block("paragraph", "same"), block("toggle", "t", [block("quote", "q")])], synced_from=None
        )
        (first,) = space.append(one, [original])
        (held,) = space.append(two, [block("toggle", "holds one", [original, block("paragraph", "beside")])])
        second = space.children(held)[0]["id"]
        for page, origin in ((early, first), (early, second), (one, second), (two, first)):
            space.append(page, [bare("synced_block", synced_from={"type": "block_id", "block_id": origin})])
            space.append(page, [block("paragraph", "behind the copy")])

    def _databases(self) -> None:
        space = self.space
        page = space.add_page(self.home, "Data", [block("paragraph", "before the database")])
        options = [{"id": name, "name": name, "color": hue, "description": None} for name, hue in _OPTIONS]
        tasks, (source,) = space.add_database(
            page,
            "Tasks",
            {"Tasks": [
                schema("Name", "title"), schema("State", "status", options=options, groups=_GROUPS),
                schema("Area", "multi_select", options=options), schema("One", "select", options=options),
                schema("Due", "date"), schema("Who", "people"), schema("Hours", "number", format="euro"),
                schema("Done", "checkbox"), schema("Notes", "rich_text"), schema("Files", "files"),
                schema("Mail", "email"), schema("Phone", "phone_number"), schema("Link", "url"),
                schema("Cost", "formula", expression='prop("Hours") * 40'),
                schema("Twice", "formula", expression='prop("Cost") * 2'),
                schema("No", "unique_id", prefix="K"), schema("Made", "created_time"),
            ]},
            description="All that is to be done", inline=True,
        )  # fmt: skip
        space.append(page, [block("paragraph", "behind the database")])
        _, (people, extra) = space.add_database(
            self.home,
            "People",
            {
                "Team": [schema("Name", "title")],
                "Others": [schema("Name", "title"), schema("Age", "number", format="number")],
            },
        )
        self._relate(source, people, tasks)
        rows = [self._row(source, number) for number in range(5)]
        friends = [
            space.add_row(people, {"Name": rich(f"Friend {number}"), "Does": [{"id": each} for each in some]})
            for number, some in enumerate((rows[:2], rows[2:4], []))
        ]
        for friend in friends:
            for each in space.pages[friend]["properties"]["Does"]["relation"]:
                space.pages[each["id"]]["properties"]["Helpers"]["relation"].append({"id": friend})
        space.set_value(rows[0], "Before", [{"id": rows[3]}, {"id": rows[1]}])
        space.add_row(extra, {"Name": rich("Other"), "Age": 7})
        inner = space.add_page(rows[1], "In a row", [block("paragraph", "page in a row")])
        nested, (deep,) = space.add_database(inner, "Deep data", {"Deep data": [schema("Name", "title")]})
        space.add_row(
            deep,
            {"Name": rich("deepest")},
            [block("paragraph", ["see ", mention("database", {"id": nested}, "Deep data")])],
        )

    def _relate(self, source: str, people: str, tasks: str) -> None:
        space = self.space
        props, other = space.data_sources[source]["properties"], space.data_sources[people]["properties"]
        team = space.data_sources[people]["parent"]["database_id"]
        for props_of, name, target, home, back in (
            (props, "Helpers", people, team, "Does"), (other, "Does", source, tasks, "Helpers"),
        ):  # fmt: skip
            sides = {"synced_property_name": back, "synced_property_id": schema(back, "relation")["id"]}
            props_of[name] = schema(
                name, "relation", database_id=home, data_source_id=target, type="dual_property", dual_property=sides
            )
        props["Before"] = schema(
            "Before", "relation", database_id=tasks, data_source_id=source, type="single_property", single_property={}
        )
        props["Names"] = schema(
            "Names", "rollup", function="show_original", relation_property_name="Helpers", rollup_property_name="Name"
        )

    def _row(self, source: str, number: int) -> str:
        name, hue = _OPTIONS[number % 3]
        option = {"id": name, "name": name, "color": hue}
        values: Json = {
            "Name": rich([f"Task {number} ", text("bold", bold=True)]), "State": option, "One": option,
            "Area": [{"id": each, "name": each, "color": hue} for each, hue in _OPTIONS[: number % 3]],
            "Due": {"start": "2026-04-01", "end": None, "time_zone": None},
            "Who": [{"object": "user", "id": self.mara}],
            "Hours": number, "Done": number % 2 == 0, "Notes": rich(["see ", page_mention(self.home, "Kitchen")]),
            "Files": [{"name": "list.txt", **self.file}] if number else [], "Mail": "a@example.org", "Phone": "1",
            "Link": "https://example.org", "Helpers": [], "Before": [], "No": {"prefix": "K", "number": number},
            "Cost": {"type": "number", "number": 1}, "Twice": {"type": "number", "number": 1},
            "Names": {"type": "array", "array": [], "function": "show_original"}, "Made": "2026-03-02T09:00:00.000Z",
        }  # fmt: skip
        return self.space.add_row(source, values, [block("paragraph", "row")] if number % 2 else [])

    def _texts(self) -> None:
        home = self.home.replace("-", "")
        items = [text("x" * 1999 + "🚲" * 3000), *(text(str(number % 10)) for number in range(150))]
        self.space.add_page(
            self.home,
            "Texts",
            [
                block("paragraph", [text("styled", bold=True, color="red"), text(" linked", "https://example.org/a")]),
                block(
                    "paragraph",
                    [text("inside", f"/{home}"), " ", mention("user", {"object": "user", "id": self.mara}, "@Mara")],
                ),
                block("code", "x = 1", language="python", caption=rich("caption")),
                block("callout", "note", [block("paragraph", "in it")], icon={"type": "emoji", "emoji": "💡"}),
                bare("equation", expression="e = mc^2"),
                bare("divider"),
                media("file", self.file, "a file", name="list.txt"),
                media("image", external("https://example.org/a.png"), "far"),
                bare("bookmark", url="https://example.org", caption=rich("b")),
                bare("link_to_page", type="page_id", page_id=self.home),
                block("numbered_list_item", "one"),
                block("quote", ""),
            ],
        )
        self.long = self.space.add_page(self.home, "Very long text", [block("paragraph", items)])


_GROUPS = [
    {"id": f"group-{number}", "name": name, "color": hue, "option_ids": [option]}
    for number, (name, hue, option) in enumerate(
        (("To-do", "gray", "To do"), ("In progress", "blue", "Doing"), ("Complete", "green", "Done"))
    )
]
_OPTIONS = (("To do", "default"), ("Doing", "blue"), ("Done", "green"))


def random_space(seed: int, pages: int = 14) -> Workspace:
    """Any tree of pages with blocks, mentions, copies and databases."""
    chance = random.Random(seed)
    space = Workspace(f"Random {seed}", seed=seed)
    file = space.add_file("list.txt", FILE, "text/plain")
    made = [space.add_page(None, "Root")]
    originals: list[str] = []
    for number in range(pages):
        parent = chance.choice(made)
        page = space.add_page(
            parent, f"Page {chance.randrange(4)}", [_any(chance, 3, file) for _ in range(chance.randrange(4))]
        )
        made.append(page)
        if chance.random() < 0.3:
            space.append(parent, [_any(chance, 5, file)])
        if chance.random() < 0.2:
            original = bare("synced_block", [block("paragraph", "same")], synced_from=None)
            originals += space.append(page, [original])
        if chance.random() < 0.2:
            _, (source,) = space.add_database(
                page,
                f"Data {number}",
                {f"Data {number}": [schema("Name", "title"), schema("Hours", "number", format="number")]},
            )
            for row in range(chance.randrange(4)):
                made.append(space.add_row(source, {"Name": rich(f"Row {chance.randrange(2)}"), "Hours": row}))
    for page in made:
        if chance.random() < 0.5:
            space.append(page, [block("paragraph", [page_mention(chance.choice(made), "some page")])])
        if originals and chance.random() < 0.3:
            origin = {"type": "block_id", "block_id": chance.choice(originals)}
            space.append(page, [bare("synced_block", synced_from=origin)])
    return space


def _any(chance: random.Random, levels: int, file: Json) -> Json:
    kind = chance.choice(["paragraph", "toggle", "bulleted_list_item", "columns", "file", "table"])
    if kind == "file":
        return media("file", file, "", name="list.txt")
    if kind == "table":
        return table([["a", "b"], ["c", "d"]])
    inner = [_any(chance, levels - 1, file) for _ in range(chance.randrange(3))] if levels else []
    if kind == "columns":
        return bare("column_list", [bare("column", inner), bare("column", [])])
    return block(kind, f"text {chance.randrange(3)}", inner)
