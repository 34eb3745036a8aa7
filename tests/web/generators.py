"""What the tests of site generators share: the examples of our own documentation, and a blog to build with them."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from conftest import Bench, tree
from notion_sync_core.model import Json
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo import build as demo
from notion_sync_demo.build import bare, page_mention, rich, schema, text
from plugins.hostile_reading import running
from plugins.markdown_reading import rendered, text_of_html
from plugins.rendering import MemorySite, block, ref, span, table

ROOT = Path(__file__).parents[2]
CANARY = "Cassowary"
"""Stands in everything that is not published."""
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TRICKY = "{{< zq >}} {{% zq %}} {{ zq }} {% zq %} {: .zq} {#zq} [^1] | a | <b> &amp; *x* _y_"
_EXAMPLE = re.compile(r"^\*\*`([^`]+)`\*\*\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)


def examples(page: str) -> dict[str, str]:
    """The files that a page of the documentation shows, by their paths."""
    found = _EXAMPLE.findall((ROOT / "docs" / page).read_text("utf-8"))
    return {name: re.sub(r"^ {4}", "", body, flags=re.MULTILINE).strip("\n") + "\n" for name, body in found}


def lay_out(folder: Path, page: str, within: str = "") -> dict[str, Any]:
    """Write a page's example into a folder.

    :param within: the beginning of the names of those files that are meant, where a page has two examples.
    :returns: what its configuration says, as flags of a job there.
    """
    found = {name: body for name, body in examples(page).items() if name.startswith(within)}
    files = {name.removeprefix(within): body for name, body in found.items() if within or not name.startswith("blog/")}
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, "utf-8")
    config = tomllib.loads(files["notion-sync.toml"])
    flags: dict[str, Any] = {f"export__{key}": value for key, value in config.get("export", {}).items()}
    flags["export__renderers"] = [{"use": "markdown", **config["plugins"]["markdown"]}]
    return flags


def blog() -> Workspace:
    """A database of posts, some of them published, with names, dates and texts of every kind."""
    space = Workspace("Blog", seed=7)
    columns = [
        schema("Name", "title"),
        schema("Status", "status", options=[{"name": "Draft"}, {"name": "Published"}]),
        schema("Slug", "rich_text"),
        schema("Tags", "multi_select", options=[{"name": "news"}, {"name": "bike care"}]),
        schema("Date", "date"),
    ]
    _, (posts,) = space.add_database(None, "Blog", {"Blog": columns})

    def post(name: str, status: str, slug: str, date: str, blocks: list[Any]) -> str:
        values = {
            "Name": rich(name),
            "Status": {"name": status, "color": "red"},
            "Slug": rich(slug),
            "Tags": [{"name": "news"}, {"name": "bike care"}],
            "Date": {"start": date, "end": None, "time_zone": None},
        }
        return space.add_row(posts, values, blocks)

    picture = space.add_file("wheel.png", PNG, "image/png")
    first = post(
        "Round wheels",
        "Published",
        "round-wheels",
        "2026-03-02",
        [demo.block("heading_1", "How round"), demo.block("paragraph", "Very round."), bare("image", **picture)],
    )
    draft = post(f"{CANARY} plans", "Draft", "cassowary", "2026-03-04", [demo.block("paragraph", f"{CANARY} text")])
    code = "\n".join(["{{< zq >}}", "{{% zq %}}", "{{ zq }}", "{% zq %}", "{% endraw %}", "a < b && c"])
    post(
        f"Tricky {TRICKY}",
        "Published",
        "",
        "2026-03-05",
        [
            demo.block("paragraph", TRICKY),
            demo.block("heading_2", TRICKY),
            demo.block("bulleted_list_item", TRICKY, [demo.block("bulleted_list_item", TRICKY)]),
            demo.block("toggle", TRICKY, [demo.block("paragraph", TRICKY)]),
            demo.block("quote", TRICKY),
            demo.block("callout", TRICKY),
            demo.block("code", code, language="plain text", caption=[]),
            demo.block("paragraph", [text(TRICKY, code=True)]),
            bare("table", [bare("table_row", cells=[[text(TRICKY)]])], table_width=1),
            demo.block(
                "paragraph", [text("See "), page_mention(first, "x"), text(" and "), page_mention(draft, CANARY)]
            ),
        ],
    )
    return space


HOSTILE = [
    *("import x from 'y'", "export const a = 1", "export default", "{1 + 1}", "{process.exit(1)}", "{/* c */}"),
    *("<script>alert(1)</script>", "</div>", "<b", "<>x</>", "<!-- c -->", "a < b > c", "&lt; &amp;"),
    *(":::note", "::leaf[x]{a=b}", ":text[x]", "a {b} <c> :d", "[x]: y", "$x$ `y`", "https://a.b/{x}"),
    *("# h", "1. x", "\\{ \\< \\", "| a |", "---", "    four"),
]
"""Text that one or the other generator could take for a program."""
CODE = ["{{< zq >}}", "{{% zq %}}", "{{ zq }}", "{% zq %}", "{% endraw %}"]


def published(bench: Bench, site: Path, page: str) -> None:
    """Export the blog into a site as the documentation has it."""
    flags = lay_out(site, page)
    bench.good("sync", to=site, **flags)


def blog_in(folder: Path, page: str) -> Path:
    """A site in a folder as a page of the documentation has it, holding the blog."""
    with Emulator(blog()) as emulator:
        published(Bench(emulator, folder), folder / "site", page)
    return folder / "site"


def marks(program: str) -> list[pytest.MarkDecorator]:
    """For tests that need a generator's program."""
    missing = shutil.which(program) is None
    return [pytest.mark.web, pytest.mark.skipif(missing, reason=f"{program} is not installed (make test-web)")]


