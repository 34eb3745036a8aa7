"""What a page of the site shows of others follows every edit: a site that was synced equals a fresh one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Bench, tree
from faults.small import Time
from notion_sync_core.model import Json
from notion_sync_demo import Emulator, Fault, Workspace
from notion_sync_demo.build import block, page_mention, rich, schema
from pipeline.test_html import dead_links
from plugins.html_rendering import squeezed_cells
from plugins.html_rendering import tree as parsed

HTML = {"export.renderers": ["html"]}
ICONS = ["💡", "🚲", "🔧", None]


class Place:
    """A workspace with wide and deep places, a database that stands in place, and links between all."""

    def __init__(self, folder: Path) -> None:
        self.time = Time()
        self.space = space = Workspace("Wide", seed=5, clock=self.time)
        self.emulator = Emulator(space, clock=self.time)
        self.bench = Bench(self.emulator, folder)
        self.home = space.add_page(None, "Home", [block("paragraph", "Welcome")])
        self.tops = [space.add_page(None, f"Top {number}") for number in range(14)]
        self.wide = [space.add_page(self.home, f"Page {number:02}") for number in range(36)]
        self.deep = [self.wide[3]]
        for number in range(4):
            self.deep.append(space.add_page(self.deep[-1], f"Deep {number}"))
        columns = [
            schema("Name", "title"),
            schema("Hours", "number", format="number"),
        ]
        self.database, (self.source,) = space.add_database(self.wide[5], "Tasks", {"Tasks": columns}, inline=True)
        self.rows = [
            space.add_row(self.source, {"Name": rich(f"Task {number}"), "Hours": number}) for number in range(12)
        ]
        self.linking = space.append_block(self.deep[-1], block("paragraph", ["See ", page_mention(self.home, "x")]))
        self.time.now += 86_400.0

    def edit(self, rng: random.Random) -> None:
        """Something people do, twenty seconds after the last."""
        self.time.now += 20.0
        rng.choice((self._rename, self._icon, self._link, self._unlink, self._add, self._row, self._move, self._leave))(
            rng
        )

    def _page(self, rng: random.Random) -> str:
        return rng.choice([page for page, raw in self.space.pages.items() if not raw["in_trash"]])

    def _rename(self, rng: random.Random) -> None:
        self.space.rename(rng.choice([self._page(rng), self.database]), f"Called {rng.random():.3}")

    def _icon(self, rng: random.Random) -> None:
        page, emoji = rng.choice([self._page(rng), self.database]), rng.choice(ICONS)
        icon = {"type": "emoji", "emoji": emoji} if emoji else rng.choice([None, self._picture(rng)])
        if page in self.space.pages:
            self.space.pages[page]["icon"] = icon
            self.space.touch(page)
        else:  # a database and its data source have one icon
            self.space.databases[page]["icon"] = self.space.data_sources[self.source]["icon"] = icon
            self.space.rename(page, f"With an icon {rng.random():.3}")

    def _picture(self, rng: random.Random) -> Json:
        return self.space.add_file("icon.png", b"\x89PNG\r\n\x1a\n%d" % rng.randrange(1 << 30), "image/png")

    def _link(self, rng: random.Random) -> None:
        mention = page_mention(self._page(rng), "old title")
        self.space.append_block(self._page(rng), block("paragraph", ["Look: ", mention]))

    def _unlink(self, rng: random.Random) -> None:
        page = self._page(rng)
        texts = [each for each in self.space.children(page) if each["type"] == "paragraph"]
        if texts:
            self.space.delete_block(texts[-1]["id"])

    def _add(self, rng: random.Random) -> None:
        parent = rng.choice([None, self.home, *self.deep])
        if parent is None or not self.space.pages[parent]["in_trash"]:
            self.space.add_page(parent, f"New {rng.random():.3}")
            if parent:
                self.space.touch(parent)

    def _row(self, rng: random.Random) -> None:
        if rng.random() < 0.5:
            self.space.add_row(self.source, {"Name": rich("A new one"), "Hours": rng.randrange(9)})
        else:
            self.space.set_value(rng.choice(self.rows), "Hours", rng.randrange(100))

    def _move(self, rng: random.Random) -> None:
        page = rng.choice(self.tops + self.wide[6:])
        if not self.space.pages[page]["in_trash"]:
            self.space.move(page, rng.choice([None, self.home, self.wide[0], self.deep[2]]))

    def _leave(self, rng: random.Random) -> None:
        self.space.trash(rng.choice([*self.tops, *self.wide[6:], *self.rows]))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    with made.emulator:
        yield made


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(4))
def test_after_any_edits_the_site_is_that_of_a_fresh_export(place: Place, seed: int) -> None:
    rng = random.Random(seed)
    place.bench.good(**HTML)
    for number in range(4):
        for _ in range(rng.randrange(1, 5)):
            place.edit(rng)
        place.time.now += 120.0
        place.bench.good(**HTML)

        synced, fresh = tree(place.bench.out), place.bench.fresh(f"fresh{number}", **HTML)
        assert [path for path in fresh if synced.get(path) != fresh[path]] == []
        assert set(synced) == set(fresh)
        assert dead_links(place.bench.out) == []


def links(path: Path, name: str) -> list[str]:
    found = (nav for nav in parsed(path.read_text("utf-8")).iter("nav"))
    nav = next((each for each in found if name in (each.get("aria-label"), each.get("aria-labelledby"))), None)
    return [] if nav is None else ["".join(link.itertext()) for link in nav.iter("a")]


def test_the_sidebar_is_the_tree_along_the_way_and_says_how_many_it_leaves_out(place: Place) -> None:
    place.bench.good(**HTML)
    folder = place.bench.out / "Home" / "Page 03" / "Deep 0"

    found = links(folder / "Deep 1.html", "Pages")

    assert found == [
        *("All pages", "Home"),
        *(f"Page {number:02}" for number in range(4)),
        *("Deep 0", "Deep 1", "Deep 2"),
        *(f"Page {number:02}" for number in range(4, 9)),
        "27 more",
        *("Top 0", "Top 1", "Top 10", "Top 11", "Top 12", "9 more"),
    ]


def test_a_page_with_hundreds_beside_it_shows_a_handful(tmp_path: Path) -> None:
    space = Workspace("Crowd", seed=1)
    home = space.add_page(None, "Home")
    for number in range(300):
        space.add_page(home, f"Page {number:03}")
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good(**HTML)
        before = {path: path.read_bytes() for path in bench.out.rglob("*.html")}

        assert links(bench.out / "Home.html", "Pages")[-1] == "200+ more"
        found = links(bench.out / "Home" / "Page 150.html", "Pages")
        assert len(found) == 2 + 31 + 1
        assert found[-1] == "200+ more"

        space.add_page(home, "Page 300")
        space.touch(home)
        bench.good(**HTML)
        changed = [path.stem for path, content in before.items() if path.read_bytes() != content]
        assert len(changed) < 20, "one that comes does not make all the others again"


def test_an_icon_that_is_a_picture_stands_in_the_sidebar_of_others_once_it_came(place: Place) -> None:
    picture = place.space.add_file("icon.png", b"\x89PNG\r\n\x1a\nicon", "image/png")
    place.space.pages[place.tops[2]]["icon"] = picture
    place.space.touch(place.tops[2])
    place.emulator.faults.add(Fault("400", path=r"icon\.png"))
    place.bench.run(**HTML)
    beside = place.bench.out / "Top 0.html"
    assert sidebar_pictures(beside) == 0

    place.time.now += 120.0
    place.emulator.faults.clear()
    place.bench.good(**HTML)
    assert sidebar_pictures(beside) == 1
    assert tree(place.bench.out) == place.bench.fresh(**HTML)


def sidebar_pictures(path: Path) -> int:
    nav = next(nav for nav in parsed(path.read_text("utf-8")).iter("nav") if nav.get("aria-label") == "Pages")
    return sum(1 for _ in nav.iter("img"))


def test_what_links_to_a_page_is_told_there_until_it_does_not(place: Place) -> None:
    place.bench.good(**HTML)
    home = place.bench.out / "Home.html"
    assert links(home, "backlinks-title") == ["Deep 3"]

    place.time.now += 20.0
    place.space.rename(place.deep[-1], "The deepest")
    place.bench.good(**HTML)
    assert links(home, "backlinks-title") == ["The deepest"]

    place.time.now += 20.0
    place.space.delete_block(place.linking)
    place.bench.good(**HTML)
    assert links(home, "backlinks-title") == []


def test_a_page_shows_the_first_rows_of_a_database_that_stands_in_it(place: Place) -> None:
    place.bench.good(**HTML)
    page = place.bench.out / "Home" / "Page 05.html"
    cells = squeezed_cells(page.read_text("utf-8"), "rows is-part")

    assert cells[:2] == [["Name", "Hours"], ["Task 0", "0"]]
    assert len(cells) == 1 + 10
    assert '<a href="Page%2005/Tasks.html">All rows</a>' in page.read_text("utf-8")

    place.time.now += 20.0
    place.space.set_value(place.rows[0], "Hours", 77)
    place.bench.good(**HTML)
    assert squeezed_cells(page.read_text("utf-8"), "rows is-part")[1] == ["Task 0", "77"]


def test_a_page_can_be_the_one_that_opens_first_and_need_not_stay_it(place: Place) -> None:
    chosen = {**HTML, "plugins.html.home": place.home}
    place.bench.good(**HTML)
    place.bench.good(**chosen)
    assert tree(place.bench.out) == place.bench.fresh("with", **chosen)
    index = (place.bench.out / "index.html").read_bytes()
    assert index == (place.bench.out / "Home.html").read_bytes()
    assert b"assets/notion-sync/pages.html" in index
    assert dead_links(place.bench.out) == []

    place.time.now += 20.0
    place.space.rename(place.home, "Start")
    place.bench.good(**chosen)
    assert b"Start</h1>" in (place.bench.out / "index.html").read_bytes()

    place.bench.good(**HTML)
    assert tree(place.bench.out) == place.bench.fresh("without", **HTML)


def test_a_page_that_does_not_stand_at_the_top_leaves_the_index_to_all(place: Place) -> None:
    place.bench.good(**HTML, **{"plugins.html.home": place.deep[1]})

    assert "All pages" in (place.bench.out / "index.html").read_text("utf-8")
    assert dead_links(place.bench.out) == []
