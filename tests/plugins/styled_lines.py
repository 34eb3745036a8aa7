"""Lines of every mix of looks, put together at random, and what a reader must show of each."""

from __future__ import annotations

from random import Random
from typing import Any

from attrs import evolve, frozen

from notion_sync_core.document import Target
from notion_sync_core.model import Json
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.dialects.colors import css
from plugins.looks import Glyph, Place, Style, address, squeezed
from plugins.rendering import MemoryDocument, MemorySite, block, content, span

OTHER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
BLOCK = "b" * 32
_BARE = OTHER.replace("-", "")
_WORDS = [
    "word",
    "two words",
    "a",
    "B2",
    "7",
    "1.",
    "12)",
    "é",
    "中文",
    "カナ",
    "한",
    "ß",
    "x_y",
    "snake_case_",
    "e\u0301",
]
_SIGNS = [
    *(
        ".",
        ",",
        ":",
        ";",
        "!",
        "?",
        "(",
        ")",
        "(b)",
        "[",
        "]",
        "[x]",
        "{",
        "}",
        "<",
        ">",
        "<b>",
        '"',
        "'",
        "“",
        "”",
        "«",
    ),
    *(
        "–",
        "—",
        "…",
        "-",
        "*",
        "**",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "=",
        "==",
        "+",
        "++",
        "#",
        "@",
        "%",
        "%%",
        "&",
        "^",
    ),
    *(
        "|",
        "\\",
        "\\\\",
        "/",
        "$",
        "$$",
        "&amp;",
        "&copy",
        "&#35;",
        "]:",
        "]: x",
        "](",
        "€",
        "+",
        "©",
        "。",
        "，",
        "（",
    ),
    *("「", "」", "->", ">>", "!!!", "[^1]", "[[x]]", "{x}", "{: .y}", "^[x]", "*[a]: b"),
]
_EMOJI = ["😀", "❤️", "👩‍💻", ":smile:", ":+1:", ":100:", "12:30:45", "🚲x"]
_ADDRESSES = [
    "https://a.example/x",
    "http://b.example/a_b*c*",
    "www.c.example",
    "https://d.example/?a=1&reg_b=2",
    "a@b.co",
]
_STARTS = [
    "# ",
    "- ",
    "+ ",
    "> ",
    "1. ",
    "---",
    "===",
    "```",
    "~~~",
    ":::note",
    "!!! note",
    "| a |",
    "#tag",
    "import x",
]
_SPACES = [" ", " ", " ", "  ", "\u00a0", "\n", "\n\n", " \n", "\n "]
_PIECES = [_WORDS, _WORDS, _WORDS, _SIGNS, _SIGNS, _EMOJI, _ADDRESSES, _STARTS, _SPACES, _SPACES]
_HREFS = [
    *("https://e.example/x_y?a=1&copy=2", "https://f.example/", f"/{_BARE}", f"/{_BARE}#{BLOCK}", "mailto:z@y.example"),
    "https://g.example/(a)[b]*c*",
]
_COLORS = ["red", "blue", "yellow_background", "blue_background"]
_FLAGS = ("bold", "italic", "strikethrough", "underline", "code")
_TEX = ["x", "k", "a_b", "x^2", "a<b", "\\frac{a}{b}", "\\%", "a*b*c", "5", "\\{x\\}", "a \\\\ b", "x'", "\\text{a b}"]
KINDS = (
    *("paragraph", "paragraph", "paragraph", "heading_1", "heading_2", "bulleted_list_item", "numbered_list_item"),
    *("to_do", "quote", "callout", "toggle", "cell", "head"),
)


@frozen
class Line:
    """A block of styled text."""

    kind: str
    items: list[Json]
    color: str = "default"


def line(seed: int) -> Line:
    """The line of a number: always the same."""
    random = Random(seed)
    kind = random.choice(KINDS)
    items = [_item(random) for _ in range(random.randint(1, 5))]
    # What colours a callout says what kind it is.
    has_color = random.random() < 0.08 and kind not in ("cell", "head", "callout")
    color = random.choice(_COLORS) if has_color else "default"
    return Line(kind, items, color)


def _text(random: Random) -> str:
    return "".join(random.choice(random.choice(_PIECES)) for _ in range(random.choice((1, 1, 2, 3))))


def _item(random: Random) -> Json:
    look = {flag: True for flag in _FLAGS if random.random() < (0.3 if flag in ("bold", "italic") else 0.12)}
    color = random.choice(_COLORS) if random.random() < 0.15 else "default"
    href = random.choice(_HREFS) if random.random() < 0.15 else None
    item = span(_text(random), href, color=color, **look)
    kind = random.random()
    if kind < 0.1:
        item["annotations"]["code"] = False
        tex = random.choice(_TEX)
        return {**item, "type": "equation", "equation": {"expression": tex}, "plain_text": tex}
    if kind < 0.2:
        item["annotations"]["code"] = False
        return {**item, **_mention(random)}
    return item


