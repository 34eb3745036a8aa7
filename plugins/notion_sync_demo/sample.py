"""The demo's workspace: the wiki of Fernwood Bikes, a small made-up company."""

from __future__ import annotations

import time
from collections.abc import Callable

from notion_sync_demo import assets
from notion_sync_demo.build import (
    Json,
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
from notion_sync_demo.workspace import Workspace


def emoji(char: str) -> Json:
    """An emoji as an icon."""
    return {"type": "emoji", "emoji": char}


def sample_workspace(clock: Callable[[], float] = time.time) -> Workspace:
    """Some thirty pages with nearly every type of block and property."""
    return _Sample(clock).space


class _Sample:
    """Builds the workspace, section by section; later sections link to earlier ones."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.space = space = Workspace("Fernwood Bikes", seed=42, clock=clock)
        self.mara = space.add_user("Mara Lindqvist", "mara@fernwood.example")
        self.tomas = space.add_user("Tomás Rey", "tomas@fernwood.example")
        self.home = space.add_page(None, "Fernwood Bikes Handbook", icon=emoji("🚲"), cover=self._picture("cover.png"))
        self._people()
        self._workshop()
        self._tasks()
        self._catalogue()
        self._gallery()
        self._titles()
        self._welcome()

    def _picture(self, name: str) -> Json:
        return self.space.add_file(name, assets.png(480, 160, (38, 110, 84), (214, 234, 200)), "image/png")

    # -- sections

    def _people(self) -> None:
        space = self.space
        self.people = space.add_page(self.home, "People", [block("paragraph", "Who we are and how we work together.")])
        self.onboarding = space.add_page(
            self.people,
            "Onboarding",
            [
                block("heading_1", "Your first week", is_toggleable=False),
                block("to_do", "Collect your keys from the office", checked=True),
                block("to_do", ["Read the ", page_mention(self.home, "Fernwood Bikes Handbook")], checked=False),
                block(
                    "to_do",
                    "Set up your workstation",
                    [block("to_do", "Choose a stand", checked=True), block("to_do", "Label your tools", checked=False)],
                    checked=False,
                ),
                block("heading_2", "Day by day", is_toggleable=False),
                block(
                    "numbered_list_item",
                    "Monday: meet the team",
                    [
                        block("numbered_list_item", "Coffee at nine"),
                        block(
                            "numbered_list_item", "Tour of the workshop", [block("bulleted_list_item", "Mind the dog")]
                        ),
                    ],
                ),
                block("numbered_list_item", "Tuesday: take a bike apart"),
                block("numbered_list_item", "Wednesday: put it together again"),
                block("paragraph", "A break, and then the list starts anew:"),
                block("numbered_list_item", "Thursday: ride it", list_start_index=4),
            ],
            icon=emoji("👋"),
        )
        space.add_page(
            self.people,
            "Working hours",
            [
                table(
                    [["Day", "Opens", "Closes"], ["Monday to Friday", "9:00", "18:00"], ["Saturday", "10:00", "14:00"]]
                ),
                block("quote", "A good shop is open when people need it.\nAnd closed when we need a rest."),
            ],
        )
        toggle = space.append(
            self.people, [block("toggle", "More pages", [block("paragraph", "Kept out of the way.")])]
        )[0]
        space.add_page(toggle, "Expenses", [block("paragraph", "Keep the receipt, whatever it is.")])
        space.add_page(
            self.people,
            "Weekly meeting",
            [
                {
                    "type": "meeting_notes",
                    "meeting_notes": {"title": rich("Planning, 2 March"), "status": "notes_ready"},
                    "children": [
                        block("paragraph", "We order the new frames this week."),
                        block("to_do", "Tomás calls the supplier", checked=False),
                    ],
                }
            ],
        )

    def _workshop(self) -> None:
        space = self.space
        self.workshop = space.add_page(self.home, "Workshop", icon=emoji("🔧"))
        code = "def pressure(weight_kg: float, width_mm: float) -> float:\n    return weight_kg / width_mm * 2  # bar\n"
        self.manual = space.add_page(
            self.workshop,
            "Repair manual",
            [
                bare("table_of_contents", color="default"),
                block("heading_1", "Wheels", is_toggleable=False),
                block(
                    "callout",
                    [
                        text("Always", bold=True),
                        " let the air out ",
                        text("before", italic=True),
                        " you take a tyre off.",
                    ],
                    [block("bulleted_list_item", "Road: 7 bar"), block("bulleted_list_item", "City: 4 bar")],
                    icon=emoji("⚠️"),
                ),
                block("heading_2", "Tyre pressure", [block("paragraph", "More weight, more air.")], is_toggleable=True),
                block("paragraph", ["Roughly ", equation("p = \\frac{2m}{w}"), " with the weight in kilograms."]),
                bare("equation", expression="F_{rider} = m \\cdot g"),
                block("code", code, language="python", caption=rich("The rule of thumb as a program")),
                block("code", "Fences like ``` may stand inside.", language="markdown", caption=[]),
                bare("divider"),
                block("heading_3", "Tools", is_toggleable=False),
                bare(
                    "column_list",
                    [
                        bare(
                            "column",
                            [block("paragraph", "Left: spanners"), block("bulleted_list_item", "15 mm")],
                            width_ratio=0.5,
                        ),
                        bare(
                            "column",
                            [block("paragraph", "Right: hex keys"), block("bulleted_list_item", "5 mm")],
                            width_ratio=0.5,
                        ),
                    ],
                ),
                block("heading_4", "Where they hang", is_toggleable=False),
                bare(
                    "tab",
                    [
                        block("paragraph", "Wall", [block("paragraph", "By size, from the left.")], icon=None),
                        block("paragraph", "Drawer", [block("paragraph", "Everything with a battery.")], icon=None),
                    ],
                ),
            ],
        )
        original = space.append(
            self.workshop,
            [
                bare(
                    "synced_block",
                    [block("paragraph", "Emergency number: 555 0100"), block("paragraph", "Ask for Mara.")],
                    synced_from=None,
                )
            ],
        )[0]
        space.add_page(
            self.workshop,
            "Safety",
            [
                block("paragraph", "The same box as on the workshop's page:"),
                bare("synced_block", synced_from={"type": "block_id", "block_id": original}),
                {"type": "unsupported", "unsupported": {"block_type": "form"}, "children": []},
            ],
        )
        space.add_page(
            self.workshop, "Opening checklist", [block("to_do", f"Step {n}", checked=n < 3) for n in range(1, 8)]
        )
        self._parts_list()

    def _parts_list(self) -> None:
        """Long enough for more than one answer of a hundred blocks."""
        items = [block("bulleted_list_item", f"Part {number:03}: checked") for number in range(1, 131)]
        self.space.add_page(self.workshop, "Parts inventory", [block("paragraph", "Counted in February."), *items])

    def _tasks(self) -> None:
        space = self.space
        status = [{"id": name, "name": name, "color": colour, "description": None} for name, colour in _STATUS]
        self.tasks, [source] = space.add_database(
            self.home,
            "Tasks",
            {
                "Tasks": [
                    schema("Task", "title"),
                    schema("Status", "status", options=status, groups=[]),
                    schema("Area", "multi_select", options=[]),
                    schema("Due", "date"),
                    schema("Owner", "people"),
                    schema("Hours", "number", format="number"),
                    schema("Urgent", "checkbox"),
                    schema("Link", "url"),
                    schema("Contact", "email"),
                    schema("Phone", "phone_number"),
                    schema("Notes", "rich_text"),
                    schema("Files", "files"),
                    schema(
                        "Blocked by",
                        "relation",
                        database_id="",
                        data_source_id="",
                        type="single_property",
                        single_property={},
                    ),
                    schema(
                        "Blockers",
                        "rollup",
                        function="count",
                        relation_property_name="Blocked by",
                        rollup_property_name="Task",
                    ),
                    schema("Cost", "formula", expression='prop("Hours") * 40'),
                    schema("Number", "unique_id", prefix="FW"),
                    schema("Created by", "created_by"),
                    schema("Edited", "last_edited_time"),
                    schema("Place", "place"),
                    schema("Remind", "button"),
                ]
            },
            description="What has to be done, and by whom.",
            icon=emoji("✅"),
        )
        rows: list[str] = []
        for number, (title, state, area, hours) in enumerate(_TASKS, 1):
            values = self._task(number, title, state, area, hours, rows[-1:])
            content = [block("paragraph", f"Notes on: {title.lower()}.")] if number % 2 else []
            rows.append(space.add_row(source, values, content))
        self.many = space.add_row(
            source,
            {
                **self._task(9, "Check every part", "Not started", "Stock", 12, []),
                "Blocked by": [{"id": rows[n % len(rows)]} for n in range(30)],
            },
        )

    def _task(self, number: int, title: str, state: str, area: str, hours: float, before: list[str]) -> Json:
        manual = self.space.add_file(f"notes {number}.txt", f"Notes for task {number}\n".encode(), "text/plain")
        return {
            "Task": rich(title),
            "Status": {"id": state, "name": state, "color": "default"},
            "Area": [{"id": part, "name": part, "color": "default"} for part in area.split(", ")],
            "Due": {
                "start": f"2026-04-{number:02}",
                "end": None if number % 3 else f"2026-04-{number + 2:02}",
                "time_zone": None,
            },
            "Owner": [{"object": "user", "id": self.mara if number % 2 else self.tomas}],
            "Hours": hours,
            "Urgent": number in (1, 4),
            "Link": "https://example.com/orders",
            "Contact": "supplier@example.com",
            "Phone": "555 0100",
            "Notes": rich(["=2+2 is text, ", text("not", bold=True), " a formula"]),
            "Files": [{"name": "notes.txt", **manual}] if number == 1 else [],
            "Blocked by": [{"id": each} for each in before],
            "Blockers": {"type": "number", "number": len(before), "function": "count"},
            "Cost": {"type": "number", "number": hours * 40},
            "Number": {"prefix": "FW", "number": number},
            "Created by": {"object": "user", "id": self.tomas},
            "Edited": "2026-03-02T09:00:00.000Z",
            "Place": {"lat": 59.33, "lon": 18.07, "name": "Fernwood Bikes", "address": None},
        }

    def _catalogue(self) -> None:
        """A database with two data sources, and one that stands inside a page."""
        space = self.space
        _, (bikes, extras) = space.add_database(
            self.home,
            "Catalogue",
            {
                "Bikes": [
                    schema("Name", "title"),
                    schema("Price", "number", format="euro"),
                    schema("Colours", "multi_select", options=[]),
                ],
                "Extras": [
                    schema("Name", "title"),
                    schema("Price", "number", format="euro"),
                    schema("Fits", "rich_text"),
                ],
            },
        )
        for name, price in (("City one", 790), ("City two", 990), ("Tourer", 1490)):
            space.add_row(
                bikes, {"Name": rich(name), "Price": price, "Colours": [{"id": "g", "name": "green", "color": "green"}]}
            )
        for name, price in (("Bell", 12), ("Basket", 45)):
            space.add_row(extras, {"Name": rich(name), "Price": price, "Fits": rich("all bikes")})
        page = space.add_page(self.home, "Suppliers", [block("paragraph", "Whom we buy from:")])
        _, [source] = space.add_database(
            page,
            "Addresses",
            {"Addresses": [schema("Company", "title"), schema("Town", "select", options=[])]},
            inline=True,
        )
        space.add_row(source, {"Company": rich("Alder Frames"), "Town": {"id": "m", "name": "Malmö", "color": "blue"}})
        space.add_row(
            source, {"Company": rich("Birch & Sons, Ltd."), "Town": {"id": "g", "name": "Ghent", "color": "red"}}
        )
        space.add_linked_view(page)

    def _gallery(self) -> None:
        space = self.space
        price_list = space.add_file(
            "price list.pdf", assets.pdf(["Fernwood Bikes", "Price list 2026"]), "application/pdf"
        )
        bell = space.add_file("bell.wav", assets.wav(), "audio/wav")
        space.add_page(
            self.home,
            "Photos and files",
            [
                media("image", self._picture("showroom.png"), "The showroom in spring"),
                media("image", external("https://example.com/bike.jpg"), "A picture that lies elsewhere"),
                media("pdf", price_list, "Prices from March on"),
                media("file", price_list, "", name="price list.pdf"),
                media("audio", bell, "How our bell sounds"),
                media("video", external("https://example.com/ride.mp4"), "The Sunday ride"),
                bare("bookmark", url="https://example.com/cycling", caption=rich("Where to ride")),
                bare("embed", url="https://example.com/map", caption=[]),
                bare("link_preview", url="https://example.com/issue/12"),
                bare("breadcrumb"),
            ],
            icon=emoji("📷"),
        )

    def _titles(self) -> None:
        """Titles that file names cannot hold as they are."""
        space = self.space
        notes = space.add_page(self.home, "Notes")
        for title in (
            "Ideas",
            "ideas",
            "Ideas",
            "Brakes / Gears: which first?",
            "🚴 Sunday ride",
            "../../etc/passwd",
            "CON",
        ):
            space.add_page(notes, title, [block("paragraph", f"A page called “{title}”.")])
        space.add_page(notes, "", [block("paragraph", "A page without a title.")])

    def _welcome(self) -> None:
        """The home page's own text, with a link to everything above."""
        self.space.append(
            self.home,
            [
                block("heading_1", "Welcome", is_toggleable=False),
                block(
                    "paragraph",
                    [
                        "We build and repair bikes for ",
                        text("everyday", bold=True),
                        " people. Start with ",
                        page_mention(self.onboarding, "Onboarding"),
                        ", or ask ",
                        mention("user", {"object": "user", "id": self.mara}, "@Mara Lindqvist"),
                        ". Last reviewed ",
                        mention("date", {"start": "2026-03-02", "end": None, "time_zone": None}, "2026-03-02"),
                        ".",
                    ],
                ),
                block(
                    "paragraph",
                    [
                        "Open work is in ",
                        mention("database", {"id": self.tasks}, "Tasks"),
                        ", the ",
                        text("repair manual", f"/{self.manual.replace('-', '')}"),
                        " has the rest; ",
                        text("old rules", strikethrough=True),
                        " are gone, ",
                        text("new ones", underline=True, color="green"),
                        " use ",
                        text("code", code=True),
                        ".",
                    ],
                ),
                block("paragraph", "Stars * and [brackets] and <tags> stay what they are, 2 * 3 * 4 too."),
                bare("link_to_page", type="page_id", page_id=self.workshop),
                block("template", "New weekly meeting", [block("paragraph", "Agenda")]),
                block("paragraph"),
            ],
        )


_STATUS = (("Not started", "default"), ("In progress", "blue"), ("Done", "green"))
_TASKS = (
    ("Fix the door", "In progress", "Building", 2.5),
    ("Order new frames", "Not started", "Stock", 1),
    ("Service the van", "Done", "Transport", 4),
    ("Paint the sign", "Not started", "Building, Shop", 3),
    ("Count the spokes", "Done", "Stock", 6),
    ("Call the landlord", "In progress", "Building", 0.5),
    ("Plan the spring sale", "Not started", "Shop", 8),
    ("Replace the lamp", "Done", "Workshop", 1),
)