def built(folder: Path, *command: str, into: str) -> Path:
    """The folder that a generator builds, which must not complain."""
    environ = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return folder / into


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.links: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [value for name in ("href", "src") if (value := given.get(name))]
        if tag == "h1":
            self._open = tag
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag == self._open else self._open

    def handle_data(self, data: str) -> None:
        if self._open:
            self.headings[-1] += data


def headings(html: str) -> list[str]:
    """The headings of the first level."""
    reader = _Page()
    reader.feed(html)
    return [each.strip() for each in reader.headings]


def broken(site: Path) -> list[str]:
    """Addresses within a built site that lead to no file."""
    found = []
    for path in site.rglob("*.html"):
        reader = _Page()
        reader.feed(path.read_text("utf-8"))
        for link in reader.links:
            bare_link = link.partition("#")[0]
            if re.match(r"[a-z]+:|//", bare_link) or not bare_link:
                continue
            target = unquote(bare_link)
            there = site / target.lstrip("/") if target.startswith("/") else path.parent / target
            if not (there.is_file() or (there / "index.html").is_file()):
                found.append(f"{path.relative_to(site)}: {link}")
    return found


def everything(text: str) -> list[Json]:
    """One text in every kind of block that has one."""
    kinds = (
        "paragraph",
        "heading_2",
        "bulleted_list_item",
        "numbered_list_item",
        "to_do",
        "toggle",
        "quote",
        "callout",
    )
    look = span(text, bold=True, color="red_background")
    inside = [block(kind, [span(text), look], [block("paragraph", text), block("callout", text)]) for kind in kinds]
    return [
        *inside,
        block("code", text, language="python", caption=[span(text)]),
        block("equation", expression=text),
        block("numbered_list_item", text, list_format="letters"),
        table([text, "x"], [text, text]),
        block("bookmark", url="https://a.b", caption=[span(text)]),
        block("column_list", children=[block("column", children=[block("paragraph", text)], width_ratio=0.3)]),
        block("paragraph", [{"type": "equation", "equation": {}, "plain_text": text}]),
    ]


def write_hostile_pages(folder: Path, dialect: str) -> None:
    """A page for each hostile text, which stands in every block that has one."""
    for number, hostile in enumerate(HOSTILE):
        site = MemorySite(stem=f"page{number}", anchors=frozenset({"heading_2-id", "paragraph-id"}))
        made = rendered(*everything(hostile), site=site, options={"dialect": dialect}, ref=ref(f"page{number}"))
        (folder / f"page{number}.md").write_text(made, "utf-8")


def lost(page_of: Callable[[int], str], least: int = 32) -> dict[str, int]:
    """Hostile texts that a site shows less often than its pages hold them.

    :param page_of: gives the built page with a number.
    """
    counts = {
        hostile: "".join(text_of_html(page_of(number)).split()).count("".join(hostile.split()))
        for number, hostile in enumerate(HOSTILE)
    }
    return {hostile: count for hostile, count in counts.items() if count < least}


# -- what every generator is asked


def unpublished(site: Path) -> list[str]:
    """Files that show something of what is not published."""
    canary = CANARY.lower().encode()
    return [name for name, content in tree(site).items() if canary in name.encode().lower() + content.lower()]


def shows_programs_as_text(page: Path) -> bool:
    """Whether what looks like a program to a generator stands in a page as it was written, wherever it stood."""
    shown = text_of_html(page.read_text("utf-8"))
    return shown.count(TRICKY) == 10 and all(each in shown for each in CODE)


def runs(site: Path, names: list[str]) -> dict[str, list[str]]:
    """What would run in these pages of a site, by page."""
    found = {}
    for name in names:
        page = (site / name / "index.html").read_text("utf-8")
        if inside := running(page[page.index("<main") : page.index("</main>")]):
            found[name] = inside
    return found