def _mention(random: Random) -> Json:
    kind = random.choice(("page", "user", "date", "link_mention", "custom_emoji", "custom_emoji"))
    payload: Json = {
        "page": {"id": OTHER},
        "user": {"id": "u"},
        "date": {"start": "2026-01-02"},
        "link_mention": {"href": "https://m.example/x?y", "title": "A title | of it"},
        "custom_emoji": {"name": "bufo", "url": random.choice(("", "https://e.example/bufo.png"))},
    }[kind]
    text = {"page": "Old title", "user": "@Ada", "date": "2026-01-02", "custom_emoji": ":bufo:"}.get(kind, "")
    href = {"page": f"/{_BARE}", "link_mention": payload.get("href")}.get(kind)
    return {"type": "mention", "mention": {"type": kind, kind: payload}, "plain_text": text, "href": href}


TITLE = "New [title] *x*"


def written(made: Line, dialect: str, math: bool) -> str:
    """A line's Markdown, without what stands above it."""
    site = MemorySite({OTHER: Target(TITLE, "Sub folder/New.md", "", id=OTHER)})
    document = MemoryDocument([_block(made)])
    renderer = MarkdownRenderer(dialect=dialect, math=math)
    text = content(next(iter(renderer.render_document(document, site))))
    return text.split("# Page\n", 1)[1].strip("\n")


def _block(made: Line) -> Json:
    if made.kind in ("cell", "head"):
        rows = [block("table_row", cells=[made.items, [span("end")]]), block("table_row", cells=[[span("x")], []])]
        return block("table", children=rows, table_width=2, has_column_header=made.kind == "head")
    return block(made.kind, made.items, color=made.color)


def expected(made: Line, dialect: str, math: bool) -> list[Glyph]:
    """What a reader must show, each character by itself."""
    place = _place(made.kind, dialect)
    result: list[Glyph] = []
    for item in made.items:
        result += _glyphs(item, made.color, dialect, math, place)
    if made.kind == "to_do":
        result = squeezed([Glyph("[ ]", Style(place=place)), Glyph(" "), *squeezed(result)])
    if made.kind in ("cell", "head"):
        row = place[:-1]
        extra = [("end", (*row, ("cell", 2))), ("x", (*row[:-1], ("row", row[-1][1] + 1), ("cell", 1)))]
        for text, where in extra:
            result += [Glyph("\n"), *(Glyph(char, Style(place=where)) for char in text)]
    return result


def _place(kind: str, dialect: str) -> Place:
    boxes = {
        "callout": ("quote", 1) if dialect == "gfm" else ("callout", 1),
        "toggle": ("callout", 1) if dialect == "obsidian" else ("toggle", 1),
    }
    if kind in boxes:
        made = (boxes[kind],)
        return (*made, ("summary", 1)) if made[0][0] == "toggle" else made
    found: dict[str, Place] = {
        "heading_1": (("h1", 1),),
        "heading_2": (("h2", 1),),
        "quote": (("quote", 1),),
        "cell": (("table", 1), ("row", 2), ("cell", 1)),
        "head": (("table", 1), ("row", 1), ("cell", 1)),
        **dict.fromkeys(("bulleted_list_item", "numbered_list_item", "to_do"), (("list", 1), ("item", 1))),
    }
    return found.get(kind, ())


def _glyphs(item: Json, block_color: str, dialect: str, math: bool, place: Place) -> list[Glyph]:
    annotations = item["annotations"]
    look = frozenset(flag for flag in _FLAGS if annotations[flag])
    color = annotations["color"] if annotations["color"] != "default" else block_color
    style = Style(look, _color(color, dialect), _href(item), place)
    text = item["plain_text"]
    if item["type"] == "equation":
        if place[-1:] == (("summary", 1),) and dialect == "gfm":
            # GitHub reads no formula within HTML: its source is shown.
            return [Glyph(char, style) for char in f"${text}$"]
        if not math:
            return [Glyph(char, evolve(style, look=look | {"code"})) for char in text]
        return [Glyph(f"${''.join(text.split())}$", style)]
    if item["type"] == "mention":
        payload = item["mention"]
        if payload["type"] == "custom_emoji" and payload["custom_emoji"]["url"]:
            return [Glyph("[:bufo:]", style)]
        text = {"page": TITLE, "link_mention": "A title | of it"}.get(payload["type"], text)
    return [Glyph(" " if char.isspace() and char != "\n" else char, style) for char in text]


def _color(color: str, dialect: str) -> str:
    if color == "default" or dialect == "gfm":
        return ""
    if dialect == "obsidian" and color.endswith("_background"):
        return "background"
    return f"{'background' if color.endswith('_background') else 'color'}:{css(color)}"


def _href(item: Json) -> str:
    href: Any = item.get("href") or ""
    if href.startswith(f"/{_BARE}"):
        return "Sub folder/New.md" + (f"#{BLOCK}" if "#" in href else "")
    return address(str(href))
